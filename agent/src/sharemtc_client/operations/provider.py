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
    """Change a host's name, region, labels, network features or maintenance window, or drain it.

    Errors: `not_found`, `held_by_operator`, `host_ended`, `precondition_failed`, `storage_full`.
    """
    return Call("PATCH", f"/v1/provider/hosts/{segment(host_id)}", HostView, body=body, if_match=if_match)


def create_enrollment_code(
    body: EnrollmentCodeCreate, *, idempotency_key: str | None = None
) -> Call[EnrollmentCodeView]:
    """Create an enrollment code for a host of the caller.

    The code works once, within 15 minutes. The response has the install command.

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
    """List a host's events, newest first.

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
    """List the allocations on the caller's hosts, newest first, without the renters.

    Errors: `storage_full`.
    """
    return Call(
        "GET",
        "/v1/provider/allocations",
        HostedAllocationPage,
        query={"limit": limit, "cursor": cursor, "host_id": host_id, "state": state},
    )


def list_own_hosts(*, limit: int | None = None, cursor: str | None = None) -> Call[HostPage]:
    """List the caller's hosts, newest first.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/hosts", HostPage, query={"limit": limit, "cursor": cursor})


def list_prices(host_id: str, *, limit: int | None = None, cursor: str | None = None) -> Call[PriceBookPage]:
    """List the versions of a host's price book, newest first.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET", f"/v1/provider/hosts/{segment(host_id)}/prices", PriceBookPage, query={"limit": limit, "cursor": cursor}
    )


def list_self_tests(host_id: str, *, limit: int | None = None, cursor: str | None = None) -> Call[SelfTestPage]:
    """List a host's self-tests, newest first.

    The last fifty are kept.

    Errors: `not_found`, `storage_full`.
    """
    return Call(
        "GET",
        f"/v1/provider/hosts/{segment(host_id)}/self-tests",
        SelfTestPage,
        query={"limit": limit, "cursor": cursor},
    )


def offer_capacity(host_id: str) -> Call[HostView]:
    """Offer the capacity that the host now reports.

    It can only shrink by what is not allocated.

    Errors: `not_found`, `capacity_leased`, `host_ended`, `storage_full`.
    """
    return Call("POST", f"/v1/provider/hosts/{segment(host_id)}/capacity", HostView)


def publish_prices(host_id: str, body: PriceBookCreate, *, idempotency_key: str | None = None) -> Call[PriceBookView]:
    """Publish a version of a host's price book, effective now or later.

    Running rentals keep their rate. Quotes stay valid until they expire.

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
    """Get the earnings of the caller's hosts, per day (UTC) and per host.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/earnings", EarningsView)


def read_enrollment_code(code_id: str) -> Call[EnrollmentCodeStateView]:
    """Get the state of an enrollment code: waiting, used or expired.

    Errors: `not_found`, `storage_full`.
    """
    return Call("GET", f"/v1/provider/enrollment-codes/{segment(code_id)}", EnrollmentCodeStateView)


def read_market() -> Call[MarketView]:
    """Get the market's prices per unit and GPU model: lowest, median, highest.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/market", MarketView)


def read_overview() -> Call[OverviewView]:
    """Get the states of the caller's hosts, and how much of them is rented.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/overview", OverviewView)


def read_own_host(host_id: str) -> Call[HostView]:
    """Get one of the caller's hosts.

    Errors: `not_found`, `storage_full`.
    """
    return Call("GET", f"/v1/provider/hosts/{segment(host_id)}", HostView)


def read_profile() -> Call[ProviderView]:
    """Get the caller's provider profile.

    Version 0 means that the caller is not a provider yet.

    Errors: `storage_full`.
    """
    return Call("GET", "/v1/provider/profile", ProviderView)


def retire_own_host(host_id: str) -> Call[HostView]:
    """Retire a host for good.

    It must have no workloads.

    Errors: `not_found`, `host_ended`, `workloads_left`, `storage_full`.
    """
    return Call("POST", f"/v1/provider/hosts/{segment(host_id)}/retire", HostView)


def write_profile(body: ProfileSet, *, if_match: int | str | None = None) -> Call[ProviderView]:
    """Set the caller's provider name.

    The first call makes the caller a provider.

    Errors: `precondition_failed`, `storage_full`.
    """
    return Call("PUT", "/v1/provider/profile", ProviderView, body=body, if_match=if_match)
