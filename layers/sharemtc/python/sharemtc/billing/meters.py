"""Stored meters: opening with a hold, posting a window, changing the rate, closing.

Every change is fenced by the meter's version and posts the open window in the same transaction, so that a segment never
ends with an unposted rest. A lost race raises `MeterConflict`; callers read again and retry a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sharemtc import clock, money
from sharemtc.billing import ledger
from sharemtc.billing.billed_until import ProvenInterval
from sharemtc.billing.kinds import SegmentKind, TransactionKind
from sharemtc.billing.metering import Segment, Settlement, Window, settle, window
from sharemtc.billing.spending import Spender
from sharemtc.billing.table import (
    METER_SHARDS,
    Accrual,
    Entry,
    Meter,
    UsageInterval,
    Wallet,
    allocation_key,
    wallet_key,
)
from sharemtc.problems import NotFound
from sharemtc.settings import settings
from sharemtc.storage.records import batch_find
from sharemtc.storage.transactions import Transaction, WriteConflict

# the disk of a stopped workload is held for this long, so that its renter is warned a day before it ends
MIN_STOPPED_HOLD = timedelta(hours=24)


class MeterConflict(WriteConflict):
    """Another writer changed the meter first."""

    code, title = "meter_moved", "The meter changed meanwhile"


class NextSegment(NamedTuple):
    """The segment to begin when the open one ends."""

    kind: SegmentKind
    rate_nanos_per_hour: int
    started_at: datetime


class Parties(NamedTuple):
    """Who pays, who earns, and for which resource."""

    user_id: str
    provider_id: str
    host_id: str
    resource_id: str


def open_meter(
    transaction: Transaction,
    spender: Spender,
    allocation_id: str,
    parties: Parties,
    *,
    hold_rate_nanos_per_hour: int,
    at: datetime,
) -> int:
    """Hold the price of the hold window and open a meter at rate zero; the held amount.

    Nothing is owed until `change_rate` starts a running segment. Refused: `InsufficientFunds`, `CapReached`.
    """
    held = money.hold_micros(hold_rate_nanos_per_hour, settings().hold_window_s)
    spender.commit(transaction, held)
    ledger.post(
        transaction,
        parties.user_id,
        TransactionKind.HOLD,
        [
            Entry(ledger.wallet_account(parties.user_id), -held),
            Entry(ledger.holds_account(parties.user_id), held),
        ],
        at=at,
        resource_id=parties.resource_id,
        detail=f"Held for {settings().hold_window_s} s",
        # the sum of all holds, when the transaction opens several meters
        refused=lambda: short_of_funds(parties.user_id, -ledger.free_change_micros(transaction, parties.user_id)),
    )
    transaction.create(
        Meter(
            allocation_key(allocation_id),
            "METER",
            allocation_id=allocation_id,
            **parties._asdict(),
            open_shard=str(clock.choose_index(METER_SHARDS)),
            open_user=parties.user_id,
            version=1,
            segment=0,
            kind=SegmentKind.RESERVED,
            rate_nanos_per_hour=0,
            hold_rate_nanos_per_hour=hold_rate_nanos_per_hour,
            segment_started_at=at,
            segment_posted_micros=0,
            posted_until=at,
            next_k=0,
            posted_micros=0,
            fee_micros=0,
            fee_bps=settings().platform_fee_bps,
            written_off_micros=0,
            billed_ms=0,
            held_micros=held,
        )
    )
    transaction.create(UsageInterval.starting(allocation_id, 0, 0, at, "reserved"))
    return held


def short_of_funds(user_id: str, needed_micros: int) -> ledger.InsufficientFunds:
    wallet = find_wallet(user_id)
    return ledger.InsufficientFunds(
        "The wallet's free balance does not cover the hold.",
        needed_micros=needed_micros,
        available_micros=wallet.available_micros,
    )


def find(allocation_id: str) -> Meter:
    """Errors: `NotFound`."""
    meter = Meter.find(allocation_key(allocation_id), "METER")
    if meter is None:
        raise NotFound
    return meter


def find_many(allocation_ids: Sequence[str]) -> dict[str, Meter]:
    """The existing meters of these allocations. Errors: `UnreadableRecord`."""
    if not allocation_ids:
        return {}
    keys = [(allocation_key(id), "METER") for id in allocation_ids]
    return {meter.allocation_id: meter for meter in batch_find(Meter, keys).values()}


def find_wallet(user_id: str) -> Wallet:
    """Errors: `NotFound`."""
    wallet = Wallet.find(wallet_key(user_id), "WALLET")
    if wallet is None:
        raise NotFound
    return wallet


def _available_micros(transaction: Transaction, user_id: str) -> int:
    """The customer's free money after the postings that `transaction` already holds, for another meter say."""
    left = find_wallet(user_id).available_micros + ledger.free_change_micros(transaction, user_id)
    if left < 0:
        raise MeterConflict
    return left


