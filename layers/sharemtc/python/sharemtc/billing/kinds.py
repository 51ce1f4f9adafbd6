"""The kinds of ledger transactions."""

from __future__ import annotations

from enum import StrEnum


class TransactionKind(StrEnum):
    """Why money moved: what ran is paid by `accrual` and, at its end, by `settlement`; `payout` leaves the platform."""

    STARTING_CREDIT = "starting_credit"
    HOLD = "hold"
    RELEASE = "release"
    ACCRUAL = "accrual"
    SETTLEMENT = "settlement"
    PAYOUT = "payout"
    ACCOUNT_CLOSED = "account_closed"


# what is paid for a host's work, and so counts as earned with that host
EARNING = frozenset({TransactionKind.ACCRUAL, TransactionKind.SETTLEMENT})


class SegmentKind(StrEnum):
    """What a segment is about: nothing is owed while it is `reserved`."""

    RESERVED = "reserved"
    RUNNING = "running"
    STOPPED = "stopped"
    ENDED = "ended"
