"""Billing records. Balances are projections of the ledger's entries and change only together with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from sharemtc.billing.kinds import SegmentKind, TransactionKind
from sharemtc.money import Prices
from sharemtc.resources import Demand
from sharemtc.settings import table_name
from sharemtc.storage.attributes import (
    DocumentAttribute,
    EnumAttribute,
    ExpiryAttribute,
    InstantAttribute,
    IntegerAttribute,
)
from sharemtc.storage.records import Record

METER_SHARDS = 4
ACCRUALS_PER_PARTITION = 500


class Entry(NamedTuple):
    """One side of a ledger transaction: what an account gained, in micro-USD (negative: lost)."""

    account: str
    amount_micros: int


class BillingRecord(Record):
    class Meta:
        table_name = table_name("billing")


class Wallet(BillingRecord):
    """A customer's free and held money. `pk` `WALLET#<user>`, `sk` `WALLET`. settled = available + held."""

    user_id = UnicodeAttribute()
    available_micros = IntegerAttribute()
    held_micros = IntegerAttribute()
    opened_at = InstantAttribute()


class Balance(BillingRecord):
    """A shard of another account's balance. `pk` `ACCOUNT#<account>`, `sk` `SHARD#<n>`."""

    balance_micros = IntegerAttribute()


class OpenMeters(GlobalSecondaryIndex["Meter"]):
    """Open meters, in `METER_SHARDS` partitions. Sparse: a closed meter leaves it."""

    class Meta:
        index_name = "open_meters"
        projection = AllProjection()

    open_shard = UnicodeAttribute(hash_key=True)
    allocation_id = UnicodeAttribute(range_key=True)


class MetersByUser(GlobalSecondaryIndex["Meter"]):
    """A customer's open meters. Sparse."""

    class Meta:
        index_name = "meters_by_user"
        projection = AllProjection()

    open_user = UnicodeAttribute(hash_key=True)
    allocation_id = UnicodeAttribute(range_key=True)


class Meter(BillingRecord):
    """The cost of one allocation. `pk` `ALC#<allocation>`, `sk` `METER`.

    The open segment has one rate; `segment_posted_micros` of it are posted in `next_k` windows, up to `posted_until`.
    `held_micros` is the allocation's part of the wallet's holds. `version` fences every change.

    `ends_at`: the renter requested the end of the open segment, and nothing is owed past it. The segment ends, there or
    at the last proof before it, once its host has reported how far the workload ran; a segment of `next_kind` at
    `next_rate_nanos_per_hour` follows.

    `fee_bps` is the platform's share as set when the meter opened; a meter from before it was stored takes the present
    one at its next posting.
    """

    allocation_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    provider_id = UnicodeAttribute()
    host_id = UnicodeAttribute()
    resource_id = UnicodeAttribute()
    open_shard = UnicodeAttribute(null=True)
    open_user = UnicodeAttribute(null=True)
    version = IntegerAttribute()
    segment = IntegerAttribute()
    kind = EnumAttribute(SegmentKind)
    rate_nanos_per_hour = IntegerAttribute()
    hold_rate_nanos_per_hour = IntegerAttribute()
    ends_at = InstantAttribute(null=True)
    next_kind = EnumAttribute(SegmentKind, null=True)
    next_rate_nanos_per_hour = IntegerAttribute(null=True)
    segment_started_at = InstantAttribute()
    segment_posted_micros = IntegerAttribute()
    posted_until = InstantAttribute()
    next_k = IntegerAttribute()
    posted_micros = IntegerAttribute()
    fee_micros = IntegerAttribute()
    fee_bps = IntegerAttribute(null=True)
    written_off_micros = IntegerAttribute()
    billed_ms = IntegerAttribute()
    held_micros = IntegerAttribute()
    closed = BooleanAttribute(default=False)

    open_meters = OpenMeters()
    meters_by_user = MetersByUser()

    @property
    def earned_micros(self) -> int:
        """The provider's part of what is posted: all but the platform's fee."""
        return int(self.posted_micros - self.fee_micros)

    @property
    def present_rate_nanos_per_hour(self) -> int:
        """The hourly cost from now on, after a requested end."""
        rate = self.rate_nanos_per_hour if self.ends_at is None else self.next_rate_nanos_per_hour
        return 0 if self.closed else rate or 0