def cost_micros(meter: Meter, unposted: Sequence[ProvenInterval]) -> int:
    """The allocation's cost, posted or proven, without written-off amounts."""
    cost, segment = int(meter.posted_micros), _segment(meter)
    for interval in unposted:
        if interval.started_at > segment.posted_until:
            segment = Segment(meter.rate_nanos_per_hour, interval.started_at, interval.started_at, 0)
        cost += window(segment, interval.ended_at).cost_micros
    return cost


def billed_ms(meter: Meter, unposted: Sequence[ProvenInterval]) -> int:
    """Milliseconds of paid time, posted or proven."""
    if meter.rate_nanos_per_hour == 0:
        return int(meter.billed_ms)
    return meter.billed_ms + sum(clock.elapsed_ms(one.started_at, one.ended_at) for one in unposted)


def paid_until(meter: Meter, available_micros: int) -> datetime | None:
    """When hold and wallet are used up at the present rate if this is the only meter; None: beyond any lifetime."""
    funds = meter.segment_posted_micros + meter.held_micros + available_micros
    return money.affordable_until(meter.rate_nanos_per_hour, funds, meter.segment_started_at)


def accrue(transaction: Transaction, meter: Meter, until: datetime) -> Settlement | None:
    """Post the window up to `until`; None, with no writes, when it costs nothing."""
    part = window(_segment(meter), until)
    if part.cost_micros == 0:
        return None
    return _write(transaction, meter, part, TransactionKind.ACCRUAL)


def change_rate(
    transaction: Transaction,
    meter: Meter,
    next_segment: NextSegment,
    *,
    ended_at: datetime,
    hold_rate_nanos_per_hour: int,
    evidence: str,
) -> Settlement:
    """End the open segment at `ended_at` and begin `next_segment`; `evidence` names the proof.

    The time between the two is not billed. The hold is set to the price of the hold window at
    `hold_rate_nanos_per_hour`, as far as the wallet covers it. That rate must not exceed the one held so far, because
    no spending cap is checked here.
    """
    assert hold_rate_nanos_per_hour <= meter.hold_rate_nanos_per_hour, "only raise_hold raises it"
    part = window(_segment(meter), ended_at)
    meter.hold_rate_nanos_per_hour = hold_rate_nanos_per_hour
    return _write(transaction, meter, part, TransactionKind.ACCRUAL, next_segment=next_segment, evidence=evidence)


def skip_gap(transaction: Transaction, meter: Meter, *, ended_at: datetime, resumed_at: datetime) -> Settlement:
    """Skip an unproven gap: end the segment before it, and begin one like it after."""
    part = window(_segment(meter), ended_at)
    next_segment = NextSegment(meter.kind, meter.rate_nanos_per_hour, resumed_at)
    return _write(transaction, meter, part, TransactionKind.ACCRUAL, next_segment=next_segment, evidence="silence")


def request_end(
    transaction: Transaction, meter: Meter, at: datetime, kind: SegmentKind, rate_nanos_per_hour: int
) -> None:
    """Stop billing at `at`, by the renter's request; `finish` ends the segment when its proof is complete."""
    if meter.closed:
        raise MeterConflict
    seen = meter.version
    meter.version = seen + 1
    transaction.put(with_end(meter, at, kind, rate_nanos_per_hour), Meter.version == seen, refused=MeterConflict())


