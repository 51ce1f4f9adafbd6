"""What is sent and answered by several groups. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from sharemtc.wire import Accelerator, CapabilityName, Verb, Verdict
from sharemtc_client.schemas import Body, OpenEnum, View

__all__ = [
    "Amounts",
    "AuditEvent",
    "AuditVerdict",
    "CapabilityView",
    "CapacityChange",
    "CapacityReport",
    "CapacityView",
    "CheckResult",
    "CloudType",
    "CommandOutcome",
    "DeviceState",
    "DeviceView",
    "Devices",
    "EventPage",
    "EventReason",
    "EventResource",
    "EventType",
    "EventView",
    "FiguresView",
    "FreeView",
    "FundsLow",
    "GpuPriceView",
    "GpuView",
    "HeartbeatGap",
    "HostAction",
    "HostCountsView",
    "HostState",
    "HostView",
    "MaintenanceSet",
    "MaintenanceView",
    "MaintenanceWindow",
    "MassSilence",
    "NetworkView",
    "OccupancyView",
    "PointView",
    "Presence",
    "PricesVersion",
    "PricesView",
    "ProviderState",
    "ProviderTier",
    "ProviderView",
    "ReliabilityView",
    "SaleState",
    "SaleView",
    "SelfTestCheckView",
    "SelfTestView",
    "StateReason",
    "Status",
    "UnavailableReason",
    "UnbilledTime",
]


class AuditEvent(OpenEnum):
    """Security events of accounts, and operators' decisions."""

    ACCOUNT_REGISTERED = "account.registered"
    ACCOUNT_DELETED = "account.deleted"
    SIGN_IN_SUCCEEDED = "sign_in.succeeded"
    SIGN_IN_FAILED = "sign_in.failed"
    OPERATOR_SIGN_IN_SUCCEEDED = "operator_sign_in.succeeded"
    OPERATOR_SIGN_IN_FAILED = "operator_sign_in.failed"
    OPERATOR_SIGN_IN_LIMITED = "operator_sign_in.limited"
    EMAIL_PROVEN = "email.proven"
    GOOGLE_LINKED = "google.linked"
    SESSION_TOKEN_REUSED = "session.token_reused"
    SESSION_REVOKED = "session.revoked"
    PASSWORD_CHANGED = "password.changed"
    PASSWORD_RESET_ASKED = "password.reset_asked"
    PASSWORD_RESET = "password.reset"
    SSH_KEY_ADDED = "ssh_key.added"
    SSH_KEY_REMOVED = "ssh_key.removed"
    API_KEY_CREATED = "api_key.created"
    API_KEY_FIRST_USED = "api_key.first_used"
    API_KEY_REVOKED = "api_key.revoked"
    PROVIDER_CREATED = "provider.created"
    PROVIDER_CHANGED = "provider.changed"
    HOST_CHANGED = "host.changed"
    HOST_DECLARED_LOST = "host.declared_lost"
    ENROLLMENT_CODE_ISSUED = "enrollment_code.issued"
    RISK_ACKNOWLEDGED = "risk.acknowledged"


class CloudType(OpenEnum):
    """`secure`: a host in a data centre that operators have verified."""

    COMMUNITY = "community"
    SECURE = "secure"


class DeviceState(OpenEnum):
    """Whether a GPU can be rented; `not_offered`: it is partitioned, or was never offered.

    `withheld`: it is offered and not leased, but partitioned since, or its driver does not respond.
    """

    FREE = "free"
    LEASED = "leased"
    WITHHELD = "withheld"
    NOT_OFFERED = "not_offered"


