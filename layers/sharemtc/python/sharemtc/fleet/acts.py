"""What operators decide: each act with its reason, its evidence and its event in one transaction."""

from __future__ import annotations

from sharemtc.audit import acts as audit
from sharemtc.audit.acts import Act
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.dynamo import Transaction
from sharemtc.exchange import IfMatch
from sharemtc.risks import service as risks
from sharemtc.risks.schemas import RiskAcknowledge
from sharemtc.risks.table import Risk


def acknowledge_risk(operator_id: str, risk_id: str, body: RiskAcknowledge, if_match: IfMatch, origin: Origin) -> Risk:
    """Take a risk on. Errors: see `risks.service.acknowledge`."""

    def write(transaction: Transaction) -> None:
        risk = risks.acknowledge(transaction, risk_id, operator_id, body.note, if_match)
        # whose thing it is learns nothing: a risk may be a suspicion
        act = Act(AuditEvent.RISK_ACKNOWLEDGED, operator_id, origin, risk.id, None, body.note)
        act.append(transaction, kind=risk.kind, about=risk.resource_id)

    audit.commit(write)
    return risks.find(risk_id)
