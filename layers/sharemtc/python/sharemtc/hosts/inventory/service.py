"""What a machine says that it is: checked against itself and against other machines, and taken.

What is told never adds to what is sold; what is told to be missing is withheld in the same write (`withholding`).
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.data import Devices
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.capacity import withholding
from sharemtc.hosts.capacity.slices import COUNTERS
from sharemtc.hosts.inventory import devices
from sharemtc.hosts.inventory.descriptions import Description, without_twice
from sharemtc.hosts.table import Capacity, Host, unchanged
from sharemtc.problems import FieldError, Invalid
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict
from sharemtc.wire import Inventory, is_loopback


def check_inventory(inventory: Inventory, pointer: str) -> None:
    """Refuse an inventory that contradicts itself. Errors: `Invalid`, one field error for each contradiction."""
    wrong = [*_beyond_total(inventory, pointer), *_unreachable(inventory, pointer)]
    wrong += without_twice(inventory.gpus)[1]
    if wrong:
        raise Invalid(errors=tuple(wrong))


def describe(host: Host, told: Description, *, heard_at: datetime) -> tuple[FieldError, ...]:
    """Take what can be true of a description, and its GPUs; the errors name what cannot, or is in another host.

    `heard_at` is when the host was last heard before.
    """
    claimed: dict[str, FieldError] = {}
    news: set[str] = set()

    def decide() -> tuple[FieldError, ...]:
        host.refresh(consistent_read=True)
        inventory, problems = _consistent(told.over(host.inventory), host.inventory)
        inventory, transaction, moved = _claim(host, inventory, claimed, news)
        capacity = Capacity.get(host.pk, "CAPACITY", consistent_read=True)
        change = withholding.add(transaction, host, capacity, inventory, heard_at=heard_at)
        if inventory == host.inventory and not news and change is None:
            return (*problems, *claimed.values())
        actions = [Host.inventory.set(inventory), Host.version.set(host.version + 1)]
        transaction.update(host, actions, unchanged(host), refused=WriteConflict())
        if news:
            refused = Devices(uuids=sorted(news), last_reported_at=None)
            event_log.append(
                transaction, host.owner_id, EventType.HOST_DEVICES_REFUSED, host.id,
                reason=EventReason.CLAIMED_ELSEWHERE, actor=host.id, at=clock.now(), data=refused,
            )  # fmt: skip
        transaction.commit()
        news.clear()
        devices.resolve_claims(moved)
        withholding.tell(host, change)
        return (*problems, *claimed.values())

    return retry_on_conflict(decide)


def _claim(
    host: Host, inventory: Inventory, claimed: dict[str, FieldError], news: set[str]
) -> tuple[Inventory, Transaction, set[str]]:
    """Claim its GPUs, and take those out of it that another host has."""
    given, claimed_before = inventory.gpus, set[str]()
    while True:
        transaction = Transaction()
        try:
            moved = devices.claim(transaction, host, inventory.gpus, pointer="/inventory/gpus", now=clock.now())
        except devices.DeviceClaimed as refused:
            news |= refused.news
            claimed_before |= refused.uuids
            kept = tuple(gpu for gpu in inventory.gpus if gpu.uuid not in claimed_before)
            inventory = inventory.model_copy(update={"gpus": kept})
            continue
        claimed.clear()
        for index, gpu in enumerate(given):
            if gpu.uuid in claimed_before:
                claimed[gpu.uuid] = devices.claimed(f"/inventory/gpus/{index}/uuid")
        return inventory, transaction, moved


def _consistent(told: Inventory, known: Inventory) -> tuple[Inventory, list[FieldError]]:
    """The inventory with what is known in place of what contradicts itself."""
    gpus, problems = without_twice(told.gpus)
    wrong = _beyond_total(told, "/inventory")
    if wrong:
        told = told.model_copy(update={"total": known.total, "sellable": known.sellable})
    unreachable = _unreachable(told, "/inventory")
    if unreachable:
        told = told.model_copy(update={"connect_address": known.connect_address})
    return told.model_copy(update={"gpus": gpus}) if problems else told, [*wrong, *unreachable, *problems]


def _beyond_total(inventory: Inventory, pointer: str) -> list[FieldError]:
    return [
        FieldError(f"{pointer}/sellable/{name}", "exceeds_total", "More is offered than there is.")
        for name in COUNTERS
        if getattr(inventory.sellable, name) > getattr(inventory.total, name)
    ]


def _unreachable(inventory: Inventory, pointer: str) -> list[FieldError]:
    """A loopback address is good for renters on the same machine only: where the platform itself has such a one."""
    platform = urlsplit(settings().public_url).hostname or ""
    if is_loopback(platform) or not is_loopback(inventory.connect_address):
        return []
    told = "Renters cannot reach this machine by a loopback address: give `--connect-address`."
    return [FieldError(f"{pointer}/connect_address", "loopback", told)]
