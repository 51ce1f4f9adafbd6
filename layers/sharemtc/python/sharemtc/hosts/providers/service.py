"""Providers, and operators' decisions about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Self

from pynamodb.expressions.update import Action

from sharemtc.hosts.kinds import ProviderState, ProviderTier
from sharemtc.hosts.providers.table import PROVIDER_SHARDS, Provider, provider_key
from sharemtc.problems import Conflict, Forbidden, NotFound, Problem
from sharemtc.requests import IfMatch
from sharemtc.settings import settings
from sharemtc.storage.pages import Page, page_shards
from sharemtc.storage.records import batch_find
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict


class ProviderBanned(Forbidden):
    """A banned provider gets no enrollment codes and enrolls no hosts."""

    code, title = "provider_banned", "This provider is banned"


class TooManyHosts(Conflict):
    """The provider is not verified and has as many hosts as an unverified one may have."""

    code, title = "too_many_hosts", "Too many hosts for an unverified provider"

    @classmethod
    def beyond(cls, limit: int) -> Self:
        return cls(
            f"An unverified provider may have at most {limit} hosts. Retire one, or ask an operator to verify you.",
            limit=limit,
        )


def find_provider(user_id: str) -> Provider:
    """Errors: `NotFound` for a user who is not a provider."""
    provider = Provider.find(provider_key(user_id), "PROVIDER")
    if provider is None:
        raise NotFound
    return provider


def find_many(user_ids: Iterable[str], *, unreadable: set[str]) -> dict[str, Provider]:
    """The providers among these users, by id; `unreadable` takes the ids of those that cannot be read."""
    ids = list(user_ids)
    unreadable_keys: set[tuple[str, str]] = set()
    found = batch_find(Provider, [(provider_key(id), "PROVIDER") for id in ids], unreadable_keys=unreadable_keys)
    unreadable |= {id for id in ids if (provider_key(id), "PROVIDER") in unreadable_keys}
    return {provider.id: provider for provider in found.values()}


def list_providers(*, limit: int, cursor: str | None, keep: Callable[[Provider], bool]) -> Page[Provider]:
    """The providers that `keep` keeps, the newest users first."""
    return page_shards(Provider.by_provider_shard, _shards(), Provider.id, limit=limit, cursor=cursor, keep=keep)


def number_of_providers() -> int:
    """How many users are providers."""
    return sum(Provider.by_provider_shard.count(shard) for shard in _shards())


def _shards() -> list[str]:
    return [str(shard) for shard in range(PROVIDER_SHARDS)]


def change_provider(
    provider_id: str,
    if_match: IfMatch = IfMatch(),
    *,
    tier: ProviderTier | None = None,
    state: ProviderState | None = None,
    draining: bool | None = None,
    reason: str = "",
    transaction: Transaction | None = None,
) -> Provider:
    """Store an operator's decision; `reason` is kept with the state.

    With `transaction` the writes join it (refused: `WriteConflict`) and the caller commits. The provider's hosts follow
    in `admin.enforcement`. Errors: `NotFound`, `PreconditionFailed`.
    """

    def decide() -> Provider:
        seen = find_provider(provider_id)
        if_match.require(seen.version)
        actions: list[Action] = []
        if tier is not None:
            actions.append(Provider.tier.set(tier))
        if state is not None:
            actions.append(Provider.state.set(state))
        if state is not None or draining is not None:
            actions.append(Provider.state_reason.set(reason))
        if draining is not None:
            actions.append(Provider.draining.set(draining))
        return save(seen, actions, transaction)

    return decide() if transaction is not None else retry_on_conflict(decide)


def demand_active(transaction: Transaction, provider_id: str) -> None:
    """Refuse the transaction with `ProviderBanned` if the provider is banned."""
    provider = Provider(provider_key(provider_id), "PROVIDER")
    transaction.check(provider, Provider.state == ProviderState.ACTIVE, refused=ProviderBanned())


def add_host(transaction: Transaction, provider: Provider) -> None:
    """Count one more host. Refused: `ProviderBanned`, `TooManyHosts`."""
    condition = Provider.state == ProviderState.ACTIVE
    limit = max_hosts(provider)
    if limit is not None:
        condition &= Provider.live_hosts.does_not_exist() | (Provider.live_hosts < limit)

    def refused() -> Problem:
        now = find_provider(provider.id)
        return ProviderBanned() if now.state is ProviderState.BANNED else TooManyHosts.beyond(limit or 0)

    transaction.update(provider, [Provider.live_hosts.add(1)], condition, refused=refused)


def remove_host(transaction: Transaction, provider_id: str) -> None:
    """Count one host less, in the transaction that retires it."""
    provider = Provider(provider_key(provider_id), "PROVIDER")
    transaction.update(provider, [Provider.live_hosts.add(-1)], Provider.pk.exists())


def max_hosts(provider: Provider) -> int | None:
    """How many hosts the provider may have; None without a limit. Operators lift it by raising the tier."""
    limit = settings().unverified_provider_hosts
    return limit if limit and provider.tier is ProviderTier.COMMUNITY else None


def demand_room(provider: Provider) -> None:
    """Errors: `TooManyHosts` when the provider may not add a host."""
    limit = max_hosts(provider)
    if limit is not None and provider.live_hosts >= limit:
        raise TooManyHosts.beyond(limit)


def save(seen: Provider, actions: list[Action], transaction: Transaction | None = None) -> Provider:
    """Update the provider if it is unchanged since it was read. Refused: `WriteConflict`."""
    writes = transaction or Transaction()
    actions.append(Provider.version.set(seen.version + 1))
    writes.update(seen, actions, Provider.version == seen.version, refused=WriteConflict())
    if transaction is None:
        writes.commit()
        return find_provider(seen.id)
    return seen
