"""The operations under /v1/admin. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime

from sharemtc.wire import MetricType
from sharemtc_client.calls import Call, segment
from sharemtc_client.models.admin import (
    DecisionPage,
    HostDecision,
    HostLoss,
    InstallCommandView,
    ProviderChange,
    ProviderCreate,
    ProviderDetailView,
    ProviderEnrollmentCodeCreate,
    ProviderEnrollmentCodeView,
    ProviderPage,
    ProviderSeriesView,
    RiskAcknowledge,
    RiskKind,
    RiskPage,
    RiskState,
    RiskView,
    Severity,
    StatsView,
)
from sharemtc_client.models.shared import AuditVerdict, HostView, ProviderState, ProviderTier, ProviderView


def acknowledge_risk(risk_id: str, body: RiskAcknowledge, *, if_match: int | str | None = None) -> Call[RiskView]:
    """Acknowledge a risk.

    Errors: `not_found`, `risk_resolved`, `precondition_failed`, `storage_full`.
    """
    return Call("POST", f"/v1/admin/risks/{segment(risk_id)}/acknowledge", RiskView, body=body, if_match=if_match)


def change_provider(
    provider_id: str, body: ProviderChange, *, if_match: int | str | None = None
) -> Call[ProviderDetailView]:
    """Change a provider's tier, drain it or ban it.

    The change applies to its hosts. Hosts of a banned provider cannot enroll and get no new workloads. Running
    workloads are not killed: the host drains, renters are notified, and it is banned when the last one has ended.

    Errors: `not_found`, `precondition_failed`, `storage_full`.
    """
    return Call(
        "PATCH", f"/v1/admin/providers/{segment(provider_id)}", ProviderDetailView, body=body, if_match=if_match
    )


def create_provider(body: ProviderCreate, *, idempotency_key: str | None = None) -> Call[ProviderView]:
    """Make a user a provider.

    Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `provider_known`, `storage_full`.
    """
    return Call("POST", "/v1/admin/providers/", ProviderView, body=body, keyed=True, idempotency_key=idempotency_key)


def create_provider_enrollment_code(
    body: ProviderEnrollmentCodeCreate, *, idempotency_key: str | None = None
) -> Call[ProviderEnrollmentCodeView]:
    """Create an enrollment code for a provider.

    The code enrolls one host. Without `provider_id` it is for yourself.

    Errors: `not_found`, `idempotency_key_in_use`, `idempotency_key_reused`, `too_many_hosts`, `storage_full`.
    """
    return Call(
        "POST",
        "/v1/admin/agent/enrollment-codes",
        ProviderEnrollmentCodeView,
        body=body,
        keyed=True,
        idempotency_key=idempotency_key,
    )


def decide_for_host(host_id: str, body: HostDecision, *, if_match: int | str | None = None) -> Call[HostView]:
    """Set a host's maintenance window, drain it, ban it, or (admins) set its cloud type.

    A banned host gets no new workloads. Running workloads are not killed: the host drains, renters are notified,
    and it is banned when the last workload has ended.

    Errors: `not_found`, `host_ended`, `precondition_failed`, `storage_full`.
    """
    return Call("PATCH", f"/v1/admin/hosts/{segment(host_id)}", HostView, body=body, if_match=if_match)


def declare_host_lost(host_id: str, body: HostLoss) -> Call[HostView]:
    """Declare an offline host lost.

    It gets no new workloads. Within a minute its workloads end, billed up to the last proven second, renters are
    notified, and the host is retired.

    Errors: `not_found`, `host_ended`, `host_heard`, `storage_full`.
    """
    return Call("POST", f"/v1/admin/hosts/{segment(host_id)}/declare-lost", HostView, body=body)


def get_stats() -> Call[StatsView]:
    """Get the platform's figures.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/admin/stats", StatsView)


def list_decisions(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    operator_id: str | None = None,
    resource_id: str | None = None,
) -> Call[DecisionPage]:
    """List operators' decisions, newest first.

    Errors: `storage_full`.
    """
    return Call(
        "GET",
        "/v1/admin/audit",
        DecisionPage,
        query={"limit": limit, "cursor": cursor, "operator_id": operator_id, "resource_id": resource_id},
    )


def list_providers(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    state: ProviderState | None = None,
    tier: ProviderTier | None = None,
    search: str | None = None,
) -> Call[ProviderPage]:
    """List the providers with their totals.

    Errors: `storage_full`.
    """
    return Call(
        "GET",
        "/v1/admin/providers/",
        ProviderPage,
        query={"limit": limit, "cursor": cursor, "state": state, "tier": tier, "search": search},
    )


def list_risks(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    state: RiskState | None = None,
    severity: Severity | None = None,
    kind: RiskKind | None = None,
) -> Call[RiskPage]:
    """List risks, newest first.

    Without `state`: all that are not resolved.

    Errors: `storage_full`.
    """
    return Call(
        "GET",
        "/v1/admin/risks",
        RiskPage,
        query={"limit": limit, "cursor": cursor, "state": state, "severity": severity, "kind": kind},
    )


def read_install_command() -> Call[InstallCommandView]:
    """Get the command that enrolls a host, with a placeholder for the enrollment code.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/admin/agent/install-command", InstallCommandView)


def read_provider(provider_id: str, *, limit: int | None = None, cursor: str | None = None) -> Call[ProviderDetailView]:
    """Get a provider with its hosts.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        f"/v1/admin/providers/{segment(provider_id)}",
        ProviderDetailView,
        query={"limit": limit, "cursor": cursor},
    )


def read_provider_metrics(
    provider_id: str,
    *,
    metric_type: MetricType,
    from_: datetime | None = None,
    to: datetime | None = None,
    limit: int | None = None,
) -> Call[ProviderSeriesView]:
    """Get one metric over all of a provider's hosts.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        f"/v1/admin/providers/{segment(provider_id)}/metrics",
        ProviderSeriesView,
        query={"metric_type": metric_type, "from": from_, "to": to, "limit": limit},
    )


def verify_decisions(*, month: str | None = None) -> Call[AuditVerdict]:
    """Verify the chain of a month's decisions.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/admin/audit/verify", AuditVerdict, query={"month": month})
