"""The hash chain of audit records, which anyone can recompute.

    hash_n = sha256(hash_{n-1} + "\\n" + canonical(record_n)), in lower-case hexadecimal; hash_0 is 64 zeros.

`canonical` is JSON with sorted names, no spaces and unescaped UTF-8, of exactly `subject`, `seq`, `at` (RFC 3339 with
milliseconds), `event`, `detail` and `origin_digest`. The origin of a request is personal data and is erased with the
account, so the chain only covers `origin_digest = sha256(canonical({address, agent, salt}))`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sharemtc.schemas import rfc3339

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record as the chain covers it. `origin` is None after it was erased."""

    subject: str
    seq: int
    at: str
    event: str
    detail: Mapping[str, str]
    origin: Mapping[str, str] | None
    origin_digest: str
    previous_hash: str
    hash: str


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def link(previous_hash: str, record: Any) -> str:
    """The hash of a record (any object with the covered attributes; `at` is a time or its text)."""
    covered = {
        "subject": record.subject,
        "seq": record.seq,
        "at": record.at if isinstance(record.at, str) else rfc3339(record.at),
        "event": str(record.event),
        "detail": dict(record.detail),
        "origin_digest": record.origin_digest,
    }
    return digest(f"{previous_hash}\n{canonical(covered)}")


def first_broken(
    subject: str, records: Sequence[Sealed], head_seq: int, head_hash: str, *, erased: bool = False
) -> int | None:
    """The `seq` of the first record that was changed, or None; one past the end when records were cut off.

    `erased`: the account was deleted, so origins may be missing.
    """
    previous = GENESIS
    for number, record in enumerate(records, start=1):
        intact = (
            (record.subject, record.seq, record.previous_hash) == (subject, number, previous)
            and record.hash == link(previous, record)
            and (erased if record.origin is None else record.origin_digest == digest(canonical(dict(record.origin))))
        )
        if not intact:
            return number
        previous = record.hash
    return None if (head_seq, head_hash) == (len(records), previous) else len(records) + 1
