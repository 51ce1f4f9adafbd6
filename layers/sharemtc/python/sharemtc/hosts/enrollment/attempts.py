"""At most ten wrong enrollment codes per client address in fifteen minutes; valid codes do not count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sharemtc import counters
from sharemtc.client_addresses import counted_as
from sharemtc.problems import Forbidden, TooManyRequests
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity

MAX_WRONG_CODES = 10
WINDOW_S = 900


class TooManyCodes(TooManyRequests):
    """No attempt is left for now; even a valid code would be refused."""

    code, title = "too_many_codes", "Too many wrong enrollment codes"


class CodeRefused(Forbidden):
    """The same for unknown, used and expired codes."""

    code, title = "enrollment_code_refused", "This enrollment code is not valid"


@contextmanager
def count_wrong_codes(address: str) -> Iterator[None]:
    """Count the attempt in the block if its code is wrong. Errors: `TooManyCodes`, before the code is read.

    Many hosts behind one address may enroll at once, so only wrong codes count.
    """
    source = counted_as(address)
    counter = f"enroll:{source}"
    wait_s = counters.retry_after_failures_s(counter, MAX_WRONG_CODES, WINDOW_S)
    if wait_s:
        _record_risk(source)
        raise TooManyCodes("Wait, then try again with a new code.", retry_after_s=wait_s)
    try:
        yield
    except CodeRefused:
        counters.count_failure(counter, WINDOW_S)
        raise


def _record_risk(source: str) -> None:
    minutes = WINDOW_S // 60
    detail = f"{MAX_WRONG_CODES} wrong enrollment codes from {source} within {minutes} minutes, then more attempts."
    risks.report(
        RiskKind.ENROLLMENT_GUESSING,
        f"address:{source}",
        severity=Severity.WARNING,
        owner_id=None,
        detail=detail,
    )