class EventReason(OpenEnum):
    """Why it happened. The reasons of host state changes are a subset."""

    USER = "user"
    PROVIDER = "provider"
    OPERATOR = "operator"
    AGENT = "agent"
    DISPATCHED = "dispatched"
    PROGRESS = "progress"
    PROVED = "proved"
    COMMAND_FAILED = "command_failed"
    MISSING_ON_HOST = "missing_on_host"
    STOPPED_BY_ITSELF = "stopped_by_itself"
    NOT_ON_HOST = "not_on_host"
    ENROLLMENT_CODE = "enrollment_code"
    ENROLLED = "enrolled"
    HEARTBEAT = "heartbeat"
    SILENCE = "silence"
    MASS_SILENCE = "mass_silence"
    MAINTENANCE = "maintenance"
    MAINTENANCE_BEGAN = "maintenance_began"
    MAINTENANCE_ENDED = "maintenance_ended"
    PROVIDER_BANNED = "provider_banned"
    PROVIDER_DRAINED = "provider_drained"
    HOST_BANNED = "host_banned"
    STARTS_FAILING = "starts_failing"
    SELF_TEST = "self_test"
    KEY_COPIED = "key_copied"
    PROOF_REFUSED = "proof_refused"
    PROTOCOL_UNSUPPORTED = "protocol_unsupported"
    HEALTH_CHECK = "health_check"
    REPORTED = "reported"
    REPORTED_LESS = "reported_less"
    NOT_REPORTED = "not_reported"
    PARTITIONED = "partitioned"
    DRIVER_UNREADABLE = "driver_unreadable"
    CLAIMED_ELSEWHERE = "claimed_elsewhere"
    DECLARED_LOST = "declared_lost"
    FUNDS_LOW = "funds_low"
    OTHER = "other"


class EventResource(OpenEnum):
    """The kind of resource of an event."""

    VM = "vm"
    HOST = "host"
    GPU = "gpu"
    PROVIDER = "provider"


class EventType(OpenEnum):
    """The type of an event: `<resource>.<event>`."""

    VM_ORDERED = "vm.ordered"
    VM_PLACING = "vm.placing"
    VM_PREPARING = "vm.preparing"
    VM_BOOTING = "vm.booting"
    VM_RUNNING = "vm.running"
    VM_STOPPED = "vm.stopped"
    VM_TERMINATED = "vm.terminated"
    VM_START_ORDERED = "vm.start_ordered"
    VM_STOP_ORDERED = "vm.stop_ordered"
    VM_REBOOT_ORDERED = "vm.reboot_ordered"
    VM_TERMINATE_ORDERED = "vm.terminate_ordered"
    VM_RELOCATED = "vm.relocated"
    VM_FAILED = "vm.failed"
    VM_START_FAILED = "vm.start_failed"
    VM_DELAYED = "vm.delayed"
    VM_LOST = "vm.lost"
    VM_CRASHED = "vm.crashed"
    VM_NOT_BILLED = "vm.not_billed"
    VM_FUNDS_LOW = "vm.funds_low"
    VM_HOST_LEAVING = "vm.host_leaving"
    VM_HEALTH_CRITICAL = "vm.health_critical"
    VM_HEALTH_RECOVERED = "vm.health_recovered"
    HOST_ENROLLED = "host.enrolled"
    HOST_READY = "host.ready"
    HOST_SUSPECT = "host.suspect"
    HOST_OFFLINE = "host.offline"
    HOST_MAINTENANCE = "host.maintenance"
    HOST_DRAINING = "host.draining"
    HOST_RETIRED = "host.retired"
    HOST_BANNED = "host.banned"
    HOST_CHANGED = "host.changed"
    HOST_CAPACITY_OFFERED = "host.capacity_offered"
    HOST_CAPACITY_SHORT = "host.capacity_short"
    HOST_CAPACITY_RESTORED = "host.capacity_restored"
    HOST_DEVICE_GONE = "host.device_gone"
    HOST_DEVICE_BACK = "host.device_back"
    HOST_DEVICES_REFUSED = "host.devices_refused"
    HOST_PRICES_PUBLISHED = "host.prices_published"
    HOST_MAINTENANCE_ANNOUNCED = "host.maintenance_announced"
    HOST_MAINTENANCE_WITHDRAWN = "host.maintenance_withdrawn"
    HOST_KEY_COPIED = "host.key_copied"
    HOST_PROOF_REFUSED = "host.proof_refused"
    HOST_PROTOCOL_UNSUPPORTED = "host.protocol_unsupported"
    HOST_HEALTH_CRITICAL = "host.health_critical"
    HOST_HEALTH_RECOVERED = "host.health_recovered"
    GPU_HEALTH_CRITICAL = "gpu.health_critical"
    GPU_HEALTH_RECOVERED = "gpu.health_recovered"
    PROVIDER_CHANGED = "provider.changed"
    PROVIDER_BANNED = "provider.banned"


