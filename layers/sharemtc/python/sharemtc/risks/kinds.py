"""The kinds of risk, how bad one is, and what has become of it."""

from __future__ import annotations

from enum import StrEnum

from sharemtc.ids import IdKind, kind_of, label_of
from sharemtc.wire.kinds import WorkloadKind


class RiskKind(StrEnum):
    """What a rule over real data can find."""

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
    """`info` may wait, `warning` wants a look today, `critical` harms someone now."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class RiskState(StrEnum):
    """open → acknowledged → resolved; a resolved one that is seen again opens again, as does one that grew worse."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


RANK = {severity: rank for rank, severity in enumerate(Severity)}
UNRESOLVED = frozenset({RiskState.OPEN, RiskState.ACKNOWLEDGED})

# a risk finds a user as a provider, and a GPU as a part of a host
_OTHER_WORDS: dict[IdKind | WorkloadKind, str] = {IdKind.USER: "provider", IdKind.GPU: "device"}


def resource_type_of(resource_id: str) -> str:
    """`host` for `hst_…`, `device` for a GPU's UUID; `region` for `region:eu-1`."""
    name, colon, _ = resource_id.partition(":")
    if colon:
        return name
    kind = kind_of(resource_id)
    return "other" if kind is None else _OTHER_WORDS.get(kind, label_of(kind))
