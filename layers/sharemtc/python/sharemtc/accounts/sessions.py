"""Sessions: a refresh token per sign-in that is replaced at every use, so that a stolen one shows itself.

The token is `<user id>.<session id>.<secret>`; only the secret's hash is stored. Using it replaces it by a conditional
write. A token that was replaced already means that two hold it, the owner and a thief: the session ends for both.

Except within `OVERLAP` of its replacement: there two tabs of one browser refreshed at once. The second gets an access
token and no new refresh token, since the browser they share already has it from the first. A thief gains no more by
that than one access token, and the owner's next refresh, or theirs, ends the session.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.accounts.table import SESSION_PREFIX, Session, User, user_key
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.dynamo import Page, Transaction, page
from sharemtc.problems import Conflict, NotFound, Unauthenticated
from sharemtc.schemas import PageQuery

LIFETIME = timedelta(days=30)
OVERLAP = timedelta(seconds=10)
MAX_TOKEN_CHARS = 256
SECRET_BYTES = 32


class SessionEnded(Unauthenticated):
    """The refresh token is missing, unknown, replaced, expired or revoked. All of them read the same."""

    code, title = "session_ended", "Sign in again"


class _Rotated(Conflict):
    code, title = "rotated", "Replaced by another request"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A session that goes on; `token` is None when another tab has the new one already."""

    session: Session
    token: str | None


def open_session(transaction: Transaction, user: User, origin: Origin) -> Refreshed:
    """Begin a session in `transaction`, of the epoch in which the person's credentials were looked at."""
    now, secret, session_id = clock.now(), clock.new_secret(SECRET_BYTES), clock.new_id("ses")
    session = Session(
        user_key(user.id),
        f"{SESSION_PREFIX}{session_id}",
        id=session_id,
        user_id=user.id,
        secret_hash=_hash(secret),
        epoch=user.session_epoch,
        address=origin.address,
        agent=origin.agent,
        created_at=now,
        rotated_at=now,
        expires_at=now + LIFETIME,
    )
    transaction.create(session)
    return Refreshed(session, f"{user.id}.{session_id}.{secret}")


def rotate(token: str | None, origin: Origin) -> Refreshed:
    """Replace a refresh token. Errors: `SessionEnded`; a token replaced before ends the session first."""
    session, secret_hash = _find(token)
    if hmac.compare_digest(session.secret_hash, secret_hash):
        try:
            return _replace(session)
        except _Rotated:
            session, secret_hash = _find(token)
    just_replaced = clock.now() - session.rotated_at <= OVERLAP
    if just_replaced and hmac.compare_digest(session.previous_hash or "", secret_hash):
        return Refreshed(session, None)
    # a secret that the session never had, or had long ago: its id is known to someone it was not given to
    _end_reused(session, origin)
    raise SessionEnded


def list_sessions(user: User, query: PageQuery) -> Page[Session]:
    """The sessions that go on, the newest first."""
    now = clock.now()
    return page(
        Session,
        user_key(user.id),
        limit=query.limit,
        cursor=query.cursor,
        range_condition=Session.sk.startswith(SESSION_PREFIX),
        keep=lambda session: session.expires_at > now and session.epoch == user.session_epoch,
    )


def end(user: User, session_id: str, origin: Origin) -> None:
    """End one of a person's sessions. Errors: `NotFound`."""
    session = Session.find(user_key(user.id), f"{SESSION_PREFIX}{session_id}")
    if session is None or session.expires_at <= clock.now() or session.epoch != user.session_epoch:
        raise NotFound("There is no such session.")

    def write(transaction: Transaction) -> None:
        transaction.delete(session, Session.pk.exists(), refused=NotFound("There is no such session."))
        audit.append(transaction, user.id, AuditEvent.SESSION_REVOKED, origin, session_id=session_id)

    audit.commit(write)


def end_others(transaction: Transaction, user: User, kept_session_id: str | None) -> list[Action]:
    """End every session but one, however many: the actions on the `User` record that do it.

    `transaction` moves the session that is kept into the new epoch.
    """
    epoch = user.session_epoch + 1
    if kept_session_id:
        kept = Session(user_key(user.id), f"{SESSION_PREFIX}{kept_session_id}")
        transaction.update(kept, [Session.epoch.set(epoch)], Session.pk.exists(), refused=SessionEnded())
    return [User.session_epoch.set(epoch)]


def forget_ended(user_id: str, epoch: int) -> None:
    """Tidy away the sessions of epochs before; they are over already."""
    for session in Session.under(user_key(user_id), SESSION_PREFIX):
        if session.epoch < epoch:
            session.delete()


def _end_reused(session: Session, origin: Origin) -> None:
    def write(transaction: Transaction) -> None:
        transaction.delete(session)
        audit.append(transaction, session.user_id, AuditEvent.REFRESH_REUSED, origin, session_id=session.id)

    audit.commit(write)


def revoke(token: str | None) -> None:
    """End the session of a refresh token. A token that is not good ends nothing, and that is no error."""
    try:
        session, secret_hash = _find(token)
    except SessionEnded:
        return
    if secret_hash in (session.secret_hash, session.previous_hash):
        session.delete()


def _find(token: str | None) -> tuple[Session, str]:
    parts = (token or "").split(".")
    if len(parts) != 3 or not all(parts) or len(token or "") > MAX_TOKEN_CHARS:
        raise SessionEnded
    user_id, session_id, secret = parts
    session = Session.find(user_key(user_id), f"{SESSION_PREFIX}{session_id}")
    # time to live deletes late: a session past its time is none
    if session is None or session.expires_at <= clock.now():
        raise SessionEnded
    return session, _hash(secret)


def _replace(session: Session) -> Refreshed:
    now, secret = clock.now(), clock.new_secret(SECRET_BYTES)
    transaction = Transaction()
    transaction.update(
        session,
        [
            Session.secret_hash.set(_hash(secret)),
            Session.previous_hash.set(session.secret_hash),
            Session.rotated_at.set(now),
            Session.expires_at.set(now + LIFETIME),
        ],
        Session.secret_hash == session.secret_hash,
        refused=_Rotated(),
    )
    transaction.commit()
    return Refreshed(session, f"{session.user_id}.{session.id}.{secret}")


def _hash(secret: str) -> str:
    # 256 random bits need no salt and no slow hash
    return hashlib.sha256(secret.encode()).hexdigest()