class HostAction(OpenEnum):
    """An action that the owner may take on a host."""

    CHANGE = "change"
    SET_PRICES = "set_prices"
    DRAIN = "drain"
    RESUME = "resume"
    SET_MAINTENANCE = "set_maintenance"
    END_MAINTENANCE = "end_maintenance"
    OFFER_CAPACITY = "offer_capacity"
    RETIRE = "retire"


class HostState(OpenEnum):
    """Only a `ready` host gets new work. `suspect` and `offline` come from silence, the rest from decisions."""

    ENROLLED = "enrolled"
    READY = "ready"
    SUSPECT = "suspect"
    OFFLINE = "offline"
    MAINTENANCE = "maintenance"
    DRAINING = "draining"
    RETIRED = "retired"
    BANNED = "banned"


class Presence(OpenEnum):
    """Whether heartbeats arrive, whatever the host's state."""

    NEVER = "never"
    LIVE = "live"
    SUSPECT = "suspect"
    OFFLINE = "offline"


class ProviderState(OpenEnum):
    """A banned provider gets no enrollment codes and enrolls no hosts; its hosts are banned."""

    ACTIVE = "active"
    BANNED = "banned"


class ProviderTier(OpenEnum):
    """How far operators have verified a provider."""

    COMMUNITY = "community"
    VERIFIED = "verified"
    SECURE = "secure"


class SaleState(OpenEnum):
    """Whether workloads can be rented on a host now. `full`: it takes work but has no capacity left."""

    AVAILABLE = "available"
    FULL = "full"
    UNAVAILABLE = "unavailable"


class StateReason(OpenEnum):
    """Why a host is in its state. Free text from people is the event's `detail`."""

    ENROLLED = "enrolled"
    HEARTBEAT = "heartbeat"
    SILENCE = "silence"
    MASS_SILENCE = "mass_silence"
    PROVIDER = "provider"
    OPERATOR = "operator"
    AGENT = "agent"
    MAINTENANCE_BEGAN = "maintenance_began"
    MAINTENANCE_ENDED = "maintenance_ended"
    PROVIDER_BANNED = "provider_banned"
    PROVIDER_DRAINED = "provider_drained"
    HOST_BANNED = "host_banned"
    STARTS_FAILING = "starts_failing"
    SELF_TEST = "self_test"
    DECLARED_LOST = "declared_lost"


class Status(OpenEnum):
    """The state shown to users."""

    PENDING = "pending"
    PROVISIONING = "provisioning"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    STARTING = "starting"
    REBOOTING = "rebooting"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FAILED = "failed"
    LOST = "lost"


class UnavailableReason(OpenEnum):
    """Why a host takes no workloads: its state unless it is `ready`, else what it lacks."""

    HOST_ENROLLED = "host_enrolled"
    HOST_SUSPECT = "host_suspect"
    HOST_OFFLINE = "host_offline"
    HOST_MAINTENANCE = "host_maintenance"
    HOST_DRAINING = "host_draining"
    HOST_RETIRED = "host_retired"
    HOST_BANNED = "host_banned"
    NO_VIRTUALISATION = "no_virtualisation"
    NO_IMAGES = "no_images"
    SOLD_OUT = "sold_out"


class Amounts(View):
    """A part of a host."""

    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: int


class AuditVerdict(View):
    """Whether the chain is complete and unchanged."""

    intact: bool
    records: int
    # Keep a copy: while your chain contains it, no earlier record was changed
    head_hash: str
    first_broken_seq: int | None
    # How to recompute the chain
    format: str


class CapabilityView(View):
    """One capability of the host as tested; `detail` is the result."""

    name: CapabilityName
    available: bool
    detail: str


class CapacityChange(View):
    """The offered capacity before and after."""

    kind: Literal["capacity_change"]
    before: Amounts
    after: Amounts


