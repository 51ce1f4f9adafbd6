"""The protocol between agent and control plane: the only package that both import.

Every agent request carries `Authorization: Bearer <JWT>`, signed with the host's Ed25519 key (EdDSA), with the claims
of `AgentClaims`. Bodies are the models below. Both sides may be one `PROTOCOL_VERSION` apart (docs/agent-protocol.md).

    messages   base of all messages       heartbeats  heartbeats and their answers
    signing    tokens and body hashes     telemetry   metrics, health checks, logs
    hosts      inventory and enrollment   self_tests  self-tests, drain and retirement
    kinds      kinds of workload, ids     instants, texts, net_addresses
    workloads  workloads and commands                 times, texts and addresses from outside
    vms        specs and proofs of VMs    protocol    protocol version
"""

from sharemtc.wire.heartbeats import (
    Heartbeat,
    HeartbeatAnswer,
    HeartbeatProblem,
    PaidWorkload,
)
from sharemtc.wire.hosts import (
    MAX_GPUS,
    Accelerator,
    Capability,
    CapabilityName,
    Capacity,
    EnrollAnswer,
    EnrollRequest,
    Figures,
    Gpu,
    Inventory,
)
from sharemtc.wire.instants import GivenInstant
from sharemtc.wire.kinds import Proof, Spec, WorkloadId, WorkloadKind, kind_of
from sharemtc.wire.messages import (
    MAX_BODY_BYTES,
    Answer,
    CommandId,
    GpuUuid,
    HostId,
    Text,
    Wire,
)
from sharemtc.wire.net_addresses import ConnectAddress, connect_address, is_loopback
from sharemtc.wire.protocol import PROTOCOL_VERSION
from sharemtc.wire.self_tests import (
    Farewell,
    HostStateAnswer,
    RetireReceipt,
    SelfTest,
    SelfTestCheck,
    Verdict,
)
from sharemtc.wire.signing import (
    AGENT_AUDIENCE,
    ENROLL_SUBJECT,
    MAX_TOKEN_AGE_S,
    AgentClaims,
    body_hash,
)
from sharemtc.wire.telemetry import (
    GZIP_TYPE,
    MAX_HEALTH_CHECKS,
    MAX_LOG_LINES,
    MAX_POINTS,
    MAX_UNPACKED_BYTES,
    HealthReport,
    LogLine,
    MetricPoint,
    MetricType,
    ResourceId,
    TelemetryAnswer,
    TelemetryBatch,
)
from sharemtc.wire.texts import LenientText, TextRule, clean_text, holds_private_key
from sharemtc.wire.vms import LARGEST_VM, VmProof, VmSpec
from sharemtc.wire.workloads import (
    Command,
    CommandResult,
    Commands,
    Failure,
    Phase,
    Progress,
    Received,
    UnsupportedCommand,
    Verb,
    Workload,
    WorkloadState,
)

__all__ = [
    "AGENT_AUDIENCE",
    "ENROLL_SUBJECT",
    "GZIP_TYPE",
    "LARGEST_VM",
    "MAX_BODY_BYTES",
    "MAX_GPUS",
    "MAX_HEALTH_CHECKS",
    "MAX_LOG_LINES",
    "MAX_POINTS",
    "MAX_TOKEN_AGE_S",
    "MAX_UNPACKED_BYTES",
    "PROTOCOL_VERSION",
    "Accelerator",
    "AgentClaims",
    "Answer",
    "Capability",
    "CapabilityName",
    "Capacity",
    "Command",
    "CommandId",
    "CommandResult",
    "Commands",
    "ConnectAddress",
    "EnrollAnswer",
    "EnrollRequest",
    "Failure",
    "Farewell",
    "Figures",
    "GivenInstant",
    "Gpu",
    "GpuUuid",
    "HealthReport",
    "Heartbeat",
    "HeartbeatAnswer",
    "HeartbeatProblem",
    "HostId",
    "HostStateAnswer",
    "Inventory",
    "LenientText",
    "LogLine",
    "MetricPoint",
    "MetricType",
    "PaidWorkload",
    "Phase",
    "Progress",
    "Proof",
    "Received",
    "ResourceId",
    "RetireReceipt",
    "SelfTest",
    "SelfTestCheck",
    "Spec",
    "TelemetryAnswer",
    "TelemetryBatch",
    "Text",
    "TextRule",
    "UnsupportedCommand",
    "Verb",
    "Verdict",
    "VmProof",
    "VmSpec",
    "Wire",
    "Workload",
    "WorkloadId",
    "WorkloadKind",
    "WorkloadState",
    "body_hash",
    "clean_text",
    "connect_address",
    "holds_private_key",
    "is_loopback",
    "kind_of",
]
