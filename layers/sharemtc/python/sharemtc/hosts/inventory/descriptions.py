"""How a host describes itself, with known values in place of invalid ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sharemtc.http.parsing import pointer
from sharemtc.problems import FieldError
from sharemtc.wire import Gpu, Inventory


@dataclass(frozen=True)
class Description:
    """How a host describes itself; `inventory` when all of it is valid.

    Else `fields` holds the valid fields, and `refused_gpus` the GPUs with invalid parts; None when their ids are
    unreadable.
    """

    inventory: Inventory | None
    fields: dict[str, Any] = field(default_factory=dict)
    refused_gpus: frozenset[str] | None = frozenset()

    def merged_into(self, known: Inventory) -> Inventory:
        """The inventory, with known values in place of invalid ones."""
        inventory = self.inventory
        if inventory is None:
            before = known.model_dump(mode="json")
            inventory = Inventory.model_validate_json(json.dumps({**before, **self.fields}), strict=True)
        if not inventory.gpus_known:
            return inventory.model_copy(update={"gpus": known.gpus})
        listed, refused = {gpu.uuid for gpu in inventory.gpus}, self.refused_gpus
        kept = tuple(gpu for gpu in known.gpus if gpu.uuid not in listed and (refused is None or gpu.uuid in refused))
        return inventory.model_copy(update={"gpus": (*inventory.gpus, *kept)}) if kept else inventory


def without_duplicates(gpus: tuple[Gpu, ...]) -> tuple[tuple[Gpu, ...], list[FieldError]]:
    """Each GPU once, and an error for each duplicate."""
    found: dict[str, Gpu] = {}
    errors: list[FieldError] = []
    for index, gpu in enumerate(gpus):
        if gpu.uuid in found:
            place = pointer(("inventory", "gpus", index, "uuid"))
            errors.append(FieldError(place, "duplicate", "This GPU is listed twice."))
        found.setdefault(gpu.uuid, gpu)
    return tuple(found.values()), errors
