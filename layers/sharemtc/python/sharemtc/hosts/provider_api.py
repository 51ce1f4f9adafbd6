"""A provider's view of a host, and what they may do with it; the caller has checked the ownership."""

from __future__ import annotations

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.schemas import EventPage, EventView
from sharemtc.hosts import self_tests, service, transitions
from sharemtc.hosts.capacity import offering, withholding
from sharemtc.hosts.pricing import price_books
from sharemtc.hosts.pricing.market import HostPrices, summarise
from sharemtc.hosts.pricing.schemas import MarketItemView, MarketView, PriceBookCreate, PriceBookPage, PriceBookView
from sharemtc.hosts.schemas import HostPage, HostView, SelfTestPage, SelfTestView
from sharemtc.hosts.service import ONLINE, some_statuses
from sharemtc.hosts.states import StateReason
from sharemtc.hosts.table import Host
from sharemtc.idempotency import Claim
from sharemtc.money import CURRENCY
from sharemtc.problems import FieldError, Invalid
from sharemtc.schemas import PageQuery
from sharemtc.storage.transactions import Transaction, retry_on_conflict
from sharemtc.storage.unreadable import views


def view(host: Host) -> HostView:
    return HostView.of(service.status_of(host), self_tests.latest([host]).get(host.id))


def list_hosts(owner_id: str, query: PageQuery) -> HostPage:
    """The owner's hosts, newest first."""
    found = service.of_owner(owner_id, limit=query.limit, cursor=query.cursor)
    tests = self_tests.latest(found.items)
    items = views(lambda at: HostView.of(at, tests.get(at.host.id)), service.statuses_of(found.items))
    return HostPage(items=items, next_cursor=found.next_cursor)


def offer_capacity(host: Host, actor: str) -> HostView:
    """Offer what the host reports. Errors: `CapacityLeased`, `HostEnded`."""
    missing = offering.withheld(transitions.open_capacity(host))
    offering.offer(host, actor=actor)
    if host.inventory.gpus_known:
        withholding.resolve_risks(host, missing)
    return view(host)


def retire(host: Host, actor: str) -> HostView:
    """Retire the host for good. Errors: `WorkloadsLeft`, `HostEnded`."""
    transitions.retire(host, reason=StateReason.PROVIDER, actor=actor)
    return view(service.find(host.id))


def list_events(host: Host, query: PageQuery) -> EventPage:
    """The host's events, newest first."""
    found = event_log.of_resource(host.id, limit=query.limit, cursor=query.cursor)
    return EventPage(items=views(EventView.model_validate, found.items), next_cursor=found.next_cursor)


def list_prices(host: Host, query: PageQuery) -> PriceBookPage:
    """All versions of the host's price book, newest first."""
    found = price_books.list_versions(host, limit=query.limit, cursor=query.cursor)
    current = price_books.at(host, clock.now())
    items = views(lambda book: PriceBookView.of(book, current), found.items)
    return PriceBookPage(items=items, next_cursor=found.next_cursor)


def publish_prices(host: Host, body: PriceBookCreate, claim: Claim, *, by: str) -> PriceBookView:
    """Publish a version of the price book. Errors: `Invalid`, `PriceBookFull`, `HostEnded`."""
    _check_rows(body)
    transitions.open_capacity(host)

    def decide() -> PriceBookView:
        host.refresh(consistent_read=True)
        transaction, now = Transaction(), clock.now()
        book = price_books.publish(host, body.prices, body.bonus, body.effective_at, transaction, by=by)
        coming = body.effective_at is not None and body.effective_at > now
        shown = PriceBookView.of(book, price_books.at(host, now) if coming else book.terms)
        claim.record(transaction, shown)
        transaction.commit()
        return shown

    return retry_on_conflict(decide)


def list_self_tests(host: Host, query: PageQuery) -> SelfTestPage:
    """The host's self-tests, newest first."""
    found = self_tests.list_runs(host.id, limit=query.limit, cursor=query.cursor)
    return SelfTestPage(items=views(SelfTestView.of, found.items), next_cursor=found.next_cursor)


def _check_rows(body: PriceBookCreate) -> None:
    """Reject duplicate GPU models and speeds."""
    wrong: list[FieldError] = []
    for name, keys in (
        ("gpus", [gpu.model for gpu in body.gpus]),
        ("network_bonus", [row.from_mbps for row in body.network_bonus or ()]),
    ):
        field = "model" if name == "gpus" else "from_mbps"
        for index, key in enumerate(keys):
            if key in keys[:index]:
                wrong.append(FieldError(f"/{name}/{index}/{field}", "duplicate", "This is listed twice."))
    if wrong:
        raise Invalid(errors=tuple(wrong))


# hosts read of each shard: more would hardly move a median
MAX_HOSTS_PER_SHARD = 60


def read_market() -> MarketView:
    """The lowest, median and highest price of each unit, over a bounded number of online hosts."""
    offered = [
        HostPrices(at.prices, frozenset(gpu.model for gpu in at.host.inventory.gpus if not gpu.mig))
        for at in some_statuses(MAX_HOSTS_PER_SHARD)
        if at.state in ONLINE
    ]
    items = [MarketItemView.model_validate(summary) for summary in summarise(offered)]
    return MarketView(items=items, currency=CURRENCY, as_of=clock.now())
