"""/v1/admin: the fleet as operators see it, and what they decide."""

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
from sharemtc.hosts.transitions import HostEnded, HostStillHeard
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
    """The platform in figures, from the records themselves."""
    return stats.read()


@app.operation("GET", "/v1/admin/providers/", roles=OPERATORS)
def list_providers(query: ProviderQuery) -> ProviderPage:
    """Who brings machines, and what these come to."""
    return providers.list_providers(query)


@app.operation(
    "POST", "/v1/admin/providers/", status=201, roles=ADMINS, idempotent=True, errors=(decisions.ProviderKnown,)
)
def create_provider(caller: Principal, body: ProviderCreate, request: Request, claim: Claim) -> ProviderView:
    """Make a user a provider."""
    return decisions.create_provider(caller.user_id, body, Origin.of(request), claim)


@app.operation("GET", "/v1/admin/providers/{provider_id}", roles=OPERATORS, errors=(NotFound,))
def read_provider(provider_id: str, query: ProviderHostsQuery) -> ProviderDetailView:
    """A provider with its machines."""
    return providers.read_provider(provider_id, query)


@app.operation("GET", "/v1/admin/providers/{provider_id}/metrics", roles=OPERATORS, errors=(NotFound,))
def read_provider_metrics(provider_id: str, query: ProviderMetricsQuery) -> ProviderSeriesView:
    """One figure over all of a provider's machines, as time went."""
    return providers.read_metrics(provider_id, query)


@app.operation("PATCH", "/v1/admin/providers/{provider_id}", roles=ADMINS, errors=(NotFound, PreconditionFailed))
def change_provider(
    caller: Principal, provider_id: str, body: ProviderChange, if_match: IfMatch, request: Request
) -> ProviderDetailView:
    """Decide a provider's tier, whether it drains, whether it is banned; its machines follow.

    A ban lets no machine join and none take new work. What runs is not killed: its machine drains, its renters are
    told, and when the last has ended, the machine is shut out.
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
    """Decide a machine's maintenance window, whether it drains, whether it is banned, and (admins) its cloud type.

    A banned machine takes no new work. What runs is not killed: the machine drains, its renters are told, and when the
    last has ended, it is shut out.
    """
    return decisions.change_host(caller, host_id, body, if_match, Origin.of(request))


@app.operation(
    "POST",
    "/v1/admin/hosts/{host_id}/declare-lost",
    roles=OPERATORS,
    errors=(NotFound, HostEnded, HostStillHeard),
)
def declare_host_lost(caller: Principal, host_id: str, body: HostLoss, request: Request) -> HostView:
    """Declare a silent machine lost: all on it ends at its last proven second, renters are told, and it is retired.

    It takes no new work from now on; the rest follows within a minute.
    """
    return decisions.declare_host_lost(caller.user_id, host_id, body, Origin.of(request))


@app.operation("GET", "/v1/admin/agent/install-command", roles=OPERATORS)
def read_install_command() -> InstallCommandView:
    """The command that makes a machine join, with a placeholder where an enrollment code goes."""
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
    """A single-use code with the command that makes one machine join a provider, your own unless one is named."""
    return decisions.issue_enrollment_code(caller.user_id, body, Origin.of(request), claim)


@app.operation("GET", "/v1/admin/risks", roles=OPERATORS, view=RiskPage)
def list_risks(query: RiskQuery) -> Page[Risk]:
    """What should be looked at, the newest first; all that is not resolved unless a state is named."""
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
    """Say that you look after it."""
    return decisions.acknowledge_risk(caller.user_id, risk_id, body, if_match, Origin.of(request))


@app.operation("GET", "/v1/admin/audit", roles=OPERATORS, view=DecisionPage)
def list_decisions(query: DecisionQuery) -> Page[AuditRecord]:
    """What operators did, the newest first."""
    return audit.list_decisions(query)


@app.operation("GET", "/v1/admin/audit/verify", roles=OPERATORS, errors=(Busy,))
def verify_decisions(query: DecisionVerdictQuery) -> AuditVerdict:
    """Whether every act of a month is there and as it was written."""
    return audit.verify(query.month)
