"""The kinds, severities and states of risks."""

from __future__ import annotations

from enum import StrEnum

from sharemtc.ids import IdKind, kind_of, label_of
from sharemtc.wire.kinds import WorkloadKind


class RiskKind(StrEnum):
    """What a rule can find."""

    DEVICE_CLAIMED_TWICE = "device_claimed_twice"
    DEVICE_GONE = "device_gone"
    CAPACITY_SHORT = "capacity_short"
    STARTS_FAILING = "starts_failing"
    KEY_COPIED = "key_copied"
    MASS_SILENCE = "mass_silence"
    HOST_SILENT = "host_silent"
    SELF_TEST_FAILED = "self_test_failed"
    CLOCK_SKEW = "clock_skew"
    PRICE_OUTLIER = "price_outlier"
    ENROLLMENT_GUESSING = "enrollment_guessing"
    PROOF_REFUSED = "proof_refused"
    PROTOCOL_UNSUPPORTED = "protocol_unsupported"
    METER_LEFT_OPEN = "meter_left_open"


class Severity(StrEnum):
    """`info` can wait, `warning` needs a look today, `critical` does harm now."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class RiskState(StrEnum):
    """open → acknowledged → resolved. Opens again when a resolved risk is seen again, or its severity rises."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


RANK = {severity: rank for rank, severity in enumerate(Severity)}
UNRESOLVED = frozenset({RiskState.OPEN, RiskState.ACKNOWLEDGED})

# risks concern users as providers, and GPUs as devices of a host
_OTHER_NAMES: dict[IdKind | WorkloadKind, str] = {IdKind.USER: "provider", IdKind.GPU: "device"}


def resource_type_of(resource_id: str) -> str:
    """`host` for `hst_…`, `device` for a GPU's UUID; `region` for `region:eu-1`."""
    name, colon, _ = resource_id.partition(":")
    if colon:
        return name
    kind = kind_of(resource_id)
    return "other" if kind is None else _OTHER_NAMES.get(kind, label_of(kind))
