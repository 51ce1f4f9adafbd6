"""One `Idempotency-Key`, one effect: the answer is stored in the transaction that makes it true, and given again.

A service that creates something calls `claim.record(transaction, view)` before it commits: what cannot be answered is
not done. A second call with the key finds the stored bytes; two at once race on the record's put-if-absent, and the
loser answers with the winner's bytes. An answer may hold a secret that is shown once (an enrollment code, an API key),
so it is stored sealed.
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
_PURPOSE = "stored answer"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class MalformedKey(BadRequest):
    """The header is not 1 to 255 visible ASCII characters."""

    code, title = "malformed_idempotency_key", "The Idempotency-Key cannot be read"


class KeyReused(Conflict):
    """The key was used for another operation or another body."""

    code, title = "idempotency_key_reused", "This Idempotency-Key was used for another request"


class KeyInUse(Conflict):
    """Another request with this key is being done at this moment."""

    code, title, retryable = "idempotency_key_in_use", "A request with this Idempotency-Key is under way", True


class ClaimRecord(Record):
    """What a key was used for, and the answer. pk `<principal>#<key>`, sk `CLAIM`."""

    class Meta:
        table_name = table_name("idempotency")

    operation = UnicodeAttribute()
    body_hash = UnicodeAttribute()
    status = IntegerAttribute()
    body = UnicodeAttribute()
    expires_at = ExpiryAttribute()


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was given the first time."""

    status: int
    body: str


@dataclass(slots=True)
class Claim:
    """A caller's claim on an idempotency key for one request; without a key nothing is stored of it."""

    principal_id: str
    key: str | None
    operation: str
    body_hash: str
    status: int = 201
    recorded: Stored | None = field(default=None, init=False)

    @classmethod
    def none(cls) -> Claim:
        """A claim on nothing."""
        return cls("", None, "", "")

    @classmethod
    def make(cls, principal_id: str, key: str | None, operation: str, body: bytes, status: int) -> Claim:
        """The claim of a request. Errors: `MalformedKey`."""
        if key is None:
            return cls(principal_id, None, operation, "", status)
        if not _KEY.fullmatch(key):
            raise MalformedKey("Idempotency-Key takes 1 to 255 visible ASCII characters.")
        return cls(principal_id, key, operation, hashlib.sha256(body).hexdigest(), status)

    def stored(self) -> Stored | None:
        """The answer given to this very request before. Errors: `KeyReused` when it was another request."""
        if self.key is None:
            return None
        found = ClaimRecord.find(self._pk, "CLAIM")
        # time to live deletes late: an answer past its time is none
        if found is None or found.expires_at <= clock.now():
            return None
        if (found.operation, found.body_hash) != (self.operation, self.body_hash):
            raise KeyReused("Use a new key for a new request.")
        body = encryption.unseal(_PURPOSE, found.body, self._place)
        if body is None:
            raise KeyReused("The answer to this key's first request cannot be read any more. Use a new key.")
        return Stored(found.status, body)

    def record(self, transaction: Transaction, view: BaseModel, status: int | None = None) -> None:
        """Make the answer, and store it with what `transaction` does; the caller gets exactly these bytes.

        `status` is the operation's own unless given.
        """
        # with or without a key: what cannot be answered must not be done
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
