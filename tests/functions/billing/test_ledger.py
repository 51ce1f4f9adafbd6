"""The ledger: what may share a transaction, what leaves an account, and projections that entries rebuild."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.support.clock import Time

from sharemtc import clock
from sharemtc.billing import ledger, meters, posting
from sharemtc.billing import service as billing
from sharemtc.billing.kinds import EARNING, SegmentKind, TransactionKind
from sharemtc.billing.metering import Settlement
from sharemtc.billing.meters import NextSegment
from sharemtc.billing.spending import Spender
from sharemtc.billing.table import Earned, Entry, LedgerTransaction, Meter, earned_key
from sharemtc.ids import IdKind, new_id
from sharemtc.problems import Problem
from sharemtc.settings import settings as platform
from sharemtc.storage.transactions import Transaction

CREDIT = 1_000_000
RENTER, OTHER_RENTER = "usr_renter", "usr_other"
PROVIDER, OTHER_PROVIDER = "usr_provider", "usr_other_provider"
RATE = 360_000_000  # 100 micro-dollars a second


@pytest.fixture(autouse=True)
def wallets(time: Time) -> None:
    """Two customers with a dollar each."""
    transaction = Transaction()
    for user_id in (RENTER, OTHER_RENTER):
        billing.open_wallet(transaction, user_id, CREDIT, clock.now())
    transaction.commit()


def transactions() -> list[LedgerTransaction]:
    """Every ledger transaction there is."""
    return list(LedgerTransaction.scan(LedgerTransaction.pk.startswith("LEDGER#")))


def sums() -> Counter[str]:
    """The balance of every account, from the entries alone; each transaction's own sum is checked on the way."""
    found: Counter[str] = Counter()
    for one in transactions():
        assert sum(entry.amount_micros for entry in one.entries) == 0
        for entry in one.entries:
            found[entry.account] += entry.amount_micros
    return found


def check_projections() -> None:
    """Wallets, balances and earnings are what the entries say, and nothing that may not be is below zero."""
    found = sums()
    assert sum(found.values()) == 0
    for user_id in (RENTER, OTHER_RENTER):
        wallet = meters.find_wallet(user_id)
        assert min(wallet.available_micros, wallet.held_micros) >= 0
        assert wallet.available_micros == found[ledger.wallet_account(user_id)]
        assert wallet.held_micros == found[ledger.holds_account(user_id)]
    for account in (ledger.PLATFORM_FEES, *map(ledger.provider_account, (PROVIDER, OTHER_PROVIDER))):
        assert ledger.balance_micros(account) == found[account]
        assert all(shard.balance_micros >= 0 for shard in posting.shards_of(account))
    check_earned()


def check_earned() -> None:
    expected: Counter[tuple[str, date, str]] = Counter()
    for one in transactions():
        for entry in one.entries:
            provider, colon, owner = entry.account.partition(":")
            if one.kind in EARNING and provider == "provider_held" and colon:
                expected[owner, one.at.date(), one.host_id] += entry.amount_micros
    stored = {(record.pk, record.sk): record.amount_micros for record in Earned.scan(Earned.pk.startswith("EARNED#"))}
    assert stored == {(earned_key(owner, day), host): micros for (owner, day, host), micros in expected.items()}


def post(kind: TransactionKind, *entries: tuple[str, int], user_id: str = RENTER, host_id: str = "") -> None:
    transaction = Transaction()
    told = [Entry(*entry) for entry in entries]
    ledger.post(transaction, user_id, kind, told, at=clock.now(), host_id=host_id)
    transaction.commit()


def earn(micros: int, *, provider_id: str = PROVIDER, host_id: str = "hst_1", user_id: str = RENTER) -> None:
    """The provider's account gains what the customer's free money loses, for work of one host."""
    paid = (ledger.wallet_account(user_id), -micros), (ledger.provider_account(provider_id), micros)
    post(TransactionKind.ACCRUAL, *paid, user_id=user_id, host_id=host_id)


def pay_out(micros: int, provider_id: str = PROVIDER) -> None:
    left = (ledger.provider_account(provider_id), -micros), (ledger.EXTERNAL_CASH, micros)
    post(TransactionKind.PAYOUT, *left, user_id=provider_id)


