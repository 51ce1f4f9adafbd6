"""Appends security events in the transaction that they record; reads and verifies chains."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from sharemtc import clock
from sharemtc.audit import chain
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent, AuditVerdict
from sharemtc.audit.table import RECORD_PREFIX, AuditHead, AuditRecord, record_key, subject_key
from sharemtc.schemas import PageQuery, rfc3339
from sharemtc.storage.failures import Busy
from sharemtc.storage.pages import Page, page
from sharemtc.storage.transactions import Transaction, WriteConflict

T = TypeVar("T")
MAX_ATTEMPTS = 16
SALT_BYTES = 16


class ChainMoved(WriteConflict):
    code, title = "chain_moved", "Another security event was recorded first"


def append(transaction: Transaction, subject: str, event: AuditEvent, origin: Origin, **detail: str) -> None:
    """Add an event to the subject's chain in `transaction`. Call it last, and commit with `commit`.

    `detail` must contain only ids: it outlives the account. Errors: `ChainMoved`.
    """
    pk = subject_key(subject)
    last_seq, previous = _end(subject)
    seq = last_seq + 1
    salted = {"address": origin.address, "agent": origin.agent, "salt": clock.new_secret(SALT_BYTES)}
    record = AuditRecord(
        pk,
        record_key(seq),
        subject=subject,
        seq=seq,
        at=clock.now(),
        event=event.value,
        detail=detail,
        origin=salted,
        origin_digest=chain.digest(chain.canonical(salted)),
        previous_hash=previous,
    )
    record.hash = chain.link(previous, record)
    transaction.create(record, refused=ChainMoved())
    unchanged = AuditHead.pk.does_not_exist() if last_seq == 0 else AuditHead.hash == previous
    transaction.put(AuditHead(pk, "HEAD", seq=seq, hash=record.hash), unchanged, refused=ChainMoved())


def commit(write: Callable[[Transaction], T]) -> T:
    """Commit what `write` adds; retried on `ChainMoved`. Errors: `Busy`, those of `write`."""
    for _ in range(MAX_ATTEMPTS):
        transaction = Transaction()
        result = write(transaction)
        try:
            transaction.commit()
        except ChainMoved:
            time.sleep(0.002 * (1 + clock.choose_index(20)))
            continue
        return result
    raise Busy("There are many simultaneous changes to this account. Try again in a moment.")


def record_event(subject: str, event: AuditEvent, origin: Origin, **detail: str) -> None:
    """Record an event in a transaction of its own."""
    commit(lambda transaction: append(transaction, subject, event, origin, **detail))


def unknown_subject(name: str) -> str:
    """The subject for sign-in attempts with an address that has no account."""
    return f"address:{chain.digest(name)[:32]}"


def list_events(subject: str, query: PageQuery) -> Page[AuditRecord]:
    return page(
        AuditRecord,
        subject_key(subject),
        limit=query.limit,
        cursor=query.cursor,
        range_condition=AuditRecord.sk.startswith(RECORD_PREFIX),
    )


def verify(subject: str) -> AuditVerdict:
    """Recompute the whole chain. Errors: `Busy` when it keeps growing."""
    for _ in range(MAX_ATTEMPTS):
        before = _end(subject)
        records = list(read_chain(subject))
        # otherwise a record was appended in between
        if (end := _end(subject)) == before:
            break
    else:
        raise Busy("There are many simultaneous changes to this account. Try again in a moment.")
    erased = bool(records) and records[-1].event == AuditEvent.DELETED.value
    broken = chain.first_broken(subject, records, *end, erased=erased)
    return AuditVerdict(
        intact=broken is None,
        records=len(records),
        head_hash=end[1],
        first_broken_seq=broken,
        format=(chain.__doc__ or "").strip(),
    )


def _end(subject: str) -> tuple[int, str]:
    head = AuditHead.find(subject_key(subject), "HEAD")
    return (head.seq, head.hash) if head is not None else (0, chain.GENESIS)


def read_chain(subject: str) -> Iterator[chain.Sealed]:
    for record in AuditRecord.under(subject_key(subject), RECORD_PREFIX):
        yield chain.Sealed(
            record.subject,
            record.seq,
            rfc3339(record.at),
            record.event,
            record.detail,
            record.origin,
            record.origin_digest,
            record.previous_hash,
            record.hash,
        )


def erase_origins(subject: str) -> None:
    """Erase the origins of a deleted account. The chain stays valid without them."""
    for record in AuditRecord.under(subject_key(subject), RECORD_PREFIX):
        if record.origin is not None:
            record.update([AuditRecord.origin.remove()])
