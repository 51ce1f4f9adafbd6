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
    """Say that you look after it.

    Errors: `not_found`, `risk_resolved`, `precondition_failed`, `storage_full`.
    """
    return Call("POST", f"/v1/admin/risks/{segment(risk_id)}/acknowledge", RiskView, body=body, if_match=if_match)


def change_provider(
    provider_id: str, body: ProviderChange, *, if_match: int | str | None = None
) -> Call[ProviderDetailView]:
    """Decide a provider's tier, whether it drains, whether it is banned; its machines follow.

    A ban lets no machine join and none take new work. What runs is not killed: its machine drains, its renters are
    told, and when the last has ended, the machine is shut out.

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
    """A single-use code with the command that makes one machine join a provider, your own unless one is named.

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
    """Decide a machine's maintenance window, whether it drains, whether it is banned, and (admins) its cloud type.

    A banned machine takes no new work. What runs is not killed: the machine drains, its renters are told, and when
    the last has ended, it is shut out.

    Errors: `not_found`, `host_ended`, `precondition_failed`, `storage_full`.
    """
    return Call("PATCH", f"/v1/admin/hosts/{segment(host_id)}", HostView, body=body, if_match=if_match)


def declare_host_lost(host_id: str, body: HostLoss) -> Call[HostView]:
    """Declare a silent machine lost: all on it ends at its last proven second, renters are told, and it is retired.

    It takes no new work from now on; the rest follows within a minute.

    Errors: `not_found`, `host_ended`, `host_heard`, `storage_full`.
    """
    return Call("POST", f"/v1/admin/hosts/{segment(host_id)}/declare-lost", HostView, body=body)


def get_stats() -> Call[StatsView]:
    """The platform in figures, from the records themselves.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/admin/stats", StatsView)


def list_acts(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    operator_id: str | None = None,
    resource_id: str | None = None,
) -> Call[DecisionPage]:
    """What operators did, the newest first.

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
    """Who brings machines, and what these come to.

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
    """What should be looked at, the newest first; all that is not resolved unless a state is named.

    Errors: `storage_full`.
    """
    return Call(
        "GET",
        "/v1/admin/risks",
        RiskPage,
        query={"limit": limit, "cursor": cursor, "state": state, "severity": severity, "kind": kind},
    )


def read_install_command() -> Call[InstallCommandView]:
    """The command that makes a machine join, with a placeholder where an enrollment code goes.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/admin/agent/install-command", InstallCommandView)


def read_provider(provider_id: str, *, limit: int | None = None, cursor: str | None = None) -> Call[ProviderDetailView]:
    """A provider with its machines.

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
    """One figure over all of a provider's machines, as time went.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        f"/v1/admin/providers/{segment(provider_id)}/metrics",
        ProviderSeriesView,
        query={"metric_type": metric_type, "from": from_, "to": to, "limit": limit},
    )


def verify_acts(*, month: str | None = None) -> Call[AuditVerdict]:
    """Whether every act of a month is there and as it was written.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/admin/audit/verify", AuditVerdict, query={"month": month})
