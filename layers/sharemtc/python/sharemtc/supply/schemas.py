"""A provider's hosts and allocations as the API shows them."""

from pydantic import Field

from sharemtc.allocations.states import AllocationState
from sharemtc.hosts.states import HostState
from sharemtc.ids import IdKind, pattern
from sharemtc.schemas import Instant, PageQuery, View


class HostCountsView(View):
    """How many hosts that are not retired, on how many something can be rented now, and how many in each state."""

    total: int
    available: int
    by_state: dict[HostState, int]


class OccupancyView(View):
    """What is rented of what is offered. Memory in MiB, disk in GiB."""

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
    """Which allocations."""

    host_id: str | None = Field(default=None, pattern=pattern(IdKind.HOST))
    state: AllocationState | None = None


class HostedAllocationView(View):
    """A slice of one of the provider's hosts that someone rents or rented. Who, is not the provider's to know.

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
