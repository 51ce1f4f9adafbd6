"""Platform figures in the API."""

from sharemtc.schemas import Instant, View
from sharemtc.supply.schemas import HostCountsView
from sharemtc.workloads.states import Status


class CapacityTotalsView(View):
    """Capacity of hosts that are neither retired nor banned, and free capacity of ready ones.

    Memory in MiB, disk in GiB.
    """

    vcpus_total: int
    vcpus_free: int
    memory_mib_total: int
    memory_mib_free: int
    disk_gib_total: int
    disk_gib_free: int
    gpus_total: int
    gpus_free: int


class LiveCountView(View):
    live: int


class OpenRisksView(View):
    """Risks that are not resolved, and how many of them are critical."""

    open: int
    critical: int


class StartingCreditsView(View):
    """The credit of new accounts, `given_today` of at most `per_day` on a UTC day.

    `needs_proof`: it is given once the address is verified.
    """

    amount_micros: int
    needs_proof: bool
    given_today: int
    per_day: int


class StatsView(View):
    """The platform's figures at `as_of`.

    `workloads` counts those that are billed, by status; `burn` is their total cost per hour.
    """

    users: int
    providers: int
    hosts: HostCountsView
    capacity: CapacityTotalsView
    allocations: LiveCountView
    workloads: dict[Status, int]
    burn_nanos_per_hour: int
    risks: OpenRisksView
    starting_credits: StartingCreditsView
    currency: str
    as_of: Instant
