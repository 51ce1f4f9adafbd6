"""What a machine says that it is: checked against itself, and taken without touching what is sold."""

from __future__ import annotations

from sharemtc import clock
from sharemtc.dynamo import Moved, Transaction, decide_again
from sharemtc.hosts import devices
from sharemtc.hosts.table import Host, unchanged
from sharemtc.problems import FieldError, Invalid
from sharemtc.wire import Inventory


def check_inventory(inventory: Inventory, pointer: str) -> None:
    """Refuse an inventory that contradicts itself. Errors: `Invalid`, one field error for each contradiction."""
    wrong: list[FieldError] = []
    for name in ("vcpus", "memory_mib", "disk_gib"):
        if getattr(inventory.sellable, name) > getattr(inventory.total, name):
            wrong.append(FieldError(f"{pointer}/sellable/{name}", "exceeds_total", "More is offered than there is."))
    seen: set[str] = set()
    for index, gpu in enumerate(inventory.gpus):
        if gpu.uuid in seen:
            wrong.append(FieldError(f"{pointer}/gpus/{index}/uuid", "duplicate", "This GPU is listed twice."))
        seen.add(gpu.uuid)
    if wrong:
        raise Invalid(errors=tuple(wrong))


def describe(host: Host, inventory: Inventory) -> None:
    """Take a changed description, and the GPUs in it. Counters stay: what is told never changes what is sold.

    Errors: `Invalid` naming the field of what cannot be true, or of a GPU that another host has.
    """
    check_inventory(inventory, "/inventory")

    def decide() -> None:
        host.refresh(consistent_read=True)
        transaction = Transaction()
        actions = [Host.inventory.set(inventory), Host.version.set(host.version + 1)]
        transaction.update(host, actions, unchanged(host), refused=Moved())
        moved = devices.claim(transaction, host, inventory.gpus, pointer="/inventory/gpus", now=clock.now())
        transaction.commit()
        devices.resolve_claims(moved)

    decide_again(decide)