def with_end(meter: Meter, at: datetime, kind: SegmentKind, rate_nanos_per_hour: int) -> Meter:
    """The meter with the requested end of its segment; an earlier request stands."""
    meter.ends_at = at if meter.ends_at is None else min(at, meter.ends_at)
    meter.next_kind, meter.next_rate_nanos_per_hour = kind, rate_nanos_per_hour
    return meter


def finish(transaction: Transaction, meter: Meter, until: datetime, *, evidence: str) -> Settlement:
    """End the segment at `until`, not past its requested end."""
    assert meter.ends_at is not None
    assert until <= max(meter.ends_at, meter.posted_until), (until, meter.ends_at)
    if meter.next_kind is SegmentKind.ENDED:
        return close(transaction, meter, until, evidence=evidence)
    rate = meter.next_rate_nanos_per_hour or 0
    next_segment = NextSegment(meter.next_kind or SegmentKind.STOPPED, rate, until)
    meter.ends_at = meter.next_kind = meter.next_rate_nanos_per_hour = None
    return change_rate(
        transaction, meter, next_segment, ended_at=until, hold_rate_nanos_per_hour=rate, evidence=evidence
    )


def raise_hold(
    transaction: Transaction, spender: Spender, meter: Meter, rate_nanos_per_hour: int, at: datetime
) -> None:
    """Hold the price of the hold window at a higher rate that is about to begin.

    Posts what is owed so far. Refused: `InsufficientFunds`, `CapReached`.
    """
    target = money.hold_micros(rate_nanos_per_hour, settings().hold_window_s)
    spender.commit(transaction, max(0, target - meter.held_micros))
    part = window(_segment(meter), at)
    needed = target + part.cost_micros - meter.held_micros
    if needed > _available_micros(transaction, meter.user_id):
        raise short_of_funds(meter.user_id, needed)
    meter.hold_rate_nanos_per_hour = rate_nanos_per_hour
    _write(transaction, meter, part, TransactionKind.ACCRUAL)


def relocate(transaction: Transaction, meter: Meter, provider_id: str, host_id: str) -> None:
    """Assign the meter to another host before the allocation runs."""
    assert meter.rate_nanos_per_hour == 0
    seen = meter.version
    meter.version, meter.provider_id, meter.host_id = seen + 1, provider_id, host_id
    transaction.put(meter, Meter.version == seen, refused=MeterConflict())


def close(transaction: Transaction, meter: Meter, at: datetime, *, evidence: str) -> Settlement:
    """Final settlement at `at`: post the last window, release the rest of the hold, close the meter."""
    part = window(_segment(meter), at)
    meter.hold_rate_nanos_per_hour = 0
    next_segment = NextSegment(SegmentKind.ENDED, 0, part.ended_at)
    return _write(transaction, meter, part, TransactionKind.SETTLEMENT, next_segment=next_segment, evidence=evidence)


def _segment(meter: Meter) -> Segment:
    return Segment(meter.rate_nanos_per_hour, meter.segment_started_at, meter.posted_until, meter.segment_posted_micros)


