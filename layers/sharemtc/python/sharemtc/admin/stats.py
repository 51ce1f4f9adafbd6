"""Platform figures for operators, from indexes and counters instead of scans."""

from __future__ import annotations

from collections import Counter

from sharemtc import clock, money
from sharemtc.accounts import service as accounts
from sharemtc.accounts import starting_credit
from sharemtc.admin.schemas import CapacityTotalsView, LiveCountView, OpenRisksView, StartingCreditsView, StatsView
from sharemtc.billing import service as billing
from sharemtc.hosts import service as hosts
from sharemtc.hosts.providers import service as providers
from sharemtc.risks import service as risks
from sharemtc.settings import settings
from sharemtc.supply import figures
from sharemtc.supply.figures import Sums
from sharemtc.supply.schemas import HostCountsView
from sharemtc.workloads import service as workloads
from sharemtc.workloads.states import Status


def read() -> StatsView:
    """All figures. Allocations with a closed meter are not counted as live."""
    sums = figures.add_up(hosts.all_statuses())
    running = billing.open_meters()
    open_risks = risks.count()
    return StatsView(
        users=accounts.number_of_users(),
        providers=providers.number_of_providers(),
        hosts=HostCountsView(total=sums.hosts, available=sums.available, by_state=dict(sums.by_state)),
        capacity=_capacity(sums),
        allocations=LiveCountView(live=len(running)),
        workloads=_by_status([meter.resource_id for meter in running]),
        burn_nanos_per_hour=sum(meter.rate_nanos_per_hour for meter in running),
        risks=OpenRisksView(open=open_risks.open, critical=open_risks.critical),
        starting_credits=_starting_credits(),
        currency=money.CURRENCY,
        as_of=clock.now(),
    )


def _starting_credits() -> StartingCreditsView:
    given = settings()
    return StartingCreditsView(
        amount_micros=given.starting_credit_micros,
        needs_proof=given.starting_credit_needs_proof,
        given_today=starting_credit.given_today(),
        per_day=given.starting_credits_per_day,
    )


def _by_status(workload_ids: list[str]) -> dict[Status, int]:
    return dict(Counter(workload.status for workload in workloads.find_many(workload_ids)))


def _capacity(sums: Sums) -> CapacityTotalsView:
    return CapacityTotalsView(
        vcpus_total=sums.offered.vcpus,
        vcpus_free=sums.free.vcpus,
        memory_mib_total=sums.offered.memory_mib,
        memory_mib_free=sums.free.memory_mib,
        disk_gib_total=sums.offered.disk_gib,
        disk_gib_free=sums.free.disk_gib,
        gpus_total=sums.offered.gpus,
        gpus_free=sums.free.gpus,
    )
