"""What the control plane rejected of this host's heartbeats: logged when it changes, and saved for `status`."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sharemtc.wire import HeartbeatProblem
from sharemtc_agent.files import write_whole

INVENTORY = "/inventory"
log = logging.getLogger(__name__)
_list = TypeAdapter(tuple[HeartbeatProblem, ...])


class Problems:
    """Problems of the inventory arrive when it is sent, those of workloads with each heartbeat."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = read_problems(file)

    def take(self, reported: tuple[HeartbeatProblem, ...], *, described: bool) -> None:
        """Takes the problems of one answer; `described`: the inventory was sent."""
        kept = () if described else tuple(each for each in self._known if each.pointer.startswith(INVENTORY))
        now = (*kept, *reported)
        if now == self._known:
            return
        for each in now:
            if each not in self._known:
                log.warning("the platform rejected %s: %s", each.pointer, each.message)
        for each in self._known:
            if each not in now:
                log.info("the platform accepts %s again", each.pointer)
        self._known = now
        write_whole(self._file, _list.dump_json(now), durable=False)

    @property
    def of_inventory(self) -> bool:
        return any(each.pointer.startswith(INVENTORY) for each in self._known)


def read_problems(file: Path) -> tuple[HeartbeatProblem, ...]:
    try:
        return _list.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return ()
