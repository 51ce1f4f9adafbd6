"""The agents' logs, newest line first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sharemtc import clock
from sharemtc.storage import pages
from sharemtc.storage.unreadable import skip_unreadable
from sharemtc.telemetry.kinds import LOGS_KEPT
from sharemtc.telemetry.schemas import AgentLogPage, AgentLogView
from sharemtc.telemetry.table import Line, LogChunk, log_partition

LEVELS = ("debug", "info", "warning", "error")
# limit of the lines read for one page, however few match the level
MAX_LINES_READ = 10_000
_STEP = timedelta(hours=4)


def read(host_id: str, *, level: str | None, limit: int, cursor: str | None) -> AgentLogPage:
    """One page of a host's lines. Errors: `Invalid` naming `/cursor`."""
    now = clock.now()
    names = [log_partition(host_id, now - _STEP * back) for back in range(int(LOGS_KEPT / _STEP) + 1)]
    at: tuple[str, dict[str, Any]] = pages.unseal(cursor, names) if cursor is not None else (names[0], {})
    wanted = LEVELS[LEVELS.index(level) if level is not None else 0 :]
    found: list[AgentLogView] = []
    place: tuple[str, dict[str, Any]] | None = None
    for seen, (name, chunk, index, line) in enumerate(_newest_first(names[names.index(at[0]) :], at[1])):
        kept = line.level in wanted
        if seen == MAX_LINES_READ or (kept and len(found) == limit):
            assert place is not None
            return AgentLogPage(items=found, next_cursor=pages.seal(*place))
        place = name, {"chunk": chunk.sk, "index": index}
        if not kept:
            continue
        found.append(
            AgentLogView(
                id=f"{chunk.sk}.{index}",
                at=clock.from_ms(line.at_ms),
                level=line.level,
                source=line.source,
                message=line.message,
            )
        )
    return AgentLogPage(items=found, next_cursor=None)


def _newest_first(names: list[str], after: dict[str, Any]) -> Iterator[tuple[str, LogChunk, int, Line]]:
    for name in names:
        older = LogChunk.sk <= after["chunk"] if after else None
        for chunk in skip_unreadable(LogChunk.query(name, older, scan_index_forward=False)):
            end = after["index"] if after and chunk.sk == after["chunk"] else len(chunk.lines)
            for index in range(end - 1, -1, -1):
                yield name, chunk, index, chunk.lines[index]
        after = {}
