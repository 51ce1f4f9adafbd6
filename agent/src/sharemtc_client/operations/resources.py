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
    """Record the result of one health check.

    A check that becomes critical or recovers creates an event for the host's owner. Hosts can record for
    themselves, their GPUs and their workloads, with a signed request; operators for all.

    Errors: `not_found`, `storage_full`.
    """
    return Call("POST", "/v1/resources/health-checks", HealthCheckView, body=body)


def create_metric(body: MetricCreate) -> Call[MetricView]:
    """Record one measurement of a host, a GPU or a VM.

    Hosts can record for themselves, their GPUs and their workloads, with a signed request; operators for all.

    Errors: `not_found`, `storage_full`.
    """
    return Call("POST", "/v1/resources/metrics", MetricView, body=body)


def create_vm(body: VmCreate, *, idempotency_key: str | None = None) -> Call[VmView]:
    """Rent a VM.

    Capacity and the price of an hour are reserved at once. Billing starts when the host proves that the VM runs. A
    VM that never runs costs nothing.

    Errors: `api_key_cap_reached`, `insufficient_funds`, `idempotency_key_in_use`, `idempotency_key_reused`,
    `no_capacity`, `quote_expired`, `storage_full`.
    """
    return Call("POST", "/v1/resources/vms", VmView, body=body, keyed=True, idempotency_key=idempotency_key)


def declare_vm_lost(vm_id: str, *, idempotency_key: str | None = None) -> Call[VmView]:
    """Declare a VM lost whose host has been offline for a day.

    It is billed up to its last proven second. Its disk is lost.

    Errors: `not_found`, `host_heard`, `idempotency_key_in_use`, `idempotency_key_reused`, `workload_ended`,
    `storage_full`.
    """
    return Call(
        "POST", f"/v1/resources/vms/{segment(vm_id)}/declare-lost", VmView, keyed=True, idempotency_key=idempotency_key
    )


def get_vm(vm_id: str) -> Call[VmView]:
    """Get a VM.

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
    """List the log lines of a host's agent, newest first.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        "/v1/resources/agent-logs",
        AgentLogPage,
        query={"limit": limit, "cursor": cursor, "host_id": host_id, "level": level},
    )


def list_events(*, after: str | None = None) -> Call[EventFeed]:
    """List the caller's events since a cursor, for polling.

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
    """List the health checks of a host, a GPU or a VM, newest first.

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
    """Get one metric of a host, a GPU or a VM over time.

    The default resolution is raw for windows of up to two hours within the last two days, five minutes for windows
    of up to seven days within the last thirty, otherwise one hour.

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
    """List a VM's events, newest first.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET", f"/v1/resources/vms/{segment(vm_id)}/events", EventPage, query={"limit": limit, "cursor": cursor}
    )


def list_vm_templates(*, limit: int | None = None, cursor: str | None = None) -> Call[TemplatePage]:
    """List the VM templates.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/resources/vm-templates", TemplatePage, query={"limit": limit, "cursor": cursor})


def list_vms(*, limit: int | None = None, cursor: str | None = None, status: Status | None = None) -> Call[VmPage]:
    """List the caller's VMs, newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/resources/vms", VmPage, query={"limit": limit, "cursor": cursor, "status": status})


def reboot_vm(vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None) -> Call[VmView]:
    """Reboot a running VM.

    A VM that does not power off within 20 s is reset. Billing continues.

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
    """Start a stopped VM.

    Its host must have free capacity for it.

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
    """Stop a VM.

    From now on only its disk is billed. Its other resources are released.

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
    """Summarize the metrics of one resource, or of all the caller's resources, in a window.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        "/v1/resources/metrics/summary",
        SummaryList,
        query={"resource_type": resource_type, "resource_id": resource_id, "from": from_, "to": to, "limit": limit},
    )


def terminate_vm(vm_id: str, *, idempotency_key: str | None = None, if_match: int | str | None = None) -> Call[VmView]:
    """Terminate a VM and delete its disk.

    Billing ends now. The state is `terminated` when the host has proved that the VM is gone.

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
