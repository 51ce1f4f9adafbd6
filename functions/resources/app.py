"""/v1/resources: VMs, templates, events and telemetry."""

from sharemtc.allocations.refusals import HostFull, NoCapacity
from sharemtc.api_keys import CapReached
from sharemtc.billing.ledger import InsufficientFunds
from sharemtc.billing.quotes import QuoteExpired
from sharemtc.billing.spending import Spender
from sharemtc.catalog import service as catalog
from sharemtc.catalog.schemas import TemplatePage, TemplateView
from sharemtc.events import service as events
from sharemtc.events.schemas import EventFeed, EventPage, EventQuery, EventView
from sharemtc.hosts import signatures
from sharemtc.hosts.state_changes import HostClosed
from sharemtc.hosts.transitions import HostStillOnline
from sharemtc.http.api import Api
from sharemtc.idempotency import Claim
from sharemtc.principals import ANYONE_SIGNED_IN, HOSTS, OPERATORS, Principal
from sharemtc.problems import NotFound
from sharemtc.requests import IfMatch
from sharemtc.schemas import PageQuery
from sharemtc.storage.unreadable import views
from sharemtc.telemetry import service as telemetry
from sharemtc.telemetry.schemas import (
    AgentLogPage,
    AgentLogQuery,
    HealthCheckCreate,
    HealthCheckPage,
    HealthCheckQuery,
    HealthCheckView,
    MetricCreate,
    MetricsQuery,
    MetricView,
    SeriesPage,
    SummaryList,
    SummaryQuery,
)
from sharemtc.wire import Verb
from sharemtc.workloads import losses
from sharemtc.workloads import service as workloads
from sharemtc.workloads.kinds import VM
from sharemtc.workloads.operations import HostNotReady, NotAllowedNow
from sharemtc.workloads.schemas import WorkloadQuery
from sharemtc.workloads.vms import VmCreate, VmPage, VmView

app = Api("resources", authenticate=signatures.authenticate_anyone)


@app.operation("GET", "/v1/resources/vm-templates", roles=ANYONE_SIGNED_IN)
def list_vm_templates(query: PageQuery) -> TemplatePage:
    """List the VM templates."""
    found = catalog.list_templates(limit=query.limit, cursor=query.cursor)
    return TemplatePage(items=views(TemplateView.model_validate, found.items), next_cursor=found.next_cursor)


@app.operation(
    "POST",
    "/v1/resources/vms",
    status=201,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(InsufficientFunds, CapReached, NoCapacity, QuoteExpired),
)
def create_vm(caller: Principal, body: VmCreate, claim: Claim) -> VmView:
    """Rent a VM.

    Capacity and the price of an hour are reserved at once. Billing starts when the host proves that the VM runs. A VM
    that never runs costs nothing.
    """
    return workloads.create(VM, Spender.of(caller), body, claim)


@app.operation("GET", "/v1/resources/vms", roles=ANYONE_SIGNED_IN)
def list_vms(caller: Principal, query: WorkloadQuery) -> VmPage:
    """List the caller's VMs, newest first."""
    items, next_cursor = workloads.list_of(VM, caller, query)
    return VmPage(items=items, next_cursor=next_cursor)


