"""Rate limits: requests per minute of a principal or, for public operations, of an address.

Every process keeps token buckets, which cost nothing and stop a flood at once. Changes are also counted in the `limits`
table, one small write each, so that their limit holds over all processes. Hosts only have the limit of the process.
Reads at scale are limited by the API gateway's throttle.

Failed authentication is counted by address; above the limit, requests from it are rejected before anything is read.
Addresses are grouped by `client_addresses.counted_as`.
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
    code, title = "rate_limited", "Too many requests"


@dataclass(slots=True)
class _Bucket:
    """Refills evenly, up to the tokens of one minute."""

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
        _take_in_process(who, per_minute)
    if not operation.changes or (caller is not None and caller.is_host):
        return
    per_minute = allowed.public_changes_per_minute if caller is None else allowed.changes_per_minute
    if per_minute and "LIMITS_TABLE" in os.environ:
        _take_shared(who, per_minute)


def check_refusals(address: str) -> None:
    """Errors: `RateLimited` when too many requests from this address failed to authenticate."""
    per_minute = settings().refusals_per_minute
    who = _refusals_of(address)
    if per_minute and who in _buckets:
        _require_token(_refilled(who, per_minute), per_minute)


def count_refusal(address: str) -> None:
    per_minute = settings().refusals_per_minute
    if per_minute:
        _refilled(_refusals_of(address), per_minute).tokens -= 1


def forget() -> None:
    """Reset this process's counts. For tests."""
    _buckets.clear()
    _refused_until_ms.clear()


def _refusals_of(address: str) -> str:
    return f"refused:{counted_as(address)}"


def _take_in_process(who: str, per_minute: int) -> None:
    bucket = _refilled(who, per_minute)
    _require_token(bucket, per_minute)
    bucket.tokens -= 1


def _require_token(bucket: _Bucket, per_minute: int) -> None:
    if bucket.tokens < 1:
        raise _limited((1 - bucket.tokens) * WINDOW_S * 1000 / per_minute)


def _refilled(who: str, per_minute: int) -> _Bucket:
    now_ms = clock.now_ms()
    bucket = _buckets.get(who)
    if bucket is None:
        bucket = _buckets[who] = _Bucket(per_minute, now_ms)
        _trim(_buckets)
    flow = per_minute / (WINDOW_S * 1000)
    bucket.tokens = min(per_minute, bucket.tokens + max(0, now_ms - bucket.filled_at_ms) * flow)
    bucket.filled_at_ms = now_ms
    return bucket


def _take_shared(who: str, per_minute: int) -> None:
    now_ms = clock.now_ms()
    # a limited caller is rejected without another write until the minute is over
    if now_ms < _refused_until_ms.get(who, 0):
        raise _limited(_refused_until_ms[who] - now_ms)
    window, over_ms = count(who, WINDOW_S, 1)
    if window.changes > per_minute:
        _refused_until_ms[who] = over_ms
        _trim(_refused_until_ms)
        raise _limited(over_ms - now_ms)


def _limited(wait_ms: float) -> RateLimited:
    return RateLimited("Wait, then try again.", retry_after_s=max(1, -int(-wait_ms // 1000)))


def _trim(known: OrderedDict[str, _Bucket] | OrderedDict[str, int]) -> None:
    while len(known) > REMEMBERED_CALLERS:
        known.popitem(last=False)
