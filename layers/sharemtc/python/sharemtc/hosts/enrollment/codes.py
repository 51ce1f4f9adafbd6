"""A provider's enrollment codes."""

from __future__ import annotations

from sharemtc import clock
from sharemtc.hosts.enrollment import service as enrollment
from sharemtc.hosts.enrollment.schemas import EnrollmentCodeStateView, EnrollmentCodeView
from sharemtc.idempotency import Claim
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction


def create_code(provider_id: str, name: str | None, claim: Claim) -> EnrollmentCodeView:
    """A new code with its install command. Errors: `ProviderBanned`, `TooManyHosts`."""
    transaction = Transaction()
    code, code_id, expires_at = enrollment.issue_code(transaction, provider_id, name)
    command = enrollment.install_command(settings().public_url, code)
    view = EnrollmentCodeView(id=code_id, code=code, expires_at=expires_at, install_command=command)
    claim.record(transaction, view)
    transaction.commit()
    return view


def code_state(provider_id: str, code_id: str) -> EnrollmentCodeStateView:
    """The state of the provider's code. Errors: `NotFound`."""
    code = enrollment.find_code(provider_id, code_id)
    return EnrollmentCodeStateView(
        id=code_id,
        state=enrollment.state_of(code, clock.now()),
        host_id=code.used_by,
        expires_at=code.valid_until,
    )
