"""At most ten wrong enrollment codes from an address in fifteen minutes; right ones do not count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sharemtc import counters
from sharemtc.client_addresses import counted_as
from sharemtc.problems import Forbidden, TooManyRequests
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity

ALLOWED = 10
WINDOW_S = 900


class TooManyCodes(TooManyRequests):
    """No try is left for now; the right code would be refused too."""

    code, title = "too_many_codes", "Too many wrong enrollment codes"


class CodeRefused(Forbidden):
    """Unknown, used and expired codes look the same."""

    code, title = "enrollment_code_refused", "This enrollment code is not valid"


@contextmanager
def counted(address: str) -> Iterator[None]:
    """Count the try inside if it is wrong. Errors: `TooManyCodes`, before the code is read.

    Many machines behind one address may join at once: only wrong codes stop them.
    """
    source = counted_as(address)
    who = f"enroll:{source}"
    wait_s = counters.retry_after_failures_s(who, ALLOWED, WINDOW_S)
    if wait_s:
        _note_guessing(source)
        raise TooManyCodes("Wait, then try with a new code.", retry_after_s=wait_s)
    try:
        yield
    except CodeRefused:
        counters.count_failure(who, WINDOW_S)
        raise


def _note_guessing(source: str) -> None:
    detail = f"{ALLOWED} enrollment codes from {source} were wrong within {WINDOW_S // 60} minutes, and more came."
    risks.report(
        RiskKind.ENROLLMENT_GUESSING,
        f"address:{source}",
        severity=Severity.WARNING,
        owner_id=None,
        detail=detail,
    )
