"""Renting a workload: one transaction takes the slice, holds the money, and creates allocation, record and response."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from sharemtc import clock, request_context
from sharemtc.allocations import placement, refusals
from sharemtc.allocations import service as allocations
from sharemtc.billing import quotes
from sharemtc.billing.spending import Spender
from sharemtc.catalog import service as catalog
from sharemtc.events.kinds import EventReason, WorkloadEvent
from sharemtc.hosts import service as hosts
from sharemtc.hosts.service import HostStatus
from sharemtc.idempotency import Claim
from sharemtc.ids import new_id
from sharemtc.storage.transactions import Transaction
from sharemtc.wire import Verb
from sharemtc.workloads import executions, table
from sharemtc.workloads.kinds import Kind
from sharemtc.workloads.lifecycle import record_event
from sharemtc.workloads.schemas import WorkloadCreate, WorkloadView
from sharemtc.workloads.states import Desired, Observed
from sharemtc.workloads.table import Workload, shard_of

if TYPE_CHECKING:
    from sharemtc.allocations.table import Allocation
    from sharemtc.billing.table import Quote
    from sharemtc.catalog.table import Template

C = TypeVar("C", bound=WorkloadCreate)
V = TypeVar("V", bound=WorkloadView)
MAX_HOSTS_TRIED = 32


def create(kind: Kind[C, V], spender: Spender, order: C, claim: Claim) -> V:
    """Rent a workload on the cheapest host that fits, or on the chosen or quoted one.

    Errors: `Invalid` naming the field, `NoCapacity` with its reasons, `InsufficientFunds`, `QuoteExpired`, `CapReached`
    for an API key beyond its spending cap.
    """
    user_id = spender.user_id
    template = catalog.find_template(order.template_id)
    catalog.check_size(template, order.demand)
    workload = _new(kind, user_id, order, template)
    quote = quotes.find_for_order(user_id, order.quote_id, order) if order.quote_id else None
    if quote is not None and quote.host_named:
        workload.wanted_host_id = quote.host_id
    requirements = kind.requirements(workload)
    if quote is not None:
        requirements = requirements._replace(host_id=quote.host_id)
    statuses = hosts.on_the_market()
    proposed = placement.candidates(statuses, requirements)[:MAX_HOSTS_TRIED]
    for at in allocations.hosts_to_try(proposed, requirements):
        prices = quote.prices if quote else at.prices
        now = clock.now()
        transaction = Transaction()
        allocation = allocations.open_allocation(
            transaction, at, spender=spender, workload_id=workload.id, demand=order.demand, prices=prices, now=now
        )
        _place(workload, at, quote, allocation, now)
        table.create(transaction, workload)
        record_event(transaction, workload, WorkloadEvent.ORDERED, reason=EventReason.USER, actor=user_id, at=now)
        view = kind.view(workload, None, now)
        claim.record(transaction, view)
        try:
            transaction.commit()
        except allocations.SliceGone:
            continue
        executions.start(workload)
        kind.after_create(user_id, order, now)
        return view
    # the proposed hosts are taken by now; without any, the reasons are in the statuses read before
    latest = hosts.on_the_market() if proposed else statuses
    raise refusals.no_capacity(latest, requirements, template.least)


def _new(kind: Kind[C, V], user_id: str, order: C, template: Template) -> Workload:
    """A workload that is not placed on a host yet."""
    workload_id = new_id(kind.name)
    return Workload(
        id=workload_id,
        user_id=user_id,
        name=order.name,
        template_id=template.id,
        template_name=template.name,
        image=template.image,
        demand=order.demand,
        details=kind.details(user_id, order, template),
        desired=Desired.RUNNING,
        observed=Observed.PENDING,
        operation=Verb.CREATE,
        unsettled_shard=shard_of(workload_id),
        request_id=request_context.request_id(),
        generation=1,
        attempt=1,
        drive=1,
        version=1,
        wanted_host_id=order.host_id,
    )


def _place(workload: Workload, at: HostStatus, quote: Quote | None, allocation: Allocation, now: datetime) -> None:
    """Set the workload's host and what its allocation says."""
    table.set_host(workload, at)
    workload.allocation_id = allocation.id
    workload.running_rate_nanos_per_hour = allocation.running_rate_nanos_per_hour
    workload.stopped_rate_nanos_per_hour = allocation.stopped_rate_nanos_per_hour
    # a quote shows the region
    workload.wanted_region = at.region if quote else None
    workload.created_at = workload.queued_at = workload.driven_at = now
