"""The problems that a caller gets when storage is unavailable, full or busy."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected
from pynamodb.exceptions import TransactWriteError

from sharemtc.problems import Unavailable


class Busy(Unavailable):
    """Other transactions write the same records, and the retries are used up."""

    code, title = "busy", "Too many simultaneous changes"

    def __init__(self, detail: str = "", *, retry_after_s: int = 1, **extra: Any) -> None:
        super().__init__(detail, retry_after_s=retry_after_s, **extra)


class StorageUnavailable(Unavailable):
    """The tables cannot be reached, or throttle."""

    code, title = "storage_unavailable", "Storage is unavailable"


class StorageFull(Unavailable):
    """Only raised by the emulated tables of a local platform, which are files on one disk."""

    status, code, title = 507, "storage_full", "Storage is full"


_FULL_CODE = "StorageFullException"
_BUSY_CODES = frozenset(
    {
        "InternalServerError", "LimitExceededException", "ProvisionedThroughputExceededException",
        "RequestLimitExceeded", "ServiceUnavailable", "ServiceUnavailableException", "ThrottlingException",
        "TransactionConflictException", "TransactionInProgressException",
    }
)  # fmt: skip
BUSY_REASONS = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})


def outage_of(error: BaseException) -> StorageUnavailable | StorageFull | None:
    """The problem for an error whose cause is a failure of storage; None for other errors."""
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return None
        code = seen.response["Error"]["Code"] if isinstance(seen, ClientError) else None
        if code == _FULL_CODE:
            return StorageFull("The platform's disk is full and nothing was stored. Try again later.", retry_after_s=30)
        if isinstance(seen, NotConnected | HTTPClientError) or code in _BUSY_CODES:
            return StorageUnavailable("Try again in a moment.", retry_after_s=1)
        if isinstance(seen, TransactWriteError) and BUSY_REASONS & {r.code for r in seen.cancellation_reasons if r}:
            return StorageUnavailable("Try again in a moment.", retry_after_s=1)
        seen = seen.__cause__ or getattr(seen, "cause", None) or seen.__context__
    return None
