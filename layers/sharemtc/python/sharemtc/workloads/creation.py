"""Renting a VM: one transaction takes the slice, holds the money and creates contract, machine and stored answer."""

from __future__ import annotations

from datetime import datetime

from sharemtc import clock, money, request_context
from sharemtc.accounts import service as accounts
from sharemtc.allocations import placement, refusals
from sharemtc.allocations import service as allocations
from sharemtc.allocations.placement import Wish
from sharemtc.billing import quotes
from sharemtc.billing.spending import Spender
from sharemtc.catalog import service as catalog
from sharemtc.catalog.table import Template
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts import service as hosts
from sharemtc.hosts.service import Standing
from sharemtc.idempotency import Claim
from sharemtc.storage.transactions import Transaction
from sharemtc.wire import Verb
from sharemtc.workloads import executions
from sharemtc.workloads.lifecycle import record_event
from sharemtc.workloads.operations import shard_of
from sharemtc.workloads.schemas import VmCreate, VmView
from sharemtc.workloads.states import Desired, Observed
from sharemtc.workloads.table import Vm, create, vm_key

MAX_TRIES = 32


def open_vm(spender: Spender, order: VmCreate, claim: Claim) -> VmView:
    """Rent a VM on the cheapest host that fits, or on the one that was chosen or quoted.

    Errors: `Invalid` naming the field, `NoCapacity` with its reasons, `InsufficientFunds`, `QuoteExpired`,
    `CapReached` when it is ordered by an API key that may not spend that much.
    """
    user_id = spender.user_id
    template = catalog.find_template(order.template_id)
    catalog.check_size(template, order.demand)
    public_keys = accounts.public_keys(user_id, order.ssh_key_ids)
    quote = quotes.honour(user_id, order.quote_id, order) if order.quote_id else None
    host_id = quote.host_id if quote else order.host_id
    wish = Wish(order.demand, template.image, host_id)
    standings = hosts.on_the_market()
    proposed = placement.candidates(standings, wish)[:MAX_TRIES]
    for at in allocations.in_turn(proposed, wish):
        prices = quote.prices if quote else at.prices
        now = clock.now()
        transaction = Transaction()
        vm = _new_vm(user_id, order, template, public_keys, at, prices, now)
        vm.wanted_host_id = order.host_id or (quote.host_id if quote and quote.host_named else None)
        # who accepted a quote saw where it is
        vm.wanted_region = at.region if quote else None
        allocation = allocations.open_allocation(
            transaction, at, spender=spender, workload_id=vm.id, demand=order.demand, prices=prices, now=now
        )
        vm.allocation_id = allocation.id
        create(transaction, vm)
        record_event(transaction, vm, EventType.VM_ORDERED, reason=EventReason.USER, actor=user_id, at=now)
        view = VmView.of(vm, None, now)
        claim.record(transaction, view)
        try:
            transaction.commit()
        except allocations.SliceGone:
            continue
        executions.start(vm)
        accounts.mark_ssh_keys_used(user_id, order.ssh_key_ids, now)
        return view
    # what was proposed has gone meanwhile; otherwise the reasons are those just read
    seen = hosts.on_the_market() if proposed else standings
    raise refusals.no_capacity(seen, wish, template.least)


def _new_vm(
    user_id: str,
    order: VmCreate,
    template: Template,
    public_keys: tuple[str, ...],
    at: Standing,
    prices: money.Prices,
    now: datetime,
) -> Vm:
    lines = money.price_lines(prices, order.demand)
    vm_id = clock.new_id("vm")
    return Vm(
        vm_key(vm_id),
        "VM",
        id=vm_id,
        user_id=user_id,
        name=order.name,
        template_id=template.id,
        template_name=template.name,
        image=template.image,
        default_user=template.default_user,
        ssh_public_keys=public_keys,
        vcpus=order.vcpus,
        memory_mib=order.memory_mib,
        disk_gib=order.disk_gib,
        desired=Desired.RUNNING,
        observed=Observed.PENDING,
        operation=Verb.CREATE,
        unsettled_shard=shard_of(vm_id),
        request_id=request_context.request_id(),
        generation=1,
        attempt=1,
        drive=1,
        driven_at=now,
        version=1,
        host_id=at.host.id,
        host_name=at.host.name,
        region=at.region,
        running_rate_nanos_per_hour=money.running_rate(lines),
        stopped_rate_nanos_per_hour=money.stopped_rate(lines),
        connect_address=at.host.inventory.connect_address,
        created_at=now,
        queued_at=now,
    )