class CapacityReport(View):
    """The offered capacity, the part that the host no longer reports, and the part of that which is allocated."""

    kind: Literal["capacity_report"]
    offered: Amounts
    missing: Amounts
    overdrawn: Amounts


class CapacityView(View):
    """vCPUs, memory in MiB, disk in GiB."""

    vcpus: int
    memory_mib: int
    disk_gib: int


class CheckResult(View):
    """The health check that became critical or recovered."""

    kind: Literal["check_result"]
    check: str
    status: Literal["ok", "warning", "critical"]


class CommandOutcome(View):
    """The command that a host completed or failed; `code` is the failure."""

    kind: Literal["command_outcome"]
    verb: Verb
    command_id: str | None
    code: str | None


class DeviceView(View):
    """A GPU as the host's owner sees it."""

    model: str
    vram_mib: int | None
    uuid: str
    mig: bool
    state: DeviceState
    driver_version: str
    cuda_version: str


class Devices(View):
    """The devices that disappeared, came back or were refused; `last_reported_at` is set when they disappeared."""

    kind: Literal["devices"]
    uuids: tuple[str, ...]
    last_reported_at: datetime | None


class EventPage(View):
    """One page of a resource's events, newest first."""

    items: tuple[EventView, ...]
    next_cursor: str | None


class EventView(View):
    """One event."""

    id: str
    type: EventType
    resource_type: EventResource
    resource_id: str
    reason: EventReason
    actor: str
    # Text for people; programs use `data`
    detail: str
    data: (
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
        | FundsLow
        | dict[str, JsonValue]
        | None
    )
    # RFC 3339, UTC, milliseconds
    at: datetime


class FiguresView(View):
    """The host's load in its last heartbeat."""

    # RFC 3339, UTC, milliseconds
    captured_at: datetime
    cpu_used_percent: float
    load_1m: float
    memory_used_mib: int
    disk_used_gib: int


class FreeView(View):
    """Capacity with its number of GPUs."""

    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: int


class FundsLow(View):
    """When the balance for a stopped machine's disk runs out; the machine is terminated shortly before."""

    kind: Literal["funds_low"]
    # RFC 3339, UTC, milliseconds
    ends_at: datetime


class GpuPriceView(View):
    """The hourly price of one GPU of a model, in nano-USD."""

    model: str
    nanos_per_hour: int


class GpuView(View):
    """A GPU as renters see it; `vram_mib` is null when it shares the host's memory."""

    model: str
    vram_mib: int | None


class HeartbeatGap(View):
    """The last heartbeat before the host went silent, or before the heartbeat that ended the silence."""

    kind: Literal["heartbeat_gap"]
    # RFC 3339, UTC, milliseconds
    last_heartbeat_at: datetime


class HostCountsView(View):
    """Numbers of hosts that are not retired, of hosts that can be rented on now, and of hosts by state."""

    total: int
    available: int
    by_state: dict[str, int]


class HostView(View):
    """A host as its owner sees it.

    `presence` tells whether heartbeats arrive, whatever the state. `reported` is what the host could sell; the
    action `offer_capacity` offers it (`sellable`). `withheld` is offered but not for sale while the host reports
    less. `actions` are the actions possible now.
    """

    id: str
    name: str
    region: str
    cloud_type: CloudType
    state: HostState
    unavailable_reason: UnavailableReason | None
    sale: SaleView
    cpu_model: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    gpus: tuple[GpuView, ...]
    network: NetworkView
    accelerator: Accelerator | None
    images: tuple[str, ...]
    sellable: CapacityView
    free: FreeView
    prices: PricesView
    figures: FiguresView | None
    last_heartbeat_at: datetime | None
    # Start of the observation; the first score follows within an hour
    enrolled_at: datetime
    reliability: ReliabilityView | None
    currency: str
    os: str
    kernel: str
    agent_version: str
    platform: str
    arch: str
    accelerator_note: str
    gpu_note: str
    state_reason: StateReason
    # RFC 3339, UTC, milliseconds
    state_at: datetime
    presence: Presence
    labels: dict[str, str]
    capabilities: tuple[CapabilityView, ...]
    devices: tuple[DeviceView, ...]
    reported: FreeView
    withheld: FreeView
    self_test: SelfTestView | None
    maintenance: MaintenanceView | None
    actions: tuple[HostAction, ...]
    version: int


