"""What a machine says that it is, of which something may have been refused, over what is known of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sharemtc.http.parsing import pointer
from sharemtc.problems import FieldError
from sharemtc.wire import Gpu, Inventory


@dataclass(frozen=True)
class Description:
    """What a machine says that it is; `inventory` when all of it was taken.

    Else `fields` are those that were, and `unread_gpus` the GPUs of which something was refused; None when it cannot be
    told which these are.
    """

    inventory: Inventory | None
    fields: dict[str, Any] = field(default_factory=dict)
    unread_gpus: frozenset[str] | None = frozenset()

    def over(self, known: Inventory) -> Inventory:
        """The inventory, with what is known in place of what was refused."""
        told = self.inventory
        if told is None:
            before = known.model_dump(mode="json")
            told = Inventory.model_validate_json(json.dumps({**before, **self.fields}), strict=True)
        if not told.gpus_known:
            return told.model_copy(update={"gpus": known.gpus})
        listed, unread = {gpu.uuid for gpu in told.gpus}, self.unread_gpus
        kept = tuple(gpu for gpu in known.gpus if gpu.uuid not in listed and (unread is None or gpu.uuid in unread))
        return told.model_copy(update={"gpus": (*told.gpus, *kept)}) if kept else told


def without_twice(gpus: tuple[Gpu, ...]) -> tuple[tuple[Gpu, ...], list[FieldError]]:
    """The GPUs, each once, and an error for each that is listed again."""
    found: dict[str, Gpu] = {}
    errors: list[FieldError] = []
    for index, gpu in enumerate(gpus):
        if gpu.uuid in found:
            place = pointer(("inventory", "gpus", index, "uuid"))
            errors.append(FieldError(place, "duplicate", "This GPU is listed twice."))
        found.setdefault(gpu.uuid, gpu)
    return tuple(found.values()), errors
