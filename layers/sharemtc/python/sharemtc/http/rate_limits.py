"""How often a caller may call: at most so many requests a minute, each principal and, where nobody is known, address.

Two lines. Every process keeps buckets of tokens of its own, which cost nothing and hold back a flood at once. What
changes something is also counted in the `limits` table, one small write each, so that the limit holds over all
processes. Hosts are known machines with a pace of their own and are only held by the first line; reading at scale is
held by the API's throttle in front of the functions.

Who cannot be authenticated is counted by address, and past a limit is refused before anything is looked up for it.
An address is always counted as `client_addresses.counted_as` says.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass

from sharemtc import clock
from sharemtc.client_addresses import counted_as
from sharemtc.counters import WINDOW_S, count
from sharemtc.http.operations import Operation
from sharemtc.principals import Principal
from sharemtc.problems import TooManyRequests
from sharemtc.settings import settings

REMEMBERED_CALLERS = 4096


class RateLimited(TooManyRequests):
    """More requests than one caller may send; `retry_after_s` says when the next is heard."""

    code, title = "rate_limited", "Too many requests"


@dataclass(slots=True)
class _Bucket:
    """Tokens that flow in evenly over a minute, up to a minute's worth."""

    tokens: float
    filled_at_ms: int


_buckets: OrderedDict[str, _Bucket] = OrderedDict()
_refused_until_ms: OrderedDict[str, int] = OrderedDict()


def take(operation: Operation, caller: Principal | None, address: str) -> None:
    """Count a request. Errors: `RateLimited`."""
    allowed = settings()
    if caller is None:
        who, per_minute = f"address:{counted_as(address)}", allowed.public_requests_per_minute
    elif caller.is_host:
        who, per_minute = caller.id, allowed.host_requests_per_minute
    else:
        who, per_minute = caller.id, allowed.requests_per_minute
    if per_minute:
        _take_here(who, per_minute)
    if not operation.changes or (caller is not None and caller.is_host):
        return
    per_minute = allowed.public_changes_per_minute if caller is None else allowed.changes_per_minute
    if per_minute and "LIMITS_TABLE" in os.environ:
        _take_everywhere(who, per_minute)


def hear(address: str) -> None:
    """Before anything is known of a caller. Errors: `RateLimited` where too many from that address were refused."""
    per_minute = settings().refusals_per_minute
    who = _refused_from(address)
    if per_minute and who in _buckets:
        _demand_token(_filled(who, per_minute), per_minute)


def count_refused(address: str) -> None:
    """A caller from that address was not who it said, or said nothing."""
    per_minute = settings().refusals_per_minute
    if per_minute:
        _filled(_refused_from(address), per_minute).tokens -= 1


def forget() -> None:
    """Start counting anew in this process. For tests."""
    _buckets.clear()
    _refused_until_ms.clear()


def _refused_from(address: str) -> str:
    return f"refused:{counted_as(address)}"


def _take_here(who: str, per_minute: int) -> None:
    bucket = _filled(who, per_minute)
    _demand_token(bucket, per_minute)
    bucket.tokens -= 1


def _demand_token(bucket: _Bucket, per_minute: int) -> None:
    if bucket.tokens < 1:
        raise _limited((1 - bucket.tokens) * WINDOW_S * 1000 / per_minute)


def _filled(who: str, per_minute: int) -> _Bucket:
    """The caller's bucket with what has flowed in since it was last looked at."""
    now_ms = clock.now_ms()
    bucket = _buckets.get(who)
    if bucket is None:
        bucket = _buckets[who] = _Bucket(per_minute, now_ms)
        _trim(_buckets)
    flow = per_minute / (WINDOW_S * 1000)
    bucket.tokens = min(per_minute, bucket.tokens + max(0, now_ms - bucket.filled_at_ms) * flow)
    bucket.filled_at_ms = now_ms
    return bucket


def _take_everywhere(who: str, per_minute: int) -> None:
    now_ms = clock.now_ms()
    # who was refused is refused without a write until the minute is over
    if now_ms < _refused_until_ms.get(who, 0):
        raise _limited(_refused_until_ms[who] - now_ms)
    window, over_ms = count(who, WINDOW_S, 1)
    if window.changes > per_minute:
        _refused_until_ms[who] = over_ms
        _trim(_refused_until_ms)
        raise _limited(over_ms - now_ms)


def _limited(wait_ms: float) -> RateLimited:
    return RateLimited("Slow down, then try again.", retry_after_s=max(1, -int(-wait_ms // 1000)))


def _trim(known: OrderedDict[str, _Bucket] | OrderedDict[str, int]) -> None:
    while len(known) > REMEMBERED_CALLERS:
        known.popitem(last=False)
