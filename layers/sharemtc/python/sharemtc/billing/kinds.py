"""The kinds of ledger transactions and segments."""

from __future__ import annotations

from enum import StrEnum


class TransactionKind(StrEnum):
    """Why money moved: `accrual` and, at the end, `settlement` pay for use; `payout` leaves the platform."""

    STARTING_CREDIT = "starting_credit"
    HOLD = "hold"
    RELEASE = "release"
    ACCRUAL = "accrual"
    SETTLEMENT = "settlement"
    PAYOUT = "payout"
    ACCOUNT_CLOSED = "account_closed"


# payments for a host's work, which count as that host's earnings
EARNING = frozenset({TransactionKind.ACCRUAL, TransactionKind.SETTLEMENT})


class SegmentKind(StrEnum):
    """What a segment bills; a `reserved` one costs nothing."""

    RESERVED = "reserved"
    RUNNING = "running"
    STOPPED = "stopped"
    ENDED = "ended"