def open_meters(number: int, *, user_id: str = RENTER) -> list[Meter]:
    """Meters of one customer, opened in one transaction, that run at `RATE` each on hosts of two providers."""
    transaction, now = Transaction(), clock.now()
    ids = [new_id(IdKind.ALLOCATION) for _ in range(number)]
    for index, allocation_id in enumerate(ids):
        provider_id, host_id = ((PROVIDER, "hst_1"), (OTHER_PROVIDER, "hst_2"))[index % 2]
        parties = meters.Parties(user_id, provider_id, host_id, f"vm_{index}")
        meters.open_meter(transaction, Spender(user_id), allocation_id, parties, hold_rate_nanos_per_hour=RATE, at=now)
    transaction.commit()
    return [meters.find(id) for id in ids]


def run(opened: list[Meter]) -> None:
    transaction = Transaction()
    for meter in opened:
        running = NextSegment(SegmentKind.RUNNING, RATE, clock.now())
        meters.change_rate(
            transaction, meter, running, ended_at=clock.now(), hold_rate_nanos_per_hour=RATE, evidence="boot"
        )
    transaction.commit()


def accrue(opened: list[Meter]) -> list[Settlement | None]:
    transaction = Transaction()
    settled = [meters.accrue(transaction, meter, clock.now()) for meter in opened]
    transaction.commit()
    return settled


class TestSharing:
    def test_meters_of_one_customer_are_opened_run_posted_and_closed_together(self, time: Time) -> None:
        opened = open_meters(2)
        run(opened)
        time.advance(timedelta(seconds=60))
        accrue(opened)
        time.advance(timedelta(seconds=60))
        transaction = Transaction()
        for meter in opened:
            meters.close(transaction, meter, clock.now(), evidence="gone")
        transaction.commit()
        wallet = meters.find_wallet(RENTER)
        assert (wallet.available_micros, wallet.held_micros) == (CREDIT - 2 * 120 * 100, 0)
        check_projections()

    def test_each_meter_sees_what_the_one_before_it_takes(self, time: Time) -> None:
        opened = open_meters(2)
        run(opened)
        time.advance(timedelta(seconds=6_000))  # 600,000 each; 360,000 are held for each, 280,000 are free
        first, second = accrue(opened)
        assert first is not None
        assert second is not None
        assert (first.paid_micros, first.written_off_micros) == (600_000, 0)
        assert (second.paid_micros, second.written_off_micros) == (360_000, 240_000)
        check_projections()

    def test_meters_opened_together_need_the_sum_of_their_holds(self) -> None:
        before = transactions()
        with pytest.raises(ledger.InsufficientFunds) as refused:
            open_meters(3)
        assert refused.value.extra["needed_micros"] == 3 * 360_000
        assert refused.value.extra["available_micros"] == CREDIT
        assert len(transactions()) == len(before)

    def test_entries_to_the_same_account_move_its_balance_once(self) -> None:
        shares = [(ledger.PLATFORM_FEES, 1)] * 12
        post(TransactionKind.ACCRUAL, (ledger.wallet_account(RENTER), -12), *shares)
        assert ledger.balance_micros(ledger.PLATFORM_FEES) == 12
        check_projections()

    def test_a_problem_that_asks_to_decide_again_goes_before_a_final_one(self) -> None:
        for order in itertools.permutations((ledger.InsufficientFunds(), meters.MeterConflict())):
            transaction = Transaction()
            for refused in order:
                entries = [Entry(ledger.wallet_account(RENTER), -CREDIT), Entry(ledger.holds_account(RENTER), CREDIT)]
                ledger.post(transaction, RENTER, TransactionKind.HOLD, entries, at=clock.now(), refused=refused)
            with pytest.raises(meters.MeterConflict):
                transaction.commit()

    def test_the_wallet_of_another_customer_is_not_moved_unseen(self) -> None:
        with pytest.raises(AssertionError):
            post(TransactionKind.HOLD, (ledger.wallet_account(RENTER), -1), (ledger.wallet_account(OTHER_RENTER), 1))


class TestPayouts:
    def test_a_payout_leaves_the_platform_and_is_nobodys_work(self) -> None:
        for _ in range(30):  # over most shards
            earn(1_000)
        pay_out(29_500)
        assert ledger.balance_micros(ledger.provider_account(PROVIDER)) == 500
        assert ledger.balance_micros(ledger.EXTERNAL_CASH) == 29_500 - 2 * CREDIT
        check_projections()

    def test_no_more_is_paid_out_than_was_earned(self) -> None:
        earn(5)
        with pytest.raises(posting.BalanceShort):
            pay_out(6)
        pay_out(5)
        with pytest.raises(posting.BalanceShort):
            pay_out(1)
        assert ledger.balance_micros(ledger.provider_account(PROVIDER)) == 0

    def test_of_two_payouts_decided_at_once_one_is_decided_again(self) -> None:
        earn(5)
        entries = [Entry(ledger.provider_account(PROVIDER), -5), Entry(ledger.EXTERNAL_CASH, 5)]
        late = Transaction()
        ledger.post(late, PROVIDER, TransactionKind.PAYOUT, entries, at=clock.now())
        shards = posting.shards_of(ledger.provider_account(PROVIDER))
        pay_out(5)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(posting, "shards_of", lambda account: shards)
            with pytest.raises(posting.BalanceConflict):
                late.commit()
        assert ledger.balance_micros(ledger.provider_account(PROVIDER)) == 0

    def test_only_what_pays_for_work_needs_a_host(self) -> None:
        with pytest.raises(AssertionError):
            earn(1, host_id="")