@app.operation("GET", "/v1/resources/vms/{vm_id}", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def get_vm(caller: Principal, vm_id: str) -> VmView:
    """Get a VM."""
    return workloads.read(VM, caller, vm_id)


@app.operation("GET", "/v1/resources/vms/{vm_id}/events", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_vm_events(caller: Principal, vm_id: str, query: PageQuery) -> EventPage:
    """List a VM's events, newest first."""
    return workloads.list_events(VM, caller, vm_id, query)


@app.operation(
    "POST",
    "/v1/resources/vms/{vm_id}/start",
    status=202,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(NotFound, NotAllowedNow, HostNotReady, HostFull, InsufficientFunds, CapReached),
)
def start_vm(caller: Principal, vm_id: str, claim: Claim, if_match: IfMatch) -> VmView:
    """Start a stopped VM.

    Its host must have free capacity for it.
    """
    return workloads.operate(VM, caller, vm_id, Verb.START, claim, if_match)


@app.operation(
    "POST",
    "/v1/resources/vms/{vm_id}/stop",
    status=202,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(NotFound, NotAllowedNow),
)
def stop_vm(caller: Principal, vm_id: str, claim: Claim, if_match: IfMatch) -> VmView:
    """Stop a VM.

    From now on only its disk is billed. Its other resources are released.
    """
    return workloads.operate(VM, caller, vm_id, Verb.STOP, claim, if_match)


@app.operation(
    "POST",
    "/v1/resources/vms/{vm_id}/reboot",
    status=202,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(NotFound, NotAllowedNow),
)
def reboot_vm(caller: Principal, vm_id: str, claim: Claim, if_match: IfMatch) -> VmView:
    """Reboot a running VM.

    A VM that does not power off within 20 s is reset. Billing continues.
    """
    return workloads.operate(VM, caller, vm_id, Verb.REBOOT, claim, if_match)


@app.operation(
    "POST",
    "/v1/resources/vms/{vm_id}/terminate",
    status=202,
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(NotFound, NotAllowedNow),
)
def terminate_vm(caller: Principal, vm_id: str, claim: Claim, if_match: IfMatch) -> VmView:
    """Terminate a VM and delete its disk.

    Billing ends now. The state is `terminated` when the host has proved that the VM is gone.
    """
    return workloads.operate(VM, caller, vm_id, Verb.TERMINATE, claim, if_match)


@app.operation(
    "POST",
    "/v1/resources/vms/{vm_id}/declare-lost",
    roles=ANYONE_SIGNED_IN,
    idempotent=True,
    errors=(NotFound, losses.WorkloadEnded, HostStillOnline),
)
def declare_vm_lost(caller: Principal, vm_id: str, claim: Claim) -> VmView:
    """Declare a VM lost whose host has been offline for a day.

    It is billed up to its last proven second. Its disk is lost.
    """
    return workloads.declare_lost(VM, caller, vm_id, claim)


@app.operation("GET", "/v1/resources/events", roles=ANYONE_SIGNED_IN)
def list_events(caller: Principal, query: EventQuery) -> EventFeed:
    """List the caller's events since a cursor, for polling."""
    found, cursor = events.after(caller.user_id, query.after)
    return EventFeed(items=views(EventView.model_validate, found), cursor=cursor)


@app.operation("GET", "/v1/resources/metrics", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_metrics(caller: Principal, query: MetricsQuery) -> SeriesPage:
    """Get one metric of a host, a GPU or a VM over time.

    The default resolution is raw for windows of up to two hours within the last two days, five minutes for windows of
    up to seven days within the last thirty, otherwise one hour.
    """
    return telemetry.read_series(caller, query)


@app.operation(
    "POST",
    "/v1/resources/metrics",
    status=201,
    roles=HOSTS | OPERATORS,
    errors=(NotFound, HostClosed, signatures.WrongSignature),
)
def create_metric(caller: Principal, body: MetricCreate) -> MetricView:
    """Record one measurement of a host, a GPU or a VM.

    Hosts can record for themselves, their GPUs and their workloads, with a signed request; operators for all.
    """
    return telemetry.record_metric(caller, body)


@app.operation("GET", "/v1/resources/metrics/summary", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def summarize_metrics(caller: Principal, query: SummaryQuery) -> SummaryList:
    """Summarize the metrics of one resource, or of all the caller's resources, in a window."""
    return telemetry.summarize(caller, query)


@app.operation("GET", "/v1/resources/health-checks", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_health_checks(caller: Principal, query: HealthCheckQuery) -> HealthCheckPage:
    """List the health checks of a host, a GPU or a VM, newest first."""
    return telemetry.list_checks(caller, query)


@app.operation(
    "POST",
    "/v1/resources/health-checks",
    status=201,
    roles=HOSTS | OPERATORS,
    errors=(NotFound, HostClosed, signatures.WrongSignature),
)
def create_health_check(caller: Principal, body: HealthCheckCreate) -> HealthCheckView:
    """Record the result of one health check.

    A check that becomes critical or recovers creates an event for the host's owner. Hosts can record for themselves,
    their GPUs and their workloads, with a signed request; operators for all.
    """
    return telemetry.record_check(caller, body)


@app.operation("GET", "/v1/resources/agent-logs", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_agent_logs(caller: Principal, query: AgentLogQuery) -> AgentLogPage:
    """List the log lines of a host's agent, newest first."""
    return telemetry.read_logs(caller, query)
