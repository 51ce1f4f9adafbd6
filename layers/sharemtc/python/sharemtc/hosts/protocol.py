"""Agents that are one protocol version older or newer than this platform; all others are refused.

What a newer agent says beyond what is known here is passed over. Rules: docs/agent-protocol.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from sharemtc.hosts import alerts
from sharemtc.http.parsing import Place, without_refused
from sharemtc.problems import Conflict
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.wire import protocol

M = TypeVar("M", bound=BaseModel)


class ProtocolUnsupported(Conflict):
    """The agent is more than one protocol version away. Nothing changes; what runs on its host runs on."""

    code, title = "protocol_unsupported", "This version of the agent is not supported"


def demand_supported(version: int) -> None:
    """Errors: `ProtocolUnsupported`, which says who has to be updated."""
    if protocol.is_supported(version):
        return
    ours = protocol.PROTOCOL_VERSION
    advice = "Update the agent." if version < ours else "This platform is older than the agent: install an older agent."
    raise ProtocolUnsupported(
        f"The agent speaks protocol version {version}, this platform version {ours}. {advice}", protocol_version=ours
    )


def demand_supported_host(host_id: str, version: int) -> None:
    """The same for a host that takes part; its owner and the operators are told."""
    try:
        demand_supported(version)
    except ProtocolUnsupported as error:
        alerts.send(host_id, RiskKind.PROTOCOL_UNSUPPORTED, error.detail, severity=Severity.WARNING)
        raise


def accepted(host_id: str) -> None:
    """A new start of the host's agent is understood."""
    risks.resolve(RiskKind.PROTOCOL_UNSUPPORTED, host_id)


def without_unknown(model: type[M]) -> Callable[[Any], M]:
    """How a message of a newer agent is read: without the fields that are not known here.

    Errors: `Invalid`; `ProtocolUnsupported` before anything else is read of a version that is not supported.
    """

    def read(value: Any) -> M:
        version = value.get("protocol_version") if isinstance(value, dict) else None
        if type(version) is int:
            demand_supported(version)
        found, _ = without_refused(model, value, _unknown_part)
        assert found is not None  # a part that is missing makes it none
        return found

    return read


def _unknown_part(place: Place, code: str) -> Place | None:
    if code == "extra_forbidden":
        return place
    # an ability that is not known here, in the inventory of a host that enrolls
    if code == "enum" and place[:2] == ("inventory", "capabilities") and place[3:] == ("name",):
        return place[:3]
    return None
