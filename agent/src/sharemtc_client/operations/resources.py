"""The operations under /v1/resources. Written by `make openapi` from the API's description."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from sharemtc.wire import MetricType
from sharemtc_client.calls import Call, segment
from sharemtc_client.models.resources import (
    AgentLogPage,
    AgentLogView,
    EventFeed,
    HealthCheckCreate,
    HealthCheckPage,
    HealthCheckView,
    MetricCreate,
    MetricView,
    Resolution,
    ResourceType,
    SeriesPage,
    SummaryList,
    TemplatePage,
    TemplateView,
    VmCreate,
    VmPage,
    VmView,
)
from sharemtc_client.models.shared import EventPage, EventView, PointView, Status
from sharemtc_client.pages import every
from sharemtc_client.sessions import Session


class Resources:
    """Everything under /v1/resources."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create_health_check(self, body: HealthCheckCreate) -> HealthCheckView:
        """Record the outcome of one check; one that turns critical, or back, is an event of the host's owner.

        A host, by a signed request, for itself and what is in it and on it; operators for all.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(Call("POST", "/v1/resources/health-checks", body=body), HealthCheckView)

    def create_metric(self, body: MetricCreate) -> MetricView:
        """Record one measurement of a host, a GPU or a VM; sent again, it counts once.

        A host, by a signed request, for itself and what is in it and on it; operators for all.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(Call("POST", "/v1/resources/metrics", body=body), MetricView)

    def create_vm(self, body: VmCreate, *, idempotency_key: str | None = None) -> VmView:
        """Rent a VM.

        Its slice of a host and an hour of its price are reserved at once; billing begins when the machine has
        proved that it runs. A machine that never runs costs nothing.

        Errors: `api_key_cap_reached`, `insufficient_funds`, `idempotency_key_in_use`, `idempotency_key_reused`,
        `no_capacity`, `quote_expired`, `storage_full`.
        """
        return self._session.send(
            Call("POST", "/v1/resources/vms", body=body, keyed=True, idempotency_key=idempotency_key), VmView
        )

    def declare_vm_lost(self, vm_id: str, *, idempotency_key: str | None = None) -> VmView:
        """End a VM whose host has been silent for a day: billed up to its last proven second, its disk is given up.

        Errors: `not_found`, `host_heard`, `idempotency_key_in_use`, `idempotency_key_reused`, `workload_ended`,
        `storage_full`.
        """
        return self._session.send(
            Call(
                "POST", f"/v1/resources/vms/{segment(vm_id)}/declare-lost", keyed=True, idempotency_key=idempotency_key
            ),
            VmView,
        )

    def get_vm(self, vm_id: str) -> VmView:
        """One VM as it is now.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(Call("GET", f"/v1/resources/vms/{segment(vm_id)}"), VmView)

    def list_agent_logs(
        self,
        *,
        host_id: str,
        limit: int | None = None,
        cursor: str | None = None,
        level: Literal["debug", "info", "warning", "error"] | None = None,
    ) -> AgentLogPage:
        """The log of a host's agent, newest line first; `level` leaves out what is less grave.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(
            Call(
                "GET",
                "/v1/resources/agent-logs",
                query={"limit": limit, "cursor": cursor, "host_id": host_id, "level": level},
            ),
            AgentLogPage,
        )

    def iter_agent_logs(
        self,
        *,
        host_id: str,
        limit: int | None = None,
        level: Literal["debug", "info", "warning", "error"] | None = None,
    ) -> Iterator[AgentLogView]:
        """Every item of `list_agent_logs`, page after page; `limit` is how many a page has."""
        return every(lambda cursor: self.list_agent_logs(host_id=host_id, limit=limit, level=level, cursor=cursor))

    def list_events(self, *, after: str | None = None) -> EventFeed:
        """What changed in the caller's world since a cursor, for short polls.

        Errors: `storage_full`.
        """
        return self._session.send(Call("GET", "/v1/resources/events", query={"after": after}), EventFeed)

    def list_health_checks(
        self,
        *,
        resource_type: ResourceType,
        resource_id: str,
        limit: int | None = None,
        cursor: str | None = None,
        latest: bool | None = None,
    ) -> HealthCheckPage:
        """The health checks of a host, a GPU or a VM, newest first.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(
            Call(
                "GET",
                "/v1/resources/health-checks",
                query={
                    "limit": limit,
                    "cursor": cursor,
                    "resource_type": resource_type,
                    "resource_id": resource_id,
                    "latest": latest,
                },
            ),
            HealthCheckPage,
        )

    def iter_health_checks(
        self, *, resource_type: ResourceType, resource_id: str, limit: int | None = None, latest: bool | None = None
    ) -> Iterator[HealthCheckView]:
        """Every item of `list_health_checks`, page after page; `limit` is how many a page has."""
        return every(
            lambda cursor: self.list_health_checks(
                resource_type=resource_type, resource_id=resource_id, limit=limit, latest=latest, cursor=cursor
            )
        )

    def list_metrics(
        self,
        *,
        resource_type: ResourceType,
        resource_id: str,
        metric_type: MetricType,
        from_: datetime | None = None,
        to: datetime | None = None,
        resolution: Resolution | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SeriesPage:
        """One metric of a host, a GPU or a VM over time.

        Windows of up to two hours within the last two days are answered as measured, up to seven days within the
        last thirty in steps of five minutes, longer and older ones by the hour; `resolution` asks for another.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(
            Call(
                "GET",
                "/v1/resources/metrics",
                query={
                    "resource_type": resource_type,
                    "resource_id": resource_id,
                    "metric_type": metric_type,
                    "from": from_,
                    "to": to,
                    "resolution": resolution,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
            SeriesPage,
        )

    def iter_metrics(
        self,
        *,
        resource_type: ResourceType,
        resource_id: str,
        metric_type: MetricType,
        from_: datetime | None = None,
        to: datetime | None = None,
        resolution: Resolution | None = None,
        limit: int | None = None,
    ) -> Iterator[PointView]:
        """Every item of `list_metrics`, page after page; `limit` is how many a page has."""
        return every(
            lambda cursor: self.list_metrics(
                resource_type=resource_type,
                resource_id=resource_id,
                metric_type=metric_type,
                from_=from_,
                to=to,
                resolution=resolution,
                limit=limit,
                cursor=cursor,
            )
        )

    def list_vm_events(self, vm_id: str, *, limit: int | None = None, cursor: str | None = None) -> EventPage:
        """What happened to a VM, newest first.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(
            Call("GET", f"/v1/resources/vms/{segment(vm_id)}/events", query={"limit": limit, "cursor": cursor}),
            EventPage,
        )

    def iter_vm_events(self, vm_id: str, *, limit: int | None = None) -> Iterator[EventView]:
        """Every item of `list_vm_events`, page after page; `limit` is how many a page has."""
        return every(lambda cursor: self.list_vm_events(vm_id, limit=limit, cursor=cursor))

    def list_vm_templates(self, *, limit: int | None = None, cursor: str | None = None) -> TemplatePage:
        """The templates that VMs are made from.

        Errors: `storage_full`.
        """
        return self._session.send(
            Call("GET", "/v1/resources/vm-templates", query={"limit": limit, "cursor": cursor}), TemplatePage
        )

    def iter_vm_templates(self, *, limit: int | None = None) -> Iterator[TemplateView]:
        """Every item of `list_vm_templates`, page after page; `limit` is how many a page has."""
        return every(lambda cursor: self.list_vm_templates(limit=limit, cursor=cursor))

    def list_vms(self, *, limit: int | None = None, cursor: str | None = None, status: Status | None = None) -> VmPage:
        """The caller's VMs, newest first.

        Errors: `storage_full`.
        """
        return self._session.send(
            Call("GET", "/v1/resources/vms", query={"limit": limit, "cursor": cursor, "status": status}), VmPage
        )

    def iter_vms(self, *, limit: int | None = None, status: Status | None = None) -> Iterator[VmView]:
        """Every item of `list_vms`, page after page; `limit` is how many a page has."""
        return every(lambda cursor: self.list_vms(limit=limit, status=status, cursor=cursor))

    def reboot_vm(self, vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None) -> VmView:
        """Power a running VM off and boot it again; one that does not power off within 20 s is reset. It stays billed.

        Errors: `not_found`, `idempotency_key_in_use`, `idempotency_key_reused`, `not_allowed_now`,
        `precondition_failed`, `storage_full`.
        """
        return self._session.send(
            Call(
                "POST",
                f"/v1/resources/vms/{segment(vm_id)}/reboot",
                keyed=True,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
            VmView,
        )

    def start_vm(self, vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None) -> VmView:
        """Start a stopped VM, if its host still has room for it.

        Errors: `api_key_cap_reached`, `insufficient_funds`, `not_found`, `host_full`, `host_not_ready`,
        `idempotency_key_in_use`, `idempotency_key_reused`, `not_allowed_now`, `precondition_failed`,
        `storage_full`.
        """
        return self._session.send(
            Call(
                "POST",
                f"/v1/resources/vms/{segment(vm_id)}/start",
                keyed=True,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
            VmView,
        )

    def stop_vm(self, vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None) -> VmView:
        """Stop a VM. From this moment only its disk is paid for; its processors and memory may go to others.

        Errors: `not_found`, `idempotency_key_in_use`, `idempotency_key_reused`, `not_allowed_now`,
        `precondition_failed`, `storage_full`.
        """
        return self._session.send(
            Call(
                "POST",
                f"/v1/resources/vms/{segment(vm_id)}/stop",
                keyed=True,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
            VmView,
        )

    def summarize_metrics(
        self,
        *,
        resource_type: ResourceType | None = None,
        resource_id: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        limit: int | None = None,
    ) -> SummaryList:
        """What the figures of one resource, or of all that the caller has, came to in a window.

        Errors: `not_found`, `storage_full`.
        """
        return self._session.send(
            Call(
                "GET",
                "/v1/resources/metrics/summary",
                query={
                    "resource_type": resource_type,
                    "resource_id": resource_id,
                    "from": from_,
                    "to": to,
                    "limit": limit,
                },
            ),
            SummaryList,
        )

    def terminate_vm(
        self, vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None
    ) -> VmView:
        """End a VM and delete its disk. Payment ends now; `terminated` is said when the host has proved that it is
        gone.

        Errors: `not_found`, `idempotency_key_in_use`, `idempotency_key_reused`, `not_allowed_now`,
        `precondition_failed`, `storage_full`.
        """
        return self._session.send(
            Call(
                "POST",
                f"/v1/resources/vms/{segment(vm_id)}/terminate",
                keyed=True,
                idempotency_key=idempotency_key,
                if_match=if_match,
            ),
            VmView,
        )
