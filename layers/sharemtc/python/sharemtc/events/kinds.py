"""The types, resources and reasons of events."""

from __future__ import annotations

from enum import StrEnum

from sharemtc.ids import kind_of
from sharemtc.wire.kinds import WorkloadKind


class EventResource(StrEnum):
    """The kind of resource of an event."""

    VM = "vm"
    HOST = "host"
    GPU = "gpu"
    PROVIDER = "provider"


class WorkloadEvent(StrEnum):
    """Events of every kind of workload; their types are `<kind>.<event>`."""

    ORDERED = "ordered"
    PLACING = "placing"
    PREPARING = "preparing"
    BOOTING = "booting"
    RUNNING = "running"
    STOPPED = "stopped"
    TERMINATED = "terminated"
    START_ORDERED = "start_ordered"
    STOP_ORDERED = "stop_ordered"
    REBOOT_ORDERED = "reboot_ordered"
    TERMINATE_ORDERED = "terminate_ordered"
    RELOCATED = "relocated"
    FAILED = "failed"
    START_FAILED = "start_failed"
    DELAYED = "delayed"
    LOST = "lost"
    CRASHED = "crashed"
    NOT_BILLED = "not_billed"
    FUNDS_LOW = "funds_low"
    HOST_LEAVING = "host_leaving"
    HEALTH_CRITICAL = "health_critical"
    HEALTH_RECOVERED = "health_recovered"


class EventType(StrEnum):
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

    @classmethod
    def of_workload(cls, workload_id: str, what: WorkloadEvent) -> EventType:
        return cls(f"{kind_of(workload_id)}.{what}")

    @property
    def resource(self) -> EventResource:
        return EventResource(self.partition(".")[0])


def of_any_workload(*whats: WorkloadEvent) -> frozenset[EventType]:
    return frozenset(EventType(f"{kind}.{what}") for kind in WorkloadKind for what in whats)


class EventReason(StrEnum):
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
