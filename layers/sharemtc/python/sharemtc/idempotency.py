"""Idempotency keys: the response is stored in the transaction that makes the change, and replayed.

A service that creates something calls `claim.record(transaction, view)` before it commits. A second request with the
key gets the stored bytes. Concurrent requests race on the record's put-if-absent; the loser gets the winner's response.
Responses may contain a secret that is shown once (an enrollment code, an API key), so they are stored encrypted.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import BaseModel
from pynamodb.attributes import UnicodeAttribute

from sharemtc import clock, encryption
from sharemtc.problems import BadRequest, Conflict
from sharemtc.settings import table_name
from sharemtc.storage.attributes import ExpiryAttribute, IntegerAttribute
from sharemtc.storage.records import Record
from sharemtc.storage.transactions import Transaction

LIFETIME = timedelta(hours=24)
_PURPOSE = "stored response"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class MalformedKey(BadRequest):
    code, title = "malformed_idempotency_key", "Malformed Idempotency-Key"


class KeyReused(Conflict):
    """The key was used for another operation or another body."""

    code, title = "idempotency_key_reused", "Idempotency-Key used for another request"


class KeyInUse(Conflict):
    code, title, retryable = "idempotency_key_in_use", "Request with this Idempotency-Key in progress", True


class ClaimRecord(Record):
    """The request that used a key, and its response. pk `<principal>#<key>`, sk `CLAIM`."""

    class Meta:
        table_name = table_name("idempotency")

    operation = UnicodeAttribute()
    body_hash = UnicodeAttribute()
    status = IntegerAttribute()
    body = UnicodeAttribute()
    expires_at = ExpiryAttribute()


@dataclass(frozen=True, slots=True)
class Stored:
    """The first response."""

    status: int
    body: str


@dataclass(slots=True)
class Claim:
    """A caller's claim on an idempotency key for one request; without a key nothing is stored."""

    principal_id: str
    key: str | None
    operation: str
    body_hash: str
    status: int = 201
    recorded: Stored | None = field(default=None, init=False)

    @classmethod
    def none(cls) -> Claim:
        """A claim without a key, for callers inside the platform."""
        return cls("", None, "", "")

    @classmethod
    def make(cls, principal_id: str, key: str | None, operation: str, body: bytes, status: int) -> Claim:
        """The claim of a request. Errors: `MalformedKey`."""
        if key is None:
            return cls(principal_id, None, operation, "", status)
        if not _KEY.fullmatch(key):
            raise MalformedKey("Send 1 to 255 visible ASCII characters as Idempotency-Key.")
        return cls(principal_id, key, operation, hashlib.sha256(body).hexdigest(), status)

    def stored(self) -> Stored | None:
        """The earlier response to this request, if there is one. Errors: `KeyReused` when the request was another."""
        if self.key is None:
            return None
        found = ClaimRecord.find(self._pk, "CLAIM")
        # DynamoDB's time to live deletes late
        if found is None or found.expires_at <= clock.now():
            return None
        if (found.operation, found.body_hash) != (self.operation, self.body_hash):
            raise KeyReused("Use a new key for a new request.")
        body = encryption.unseal(_PURPOSE, found.body, self._place)
        if body is None:
            raise KeyReused("The first response for this key can no longer be decrypted. Use a new key.")
        return Stored(found.status, body)

    def record(self, transaction: Transaction, view: BaseModel, status: int | None = None) -> None:
        """Build the response and store it in `transaction`; the caller gets exactly these bytes.

        `status` defaults to the operation's.
        """
        # also without a key: a view that cannot be built must fail before the commit
        self.recorded = Stored(status or self.status, view.model_dump_json())
        if self.key is None:
            return
        now = clock.now()
        record = ClaimRecord(
            self._pk,
            "CLAIM",
            operation=self.operation,
            body_hash=self.body_hash,
            status=self.recorded.status,
            body=encryption.seal(_PURPOSE, self.recorded.body, self._place),
            expires_at=now + LIFETIME,
        )
        unclaimed = ClaimRecord.pk.does_not_exist() | (ClaimRecord.expires_at <= now)
        transaction.put(record, unclaimed, refused=KeyInUse("Try again in a moment."))

    @property
    def _place(self) -> str:
        return f"{self._pk}#{self.body_hash}"

    @property
    def _pk(self) -> str:
        return f"{self.principal_id}#{self.key}"
