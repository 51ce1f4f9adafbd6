"""The guard around every sensor: one that fails is told of once, and neither ends the program nor hides the others."""

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
    """What the sensor says; where it fails, whatever the reason, what `otherwise` makes of the reason."""
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


def nothing(_: str) -> None:
    """For `otherwise`: a sensor that fails tells nothing."""


def reason_of(error: Exception) -> str:
    """Why something failed, for people."""
    if isinstance(error, PermissionError):
        return "permission denied"
    text = str(getattr(error, "strerror", None) or error)
    return clean_text(text, 80) or type(error).__name__