def _write(
    transaction: Transaction,
    meter: Meter,
    part: Window,
    kind: TransactionKind,
    *,
    next_segment: NextSegment | None = None,
    evidence: str = "",
) -> Settlement:
    """Post `part` and write the meter's next state."""
    if meter.closed:
        raise MeterConflict
    if part.cost_micros == 0 and next_segment is None:
        part = Window(part.started_at, part.started_at, 0)  # posted with the next window that costs something
    settlement = settle(
        part.cost_micros,
        held_micros=meter.held_micros,
        available_micros=_available_micros(transaction, meter.user_id),
        target_micros=_hold_target_micros(meter, next_segment),
    )
    fee = _fee(meter, settlement.paid_micros)
    transaction_id = _post(transaction, meter, kind, settlement, fee, part.ended_at)
    if settlement.paid_micros:
        accrual = Accrual.next_of(
            meter, part.started_at, part.ended_at, amount_micros=settlement.paid_micros, transaction_id=transaction_id
        )
        transaction.create(accrual, refused=MeterConflict())
    seen = meter.version
    meter.version = seen + 1
    meter.billed_ms += clock.elapsed_ms(part.started_at, part.ended_at) if meter.rate_nanos_per_hour else 0
    meter.next_k += 1 if settlement.paid_micros else 0
    meter.posted_micros += settlement.paid_micros
    meter.segment_posted_micros += part.cost_micros
    meter.written_off_micros += settlement.written_off_micros
    meter.fee_micros += fee
    meter.held_micros += settlement.hold_change_micros
    meter.posted_until = part.ended_at
    if next_segment is not None:
        _begin_segment(transaction, meter, next_segment, part.ended_at, evidence)
    transaction.put(meter, Meter.version == seen, refused=MeterConflict())
    return settlement


def _hold_target_micros(meter: Meter, next_segment: NextSegment | None) -> int:
    """The hold window's price; for a stopped workload at least `MIN_STOPPED_HOLD` of its own rate."""
    kind, rate = (meter.kind, meter.rate_nanos_per_hour) if next_segment is None else next_segment[:2]
    window = money.hold_micros(meter.hold_rate_nanos_per_hour, settings().hold_window_s)
    if kind is not SegmentKind.STOPPED:
        return window
    return max(window, money.hold_micros(rate, int(MIN_STOPPED_HOLD.total_seconds())))


def _fee(meter: Meter, paid_micros: int) -> int:
    """The platform's share of the next `paid_micros`, at the rate set when the meter opened."""
    if meter.fee_bps is None:
        meter.fee_bps = settings().platform_fee_bps
    posted = meter.posted_micros
    return money.fee_micros(posted + paid_micros, meter.fee_bps) - money.fee_micros(posted, meter.fee_bps)


def _begin_segment(
    transaction: Transaction, meter: Meter, next_segment: NextSegment, ended_at: datetime, evidence: str
) -> None:
    ended = UsageInterval(allocation_key(meter.allocation_id), f"SEGMENT#{meter.segment:06d}")
    transaction.update(ended, [UsageInterval.ended_at.set(ended_at), UsageInterval.ended_by.set(evidence)])
    meter.kind, meter.rate_nanos_per_hour = next_segment.kind, next_segment.rate_nanos_per_hour
    if next_segment.kind is SegmentKind.ENDED:
        meter.closed, meter.open_shard, meter.open_user = True, None, None
        meter.ends_at = meter.next_kind = meter.next_rate_nanos_per_hour = None
        return
    started_at = max(next_segment.started_at, ended_at)
    meter.segment += 1
    meter.segment_started_at = meter.posted_until = started_at
    meter.segment_posted_micros = 0
    transaction.create(
        UsageInterval.starting(meter.allocation_id, meter.segment, meter.rate_nanos_per_hour, started_at, evidence)
    )


def _post(
    transaction: Transaction, meter: Meter, kind: TransactionKind, settlement: Settlement, fee: int, at: datetime
) -> str:
    entries = [
        Entry(ledger.wallet_account(meter.user_id), settlement.wallet_change_micros),
        Entry(ledger.holds_account(meter.user_id), settlement.hold_change_micros),
        Entry(ledger.provider_account(meter.provider_id), settlement.paid_micros - fee),
        Entry(ledger.PLATFORM_FEES, fee),
    ]
    if not any(entry.amount_micros for entry in entries):
        return ""
    if not settlement.paid_micros:
        kind = TransactionKind.RELEASE if settlement.hold_change_micros < 0 else TransactionKind.HOLD
    return ledger.post(
        transaction,
        meter.user_id,
        kind,
        entries,
        at=at,
        resource_id=meter.resource_id,
        host_id=meter.host_id,
        refused=MeterConflict(),
    )
