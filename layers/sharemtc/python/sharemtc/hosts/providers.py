"""Providers: users with supply, and what operators decide of them."""

from __future__ import annotations

from pynamodb.expressions.update import Action

from sharemtc.dynamo import Moved, Transaction, decide_again
from sharemtc.exchange import IfMatch
from sharemtc.hosts.kinds import ProviderState, ProviderTier
from sharemtc.hosts.table import Provider, provider_key
from sharemtc.problems import Forbidden, NotFound, PreconditionFailed


class ProviderBanned(Forbidden):
    """The provider was banned: no codes, no machines."""

    code, title = "provider_banned", "This provider is banned"


def find_provider(user_id: str) -> Provider:
    """The provider. Errors: `NotFound` for a user who is none."""
    provider = Provider.find(provider_key(user_id), "PROVIDER")
    if provider is None:
        raise NotFound
    return provider


def change_provider(
    provider_id: str,
    if_match: IfMatch | None = None,
    *,
    tier: ProviderTier | None = None,
    state: ProviderState | None = None,
    draining: bool | None = None,
    reason: str = "",
    transaction: Transaction | None = None,
) -> Provider:
    """What operators decide of a provider; `reason` is kept with the state.

    With `transaction` the writes join it (refused: `Moved`) and the caller commits. Its hosts follow by the fleet's
    rules. Errors: `NotFound`, `PreconditionFailed`.
    """

    def decide() -> Provider:
        seen = find_provider(provider_id)
        demand_version(seen, if_match or IfMatch())
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

    return decide() if transaction is not None else decide_again(decide)


def demand_active(transaction: Transaction, provider_id: str) -> None:
    """Let the transaction happen only if the provider is not banned. Refused: `ProviderBanned`."""
    provider = Provider(provider_key(provider_id), "PROVIDER")
    transaction.check(provider, Provider.state == ProviderState.ACTIVE, refused=ProviderBanned())


def save(seen: Provider, actions: list[Action], transaction: Transaction | None = None) -> Provider:
    """Change the provider if it is still as it was read. Refused: `Moved`."""
    writes = transaction or Transaction()
    actions.append(Provider.version.set(seen.version + 1))
    writes.update(seen, actions, Provider.version == seen.version, refused=Moved())
    if transaction is None:
        writes.commit()
        return find_provider(seen.id)
    return seen


def demand_version(seen: Provider, if_match: IfMatch) -> None:
    """Errors: `PreconditionFailed` when it is not a version that the caller names."""
    if if_match.versions is not None and str(seen.version) not in if_match.versions:
        raise PreconditionFailed(f"The provider is at version {seen.version} now. Read it again, then decide.")
