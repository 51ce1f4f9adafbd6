"""Sessions with refresh token rotation, which detects stolen tokens.

The token is `<user id>.<session id>.<secret>`; only hashes of secrets are stored. Each use replaces it, by a
conditional write, with a successor. Because the response may be lost and two tabs may refresh at once, a replaced token
stays valid until one of its successors was used, and gets another successor each time. Using one invalidates its
siblings.

An older token means that both the owner and a thief have it: the session ends for both. A thief and the owner who use
the same token get different successors, so the second of them to refresh again ends the session.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from pynamodb.expressions.update import Action

from sharemtc import clock
from sharemtc.accounts.table import ENDED_PREFIX, SESSION_PREFIX, EndedSession, EndReason, Session, User, user_key
from sharemtc.audit import service as audit
from sharemtc.audit.origins import Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.ids import IdKind, new_id
from sharemtc.problems import Conflict, NotFound, Unauthenticated
from sharemtc.schemas import PageQuery
from sharemtc.storage.failures import Busy
from sharemtc.storage.pages import Page, page
from sharemtc.storage.transactions import Transaction

LIFETIME = timedelta(days=30)
MAX_SIBLINGS = 4
MAX_ATTEMPTS = 8
MAX_TOKEN_CHARS = 256
SECRET_BYTES = 32


class SessionEnded(Unauthenticated):
    """The refresh token has no session; `reason` says why, if it is known."""

    code, title = "session_ended", "Sign in again"

    def __init__(self, reason: EndReason = EndReason.UNKNOWN) -> None:
        super().__init__(_DETAILS[reason], reason=reason.value)


_DETAILS = {
    EndReason.UNKNOWN: "There is no session, or it has ended.",
    EndReason.EXPIRED: f"The session was not used for {LIFETIME.days} days.",
    EndReason.SIGNED_OUT: "The session was ended from another session.",
    EndReason.PASSWORD_CHANGED: "The password was changed, which ends all other sessions.",
    EndReason.REUSED: "An old refresh token was used again, which suggests that it was stolen. The session was ended.",
}


class _Rotated(Conflict):
    code, title = "rotated", "Replaced by another request"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A session and its new refresh token."""

    session: Session
    token: str


def open_session(transaction: Transaction, user: User, origin: Origin) -> Refreshed:
    """Open a session in `transaction`, with the epoch that `user` had when the credentials were checked."""
    now, secret, session_id = clock.now(), clock.new_secret(SECRET_BYTES), new_id(IdKind.SESSION)
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
    """Replace a refresh token. A token whose successor was used ends the session. Errors: `SessionEnded`."""
    for _ in range(MAX_ATTEMPTS):
        session, shown = _find(token)
        unused = (session.secret_hash, *session.sibling_hashes)
        if _is_among(shown, unused):
            siblings: tuple[str, ...] = ()
        elif _is_among(shown, (session.previous_hash or "",)):
            siblings = unused[:MAX_SIBLINGS]
        else:
            # a secret that the session never had, or no longer has: someone else knows its id
            _end_reused(session, origin)
            raise SessionEnded(EndReason.REUSED)
        try:
            return _replace(session, shown, siblings)
        except _Rotated:
            continue
    raise Busy("There are many simultaneous refreshes of this session. Try again in a moment.")


def list_sessions(user: User, query: PageQuery) -> Page[Session]:
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
    """Errors: `NotFound`."""
    session = Session.find(user_key(user.id), f"{SESSION_PREFIX}{session_id}")
    if session is None or session.expires_at <= clock.now() or session.epoch != user.session_epoch:
        raise NotFound("There is no such session.")

    def write(transaction: Transaction) -> None:
        transaction.delete(session, Session.pk.exists(), refused=NotFound("There is no such session."))
        transaction.put(_ended(session, EndReason.SIGNED_OUT))
        audit.append(transaction, user.id, AuditEvent.SESSION_REVOKED, origin, session_id=session_id)

    audit.commit(write)


def end_others(transaction: Transaction, user: User, kept_session_id: str | None) -> list[Action]:
    """End all sessions but one. Returns the actions for the `User` record, which start a new epoch; `transaction`
    moves the kept session into it.
    """
    epoch = user.session_epoch + 1
    if kept_session_id:
        kept = Session(user_key(user.id), f"{SESSION_PREFIX}{kept_session_id}")
        transaction.update(kept, [Session.epoch.set(epoch)], Session.pk.exists(), refused=SessionEnded())
    return [User.session_epoch.set(epoch)]


def delete_ended(user_id: str, epoch: int) -> None:
    """Delete the records of sessions of earlier epochs."""
    for session in Session.under(user_key(user_id), SESSION_PREFIX):
        if session.epoch < epoch:
            transaction = Transaction()
            transaction.delete(session)
            transaction.put(_ended(session, EndReason.PASSWORD_CHANGED))
            transaction.commit()


def _end_reused(session: Session, origin: Origin) -> None:
    def write(transaction: Transaction) -> None:
        transaction.delete(session)
        transaction.put(_ended(session, EndReason.REUSED))
        audit.append(transaction, session.user_id, AuditEvent.REFRESH_REUSED, origin, session_id=session.id)

    audit.commit(write)


def revoke(token: str | None) -> None:
    """End the session of a refresh token; ignores invalid tokens."""
    try:
        session, secret_hash = _find(token)
    except SessionEnded:
        return
    if _is_among(secret_hash, (session.secret_hash, *session.sibling_hashes, session.previous_hash or "")):
        session.delete()


def revoke_by_id(user_id: str, session_id: str) -> None:
    Session(user_key(user_id), f"{SESSION_PREFIX}{session_id}").delete()


def _find(token: str | None) -> tuple[Session, str]:
    parts = (token or "").split(".")
    if len(parts) != 3 or not all(parts) or len(token or "") > MAX_TOKEN_CHARS:
        raise SessionEnded
    user_id, session_id, secret = parts
    session = Session.find(user_key(user_id), f"{SESSION_PREFIX}{session_id}")
    if session is None:
        ended = EndedSession.find(user_key(user_id), f"{ENDED_PREFIX}{session_id}")
        raise SessionEnded(EndReason.UNKNOWN if ended is None else ended.reason)
    # DynamoDB's time to live deletes late
    if session.expires_at <= clock.now():
        raise SessionEnded(EndReason.EXPIRED)
    return session, _hash(secret)


def _replace(session: Session, shown_hash: str, siblings: tuple[str, ...]) -> Refreshed:
    now, secret = clock.now(), clock.new_secret(SECRET_BYTES)
    transaction = Transaction()
    transaction.update(
        session,
        [
            Session.secret_hash.set(_hash(secret)),
            Session.sibling_hashes.set(siblings),
            Session.previous_hash.set(shown_hash),
            Session.rotated_at.set(now),
            Session.expires_at.set(now + LIFETIME),
        ],
        Session.secret_hash == session.secret_hash,
        refused=_Rotated(),
    )
    transaction.commit()
    return Refreshed(session, f"{session.user_id}.{session.id}.{secret}")


def _ended(session: Session, reason: EndReason) -> EndedSession:
    sk = f"{ENDED_PREFIX}{session.id}"
    return EndedSession(session.pk, sk, reason=reason, expires_at=session.expires_at)


def _is_among(shown: str, hashes: Iterable[str]) -> bool:
    return any(hmac.compare_digest(shown, known) for known in hashes)


def _hash(secret: str) -> str:
    # 256 random bits need neither a salt nor a slow hash
    return hashlib.sha256(secret.encode()).hexdigest()
