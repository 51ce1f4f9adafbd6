"""What it means to a caller when storage does not answer, is full, or is busy."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected
from pynamodb.exceptions import TransactWriteError

from sharemtc.problems import Unavailable


class Busy(Unavailable):
    """Others write the same records; the bounded retries are used up."""

    code, title = "busy", "Too many changes to the same thing at once"

    def __init__(self, detail: str = "", *, retry_after_s: int = 1, **extra: Any) -> None:
        super().__init__(detail, retry_after_s=retry_after_s, **extra)


class StorageUnavailable(Unavailable):
    """The tables do not answer, or ask us to slow down."""

    code, title = "storage_unavailable", "Storage does not answer right now"


class StorageFull(Unavailable):
    """There is no room for what was to be stored. Only an embedded cloud says so, whose tables lie on one disk."""

    status, code, title = 507, "storage_full", "Nothing more can be stored right now"


_FULL_CODE = "StorageFullException"
_BUSY_CODES = frozenset(
    {
        "InternalServerError", "LimitExceededException", "ProvisionedThroughputExceededException",
        "RequestLimitExceeded", "ServiceUnavailable", "ServiceUnavailableException", "ThrottlingException",
        "TransactionConflictException", "TransactionInProgressException",
    }
)  # fmt: skip
_BUSY_REASONS = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})


def outage_of(error: BaseException) -> StorageUnavailable | StorageFull | None:
    """The problem that stands for a failure of storage itself; None when the failure is another."""
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return None
        code = seen.response["Error"]["Code"] if isinstance(seen, ClientError) else None
        if code == _FULL_CODE:
            return StorageFull("The platform's disk is full and nothing was stored. Try again later.", retry_after_s=30)
        if isinstance(seen, NotConnected | HTTPClientError) or code in _BUSY_CODES:
            return StorageUnavailable("Try again in a moment.", retry_after_s=1)
        if isinstance(seen, TransactWriteError) and _BUSY_REASONS & {r.code for r in seen.cancellation_reasons if r}:
            return StorageUnavailable("Try again in a moment.", retry_after_s=1)
        seen = seen.__cause__ or getattr(seen, "cause", None) or seen.__context__
    return None
