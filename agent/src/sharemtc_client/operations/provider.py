"""The operations under /v1/provider. Written by `make openapi` from the API's description."""

from __future__ import annotations

from sharemtc_client.calls import Call, segment
from sharemtc_client.models.provider import (
    AllocationState,
    EarningsView,
    EnrollmentCodeCreate,
    EnrollmentCodeStateView,
    EnrollmentCodeView,
    HostChange,
    HostedAllocationPage,
    HostPage,
    MarketView,
    OverviewView,
    PriceBookCreate,
    PriceBookPage,
    PriceBookView,
    ProfileSet,
    SelfTestPage,
)
from sharemtc_client.models.shared import EventPage, HostView, ProviderView


def change_own_host(host_id: str, body: HostChange, *, if_match: int | str | None = None) -> Call[HostView]:
    """Change a machine's name, region, labels, network features, maintenance window, or whether it drains.

    Errors: `not_found`, `held_by_operator`, `host_ended`, `precondition_failed`, `storage_full`.
    """
    return Call("PATCH", f"/v1/provider/hosts/{segment(host_id)}", HostView, body=body, if_match=if_match)


def create_enrollment_code(
    body: EnrollmentCodeCreate, *, idempotency_key: str | None = None
) -> Call[EnrollmentCodeView]:
    """A single-use code, valid for 15 minutes, with the command that makes a machine of yours join.

    Errors: `idempotency_key_in_use`, `idempotency_key_reused`, `too_many_hosts`, `storage_full`.
    """
    return Call(
        "POST",
        "/v1/provider/enrollment-codes",
        EnrollmentCodeView,
        body=body,
        keyed=True,
        idempotency_key=idempotency_key,
    )


def list_host_events(host_id: str, *, limit: int | None = None, cursor: str | None = None) -> Call[EventPage]:
    """What happened to the machine, newest first.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET", f"/v1/provider/hosts/{segment(host_id)}/events", EventPage, query={"limit": limit, "cursor": cursor}
    )


def list_hosted_allocations(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    host_id: str | None = None,
    state: AllocationState | None = None,
) -> Call[HostedAllocationPage]:
    """What your machines carry and carried, the newest first. Who rents is not told.

    Errors: `storage_full`.
    """
    return Call(
        "GET",
        "/v1/provider/allocations",
        HostedAllocationPage,
        query={"limit": limit, "cursor": cursor, "host_id": host_id, "state": state},
    )


def list_own_hosts(*, limit: int | None = None, cursor: str | None = None) -> Call[HostPage]:
    """The caller's own machines, newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/hosts", HostPage, query={"limit": limit, "cursor": cursor})


def list_prices(host_id: str, *, limit: int | None = None, cursor: str | None = None) -> Call[PriceBookPage]:
    """All versions of the machine's price book, newest first.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET", f"/v1/provider/hosts/{segment(host_id)}/prices", PriceBookPage, query={"limit": limit, "cursor": cursor}
    )


def list_self_tests(host_id: str, *, limit: int | None = None, cursor: str | None = None) -> Call[SelfTestPage]:
    """What the machine tried on itself, newest first; the last fifty are kept.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        f"/v1/provider/hosts/{segment(host_id)}/self-tests",
        SelfTestPage,
        query={"limit": limit, "cursor": cursor},
    )


def offer_capacity(host_id: str) -> Call[HostView]:
    """Put on sale what the machine now reports: more, or less as far as nothing of it is leased.

    Errors: `not_found`, `capacity_leased`, `host_ended`, `storage_full`.
    """
    return Call("POST", f"/v1/provider/hosts/{segment(host_id)}/capacity", HostView)


def publish_prices(host_id: str, body: PriceBookCreate, *, idempotency_key: str | None = None) -> Call[PriceBookView]:
    """Publish a version of the machine's prices, for now or for a time to come.

    Machines that are rented keep the rate that they were rented at; a quote is honoured until it expires.

    Errors: `not_found`, `host_ended`, `idempotency_key_in_use`, `idempotency_key_reused`, `price_book_full`,
    `storage_full`.
    """
    return Call(
        "POST",
        f"/v1/provider/hosts/{segment(host_id)}/prices",
        PriceBookView,
        body=body,
        keyed=True,
        idempotency_key=idempotency_key,
    )


def read_earnings() -> Call[EarningsView]:
    """What your machines earned, day by day (UTC) and each.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/earnings", EarningsView)


def read_enrollment_code(code_id: str) -> Call[EnrollmentCodeStateView]:
    """What became of a code: waiting, used by a machine, or expired.

    Errors: `not_found`, `storage_full`.
    """
    return Call("GET", f"/v1/provider/enrollment-codes/{segment(code_id)}", EnrollmentCodeStateView)


def read_market() -> Call[MarketView]:
    """What hosts ask now for each unit and each GPU model: lowest, median, highest.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/market", MarketView)


def read_overview() -> Call[OverviewView]:
    """Your machines at a glance: their states and what is rented of them.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/overview", OverviewView)


def read_own_host(host_id: str) -> Call[HostView]:
    """One of the caller's machines.

    Errors: `not_found`, `storage_full`.
    """
    return Call("GET", f"/v1/provider/hosts/{segment(host_id)}", HostView)


def read_profile() -> Call[ProviderView]:
    """The caller as a provider; at version 0 they are none yet.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/profile", ProviderView)


def retire_own_host(host_id: str) -> Call[HostView]:
    """End a machine's part for good, say one that is gone; nothing of it may be leased.

    Errors: `not_found`, `host_ended`, `workloads_left`, `storage_full`.
    """
    return Call("POST", f"/v1/provider/hosts/{segment(host_id)}/retire", HostView)


def write_profile(body: ProfileSet, *, if_match: int | str | None = None) -> Call[ProviderView]:
    """Name yourself as a provider, which makes you one.

    Errors: `precondition_failed`, `storage_full`.
    """
    return Call("PUT", "/v1/provider/profile", ProviderView, body=body, if_match=if_match)
