"""Operators' decisions, each with its reason, audit entry and event in one transaction.

The decision is stored with the provider or host; `enforcement` applies it to states, at once and in each run of the
risk rules, so that an interrupted decision is completed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sharemtc import clock
from sharemtc.accounts import service as accounts
from sharemtc.admin import enforcement
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
)
from sharemtc.admin.providers import read_provider
from sharemtc.audit import decisions as audit
from sharemtc.audit.decisions import Decision
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.events import service as event_log
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts import provider_api, transitions, updates
from sharemtc.hosts import service as hosts
from sharemtc.hosts.enrollment import service as enrollment
from sharemtc.hosts.kinds import ProviderState
from sharemtc.hosts.providers import profiles
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.providers.schemas import ProviderView
from sharemtc.hosts.schemas import HostView
from sharemtc.hosts.states import StateReason
from sharemtc.idempotency import Claim
from sharemtc.principals import ADMINS, Principal
from sharemtc.problems import Conflict, FieldError, Forbidden, Invalid
from sharemtc.requests import IfMatch
from sharemtc.risks import service as risks
from sharemtc.risks.schemas import RiskAcknowledge
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction

if TYPE_CHECKING:
    from sharemtc.risks.table import Risk

# owners see that an operator decided, not which
OPERATOR = "operator"
# hosts in the response to a change; further ones are read in pages
MAX_HOSTS_AFTER_CHANGE = 20


class ProviderExists(Conflict):
    """The user already is a provider."""

    code, title = "provider_known", "This user already is a provider"


def create_provider(operator_id: str, body: ProviderCreate, origin: Origin, claim: Claim) -> ProviderView:
    """Make a user a provider. Errors: `Invalid` when no user has that address, `ProviderExists`."""
    user = accounts.find_by_email(body.email)
    if user is None:
        raise Invalid(errors=(FieldError("/email", "unknown_user", "There is no account with this e-mail address."),))
    provider = profiles.new_provider(user.id, body.display_name or user.name, body.tier)
    view = ProviderView.model_validate(provider)

    def write(transaction: Transaction) -> None:
        transaction.create(provider, refused=ProviderExists())
        claim.record(transaction, view)
        decision = Decision(AuditEvent.PROVIDER_CREATED, operator_id, origin, user.id, user.id, "")
        decision.append(transaction, tier=body.tier)

    audit.commit(write)
    return view


def change_provider(
    operator_id: str, provider_id: str, body: ProviderChange, if_match: IfMatch, origin: Origin
) -> ProviderDetailView:
    """Change a provider's tier, drain or ban it, and apply that to its hosts.

    Errors: `NotFound`, `PreconditionFailed`.
    """

    def write(transaction: Transaction) -> None:
        providers.change_provider(
            provider_id,
            if_match,
            tier=body.tier,
            state=body.state,
            draining=body.draining,
            reason=body.reason,
            transaction=transaction,
        )
        changes = _changes(body)
        event_log.append(
            transaction,
            provider_id,
            EventType.PROVIDER_BANNED if body.state is ProviderState.BANNED else EventType.PROVIDER_CHANGED,
            provider_id,
            reason=EventReason.OPERATOR,
            actor=OPERATOR,
            at=clock.now(),
            detail=body.reason,
        )
        decision = Decision(AuditEvent.PROVIDER_CHANGED, operator_id, origin, provider_id, provider_id, body.reason)
        decision.append(transaction, **changes)

    audit.commit(write)
    enforcement.enforce(providers.find_provider(provider_id))
    return read_provider(provider_id, ProviderHostsQuery(limit=MAX_HOSTS_AFTER_CHANGE))


def change_host(caller: Principal, host_id: str, body: HostDecision, if_match: IfMatch, origin: Origin) -> HostView:
    """Errors: `NotFound`, `PreconditionFailed`, `Invalid`, `HostEnded`, `Forbidden`."""
    host = hosts.find(host_id)
    # the cloud type is a promise to renters, which only admins may give
    if body.cloud_type is not None and caller.role not in ADMINS:
        raise Forbidden("Changing the cloud type requires one of these roles: admin, super-admin.")
    decision = Decision(AuditEvent.HOST_CHANGED, caller.user_id, origin, host.id, host.owner_id, body.reason)
    changes = _changes(body)
    updates.decide_for_host(
        host,
        if_match,
        actor=OPERATOR,
        reason=body.reason,
        draining=body.draining,
        cloud_type=body.cloud_type,
        maintenance=body.maintenance,
        end_maintenance="maintenance" in body.model_fields_set and body.maintenance is None,
        banned=body.banned,
        also=lambda transaction: decision.append(transaction, **changes),
    )
    if body.banned is not None:
        enforcement.enforce_on_host(hosts.find(host_id), profiles.known(host.owner_id))
    return provider_api.view(hosts.find(host_id))


def declare_host_lost(operator_id: str, host_id: str, body: HostLoss, origin: Origin) -> HostView:
    """Declare a silent host lost: it takes no new work, and the reconciler ends its workloads and retires it.

    Errors: `NotFound`, `HostStillOnline`, `HostEnded`.
    """
    host = hosts.find(host_id)
    if host.lost_reason is not None:
        return provider_api.view(host)
    transitions.demand_silent(host)
    decision = Decision(AuditEvent.HOST_DECLARED_LOST, operator_id, origin, host.id, host.owner_id, body.reason)

    def write(transaction: Transaction) -> None:
        host.refresh(consistent_read=True)
        transitions.add_loss(transaction, host, body.reason)
        decision.append(transaction)

    audit.commit(write)
    transitions.drain(host, reason=StateReason.DECLARED_LOST, actor=OPERATOR, detail=body.reason)
    return provider_api.view(hosts.find(host_id))


def read_install_command() -> InstallCommandView:
    """The install command, with a placeholder for the enrollment code."""
    command = enrollment.install_command(settings().public_url, enrollment.CODE_PLACEHOLDER)
    return InstallCommandView(install_command=command, placeholder=enrollment.CODE_PLACEHOLDER)


def issue_enrollment_code(
    operator_id: str, body: ProviderEnrollmentCodeCreate, origin: Origin, claim: Claim
) -> ProviderEnrollmentCodeView:
    """A code for the provider, or for the operator's own hosts. Errors: `NotFound`, `ProviderBanned`."""
    provider_id = body.provider_id or profiles.ensure_provider(operator_id).id
    provider = providers.find_provider(provider_id)

    def write(transaction: Transaction) -> ProviderEnrollmentCodeView:
        code, code_id, expires_at = enrollment.issue_code(transaction, provider.id, body.name)
        made = ProviderEnrollmentCodeView(
            code_id=code_id,
            install_command=enrollment.install_command(settings().public_url, code),
            expires_at=expires_at,
            provider_id=provider.id,
        )
        claim.record(transaction, made)
        decision = Decision(AuditEvent.ENROLLMENT_CODE_ISSUED, operator_id, origin, code_id, provider.id, "")
        decision.append(transaction)
        return made

    return audit.commit(write)


def acknowledge_risk(operator_id: str, risk_id: str, body: RiskAcknowledge, if_match: IfMatch, origin: Origin) -> Risk:
    """Errors: see `risks.service.acknowledge`."""

    def write(transaction: Transaction) -> None:
        risk = risks.acknowledge(transaction, risk_id, operator_id, body.note, if_match)
        # without an owner, so that the owner gets no event: a risk may be a suspicion
        decision = Decision(AuditEvent.RISK_ACKNOWLEDGED, operator_id, origin, risk.id, None, body.note)
        decision.append(transaction, kind=risk.kind, about=risk.resource_id)

    audit.commit(write)
    return risks.find(risk_id)


def _changes(body: ProviderChange | HostDecision) -> dict[str, str]:
    """The fields that were sent, as JSON texts, for the audit entry."""
    sent = body.model_dump(mode="json", exclude={"reason"}, exclude_unset=True)
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()}
