"""Deletes an account: personal data is erased; the ledger and the audit chain stay, with only the user id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from sharemtc import clock
from sharemtc.accounts import api_keys, recovery
from sharemtc.accounts.service import count_user, find_user
from sharemtc.accounts.table import (
    SESSION_PREFIX,
    AccountsRecord,
    Email,
    GoogleLink,
    Session,
    User,
    user_key,
)
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.principals import Role
from sharemtc.problems import Conflict, FieldError, Invalid
from sharemtc.storage.transactions import Transaction

FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class DeletionBlocker:
    """A reason why an account cannot be deleted yet."""

    code: str
    detail: str


class AccountInUse(Conflict):
    """`reasons` lists what must end first."""

    code, title = "account_in_use", "The account is still in use"


# callbacks of domains above accounts: their reasons against it, and their writes in its transaction
FindBlockers = Callable[[str], list[DeletionBlocker]]
AlsoOnDeletion = Callable[[Transaction, str], None]


def check_deletable(user_id: str, session_id: str, password: str | None, blockers: FindBlockers) -> User:
    """The user, if the account can be deleted now. Errors: `WrongPassword`, `TooManyGuesses`, `AccountInUse`."""
    user = find_user(user_id)
    _confirm(user, session_id, password)
    reasons = blockers(user_id)
    if user.role is Role.SUPER_ADMIN:
        reasons.append(
            DeletionBlocker("super_admin", "A super-admin's account cannot be deleted. Transfer the role first.")
        )
    if reasons:
        raise AccountInUse(
            " ".join(reason.detail for reason in reasons), reasons=[asdict(reason) for reason in reasons]
        )
    return user


def delete_account(user: User, origin: Origin, also: AlsoOnDeletion) -> None:
    """Delete the account and erase personal data. Errors: those of `also`."""

    def write(transaction: Transaction) -> None:
        transaction.delete(user, User.pk.exists(), refused=Conflict("The account was already deleted."))
        transaction.delete(Email(f"EMAIL#{user.email}", "EMAIL"))
        if user.google_subject is not None:
            transaction.delete(GoogleLink(f"GOOGLE#{user.google_subject}", "GOOGLE"))
        count_user(transaction, -1)
        also(transaction, user.id)
        audit.append(transaction, user.id, AuditEvent.DELETED, origin)

    audit.commit(write)
    erase_if_deleted(user.id)


def erase_if_deleted(user_id: str) -> None:
    """Erase what is left of a deleted account. Idempotent; does nothing while the account exists."""
    if User.find(user_key(user_id), "USER") is not None:
        return
    api_keys.revoke_all(user_id)
    for record in list(AccountsRecord.query(user_key(user_id), consistent_read=True)):
        record.delete()
    audit.erase_origins(user_id)


def _confirm(user: User, session_id: str, password: str | None) -> None:
    if user.password_hash is not None:
        if password is None:
            raise Invalid(errors=(FieldError("/password", "missing", "Give your password."),))
        recovery.confirm(user, password)
        return
    session = Session.find(user_key(user.id), f"{SESSION_PREFIX}{session_id}") if session_id else None
    if session is None or session.created_at < clock.now() - FRESH:
        detail = "Sign in with Google again, then delete the account within ten minutes."
        raise AccountInUse(detail, reasons=[asdict(DeletionBlocker("sign_in_again", detail))])
