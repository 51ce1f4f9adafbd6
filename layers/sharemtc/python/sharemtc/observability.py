"""Logs and metrics: one line per request, and a logger for everything else.

Neither gets a body, header, query or token. A request is named by its operation, not its URL, which may contain user
input. The line of a request is also its metrics, in CloudWatch's embedded metric format, so both cost one write to
standard output. Quiet operations (hosts call them every few seconds) are only logged when they fail.
"""

from __future__ import annotations

import os
import sys
from functools import cache, lru_cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from pydantic_core import to_json

from sharemtc import clock
from sharemtc.request_context import Call

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

NAMESPACE = "ShareMTC"
_UNITS = {
    "Requests": "Count",
    "Refusals": "Count",
    "Errors": "Count",
    "LatencyMs": "Milliseconds",
    "TransactionAttempts": "Count",
}
_METRICS = {
    "Namespace": NAMESPACE,
    "Dimensions": [["service", "operation"]],
    "Metrics": [{"Name": name, "Unit": unit} for name, unit in _UNITS.items()],
}
# the same for every line, so it is serialized once; the line's fields go before it, its time after it
_TAIL = ',"_aws":{"CloudWatchMetrics":' + to_json([_METRICS]).decode() + ',"Timestamp":'


@cache
def logger() -> Logger:
    """JSON lines on standard output, with the function's name."""
    # a tenth of a function's import time, so it is imported at the first use
    from aws_lambda_powertools import Logger

    return Logger(service=service(), utc=True)


@cache
def service() -> str:
    return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "sharemtc")


def request_served(call: Call, status: int, duration_us: int, lambda_request_id: str | None) -> None:
    now_ms = clock.now_ms()
    # TransactionAttempts divided by the number of requests is contention
    sys.stdout.write(
        f'{{"level":"{"ERROR" if status >= 500 else "INFO"}","message":"request",'
        f'"timestamp":"{_second(now_ms // 1000)}.{now_ms % 1000:03d}Z","service":{_quoted(service())},'
        f'"operation":{_quoted(call.operation or "none")},"request_id":{_quoted(call.request_id)},'
        f'"lambda_request_id":{_quoted(lambda_request_id)},"principal_id":{_quoted(call.principal_id)},'
        f'"role":{_quoted(call.role)},"status":{status},"code":{_quoted(call.code)},'
        f'"Requests":1,"Refusals":{int(400 <= status < 500)},"Errors":{int(status >= 500)},'
        f'"LatencyMs":{duration_us / 1000},"TransactionAttempts":{call.transaction_attempts}{_TAIL}{now_ms}}}}}\n'
    )
    sys.stdout.flush()


def _quoted(text: str | None) -> str:
    return encode_basestring(text) if text else "null"


@lru_cache(maxsize=2)
def _second(since_epoch_s: int) -> str:
    # most lines of a busy process share the second of the previous one
    return clock.from_ms(since_epoch_s * 1000).strftime("%Y-%m-%dT%H:%M:%S")
