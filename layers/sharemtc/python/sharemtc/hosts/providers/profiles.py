"""How a user becomes a provider: with a first enrollment code, a display name, or an operator's decision."""

from __future__ import annotations

from datetime import datetime

from sharemtc import clock
from sharemtc.accounts import service as accounts
from sharemtc.hosts.kinds import ProviderState, ProviderTier
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.providers.table import PROVIDER_SHARDS, Provider, provider_key
from sharemtc.requests import IfMatch
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict


def read_provider(user_id: str) -> Provider:
    """The provider; for a user who is none, an unstored one of version 0. Errors: `Unauthenticated`."""
    found = Provider.find(provider_key(user_id), "PROVIDER")
    return found or _new(user_id, accounts.find_user(user_id).name, ProviderTier.COMMUNITY, clock.now(), version=0)


def known(user_id: str) -> Provider | None:
    return Provider.find(provider_key(user_id), "PROVIDER")


def ensure_provider(
    user_id: str, *, display_name: str | None = None, tier: ProviderTier = ProviderTier.COMMUNITY
) -> Provider:
    """The user's provider, created if missing with `display_name` and `tier`.

    Errors: `Unauthenticated` when the account is gone.
    """

    def decide() -> Provider:
        found = Provider.find(provider_key(user_id), "PROVIDER")
        if found is not None:
            return found
        name = display_name or accounts.find_user(user_id).name
        provider = _new(user_id, name, tier, clock.now(), version=1)
        transaction = Transaction()
        transaction.create(provider, refused=WriteConflict())
        transaction.commit()
        return provider

    return retry_on_conflict(decide)


def rename(user_id: str, display_name: str, if_match: IfMatch) -> Provider:
    """Set the display name; a user who is no provider becomes one. Errors: `PreconditionFailed`, `ProviderBanned`."""

    def decide() -> Provider:
        seen = read_provider(user_id)
        if_match.require(seen.version)
        if seen.state is ProviderState.BANNED:
            raise providers.ProviderBanned
        if seen.version == 0:
            return ensure_provider(user_id, display_name=display_name)
        return providers.save(seen, [Provider.display_name.set(display_name)])

    return retry_on_conflict(decide)


def new_provider(user_id: str, name: str, tier: ProviderTier) -> Provider:
    """A provider that is not stored yet."""
    return _new(user_id, name, tier, clock.now(), version=1)


def _new(user_id: str, name: str, tier: ProviderTier, now: datetime, *, version: int) -> Provider:
    return Provider(
        provider_key(user_id),
        "PROVIDER",
        id=user_id,
        provider_shard=str(clock.choose_index(PROVIDER_SHARDS)),
        display_name=name,
        tier=tier,
        state=ProviderState.ACTIVE,
        version=version,
        created_at=now,
    )
