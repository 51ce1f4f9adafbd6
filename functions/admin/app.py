"""/v1/admin: figures, providers, hosts, risks and decisions of operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharemtc.admin import decisions, providers, stats
from sharemtc.admin.provider_schemas import (
    HostDecision,
    HostLoss,
    InstallCommandView,
    ProviderChange,
    ProviderCreate,
    ProviderDetailView,
    ProviderEnrollmentCodeCreate,
    ProviderEnrollmentCodeView,
    ProviderHostsQuery,
    ProviderMetricsQuery,
    ProviderPage,
    ProviderQuery,
    ProviderSeriesView,
)
from sharemtc.admin.schemas import StatsView
from sharemtc.audit import decisions as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditVerdict, DecisionPage, DecisionQuery, DecisionVerdictQuery
from sharemtc.hosts.providers.schemas import ProviderView
from sharemtc.hosts.providers.service import ProviderBanned, TooManyHosts
from sharemtc.hosts.schemas import HostView
from sharemtc.hosts.state_changes import HostEnded
from sharemtc.hosts.transitions import HostStillOnline
from sharemtc.http.api import Api, Request
from sharemtc.idempotency import Claim
from sharemtc.principals import ADMINS, OPERATORS, Principal
from sharemtc.problems import Forbidden, NotFound, PreconditionFailed
from sharemtc.requests import IfMatch
from sharemtc.risks import service as risks
from sharemtc.risks.schemas import RiskAcknowledge, RiskPage, RiskQuery, RiskView
from sharemtc.storage.failures import Busy
from sharemtc.storage.pages import Page

if TYPE_CHECKING:
    from sharemtc.audit.table import AuditRecord
    from sharemtc.risks.table import Risk

app = Api("admin")


@app.operation("GET", "/v1/admin/stats", roles=OPERATORS)
def get_stats() -> StatsView:
    """Get the platform's figures."""
    return stats.read()


@app.operation("GET", "/v1/admin/providers/", roles=OPERATORS)
def list_providers(query: ProviderQuery) -> ProviderPage:
    """List the providers with their totals."""
    return providers.list_providers(query)


@app.operation(
    "POST", "/v1/admin/providers/", status=201, roles=ADMINS, idempotent=True, errors=(decisions.ProviderExists,)
)
def create_provider(caller: Principal, body: ProviderCreate, request: Request, claim: Claim) -> ProviderView:
    """Make a user a provider."""
    return decisions.create_provider(caller.user_id, body, Origin.of(request), claim)


@app.operation("GET", "/v1/admin/providers/{provider_id}", roles=OPERATORS, errors=(NotFound,))
def read_provider(provider_id: str, query: ProviderHostsQuery) -> ProviderDetailView:
    """Get a provider with its hosts."""
    return providers.read_provider(provider_id, query)


@app.operation("GET", "/v1/admin/providers/{provider_id}/metrics", roles=OPERATORS, errors=(NotFound,))
def read_provider_metrics(provider_id: str, query: ProviderMetricsQuery) -> ProviderSeriesView:
    """Get one metric over all of a provider's hosts."""
    return providers.read_metrics(provider_id, query)


@app.operation("PATCH", "/v1/admin/providers/{provider_id}", roles=ADMINS, errors=(NotFound, PreconditionFailed))
def change_provider(
    caller: Principal, provider_id: str, body: ProviderChange, if_match: IfMatch, request: Request
) -> ProviderDetailView:
    """Change a provider's tier, drain it or ban it.

    The change applies to its hosts. Hosts of a banned provider cannot enroll and get no new workloads. Running
    workloads are not killed: the host drains, renters are notified, and it is banned when the last one has ended.
    """
    return decisions.change_provider(caller.user_id, provider_id, body, if_match, Origin.of(request))


@app.operation(
    "PATCH",
    "/v1/admin/hosts/{host_id}",
    roles=OPERATORS,
    errors=(NotFound, PreconditionFailed, HostEnded, Forbidden),
)
def decide_for_host(
    caller: Principal, host_id: str, body: HostDecision, if_match: IfMatch, request: Request
) -> HostView:
    """Set a host's maintenance window, drain it, ban it, or (admins) set its cloud type.

    A banned host gets no new workloads. Running workloads are not killed: the host drains, renters are notified, and it
    is banned when the last workload has ended.
    """
    return decisions.change_host(caller, host_id, body, if_match, Origin.of(request))


@app.operation(
    "POST",
    "/v1/admin/hosts/{host_id}/declare-lost",
    roles=OPERATORS,
    errors=(NotFound, HostEnded, HostStillOnline),
)
def declare_host_lost(caller: Principal, host_id: str, body: HostLoss, request: Request) -> HostView:
    """Declare an offline host lost.

    It gets no new workloads. Within a minute its workloads end, billed up to the last proven second, renters are
    notified, and the host is retired.
    """
    return decisions.declare_host_lost(caller.user_id, host_id, body, Origin.of(request))


@app.operation("GET", "/v1/admin/agent/install-command", roles=OPERATORS)
def read_install_command() -> InstallCommandView:
    """Get the command that enrolls a host, with a placeholder for the enrollment code."""
    return decisions.read_install_command()


@app.operation(
    "POST",
    "/v1/admin/agent/enrollment-codes",
    status=201,
    roles=OPERATORS,
    idempotent=True,
    errors=(NotFound, ProviderBanned, TooManyHosts),
)
def create_provider_enrollment_code(
    caller: Principal, body: ProviderEnrollmentCodeCreate, request: Request, claim: Claim
) -> ProviderEnrollmentCodeView:
    """Create an enrollment code for a provider.

    The code enrolls one host. Without `provider_id` it is for yourself.
    """
    return decisions.issue_enrollment_code(caller.user_id, body, Origin.of(request), claim)


@app.operation("GET", "/v1/admin/risks", roles=OPERATORS, view=RiskPage)
def list_risks(query: RiskQuery) -> Page[Risk]:
    """List risks, newest first.

    Without `state`: all that are not resolved.
    """
    return risks.list_risks(query)


@app.operation(
    "POST",
    "/v1/admin/risks/{risk_id}/acknowledge",
    roles=OPERATORS,
    view=RiskView,
    errors=(NotFound, risks.RiskResolved, PreconditionFailed),
)
def acknowledge_risk(
    caller: Principal, risk_id: str, body: RiskAcknowledge, if_match: IfMatch, request: Request
) -> Risk:
    """Acknowledge a risk."""
    return decisions.acknowledge_risk(caller.user_id, risk_id, body, if_match, Origin.of(request))


@app.operation("GET", "/v1/admin/audit", roles=OPERATORS, view=DecisionPage)
def list_decisions(query: DecisionQuery) -> Page[AuditRecord]:
    """List operators' decisions, newest first."""
    return audit.list_decisions(query)


@app.operation("GET", "/v1/admin/audit/verify", roles=OPERATORS, errors=(Busy,))
def verify_decisions(query: DecisionVerdictQuery) -> AuditVerdict:
    """Verify the chain of a month's decisions."""
    return audit.verify(query.month)
