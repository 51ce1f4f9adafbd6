"""Protocol versions: agents one version older or newer are supported, all others refused.

Unknown fields from newer agents are ignored. Rules: docs/agent-protocol.md.
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
    """The agent is more than one protocol version away. Nothing changes; the host's workloads run on."""

    code, title = "protocol_unsupported", "This version of the agent is not supported"


def demand_supported(version: int) -> None:
    """Errors: `ProtocolUnsupported`, saying which side to update."""
    if protocol.is_supported(version):
        return
    ours = protocol.PROTOCOL_VERSION
    advice = "Update the agent." if version < ours else "The platform is older than the agent: install an older agent."
    raise ProtocolUnsupported(
        f"The agent uses protocol version {version}, the platform version {ours}. {advice}", protocol_version=ours
    )


def demand_supported_host(host_id: str, version: int) -> None:
    """The same for an enrolled host; its owner and operators are notified."""
    try:
        demand_supported(version)
    except ProtocolUnsupported as error:
        alerts.send(host_id, RiskKind.PROTOCOL_UNSUPPORTED, error.detail, severity=Severity.WARNING)
        raise


def resolve_unsupported(host_id: str) -> None:
    risks.resolve(RiskKind.PROTOCOL_UNSUPPORTED, host_id)


def without_unknown(model: type[M]) -> Callable[[Any], M]:
    """A reader of newer agents' messages that ignores unknown fields.

    Errors: `Invalid`; `ProtocolUnsupported` before anything but the version is read.
    """

    def read(value: Any) -> M:
        version = protocol.version_in(value)
        if version is not None:
            demand_supported(version)
        found, _ = without_refused(model, value, _unknown_part)
        assert found is not None  # a missing part raises
        return found

    return read


def _unknown_part(place: Place, code: str) -> Place | None:
    if code == "extra_forbidden":
        return place
    # an unknown capability in the inventory of an enrolling host
    if code == "enum" and place[:2] == ("inventory", "capabilities") and place[3:] == ("name",):
        return place[:3]
    return None
