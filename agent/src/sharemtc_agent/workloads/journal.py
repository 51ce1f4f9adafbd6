"""The journal of accepted commands, their results, and whether the control plane acknowledged them.

A result is kept until it is acknowledged and for a while after, so that a repeated command gets the same answer.
"""

from __future__ import annotations

import logging
import time
from typing import NamedTuple

from pydantic import ValidationError

from sharemtc.wire import Command, CommandResult
from sharemtc_agent.database import Database

KEPT_S = 86_400
MAX_KEPT = 2_000

log = logging.getLogger(__name__)


class Entry(NamedTuple):
    command: Command
    result: CommandResult | None


class Journal:
    """The table `commands`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, command_id: str) -> Entry | None:
        return next(iter(self._entries("id = ?", command_id)), None)

    def accept(self, command: Command) -> None:
        """Called before the command runs, so that a killed agent can resume it."""
        self._put(command, None)

    def finish(self, command: Command, result: CommandResult) -> None:
        self._put(command, result)

    def acknowledge(self, command_id: str) -> None:
        """Not flushed: sending a result twice does no harm."""
        with self._database.write(durable=False) as rows:
            rows.execute("UPDATE commands SET acknowledged = 1 WHERE id = ?", (command_id,))

    def unfinished(self) -> list[Command]:
        """Accepted commands without a result: the agent was killed meanwhile."""
        return [entry.command for entry in self._entries("result IS NULL")]

    def unacknowledged(self) -> list[Entry]:
        return self._entries("result IS NOT NULL AND NOT acknowledged")

    def prune(self) -> None:
        newest = "SELECT id FROM commands WHERE acknowledged ORDER BY changed_at DESC LIMIT ?"
        with self._database.write(durable=False) as rows:
            rows.execute(
                f"DELETE FROM commands WHERE acknowledged AND (changed_at < ? OR id NOT IN ({newest}))",  # noqa: S608
                (time.time() - KEPT_S, MAX_KEPT),
            )

    def _put(self, command: Command, result: CommandResult | None) -> None:
        texts = command.model_dump_json(), None if result is None else result.model_dump_json()
        with self._database.write() as rows:
            rows.execute("INSERT OR REPLACE INTO commands VALUES (?, ?, ?, 0, ?)", (command.id, *texts, time.time()))

    def _entries(self, where: str, *values: object) -> list[Entry]:
        query = f"SELECT id, command, result FROM commands WHERE {where} ORDER BY rowid"  # noqa: S608 only our own
        found = []
        for command_id, command, result in self._database.read(query, *values):
            try:
                known = None if result is None else CommandResult.model_validate_json(result)
                found.append(Entry(Command.model_validate_json(command), known))
            except ValidationError:  # from another agent version: the control plane sends it again
                log.warning("the journal entry of %s is of another version and was dropped", command_id)
                with self._database.write() as rows:
                    rows.execute("DELETE FROM commands WHERE id = ?", (command_id,))
        return found
