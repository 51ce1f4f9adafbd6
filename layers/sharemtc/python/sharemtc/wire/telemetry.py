"""Telemetry: a host's measurements since its last batch, sent separately from heartbeats and possibly late."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from sharemtc.wire.instants import GivenInstant
from sharemtc.wire.messages import Answer, Wire
from sharemtc.wire.texts import LenientText

MAX_POINTS = 500
MAX_HEALTH_CHECKS = 100
MAX_LOG_LINES = 200
# Content-Type of a gzipped batch. Not `Content-Encoding`: a gateway may decompress that, and the signature would no
# longer match the body
GZIP_TYPE = "application/gzip"
# the decompressed size limit of a gzipped batch
MAX_UNPACKED_BYTES = 1024 * 1024

ResourceId = Annotated[str, Field(max_length=64, pattern=r"^(hst_|vm_|pod_|GPU-)[0-9A-Za-z-]{1,60}$")]


class MetricType(StrEnum):
    """What is measured, unit last. Rates are means since the previous sample; counters are never sent."""

    CPU_USED_PERCENT = "cpu_used_percent"
    LOAD_1M = "load_1m"
    MEMORY_USED_MIB = "memory_used_mib"
    DISK_USED_GIB = "disk_used_gib"
    DISK_READ_BYTES_PER_S = "disk_read_bytes_per_s"
    DISK_WRITE_BYTES_PER_S = "disk_write_bytes_per_s"
    NETWORK_RX_BYTES_PER_S = "network_rx_bytes_per_s"
    NETWORK_TX_BYTES_PER_S = "network_tx_bytes_per_s"
    GPU_USED_PERCENT = "gpu_used_percent"
    GPU_MEMORY_USED_MIB = "gpu_memory_used_mib"
    GPU_TEMPERATURE_C = "gpu_temperature_c"
    GPU_POWER_W = "gpu_power_w"
    GPU_PROCESSES = "gpu_processes"


class MetricPoint(Wire):
    """One measurement of the host itself (`hst_…`), of a workload on it (`vm_…`) or of a GPU in it (`GPU-…`)."""

    resource_id: ResourceId
    metric_type: MetricType
    value: float
    captured_at: GivenInstant


class HealthReport(Wire):
    """The outcome of one check."""

    resource_id: ResourceId
    check_type: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    status: Literal["ok", "warning", "critical"]
    details: Annotated[str, LenientText(500)] = ""
    checked_at: GivenInstant


class LogLine(Wire):
    """A line of the agent's own log, without secrets."""

    at: GivenInstant
    level: Literal["debug", "info", "warning", "error"]
    source: Annotated[str, LenientText(200)]
    message: Annotated[str, LenientText(2000)]


class TelemetryBatch(Wire):
    """Measurements since the last batch, or an older batch from the spool. Idempotent by `batch_id`.

    `dropped_points` is how many the spool had to drop since the last delivered batch. The body may be gzipped, with
    `GZIP_TYPE` as its `Content-Type`; the token's hash is that of the bytes as sent.
    """

    batch_id: str = Field(pattern=r"^bat_[0-9A-HJKMNP-TV-Z]{26}$")
    metrics: tuple[MetricPoint, ...] = Field(default=(), max_length=MAX_POINTS)
    health_checks: tuple[HealthReport, ...] = Field(default=(), max_length=MAX_HEALTH_CHECKS)
    logs: tuple[LogLine, ...] = Field(default=(), max_length=MAX_LOG_LINES)
    dropped_points: int = Field(default=0, ge=0, lt=2**53)


class TelemetryAnswer(Answer):
    """The batch was accepted and may be deleted. `telemetry_interval_s` is when the next is expected.

    `flagged` names metrics with stored points that exceed the host's inventory. `unknown` names metrics and fields that
    this platform does not know, because it is older than the agent; their points are not stored.
    """

    accepted_points: int
    flagged_points: int = 0
    flagged: tuple[str, ...] = ()
    unknown_points: int = 0
    unknown: tuple[str, ...] = ()
    telemetry_interval_s: int
