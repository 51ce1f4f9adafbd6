"""The structured data of events, one model per kind. Programs read this, never the text."""

from typing import Annotated, Literal

from pydantic import Field

from sharemtc.events.kinds import EventType, WorkloadEvent, of_any_workload
from sharemtc.schemas import Instant, View
from sharemtc.wire import Verb


class HeartbeatGap(View):
    """The last heartbeat before the host went silent, or before the heartbeat that ended the silence."""

    kind: Literal["heartbeat_gap"] = "heartbeat_gap"
    last_heartbeat_at: Instant


class MassSilence(View):
    """How many hosts of a group went silent together; while there are that many, none of them goes offline."""

    kind: Literal["mass_silence"] = "mass_silence"
    group: str
    silent: int
    hosts: int


class MaintenanceWindow(View):
    """The announced maintenance window."""

    kind: Literal["maintenance_window"] = "maintenance_window"
    starts_at: Instant
    ends_at: Instant


class Amounts(View):
    """A part of a host."""

    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: int


class CapacityChange(View):
    """The offered capacity before and after."""

    kind: Literal["capacity_change"] = "capacity_change"
    before: Amounts
    after: Amounts


class CapacityReport(View):
    """The offered capacity, the part that the host no longer reports, and the part of that which is allocated."""

    kind: Literal["capacity_report"] = "capacity_report"
    offered: Amounts
    missing: Amounts
    overdrawn: Amounts


class Devices(View):
    """The devices that disappeared, came back or were refused; `last_reported_at` is set when they disappeared."""

    kind: Literal["devices"] = "devices"
    uuids: list[str]
    last_reported_at: Instant | None


class PricesVersion(View):
    """The published version of the price book, and when it takes effect."""

    kind: Literal["prices_version"] = "prices_version"
    version: int
    effective_at: Instant


class CheckResult(View):
    """The health check that became critical or recovered."""

    kind: Literal["check_result"] = "check_result"
    check: str
    status: Literal["ok", "warning", "critical"]


class CommandOutcome(View):
    """The command that a host completed or failed; `code` is the failure."""

    kind: Literal["command_outcome"] = "command_outcome"
    verb: Verb
    command_id: str | None
    code: str | None


class UnbilledTime(View):
    """A period that was not billed because no heartbeat proves it, and what it would have cost."""

    kind: Literal["unbilled_time"] = "unbilled_time"
    started_at: Instant
    ended_at: Instant
    amount_micros: int


class FundsLow(View):
    """When the balance for a stopped machine's disk runs out; the machine is terminated shortly before."""

    kind: Literal["funds_low"] = "funds_low"
    ends_at: Instant


EventData = Annotated[
    HeartbeatGap
    | MassSilence
    | MaintenanceWindow
    | CapacityChange
    | CapacityReport
    | Devices
    | PricesVersion
    | CheckResult
    | CommandOutcome
    | UnbilledTime
    | FundsLow,
    Field(discriminator="kind"),
]

_SILENCES = frozenset(
    {
        EventType.HOST_READY, EventType.HOST_MAINTENANCE, EventType.HOST_SUSPECT, EventType.HOST_OFFLINE,
    }
)  # fmt: skip
_COMMANDS = of_any_workload(
    WorkloadEvent.RUNNING, WorkloadEvent.STOPPED, WorkloadEvent.TERMINATED, WorkloadEvent.RELOCATED,
    WorkloadEvent.FAILED, WorkloadEvent.START_FAILED, WorkloadEvent.DELAYED,
)  # fmt: skip
_CHECKS = frozenset(one for one in EventType if one.endswith((".health_critical", ".health_recovered")))

# the events that may carry each kind of data
CARRIED_BY: dict[type[View], frozenset[EventType]] = {
    HeartbeatGap: _SILENCES,
    MassSilence: frozenset({EventType.HOST_SUSPECT}),
    MaintenanceWindow: frozenset({EventType.HOST_MAINTENANCE_ANNOUNCED}),
    CapacityChange: frozenset({EventType.HOST_CAPACITY_OFFERED}),
    CapacityReport: frozenset({EventType.HOST_CAPACITY_SHORT, EventType.HOST_CAPACITY_RESTORED}),
    Devices: frozenset({EventType.HOST_DEVICE_GONE, EventType.HOST_DEVICE_BACK, EventType.HOST_DEVICES_REFUSED}),
    PricesVersion: frozenset({EventType.HOST_PRICES_PUBLISHED}),
    CheckResult: _CHECKS,
    CommandOutcome: _COMMANDS,
    UnbilledTime: of_any_workload(WorkloadEvent.NOT_BILLED, WorkloadEvent.LOST),
    FundsLow: of_any_workload(WorkloadEvent.FUNDS_LOW),
}
