"""Proving an e-mail address: by a letter that goes there, whose link works once and for a day."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sharemtc import clock
from sharemtc.accounts.service import AlsoWithUser
from sharemtc.accounts.table import ProofToken, User, user_key
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.dynamo import Moved, Transaction, decide_again
from sharemtc.problems import Conflict

LIFETIME = timedelta(days=1)
TOKEN_BYTES = 32


class ProofLinkGone(Conflict):
    """Never made, used, older than a day, or for an address that is proven already. All of them read the same."""

    code, title = "proof_link_gone", "This link does not work any more"


class AlreadyProven(Conflict):
    """There is nothing left to prove."""

    code, title = "email_already_proven", "This address is confirmed already"


def make_token(user: User) -> str:
    """A token that proves the account's address once. Only its hash is stored."""
    token = clock.new_secret(TOKEN_BYTES)
    ProofToken(_key(token), "PROOF", user_id=user.id, email=user.email, expires_at=clock.now() + LIFETIME).save()
    return token


def prove(token: str, also: AlsoWithUser, origin: Origin) -> User:
    """Note that the address of the token's account is its owner's. `also` adds what follows from it.

    Errors: `ProofLinkGone`.
    """
    return decide_again(lambda: _prove(token, also, origin))


def _prove(token: str, also: AlsoWithUser, origin: Origin) -> User:
    record = ProofToken.find(_key(token), "PROOF")
    user = User.find(user_key(record.user_id), "USER") if record is not None else None
    if record is None or user is None or record.expires_at <= clock.now() or record.email != user.email:
        raise ProofLinkGone
    if user.email_proven_at is not None:
        raise ProofLinkGone
    user.email_proven_at = clock.now()

    def write(transaction: Transaction) -> None:
        transaction.delete(record, ProofToken.pk.exists(), refused=ProofLinkGone())
        unproven = User.pk.exists() & User.email_proven_at.does_not_exist()
        transaction.update(user, [User.email_proven_at.set(user.email_proven_at)], unproven, refused=Moved())
        also(transaction, user)
        audit.append(transaction, user.id, AuditEvent.EMAIL_PROVEN, origin)

    audit.commit(write)
    return user


def _key(token: str) -> str:
    return f"PROOF#{hashlib.sha256(token.encode()).hexdigest()}"
