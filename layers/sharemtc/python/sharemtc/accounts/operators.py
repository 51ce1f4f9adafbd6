"""The sign-in of operators: only their accounts, with separate attempt limits, and every attempt is recorded.

Attempts at the ordinary sign-in do not count here, nor the other way round.
"""

from __future__ import annotations

from sharemtc.accounts import login_throttle, passwords, trusted_browsers
from sharemtc.accounts.login_throttle import Bucket
from sharemtc.accounts.schemas import LoginBody
from sharemtc.accounts.service import SignedIn, WrongCredentials, find_by_email, sign_in
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.client_addresses import counted_as
from sharemtc.principals import OPERATORS

ACCOUNT_LIMIT = 10
ACCOUNT_FROM_ONE_ADDRESS_LIMIT = 5
ADDRESS_LIMIT = 10
DEVICE_LIMIT = 10


def log_in(body: LoginBody, origin: Origin, device_token: str | None) -> SignedIn:
    """Errors: `WrongCredentials`, also for users who are not operators; `TooManyGuesses`."""
    user = find_by_email(body.email)
    subject = user.id if user is not None else audit.unknown_subject(body.email)
    try:
        slots = login_throttle.take(
            _buckets_of(body.email, origin.address, trusted_browsers.known(device_token, body.email))
        )
    except login_throttle.TooManyGuesses:
        audit.record_event(subject, AuditEvent.OPERATOR_SIGN_IN_LIMITED, origin)
        raise
    matches = passwords.matches(body.password, user.password_hash if user is not None else None)
    if user is None or not matches or user.role not in OPERATORS:
        audit.record_event(subject, AuditEvent.OPERATOR_SIGN_IN_FAILED, origin)
        raise WrongCredentials
    login_throttle.release(slots)
    return sign_in(user, AuditEvent.OPERATOR_SIGNED_IN, origin, password=body.password)


def _buckets_of(email: str, address: str, device_id: str | None) -> tuple[Bucket, ...]:
    if device_id is not None:
        return (Bucket(f"operator device {device_id}", DEVICE_LIMIT),)
    source = counted_as(address)
    return (
        Bucket(f"operator {email}", ACCOUNT_LIMIT),
        Bucket(f"operator {email} from {source}", ACCOUNT_FROM_ONE_ADDRESS_LIMIT),
        Bucket(f"operators from {source}", ADDRESS_LIMIT),
    )
