"""Providers for operators: a list with host totals, one provider with its hosts, and metrics over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sharemtc import money
from sharemtc.accounts import service as accounts
from sharemtc.accounts.schemas import normalise_email
from sharemtc.admin.provider_schemas import (
    ProviderDetailView,
    ProviderHostsQuery,
    ProviderMetricsQuery,
    ProviderPage,
    ProviderQuery,
    ProviderRow,
    ProviderSeriesView,
)
from sharemtc.billing import earnings
from sharemtc.hosts import provider_api
from sharemtc.hosts import service as hosts
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.providers.schemas import ProviderView
from sharemtc.storage.unreadable import views
from sharemtc.supply import figures
from sharemtc.supply import service as supply
from sharemtc.telemetry import service as telemetry

if TYPE_CHECKING:
    from sharemtc.hosts.providers.table import Provider

MAX_HOSTS_SHOWN = 200


def list_providers(query: ProviderQuery) -> ProviderPage:
    """Providers, newest users first, each with its host totals."""
    found = providers.list_providers(limit=query.limit, cursor=query.cursor, keep=_wanted(query))
    emails = accounts.emails_of([provider.id for provider in found.items])
    items = views(lambda provider: _row(provider, emails.get(provider.id)), found.items)
    return ProviderPage(items=items, next_cursor=found.next_cursor)


def _wanted(query: ProviderQuery) -> Callable[[Provider], bool]:
    text = query.search or ""
    found = _id_of(text) if "@" in text else text

    def wanted(provider: Provider) -> bool:
        named = found is not None and (found == provider.id or found.casefold() in provider.display_name.casefold())
        return named and query.state in (None, provider.state) and query.tier in (None, provider.tier)

    return wanted


def _id_of(email: str) -> str | None:
    try:
        user = accounts.find_by_email(normalise_email(email))
    except ValueError:
        return None
    return user.id if user is not None else None


def _row(provider: Provider, email: str | None) -> ProviderRow:
    sums = figures.add_up(hosts.statuses_of(hosts.all_of_owner(provider.id)))
    return ProviderRow(
        id=provider.id,
        display_name=provider.display_name,
        email=email,
        tier=provider.tier,
        state=provider.state,
        draining=provider.draining,
        hosts=sums.hosts,
        hosts_ready=sums.ready,
        gpus_used=sums.leased.gpus,
        gpus_total=sums.offered.gpus,
        vcpus_used=sums.leased.vcpus,
        vcpus_total=sums.offered.vcpus,
        created_at=provider.created_at,
    )


def read_provider(provider_id: str, query: ProviderHostsQuery | None = None) -> ProviderDetailView:
    """A provider with a page of its hosts. Errors: `NotFound`; `Invalid` naming `/cursor`."""
    provider = providers.find_provider(provider_id)
    overview = supply.overview(provider_id)
    earned = earnings.read(provider_id)
    found = provider_api.list_hosts(provider_id, query or ProviderHostsQuery())
    return ProviderDetailView(
        **ProviderView.model_validate(provider).model_dump(),
        email=accounts.emails_of([provider_id]).get(provider_id),
        counts=overview.hosts,
        occupancy=overview.occupancy,
        live_allocations=overview.live_allocations,
        thirty_days_micros=earned.thirty_days_micros,
        pending_payout_micros=earned.pending_payout_micros,
        currency=money.CURRENCY,
        hosts=found.items,
        next_cursor=found.next_cursor,
        as_of=overview.as_of,
    )


def read_metrics(provider_id: str, query: ProviderMetricsQuery) -> ProviderSeriesView:
    """One metric over the provider's hosts. Errors: `NotFound`; `Invalid` naming `/from` or `/to`."""
    provider = providers.find_provider(provider_id)
    included = hosts.all_of_owner(provider.id, limit=MAX_HOSTS_SHOWN)
    found = telemetry.fleet_series(included, query.metric_type, query.from_, query.to, limit=query.limit)
    return ProviderSeriesView(
        items=found.points, metric_type=query.metric_type, resolution_s=found.resolution_s, hosts=len(included)
    )
