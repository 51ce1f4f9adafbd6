"""What a person sees and sets of their account: settings, sessions."""

from __future__ import annotations

from sharemtc import clock
from sharemtc.accounts import service, sessions
from sharemtc.accounts.preferences import Density, Language, Theme
from sharemtc.accounts.schemas import SessionPage, SessionView, SettingsBody
from sharemtc.accounts.table import Settings, User, user_key
from sharemtc.dynamo import Transaction
from sharemtc.identity import Principal
from sharemtc.problems import Unauthenticated
from sharemtc.schemas import PageQuery


def read_settings(user_id: str) -> Settings:
    """What was chosen, or how the console comes."""
    return Settings.find(user_key(user_id), "SETTINGS") or Settings(
        user_key(user_id),
        "SETTINGS",
        theme=Theme.SYSTEM,
        language=Language.ENGLISH,
        timezone="UTC",
        density=Density.COMFORTABLE,
    )


def write_settings(user_id: str, body: SettingsBody) -> Settings:
    """Keep what was chosen. Errors: `Unauthenticated` when the account is gone."""
    chosen = Settings(
        user_key(user_id),
        "SETTINGS",
        theme=body.theme,
        language=body.language,
        timezone=body.timezone,
        density=body.density,
        updated_at=clock.now(),
    )
    transaction = Transaction()
    gone = Unauthenticated("This account does not exist any more.")
    transaction.check(User(user_key(user_id), "USER"), User.pk.exists(), refused=gone)
    transaction.put(chosen)
    transaction.commit()
    return chosen


def list_sessions(caller: Principal, query: PageQuery) -> SessionPage:
    """Where the caller is signed in. Errors: `Unauthenticated` when the account is gone."""
    found = sessions.list_sessions(service.find_user(caller.user_id), query)
    items = tuple(
        SessionView(
            id=session.id,
            agent=session.agent,
            address=session.address,
            created_at=session.created_at,
            last_used_at=session.rotated_at,
            expires_at=session.expires_at,
            current=session.id == caller.session_id,
        )
        for session in found.items
    )
    return SessionPage(items=items, next_cursor=found.next_cursor)
