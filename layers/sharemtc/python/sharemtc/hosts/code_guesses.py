"""At most ten wrong enrolment codes from an address in fifteen minutes; right ones do not count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sharemtc import limits
from sharemtc.problems import Forbidden, TooManyRequests
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity

ALLOWED = 10
WINDOW_S = 900


class TooManyCodes(TooManyRequests):
    """No try is left for now; the right code would be refused too."""

    code, title = "too_many_codes", "Too many wrong enrolment codes"


class CodeRefused(Forbidden):
    """Unknown, used and expired codes look the same."""

    code, title = "enrollment_code_refused", "This enrolment code is not valid"


@contextmanager
def counted(address: str) -> Iterator[None]:
    """Count a try from `address` unless it turns out not to be wrong. Errors: `TooManyCodes`, before the code is read.

    Many machines behind one address may join at once: only so many wrong codes stop them.
    """
    who = f"enroll:{address}"
    wait_s = limits.take_try(who, ALLOWED, WINDOW_S)
    if wait_s:
        limits.give_back_try(who, WINDOW_S)
        risks.note(
            RiskKind.ENROLLMENT_GUESSING,
            f"address:{address}",
            severity=Severity.WARNING,
            owner_id=None,
            detail=f"More than {ALLOWED} enrolment codes from {address} were wrong within {WINDOW_S // 60} minutes.",
        )
        raise TooManyCodes("Wait, then try with a new code.", retry_after_s=wait_s)
    try:
        yield
    except CodeRefused:
        raise
    except Exception:
        limits.give_back_try(who, WINDOW_S)
        raise
    limits.give_back_try(who, WINDOW_S)
