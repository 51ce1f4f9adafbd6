"""Results of self-test checks."""

from __future__ import annotations

from sharemtc.wire import SelfTestCheck, Verdict


def finding(name: str, verdict: Verdict, detail: str, *, value: float | None = None, unit: str = "") -> SelfTestCheck:
    """One result; the detail is cut to what the wire accepts."""
    plain = " ".join(detail.split())[:500]
    return SelfTestCheck(
        name=name, verdict=verdict, detail=plain, value=None if value is None else round(value, 3), unit=unit
    )


def ok_if(condition: bool) -> Verdict:
    return Verdict.OK if condition else Verdict.FAIL
