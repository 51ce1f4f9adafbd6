"""A provider's supply: hosts, allocations on them, and earnings, without renters' identities."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sharemtc import clock, money
from sharemtc.allocations import service as allocations
from sharemtc.billing import meters
from sharemtc.hosts import service as hosts
from sharemtc.storage.unreadable import row_lookup, views
from sharemtc.supply import figures
from sharemtc.supply.figures import Sums
from sharemtc.supply.schemas import (
    HostCountsView,
    HostedAllocationPage,
    HostedAllocationQuery,
    HostedAllocationView,
    OccupancyView,
    OverviewView,
)

if TYPE_CHECKING:
    from sharemtc.allocations.table import Allocation


def overview(provider_id: str) -> OverviewView:
    """The provider's hosts and their leased capacity; empty for a user without hosts."""
    statuses = hosts.statuses_of(hosts.all_of_owner(provider_id))
    sums = figures.add_up(statuses)
    return OverviewView(
        hosts=HostCountsView(total=sums.hosts, available=sums.available, by_state=dict(sums.by_state)),
        occupancy=occupancy(sums),
        live_allocations=sum(len(allocations.live_on(at.host.id)) for at in statuses),
        as_of=clock.now(),
    )


def occupancy(sums: Sums) -> OccupancyView:
    return OccupancyView(
        vcpus_used=sums.leased.vcpus,
        vcpus_total=sums.offered.vcpus,
        memory_mib_used=sums.leased.memory_mib,
        memory_mib_total=sums.offered.memory_mib,
        disk_gib_used=sums.leased.disk_gib,
        disk_gib_total=sums.offered.disk_gib,
        gpus_used=sums.leased.gpus,
        gpus_total=sums.offered.gpus,
    )


def list_allocations(provider_id: str, query: HostedAllocationQuery) -> HostedAllocationPage:
    """Past and present allocations on the provider's hosts, newest first."""
    found = allocations.of_provider(
        provider_id,
        limit=query.limit,
        cursor=query.cursor,
        keep=lambda one: query.host_id in (None, one.host_id) and query.state in (None, one.state),
    )
    meter_of = row_lookup(meters.find_many, [one.id for one in found.items])

    def row(one: Allocation) -> HostedAllocationView:
        # an allocation that was relocated has no meter
        meter = meter_of(one.id)
        return HostedAllocationView(
            id=one.id,
            host_id=one.host_id,
            workload_id=one.workload_id,
            state=one.state,
            **asdict(one.demand),
            running_rate_nanos_per_hour=one.running_rate_nanos_per_hour,
            stopped_rate_nanos_per_hour=one.stopped_rate_nanos_per_hour,
            earned_micros=meter.earned_micros if meter is not None else 0,
            currency=money.CURRENCY,
            created_at=one.created_at,
            ended_at=one.ended_at,
        )

    return HostedAllocationPage(items=views(row, found.items), next_cursor=found.next_cursor)
