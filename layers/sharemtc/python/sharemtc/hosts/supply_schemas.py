"""What goes out over HTTP for supply: providers, enrolment codes, price books, self-tests, the market."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from sharemtc.hosts.kinds import CodeState, PriceState, ProviderState, ProviderTier
from sharemtc.hosts.market import MarketItem
from sharemtc.hosts.pricing import PriceVersion
from sharemtc.hosts.table import PriceBook, SelfTestRun
from sharemtc.money import CURRENCY
from sharemtc.schemas import Instant, View
from sharemtc.wire import Verdict


class ProviderView(View):
    """A provider. `version` is 0 for a user who is none yet."""

    id: str = Field(examples=["usr_01J9ZK3V8Q4M7T2N5R6S8W0X1Y"])
    display_name: str
    tier: ProviderTier
    state: ProviderState
    state_reason: str
    draining: bool = Field(description="Whether operators let none of its hosts take new work")
    created_at: Instant
    version: int


class EnrollmentCodeView(View):
    """A single-use code, shown once, and the command that uses it."""

    id: str = Field(examples=["enr_01J9ZK3V8Q4M7T2N5R6S8W0X1Y"])
    code: str
    expires_at: Instant
    install_command: str


class EnrollmentCodeStateView(View):
    """What became of a code: `host_id` is the machine that used it."""

    id: str = Field(examples=["enr_01J9ZK3V8Q4M7T2N5R6S8W0X1Y"])
    state: CodeState
    host_id: str | None
    expires_at: Instant


class GpuPriceView(View):
    """What a GPU of one model costs for an hour, in nano-USD."""

    model: str
    nanos_per_hour: int


class NetworkBonusView(View):
    """Hosts whose link has at least `from_mbps` earn `bonus_bps` hundredths of a percent more."""

    from_mbps: int
    bonus_bps: int


class PricesView(View):
    """What a unit costs for an hour, in nano-USD. A GPU model that is not listed is not for sale."""

    vcpu_nanos_per_hour: int
    memory_gib_nanos_per_hour: int
    disk_gib_nanos_per_hour: int
    network_100mbps_nanos_per_hour: int
    gpus: list[GpuPriceView]


class PriceBookView(PricesView):
    """One version of a host's prices. It holds from `effective_at` until that of a later one."""

    version: int
    effective_at: Instant
    network_bonus: list[NetworkBonusView]
    state: PriceState
    created_at: Instant
    created_by: str
    currency: str

    @classmethod
    def of(cls, book: PriceBook, current: PriceVersion) -> Self:
        """The view of a version, given the one that is current."""
        terms = book.terms
        state = PriceState.CURRENT if terms.version == current.version else PriceState.PAST
        # by the order in which versions take effect: those after the current one are to come
        if (terms.effective_at, terms.version) > (current.effective_at, current.version):
            state = PriceState.FUTURE
        return cls(
            **PricesView.model_validate(terms.prices).model_dump(),
            version=terms.version,
            effective_at=terms.effective_at,
            network_bonus=list(terms.network_bonus),
            state=state,
            created_at=book.created_at,
            created_by=book.created_by,
            currency=CURRENCY,
        )


class PriceBookPage(View):
    """One page of a host's price versions, newest first."""

    items: list[PriceBookView]
    next_cursor: str | None


class SelfTestCheckView(View):
    """One thing that the host tried. `value` is what it measured, in `unit`, where there is a figure."""

    name: str
    verdict: Verdict
    detail: str
    value: float | None
    unit: str


class SelfTestView(View):
    """A self-test as the host reported it; `verdict` is the worst of its checks."""

    id: str = Field(examples=["slf_01J9ZK3V8Q4M7T2N5R6S8W0X1Y"])
    verdict: Verdict
    started_at: Instant
    finished_at: Instant
    received_at: Instant
    agent_version: str
    checks: list[SelfTestCheckView]

    @classmethod
    def of(cls, run: SelfTestRun) -> Self:
        """The view of a stored run."""
        test = run.test
        verdicts = {check.verdict for check in test.checks}
        worst = next(one for one in (Verdict.FAIL, Verdict.WARN, Verdict.OK) if one in verdicts)
        return cls(
            id=run.id,
            verdict=worst,
            started_at=test.started_at,
            finished_at=test.finished_at,
            received_at=run.received_at,
            agent_version=test.agent_version,
            checks=list(test.checks),
        )


class SelfTestPage(View):
    """One page of a host's self-tests, newest first."""

    items: list[SelfTestView]
    next_cursor: str | None


class MarketItemView(View):
    """What `hosts` hosts ask for a unit, or a GPU of one model, for an hour, in nano-USD."""

    item: MarketItem
    model: str | None
    hosts: int
    low_nanos_per_hour: int
    median_nanos_per_hour: int
    high_nanos_per_hour: int


class MarketView(View):
    """What is asked on the market at `as_of`; the median of an even number is the mean of the middle two, floored."""

    items: list[MarketItemView]
    currency: str
    as_of: Instant
