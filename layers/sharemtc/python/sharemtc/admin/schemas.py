"""What goes in and out over HTTP for the fleet: figures for operators and providers, acts on providers and hosts."""

from sharemtc.schemas import Instant, View
from sharemtc.supply.schemas import HostCountsView
from sharemtc.workloads.states import Status


class CapacityTotalsView(View):
    """What hosts that take part offer, and what of it can be rented now: on ready hosts. Memory in MiB, disk in GiB."""

    vcpus_total: int
    vcpus_free: int
    memory_mib_total: int
    memory_mib_free: int
    disk_gib_total: int
    disk_gib_free: int
    gpus_total: int
    gpus_free: int


class LiveCountView(View):
    """How many are live."""

    live: int


class OpenRisksView(View):
    """Risks that are not resolved, and how many of them are critical."""

    open: int
    critical: int


class StartingCreditsView(View):
    """What new accounts get: `given_today` of at most `per_day` on a UTC day, and whether they prove their address."""

    amount_micros: int
    needs_proof: bool
    given_today: int
    per_day: int


class StatsView(View):
    """The platform as of `as_of`, from the records themselves.

    `workloads` counts those that are paid for by their status; `burn` is what they cost all renters together an hour.
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
