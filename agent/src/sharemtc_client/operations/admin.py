"""The operations under /v1/admin. Written by `make openapi` from the API's description."""

from __future__ import annotations

from collections.abc import Iterator

from sharemtc_client.models.admin import (
    ActPage,
    ActView,
    RiskAcknowledge,
    RiskKind,
    RiskPage,
    RiskState,
    RiskView,
    Severity,
    StatsView,
)
from sharemtc_client.models.shared import AuditVerdict
from sharemtc_client.pages import every
from sharemtc_client.sessions import Call, Session, segment


class Admin:
    """Everything under /v1/admin."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def acknowledge_risk(self, risk_id: str, body: RiskAcknowledge, *, if_match: int | str | None = None) -> RiskView:
        """Say that you look after it.

        Errors: `not_found`, `risk_resolved`, `precondition_failed`.
        """
        return self._session.send(
            Call("POST", f"/v1/admin/risks/{segment(risk_id)}/acknowledge", body=body, if_match=if_match), RiskView
        )

    def get_stats(self) -> StatsView:
        """The platform in figures, from the records themselves."""
        return self._session.send(Call("GET", "/v1/admin/stats"), StatsView)

    def list_acts(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        operator_id: str | None = None,
        resource_id: str | None = None,
    ) -> ActPage:
        """What operators did, the newest first."""
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

    def list_risks(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        state: RiskState | None = None,
        severity: Severity | None = None,
        kind: RiskKind | None = None,
    ) -> RiskPage:
        """What should be looked at, the newest first; all that is not resolved unless a state is named."""
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

    def verify_acts(self, *, month: str | None = None) -> AuditVerdict:
        """Whether every act of a month is there and as it was written."""
        return self._session.send(Call("GET", "/v1/admin/audit/verify", query={"month": month}), AuditVerdict)