class TestFees:
    """The platform's share is the one that was set when an allocation opened."""

    def set_fee(self, monkeypatch: pytest.MonkeyPatch, fee_bps: int) -> None:
        monkeypatch.setenv("PLATFORM_FEE_BPS", str(fee_bps))
        platform.cache_clear()

    @pytest.mark.parametrize("forgotten", [False, True], ids=["kept", "opened before it was kept"])
    def test_a_changed_one_charges_nothing_again(
        self, time: Time, monkeypatch: pytest.MonkeyPatch, forgotten: bool
    ) -> None:
        self.set_fee(monkeypatch, 1_000)
        (before,) = open_meters(1)
        if forgotten:
            before.update([Meter.fee_bps.remove()])
        run([before])
        for fee_bps, seconds in ((1_000, 900), (9_999, 1), (0, 7), (10_000, 13), (500, 1)):
            self.set_fee(monkeypatch, fee_bps)
            time.advance(timedelta(seconds=seconds))
            accrue([meters.find(before.allocation_id)])
        found = meters.find(before.allocation_id)
        assert (found.posted_micros, found.fee_micros) == (92_200, 9_220)
        shares = {ledger.PLATFORM_FEES, ledger.provider_account(PROVIDER)}
        entries = [entry for one in transactions() for entry in one.entries if entry.account in shares]
        assert all(entry.amount_micros >= 0 for entry in entries)
        check_projections()

    def test_a_changed_one_holds_for_new_allocations(self, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
        self.set_fee(monkeypatch, 2_500)
        (opened,) = open_meters(1)
        run([opened])
        time.advance(timedelta(seconds=100))
        accrue([meters.find(opened.allocation_id)])
        assert meters.find(opened.allocation_id).fee_micros == 2_500


AMOUNT = st.integers(1, 400_000)
PICK = st.integers(0, 1)
STEP = st.one_of(
    st.tuples(st.just("earn"), PICK, PICK, AMOUNT),
    st.tuples(st.just("pay_out"), PICK, PICK, AMOUNT),
    st.tuples(st.just("hold"), PICK, PICK, AMOUNT),
    st.tuples(st.just("release"), PICK, PICK, AMOUNT),
    st.tuples(st.just("open"), PICK, PICK, st.integers(1, 2)),
    st.tuples(st.just("accrue"), PICK, PICK, st.integers(1, 900)),
)


class Program:
    """Postings of every kind, one after another; what an account does not cover is refused and changes nothing."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.running: list[Meter] = []

    def do(self, what: str, first: int, second: int, amount: int) -> None:
        renter, provider = (RENTER, OTHER_RENTER)[first], (PROVIDER, OTHER_PROVIDER)[second]
        free, held = ledger.wallet_account(renter), ledger.holds_account(renter)
        if what == "earn":
            earn(amount, provider_id=provider, host_id=f"hst_{second}", user_id=renter)
        elif what == "pay_out":
            pay_out(amount, provider)
        elif what == "hold":
            post(TransactionKind.HOLD, (free, -amount), (held, amount), user_id=renter)
        elif what == "release":
            post(TransactionKind.RELEASE, (free, amount), (held, -amount), user_id=renter)
        elif what == "open":
            opened = open_meters(amount, user_id=renter)
            run(opened)
            self.running += opened
        else:
            self.time.advance(timedelta(seconds=amount))
            self.running = [meters.find(meter.allocation_id) for meter in self.running]
            if any(meter.posted_until < clock.now() for meter in self.running):
                accrue(self.running)


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEP, min_size=8, max_size=14))
def test_any_program_of_postings_sums_to_zero_and_rebuilds_every_projection(time: Time, steps: list[Any]) -> None:
    program = Program(time)
    for step in steps:
        number = len(transactions())
        try:
            program.do(*step)
        except Problem:
            assert len(transactions()) == number
        check_projections()
