"""Changes a password with the current one, or resets it with an email to the account's address.

The email's token works once, within half an hour, and only while the password has not changed, so that a change
invalidates all earlier emails.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.accounts import api_keys, email_tokens, login_throttle, passwords, sessions
from sharemtc.accounts.login_throttle import Bucket
from sharemtc.accounts.schemas import PasswordChange, PasswordReset
from sharemtc.accounts.service import AlsoWithUser, find_user, reject_weak
from sharemtc.accounts.table import ResetToken, User, user_key
from sharemtc.audit import service as audit
from sharemtc.audit.origins import INTERNAL, Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.client_addresses import counted_as
from sharemtc.problems import Conflict, FieldError, Invalid
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict

LIFETIME = timedelta(minutes=30)
CONFIRMATIONS = 10
REQUESTS_PER_SOURCE = 20
EMAILS_PER_ADDRESS = 3


class WrongPassword(Invalid):
    code, title = "wrong_password", "The current password is wrong"


class ResetLinkGone(Conflict):
    """The token is unknown, used, older than half an hour, or the password has changed. Indistinguishable."""

    code, title = "reset_link_gone", "This link is no longer valid. Request a new one"


class PasswordMoved(WriteConflict):
    code, title = "password_moved", "The password was changed by another request"


def confirm(user: User, password: str, pointer: str = "/password") -> None:
    """Check the current password. Errors: `WrongPassword`, `TooManyGuesses`."""
    slots = login_throttle.take([Bucket(f"confirm {user.id}", CONFIRMATIONS)])
    if not passwords.matches(password, user.password_hash):
        message = "This is not your current password."
        raise WrongPassword(errors=(FieldError(pointer, "wrong_password", message),))
    login_throttle.release(slots)


def change_password(user_id: str, session_id: str, body: PasswordChange, origin: Origin) -> None:
    """Set a password and end all other sessions. Errors: `WrongPassword`, `Invalid`, `TooManyGuesses`."""
    user = find_user(user_id)
    confirm(user, body.current_password, "/current_password")
    reject_weak(body.password, user.email)
    fresh = passwords.hash_password(body.password)

    def write(transaction: Transaction) -> None:
        ended = sessions.end_others(transaction, user, session_id)
        _set_password(transaction, user, fresh, ended)
        audit.append(transaction, user.id, AuditEvent.PASSWORD_CHANGED, origin)

    audit.commit(write)
    sessions.delete_ended(user.id, user.session_epoch + 1)


def limit_requests(origin: Origin) -> None:
    """Errors: `TooManyGuesses` when one network address requests too many emails, to any address."""
    login_throttle.take([Bucket(f"forgot from {counted_as(origin.address)}", REQUESTS_PER_SOURCE)])


def may_send_to(email: str, about: str = "emails") -> bool:
    """Count an email to this address; False when it gets too many. The requester does not learn which."""
    try:
        login_throttle.take([Bucket(f"{about} to {email}", EMAILS_PER_ADDRESS)])
    except login_throttle.TooManyGuesses:
        return False
    return True


def make_token(user: User, origin: Origin) -> str:
    token = email_tokens.new()
    record = ResetToken(
        *email_tokens.place(ResetToken, token),
        user_id=user.id,
        password_mark=_mark(user),
        expires_at=clock.now() + LIFETIME,
    )

    def write(transaction: Transaction) -> None:
        transaction.create(record)
        audit.append(transaction, user.id, AuditEvent.PASSWORD_RESET_ASKED, origin)

    audit.commit(write)
    return token


def reset_password(body: PasswordReset, also: AlsoWithUser, origin: Origin) -> None:
    """Set the password and end all sessions. The token also confirms the address: `also` adds writes for that.

    Errors: `ResetLinkGone`, `Invalid`.
    """
    retry_on_conflict(lambda: _reset_password(body, also, origin))


def _reset_password(body: PasswordReset, also: AlsoWithUser, origin: Origin) -> None:
    found = email_tokens.find(ResetToken, body.token)
    if found is None:
        raise ResetLinkGone
    record, user = found
    if record.password_mark != _mark(user):
        raise ResetLinkGone
    reject_weak(body.password, user.email)
    fresh = passwords.hash_password(body.password)
    unproven = user.email_proven_at is None

    def write(transaction: Transaction) -> None:
        transaction.delete(record, ResetToken.pk.exists(), refused=ResetLinkGone())
        actions = sessions.end_others(transaction, user, None)
        if unproven:
            user.email_proven_at = clock.now()
            actions.append(User.email_proven_at.set(user.email_proven_at))
            also(transaction, user)
        _set_password(transaction, user, fresh, actions)
        audit.append(transaction, user.id, AuditEvent.PASSWORD_RESET, origin)

    try:
        audit.commit(write)
    except PasswordMoved as error:
        raise ResetLinkGone from error
    sessions.delete_ended(user.id, user.session_epoch + 1)
    if unproven:
        # the account may have been registered by someone else, whose API keys must not stay valid
        api_keys.revoke_all(user.id)


def set_operator_password(user_id: str, password: str) -> None:
    """Set the password of the deployment's secret and end all sessions; does nothing if it is already set."""
    user = User.find(user_key(user_id), "USER")
    if user is None or passwords.matches(password, user.password_hash):
        return
    fresh = passwords.hash_password(password)

    def write(transaction: Transaction) -> None:
        _set_password(transaction, user, fresh, sessions.end_others(transaction, user, None))
        audit.append(transaction, user.id, AuditEvent.PASSWORD_RESET, INTERNAL)

    audit.commit(write)
    sessions.delete_ended(user.id, user.session_epoch + 1)


def _set_password(transaction: Transaction, user: User, fresh: str, actions: list[Action]) -> None:
    unchanged = (
        User.password_hash.does_not_exist() if user.password_hash is None else User.password_hash == user.password_hash
    )
    transaction.update(user, [User.password_hash.set(fresh), *actions], unchanged, refused=PasswordMoved())


def _mark(user: User) -> str:
    return hashlib.sha256((user.password_hash or "").encode()).hexdigest()
