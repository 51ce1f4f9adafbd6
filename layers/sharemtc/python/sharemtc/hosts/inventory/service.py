"""A host's inventory: checked for contradictions and against other hosts, and stored.

An inventory never adds to the offered capacity; what it lacks of it is withheld in the same write (`withholding`).
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
from sharemtc.hosts.inventory.descriptions import Description, without_duplicates
from sharemtc.hosts.table import Capacity, Host, unchanged
from sharemtc.problems import FieldError, Invalid
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict
from sharemtc.wire import Inventory, is_loopback


def check_inventory(inventory: Inventory, pointer: str) -> None:
    """Errors: `Invalid`, with one field error for each contradiction."""
    wrong = [*_beyond_total(inventory, pointer), *_unreachable(inventory, pointer)]
    wrong += without_duplicates(inventory.gpus)[1]
    if wrong:
        raise Invalid(errors=tuple(wrong))


def describe(host: Host, description: Description, *, previous_heartbeat_at: datetime) -> tuple[FieldError, ...]:
    """Store the valid parts of a description and claim its GPUs; returns the errors of the rest.

    `previous_heartbeat_at` is when the host sent its previous heartbeat.
    """
    claimed: dict[str, FieldError] = {}
    news: set[str] = set()

    def decide() -> tuple[FieldError, ...]:
        host.refresh(consistent_read=True)
        inventory, problems = _consistent(description.merged_into(host.inventory), host.inventory)
        inventory, transaction, moved = _claim(host, inventory, claimed, news)
        capacity = Capacity.get(host.pk, "CAPACITY", consistent_read=True)
        change = withholding.add_change(
            transaction, host, capacity, inventory, previous_heartbeat_at=previous_heartbeat_at
        )
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
        withholding.update_risks(host, change)
        return (*problems, *claimed.values())

    return retry_on_conflict(decide)


def _claim(
    host: Host, inventory: Inventory, claimed: dict[str, FieldError], news: set[str]
) -> tuple[Inventory, Transaction, set[str]]:
    """Claim the inventory's GPUs, without those that another host has."""
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


def _consistent(reported: Inventory, known: Inventory) -> tuple[Inventory, list[FieldError]]:
    """The inventory with known values in place of contradictory ones, and the errors of those."""
    gpus, problems = without_duplicates(reported.gpus)
    wrong = _beyond_total(reported, "/inventory")
    if wrong:
        reported = reported.model_copy(update={"total": known.total, "sellable": known.sellable})
    unreachable = _unreachable(reported, "/inventory")
    if unreachable:
        reported = reported.model_copy(update={"connect_address": known.connect_address})
    return reported.model_copy(update={"gpus": gpus}) if problems else reported, [*wrong, *unreachable, *problems]


def _beyond_total(inventory: Inventory, pointer: str) -> list[FieldError]:
    return [
        FieldError(f"{pointer}/sellable/{name}", "exceeds_total", "This is more than the total.")
        for name in COUNTERS
        if getattr(inventory.sellable, name) > getattr(inventory.total, name)
    ]


def _unreachable(inventory: Inventory, pointer: str) -> list[FieldError]:
    """A loopback address is valid only where the platform itself has one, for renters on the same machine."""
    platform = urlsplit(settings().public_url).hostname or ""
    if is_loopback(platform) or not is_loopback(inventory.connect_address):
        return []
    detail = "Renters cannot reach a loopback address. Set `--connect-address`."
    return [FieldError(f"{pointer}/connect_address", "loopback", detail)]
