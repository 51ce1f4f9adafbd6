"""A provider's hosts and allocations in the API."""

from pydantic import Field

from sharemtc.allocations.states import AllocationState
from sharemtc.hosts.states import HostState
from sharemtc.ids import IdKind, pattern
from sharemtc.schemas import Instant, PageQuery, View


class HostCountsView(View):
    """Numbers of hosts that are not retired, of hosts that can be rented on now, and of hosts by state."""

    total: int
    available: int
    by_state: dict[HostState, int]


class OccupancyView(View):
    """Leased and offered capacity. Memory in MiB, disk in GiB."""

    vcpus_used: int
    vcpus_total: int
    memory_mib_used: int
    memory_mib_total: int
    disk_gib_used: int
    disk_gib_total: int
    gpus_used: int
    gpus_total: int


class OverviewView(View):
    """A provider's hosts at a glance."""

    hosts: HostCountsView
    occupancy: OccupancyView
    live_allocations: int
    as_of: Instant


class HostedAllocationQuery(PageQuery):
    """Filters for a provider's allocations."""

    host_id: str | None = Field(default=None, pattern=pattern(IdKind.HOST))
    state: AllocationState | None = None


class HostedAllocationView(View):
    """An allocation on one of the provider's hosts; the renter's identity is not shown.

    `earned` is the provider's share of what is posted so far.
    """

    id: str
    host_id: str
    workload_id: str
    state: AllocationState
    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: int
    gpu_model: str | None
    running_rate_nanos_per_hour: int
    stopped_rate_nanos_per_hour: int
    earned_micros: int
    currency: str
    created_at: Instant
    ended_at: Instant | None


class HostedAllocationPage(View):
    """One page of allocations on the provider's hosts, newest first."""

    items: list[HostedAllocationView]
    next_cursor: str | None
