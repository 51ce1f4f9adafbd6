"""/v1/admin: the fleet as operators see it, and what they decide."""

from sharemtc.audit import acts as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import ActPage, ActQuery, ActVerdictQuery, AuditVerdict
from sharemtc.audit.table import AuditRecord
from sharemtc.dynamo import Busy, Page
from sharemtc.exchange import IfMatch
from sharemtc.fleet import acts, stats
from sharemtc.fleet.schemas import StatsView
from sharemtc.http import Api, Request
from sharemtc.identity import OPERATORS, Principal
from sharemtc.problems import NotFound, PreconditionFailed
from sharemtc.risks import service as risks
from sharemtc.risks.schemas import RiskAcknowledge, RiskPage, RiskQuery, RiskView
from sharemtc.risks.table import Risk

app = Api("admin")


@app.operation("GET", "/v1/admin/stats", roles=OPERATORS)
def get_stats() -> StatsView:
    """The platform in figures, from the records themselves."""
    return stats.read()


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
    return acts.acknowledge_risk(caller.user_id, risk_id, body, if_match, Origin.of(request))


@app.operation("GET", "/v1/admin/audit", roles=OPERATORS, view=ActPage)
def list_acts(query: ActQuery) -> Page[AuditRecord]:
    """What operators did, the newest first."""
    return audit.list_acts(query)


@app.operation("GET", "/v1/admin/audit/verify", roles=OPERATORS, errors=(Busy,))
def verify_acts(query: ActVerdictQuery) -> AuditVerdict:
    """Whether every act of a month is there and as it was written."""
    return audit.verify(query.month)