class MaintenanceSet(Body):
    """A maintenance window of at most 30 days, in which the host takes no new work. Running workloads continue."""

    # RFC 3339, in the years 2000 to 2200; kept in UTC, to the millisecond
    starts_at: datetime
    # RFC 3339, in the years 2000 to 2200; kept in UTC, to the millisecond
    ends_at: datetime
    reason: str


class MaintenanceView(View):
    """A window in which the host takes no new work; `by_operator`: only an operator may change it."""

    # RFC 3339, UTC, milliseconds
    starts_at: datetime
    # RFC 3339, UTC, milliseconds
    ends_at: datetime
    reason: str
    by_operator: bool


class MaintenanceWindow(View):
    """The announced maintenance window."""

    kind: Literal["maintenance_window"]
    # RFC 3339, UTC, milliseconds
    starts_at: datetime
    # RFC 3339, UTC, milliseconds
    ends_at: datetime


class MassSilence(View):
    """How many hosts of a group went silent together; while there are that many, none of them goes offline."""

    kind: Literal["mass_silence"]
    group: str
    silent: int
    hosts: int


class NetworkView(View):
    """The host's network: link speed if known, egress for workloads, and the options that it offers."""

    mbps: int | None
    egress: bool
    volume: bool
    global_networking: bool


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


class PointView(View):
    """One point: a measurement, or the mean of the step that starts at `captured_at`."""

    # RFC 3339, UTC, milliseconds
    captured_at: datetime
    value: float
    min: float
    max: float
    samples: int


class PricesVersion(View):
    """The published version of the price book, and when it takes effect."""

    kind: Literal["prices_version"]
    version: int
    # RFC 3339, UTC, milliseconds
    effective_at: datetime


class PricesView(View):
    """Hourly prices of each unit, in nano-USD. A GPU model that is not listed is not for sale."""

    vcpu_nanos_per_hour: int
    memory_gib_nanos_per_hour: int
    disk_gib_nanos_per_hour: int
    network_100mbps_nanos_per_hour: int
    gpus: tuple[GpuPriceView, ...]


class ProviderView(View):
    """A provider. `version` is 0 for a user who is not a provider yet."""

    id: str
    display_name: str
    tier: ProviderTier
    state: ProviderState
    state_reason: str
    # Whether operators drain all of its hosts
    draining: bool
    # RFC 3339, UTC, milliseconds
    created_at: datetime
    version: int


class ReliabilityView(View):
    """The host's reliability over the last `window_days`, computed hourly. See docs/reliability.md."""

    score_percent: float
    window_days: int
    uptime_percent: float
    downtimes: int
    interruptions: int
    # Observed for less than seven days
    provisional: bool


class SaleView(View):
    """Whether workloads can be rented on a host now; if not, the reason, and since when if that is known."""

    state: SaleState
    reason: UnavailableReason | None
    since: datetime | None


class SelfTestCheckView(View):
    """One check. `value` is the measured figure, in `unit`, if there is one."""

    name: str
    verdict: Verdict
    detail: str
    value: float | None
    unit: str


class SelfTestView(View):
    """A self-test as the host reported it; `verdict` is the worst of its checks."""

    id: str
    verdict: Verdict
    # RFC 3339, UTC, milliseconds
    started_at: datetime
    # RFC 3339, UTC, milliseconds
    finished_at: datetime
    # RFC 3339, UTC, milliseconds
    received_at: datetime
    agent_version: str
    checks: tuple[SelfTestCheckView, ...]


class UnbilledTime(View):
    """A period that was not billed because no heartbeat proves it, and what it would have cost."""

    kind: Literal["unbilled_time"]
    # RFC 3339, UTC, milliseconds
    started_at: datetime
    # RFC 3339, UTC, milliseconds
    ended_at: datetime
    amount_micros: int
