"""The operations under /v1/admin. Written by `make openapi` from the API's description."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sharemtc.wire import MetricType
from sharemtc_client.calls import Call, segment
from sharemtc_client.models.admin import (
    ActPage,
    ActView,
    HostDecision,
    HostLoss,
    InstallCommandView,
    ProviderChange,
    ProviderCreate,
    ProviderDetailView,
    ProviderEnrollmentCodeCreate,
    ProviderEnrollmentCodeView,
    ProviderPage,
    ProviderRow,
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
from sharemtc_client.pages import every
from sharemtc_client.sessions import Session


class Admin:
    """Everything under /v1/admin."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def acknowledge_risk(self, risk_id: str, body: RiskAcknowledge, *, if_match: int | str | None = None) -> RiskView:
        """Say that you look after it.

        Errors: `not_found`, `risk_resolved`, `precondition_failed`, `storage_full`.
        """
        return self._session.send(
            Call("POST", f"/v1/admin/risks/{segment(risk_id)}/acknowledge", body=body, if_match=if_match), RiskView
        )

    def change_provider(
        self, provider_id: str, body: ProviderChange, *, if_match: int | str | None = None
    ) -> ProviderDetailView:
        """Decide a provider's tier, whether it drains, whether it is banned; its machines follow.

        A ban lets no machine join and none take new work. What runs is not killed: its machine drains, its renters
        are told, and when the last has ended, the machine is shut out.

        Errors: `not_found`, `precondition_failed`, `storage_full`.
        """
        return self._session.send(
            Call("PATCH", f"/v1/admin/providers/{segment(provider_id)}", body=body, if_match=if_match),
            ProviderDetailView,
        )

    def create_provider(self, body: ProviderCreate, *, idempotency_key: str | None = None) -> ProviderView:
        """Make a user a provider.

        Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `provider_known`, `storage_full`.
        """
        return self._session.send(
            Call("POST", "/v1/admin/providers/", body=body, keyed=True, idempotency_key=idempotency_key), ProviderView
        )

    def create_provider_enrollment_code(
        self, body: ProviderEnrollmentCodeCreate, *, idempotency_key: str | None = None
    ) -> ProviderEnrollmentCodeView:
        """A single-use code with the command that makes one machine join a provider, your own unless one is named.

        Errors: `not_found`, `idempotency_key_in_use`, `idempotency_key_reused`, `too_many_hosts`, `storage_full`.
        """
        return self._session.send(
            Call("POST", "/v1/admin/agent/enrollment-codes", body=body, keyed=True, idempotency_key=idempotency_key),
            ProviderEnrollmentCodeView,
        )

    def decide_for_host(self, host_id: str, body: HostDecision, *, if_match: int | str | None = None) -> HostView:
        """Decide a machine's maintenance window, whether it drains, whether it is banned, and (admins) its cloud type.

        A banned machine takes no new work. What runs is not killed: the machine drains, its renters are told, and
        when the last has ended, it is shut out.

        Errors: `not_found`, `host_ended`, `precondition_failed`, `storage_full`.
        """
        return self._session.send(
            Call("PATCH", f"/v1/admin/hosts/{segment(host_id)}", body=body, if_match=if_match), HostView
        )

    def declare_host_lost(self, host_id: str, body: HostLoss) -> HostView:
        """Declare a silent machine lost: all on it ends at its last proven second, renters are told, and it is
        retired.

        It takes no new work from now on; the rest follows within a minute.

        Errors: `not_found`, `host_ended`, `host_heard`, `storage_full`.
        """
        return self._session.send(Call("POST", f"/v1/admin/hosts/{segment(host_id)}/declare-lost", body=body), HostView)

    def get_stats(self) -> StatsView:
        """The platform in figures, from the records themselves.

        Errors: `storage_full`.
        """
        return self._session.send(Call("GET", "/v1/admin/stats"), StatsView)

    def list_acts(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        operator_id: str | None = None,
        resource_id: str | None = None,
    ) -> ActPage:
        """What operators did, the newest first.

        Errors: `storage_full`.
        """
        return self._session.send(
            Call(
                "GET",
                "/v1/admin/audit",
                query={"limit": limit, "cursor": cursor, "operator_id": operator_id, "resource_id": resource_id},
            ),
            ActPage,
        )

    def iter_acts(
        self, *, limit: int | None = None, operator_id: str | None = None, resource_id: str | None = None
    ) -> Iterator[ActView]:
        """Every item of `list_acts`, page after page; `limit` is how many a page has."""
        return every(
            lambda cursor: self.list_acts(limit=limit, operator_id=operator_id, resource_id=resource_id, cursor=cursor)
        )

    def list_providers(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: ProviderState | None = None,
        tier: ProviderTier | None = None,
        search: str | None = None,
    ) -> ProviderPage:
        """Who brings machines, and what these come to.

        Errors: `storage_full`.
        """
        return self._session.send(
            Call(
                "GET",
                "/v1/admin/providers/",
                query={"limit": limit, "cursor": cursor, "state": state, "tier": tier, "search": search},
            ),
            ProviderPage,
        )

    def iter_providers(
        self,
        *,
        limit: int | None = None,
        state: ProviderState | None = None,
        tier: ProviderTier | None = None,
        search: str | None = None,
    ) -> Iterator[ProviderRow]:
        """Every item of `list_providers`, page after page; `limit` is how many a page has."""
        return every(
            lambda cursor: self.list_providers(limit=limit, state=state, tier=tier, search=search, cursor=cursor)
        )

    def list_risks(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: RiskState | None = None,
        severity: Severity | None = None,
        kind: RiskKind | None = None,
    ) -> RiskPage:
        """What should be looked at, the newest first; all that is not resolved unless a state is named.

        Errors: `storage_full`.
        """
        return self._session.send(
            Call(
                "GET",
                "/v1/admin/risks",
                query={"limit": limit, "cursor": cursor, "state": state, "severity": severity, "kind": kind},
            ),
            RiskPage,
        )

    def iter_risks(
        self,
        *,
        limit: int | None = None,
        state: RiskState | None = None,
        severity: Severity | None = None,
        kind: RiskKind | None = None,
    ) -> Iterator[RiskView]:
        """Every item of `list_risks`, page after page; `limit` is how many a page has."""
        return every(
            lambda cursor: self.list_risks(limit=limit, state=state, severity=severity, kind=kind, cursor=cursor)
        )

    def read_install_command(self) -> InstallCommandView:
        """The command that makes a machine join, with a placeholder where an enrolment code goes.

        Errors: `storage_full`.
        """
        return self._session.send(Call("GET", "/v1/admin/agent/install-command"), InstallCommandView)

    def read_provider(
        self, provider_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> ProviderDetailView:
        """A provider with its machines.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(
            Call("GET", f"/v1/admin/providers/{segment(provider_id)}", query={"limit": limit, "cursor": cursor}),
            ProviderDetailView,
        )

    def read_provider_metrics(
        self,
        provider_id: str,
        *,
        metric_type: MetricType,
        from_: datetime | None = None,
        to: datetime | None = None,
        limit: int | None = None,
    ) -> ProviderSeriesView:
        """One figure over all of a provider's machines, as time went.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(
            Call(
                "GET",
                f"/v1/admin/providers/{segment(provider_id)}/metrics",
                query={"metric_type": metric_type, "from": from_, "to": to, "limit": limit},
            ),
            ProviderSeriesView,
        )

    def verify_acts(self, *, month: str | None = None) -> AuditVerdict:
        """Whether every act of a month is there and as it was written.

        Errors: `storage_full`.
        """
        return self._session.send(Call("GET", "/v1/admin/audit/verify", query={"month": month}), AuditVerdict)
