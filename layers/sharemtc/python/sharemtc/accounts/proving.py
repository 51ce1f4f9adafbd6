"""Confirms an e-mail address by an email with a link that works once, within a day."""

from __future__ import annotations

from datetime import timedelta

from sharemtc import clock
from sharemtc.accounts import email_tokens, jobs
from sharemtc.accounts.service import AlsoWithUser, find_user
from sharemtc.accounts.table import ProofToken, User
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.problems import Conflict
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict

LIFETIME = timedelta(days=1)


class ProofLinkGone(Conflict):
    """The token is unknown, used, older than a day, or its address is already confirmed. Indistinguishable."""

    code, title = "proof_link_gone", "This link is no longer valid"


class AlreadyProven(Conflict):
    code, title = "email_already_proven", "This address is already confirmed"


def resend_email(user_id: str) -> None:
    """Errors: `AlreadyProven`."""
    if find_user(user_id).email_proven_at is not None:
        raise AlreadyProven
    jobs.enqueue(jobs.SendProof(user_id=user_id))


def make_token(user: User) -> str:
    """A single-use token that confirms the account's address. Only its hash is stored."""
    token = email_tokens.new()
    ProofToken(
        *email_tokens.place(ProofToken, token), user_id=user.id, email=user.email, expires_at=clock.now() + LIFETIME
    ).save()
    return token


def prove(token: str, also: AlsoWithUser, origin: Origin) -> User:
    """Confirm the address of the token's account. `also` adds writes of other domains. Errors: `ProofLinkGone`."""
    return retry_on_conflict(lambda: _prove(token, also, origin))


def _prove(token: str, also: AlsoWithUser, origin: Origin) -> User:
    found = email_tokens.find(ProofToken, token)
    if found is None:
        raise ProofLinkGone
    record, user = found
    if record.email != user.email or user.email_proven_at is not None:
        raise ProofLinkGone
    user.email_proven_at = clock.now()

    def write(transaction: Transaction) -> None:
        transaction.delete(record, ProofToken.pk.exists(), refused=ProofLinkGone())
        unproven = User.pk.exists() & User.email_proven_at.does_not_exist()
        transaction.update(user, [User.email_proven_at.set(user.email_proven_at)], unproven, refused=WriteConflict())
        also(transaction, user)
        audit.append(transaction, user.id, AuditEvent.EMAIL_PROVEN, origin)

    audit.commit(write)
    return user
