"""A guard around every sensor: a failure is logged once and affects nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from sharemtc.wire import clean_text

T = TypeVar("T")
U = TypeVar("U")

log = logging.getLogger(__name__)
_failing: dict[str, str] = {}


def guarded(what: str, sensor: Callable[[], T], otherwise: Callable[[str], U]) -> T | U:
    """The sensor's value; if it raises, `otherwise(reason)`."""
    try:
        found = sensor()
    except Exception as error:
        reason = reason_of(error)
        if _failing.get(what) != reason:  # not again every few seconds
            _failing[what] = reason
            log.warning("%s: not available: %s", what, reason)
        return otherwise(reason)
    if _failing.pop(what, None) is not None:
        log.info("%s: available again", what)
    return found


def nothing(_: str) -> None: ...


def reason_of(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "permission denied"
    text = str(getattr(error, "strerror", None) or error)
    return clean_text(text, 80) or type(error).__name__
