"""How a user becomes a provider: by asking for a first code, by a name of their own, or by an operator's hand."""

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
    """The provider, or what a user who is none would be: version 0, stored nowhere. Errors: `Unauthenticated`."""
    found = Provider.find(provider_key(user_id), "PROVIDER")
    return found or _new(user_id, accounts.find_user(user_id).name, ProviderTier.COMMUNITY, clock.now(), version=0)


def known(user_id: str) -> Provider | None:
    """The provider, or None for a user who is none."""
    return Provider.find(provider_key(user_id), "PROVIDER")


def ensure_provider(
    user_id: str, *, display_name: str | None = None, tier: ProviderTier = ProviderTier.COMMUNITY
) -> Provider:
    """The provider that this user is, made now if need be; `display_name` and `tier` are for a new one.

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
    """Name oneself, and so become a provider. Errors: `PreconditionFailed`, `providers.ProviderBanned`."""

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
    """The record of a provider that is not stored yet."""
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
