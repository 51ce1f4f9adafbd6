"""A user's settings and sessions."""

from __future__ import annotations

from sharemtc import clock
from sharemtc.accounts import service, sessions
from sharemtc.accounts.preferences import Density, Language, Theme
from sharemtc.accounts.schemas import SessionPage, SessionView, SettingsBody
from sharemtc.accounts.table import Session, Settings, User, user_key
from sharemtc.principals import Principal
from sharemtc.problems import Unauthenticated
from sharemtc.requests import IfMatch
from sharemtc.schemas import PageQuery
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict
from sharemtc.storage.unreadable import views


def read_settings(user_id: str) -> Settings:
    """The stored settings, or the defaults at version 0."""
    return Settings.find(user_key(user_id), "SETTINGS") or Settings(
        user_key(user_id),
        "SETTINGS",
        theme=Theme.SYSTEM,
        language=Language.ENGLISH,
        timezone="UTC",
        density=Density.COMFORTABLE,
    )


def write_settings(user_id: str, body: SettingsBody, if_match: IfMatch) -> Settings:
    """Errors: `PreconditionFailed`; `Unauthenticated` when the account was deleted."""

    def decide() -> Settings:
        seen = read_settings(user_id).version
        if_match.require(seen)
        chosen = Settings(
            user_key(user_id),
            "SETTINGS",
            theme=body.theme,
            language=body.language,
            timezone=body.timezone,
            density=body.density,
            version=seen + 1,
            updated_at=clock.now(),
        )
        transaction = Transaction()
        gone = Unauthenticated("This account no longer exists.")
        transaction.check(User(user_key(user_id), "USER"), User.pk.exists(), refused=gone)
        unchanged = Settings.version == seen if seen else Settings.pk.does_not_exist()
        transaction.put(chosen, unchanged, refused=WriteConflict())
        transaction.commit()
        return chosen

    return retry_on_conflict(decide)


def list_sessions(caller: Principal, query: PageQuery) -> SessionPage:
    """Errors: `Unauthenticated` when the account was deleted."""
    found = sessions.list_sessions(service.find_user(caller.user_id), query)

    def row(session: Session) -> SessionView:
        return SessionView(
            id=session.id,
            agent=session.agent,
            address=session.address,
            created_at=session.created_at,
            last_used_at=session.rotated_at,
            expires_at=session.expires_at,
            current=session.id == caller.session_id,
        )

    return SessionPage(items=tuple(views(row, found.items)), next_cursor=found.next_cursor)
