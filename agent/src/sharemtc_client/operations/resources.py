"""The operations under /v1/resources. Written by `make openapi` from the API's description."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sharemtc.wire import MetricType
from sharemtc_client.calls import Call, segment
from sharemtc_client.models.resources import (
    AgentLogPage,
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
    VmCreate,
    VmPage,
    VmView,
)
from sharemtc_client.models.shared import EventPage, Status


def create_health_check(body: HealthCheckCreate) -> Call[HealthCheckView]:
    """Record the outcome of one check; one that turns critical, or back, is an event of the host's owner.

    A host, by a signed request, for itself and what is in it and on it; operators for all.

    Errors: `not_found`, `storage_full`.
    """
    return Call("POST", "/v1/resources/health-checks", HealthCheckView, body=body)


def create_metric(body: MetricCreate) -> Call[MetricView]:
    """Record one measurement of a host, a GPU or a VM; sent again, it counts once.

    A host, by a signed request, for itself and what is in it and on it; operators for all.

    Errors: `not_found`, `storage_full`.
    """
    return Call("POST", "/v1/resources/metrics", MetricView, body=body)


def create_vm(body: VmCreate, *, idempotency_key: str | None = None) -> Call[VmView]:
    """Rent a VM.

    Its slice of a host and an hour of its price are reserved at once; billing begins when the machine has proved
    that it runs. A machine that never runs costs nothing.

    Errors: `api_key_cap_reached`, `insufficient_funds`, `idempotency_key_in_use`, `idempotency_key_reused`,
    `no_capacity`, `quote_expired`, `storage_full`.
    """
    return Call("POST", "/v1/resources/vms", VmView, body=body, keyed=True, idempotency_key=idempotency_key)


def declare_vm_lost(vm_id: str, *, idempotency_key: str | None = None) -> Call[VmView]:
    """End a VM whose host has been silent for a day: billed up to its last proven second, its disk is given up.

    Errors: `not_found`, `host_heard`, `idempotency_key_in_use`, `idempotency_key_reused`, `workload_ended`,
    `storage_full`.
    """
    return Call(
        "POST", f"/v1/resources/vms/{segment(vm_id)}/declare-lost", VmView, keyed=True, idempotency_key=idempotency_key
    )


def get_vm(vm_id: str) -> Call[VmView]:
    """One VM as it is now.

    Errors: `not_found`, `storage_full`.
    """
    return Call("GET", f"/v1/resources/vms/{segment(vm_id)}", VmView)


def list_agent_logs(
    *,
    host_id: str,
    limit: int | None = None,
    cursor: str | None = None,
    level: Literal["debug", "info", "warning", "error"] | None = None,
) -> Call[AgentLogPage]:
    """The log of a host's agent, newest line first; `level` leaves out what is less grave.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        "/v1/resources/agent-logs",
        AgentLogPage,
        query={"limit": limit, "cursor": cursor, "host_id": host_id, "level": level},
    )


def list_events(*, after: str | None = None) -> Call[EventFeed]:
    """What changed in the caller's world since a cursor, for short polls.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/resources/events", EventFeed, query={"after": after})


def list_health_checks(
    *,
    resource_type: ResourceType,
    resource_id: str,
    limit: int | None = None,
    cursor: str | None = None,
    latest: bool | None = None,
) -> Call[HealthCheckPage]:
    """The health checks of a host, a GPU or a VM, newest first.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        "/v1/resources/health-checks",
        HealthCheckPage,
        query={
            "limit": limit,
            "cursor": cursor,
            "resource_type": resource_type,
            "resource_id": resource_id,
            "latest": latest,
        },
    )


def list_metrics(
    *,
    resource_type: ResourceType,
    resource_id: str,
    metric_type: MetricType,
    from_: datetime | None = None,
    to: datetime | None = None,
    resolution: Resolution | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[SeriesPage]:
    """One metric of a host, a GPU or a VM over time.

    Windows of up to two hours within the last two days are answered as measured, up to seven days within the last
    thirty in steps of five minutes, longer and older ones by the hour; `resolution` asks for another.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        "/v1/resources/metrics",
        SeriesPage,
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
    )


def list_vm_events(vm_id: str, *, limit: int | None = None, cursor: str | None = None) -> Call[EventPage]:
    """What happened to a VM, newest first.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET", f"/v1/resources/vms/{segment(vm_id)}/events", EventPage, query={"limit": limit, "cursor": cursor}
    )


def list_vm_templates(*, limit: int | None = None, cursor: str | None = None) -> Call[TemplatePage]:
    """The templates that VMs are made from.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/resources/vm-templates", TemplatePage, query={"limit": limit, "cursor": cursor})


def list_vms(*, limit: int | None = None, cursor: str | None = None, status: Status | None = None) -> Call[VmPage]:
    """The caller's VMs, newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/resources/vms", VmPage, query={"limit": limit, "cursor": cursor, "status": status})


def reboot_vm(vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None) -> Call[VmView]:
    """Power a running VM off and boot it again; one that does not power off within 20 s is reset. It stays billed.

    Errors: `not_found`, `idempotency_key_in_use`, `idempotency_key_reused`, `not_allowed_now`,
    `precondition_failed`, `storage_full`.
    """
    return Call(
        "POST",
        f"/v1/resources/vms/{segment(vm_id)}/reboot",
        VmView,
        keyed=True,
        idempotency_key=idempotency_key,
        if_match=if_match,
    )


def start_vm(vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None) -> Call[VmView]:
    """Start a stopped VM, if its host still has room for it.

    Errors: `api_key_cap_reached`, `insufficient_funds`, `not_found`, `host_full`, `host_not_ready`,
    `idempotency_key_in_use`, `idempotency_key_reused`, `not_allowed_now`, `precondition_failed`, `storage_full`.
    """
    return Call(
        "POST",
        f"/v1/resources/vms/{segment(vm_id)}/start",
        VmView,
        keyed=True,
        idempotency_key=idempotency_key,
        if_match=if_match,
    )


def stop_vm(vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None) -> Call[VmView]:
    """Stop a VM. From this moment only its disk is paid for; its processors and memory may go to others.

    Errors: `not_found`, `idempotency_key_in_use`, `idempotency_key_reused`, `not_allowed_now`,
    `precondition_failed`, `storage_full`.
    """
    return Call(
        "POST",
        f"/v1/resources/vms/{segment(vm_id)}/stop",
        VmView,
        keyed=True,
        idempotency_key=idempotency_key,
        if_match=if_match,
    )


def summarize_metrics(
    *,
    resource_type: ResourceType | None = None,
    resource_id: str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    limit: int | None = None,
) -> Call[SummaryList]:
    """What the figures of one resource, or of all that the caller has, came to in a window.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        "/v1/resources/metrics/summary",
        SummaryList,
        query={"resource_type": resource_type, "resource_id": resource_id, "from": from_, "to": to, "limit": limit},
    )


def terminate_vm(vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None) -> Call[VmView]:
    """End a VM and delete its disk. Payment ends now; `terminated` is said when the host has proved that it is gone.

    Errors: `not_found`, `idempotency_key_in_use`, `idempotency_key_reused`, `not_allowed_now`,
    `precondition_failed`, `storage_full`.
    """
    return Call(
        "POST",
        f"/v1/resources/vms/{segment(vm_id)}/terminate",
        VmView,
        keyed=True,
        idempotency_key=idempotency_key,
        if_match=if_match,
    )