class UsageInterval(BillingRecord):
    """A segment: an interval of one allocation with one rate, and the evidence for its ends. `sk` `SEGMENT#<n>`."""

    allocation_id = UnicodeAttribute()
    segment = IntegerAttribute()
    rate_nanos_per_hour = IntegerAttribute()
    started_at = InstantAttribute()
    started_by = UnicodeAttribute()
    ended_at = InstantAttribute(null=True)
    ended_by = UnicodeAttribute(null=True)

    @classmethod
    def starting(cls, allocation_id: str, number: int, rate: int, at: datetime, evidence: str) -> UsageInterval:
        return cls(
            allocation_key(allocation_id),
            f"SEGMENT#{number:06d}",
            allocation_id=allocation_id,
            segment=number,
            rate_nanos_per_hour=rate,
            started_at=at,
            started_by=evidence,
        )


class Accrual(BillingRecord):
    """One posted window. `pk` `ALC#<allocation>#ACCRUALS#<bucket>`, `sk` `<segment>#<k>`: it cannot be posted twice."""

    allocation_id = UnicodeAttribute()
    segment = IntegerAttribute()
    k = IntegerAttribute()
    started_at = InstantAttribute()
    ended_at = InstantAttribute()
    rate_nanos_per_hour = IntegerAttribute()
    amount_micros = IntegerAttribute()
    transaction_id = UnicodeAttribute()

    @classmethod
    def next_of(
        cls, meter: Meter, started_at: datetime, ended_at: datetime, *, amount_micros: int, transaction_id: str
    ) -> Accrual:
        """The next window of the meter."""
        return cls(
            accruals_key(meter.allocation_id, meter.next_k // ACCRUALS_PER_PARTITION),
            f"{meter.segment:06d}#{meter.next_k:09d}",
            allocation_id=meter.allocation_id,
            segment=meter.segment,
            k=meter.next_k,
            started_at=started_at,
            ended_at=ended_at,
            rate_nanos_per_hour=meter.rate_nanos_per_hour,
            amount_micros=amount_micros,
            transaction_id=transaction_id,
        )


class LedgerTransaction(BillingRecord):
    """A transaction whose entries sum to zero. `pk` `LEDGER#<user>#<day>`, `sk` its id.

    `host_id` is the host whose work it pays for.
    """

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    kind = EnumAttribute(TransactionKind)
    amount_micros = IntegerAttribute()
    resource_id = UnicodeAttribute(default="")
    host_id = UnicodeAttribute(default="")
    detail = UnicodeAttribute(default="")
    entries = DocumentAttribute(tuple[Entry, ...])
    at = InstantAttribute()


class Earned(BillingRecord):
    """A provider's earnings with one host on one UTC day. `pk` `EARNED#<provider>#<day>`, `sk` the host's id.

    A projection of payments for the host's work, updated in the same transactions.
    """

    amount_micros = IntegerAttribute()


class Quote(BillingRecord):
    """A price that is guaranteed until it expires. `pk` `QUOTE#<id>`, `sk` `QUOTE`.

    `host_named`: the user chose this host, instead of the cheapest.
    """

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    host_id = UnicodeAttribute()
    host_named = BooleanAttribute(default=False)
    template_id = UnicodeAttribute()
    demand = DocumentAttribute(Demand)
    prices = DocumentAttribute(Prices)
    quoted_until = InstantAttribute()
    expires_at = ExpiryAttribute()


def wallet_key(user_id: str) -> str:
    return f"WALLET#{user_id}"


def earned_key(provider_id: str, day: date) -> str:
    return f"EARNED#{provider_id}#{day:%Y%m%d}"


def allocation_key(allocation_id: str) -> str:
    """The partition of an allocation's meter and segments."""
    return f"ALC#{allocation_id}"


def accruals_key(allocation_id: str, bucket: int) -> str:
    """The partition of `ACCRUALS_PER_PARTITION` windows of an allocation."""
    return f"ALC#{allocation_id}#ACCRUALS#{bucket:06d}"
