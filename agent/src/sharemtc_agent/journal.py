"""Commands on disk: what was accepted, what came of it, and whether the control plane knows.

A result is kept until it is acknowledged, and for a while after, so that the same command gets the same answer.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from sharemtc.wire import Command, CommandResult
from sharemtc_agent.files import write_whole

KEPT_S = 86_400
MAX_KEPT = 2_000
MAX_FENCES = 20_000

log = logging.getLogger(__name__)


class Entry(BaseModel):
    """One command."""

    model_config = ConfigDict(frozen=True)

    command: Command
    result: CommandResult | None = None
    acknowledged: bool = False


class Journal:
    """Entries in `folder`, one file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def find(self, command_id: str) -> Entry | None:
        """The entry of a command, None if it was never accepted or is forgotten."""
        file = self._file(command_id)
        try:
            return Entry.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            log.exception("%s is damaged and put aside", file)
            file.rename(file.with_suffix(".damaged"))
            return None

    def accept(self, command: Command) -> None:
        """Written before anything is done, so that a killed agent knows what it was doing."""
        self._write(Entry(command=command))

    def finish(self, command: Command, result: CommandResult) -> None:
        self._write(Entry(command=command, result=result))

    def acknowledge(self, command_id: str) -> None:
        entry = self.find(command_id)
        if entry is not None:
            self._write(entry.model_copy(update={"acknowledged": True}))

    def unfinished(self) -> list[Command]:
        """Accepted, and nothing came of it yet: the agent was killed meanwhile."""
        return [entry.command for entry in self._entries() if entry.result is None]

    def unacknowledged(self) -> list[Entry]:
        """Finished, and the control plane does not know."""
        return [entry for entry in self._entries() if entry.result is not None and not entry.acknowledged]

    def prune(self) -> None:
        """Forgets acknowledged entries that are old, or the oldest where there are too many."""
        done = [file for file in self._files() if (entry := self.find(file.stem)) is not None and entry.acknowledged]
        done.sort(key=lambda file: file.stat().st_mtime)
        horizon = time.time() - KEPT_S
        for index, file in enumerate(done):
            if file.stat().st_mtime < horizon or index < len(done) - MAX_KEPT:
                file.unlink(missing_ok=True)

    def _entries(self) -> list[Entry]:
        return [entry for file in self._files() if (entry := self.find(file.stem)) is not None]

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("cmd_*.json"))

    def _file(self, command_id: str) -> Path:
        return self._folder / f"{command_id}.json"

    def _write(self, entry: Entry) -> None:
        write_whole(self._file(entry.command.id), entry.model_dump_json().encode())


class Fences:
    """The generation at which each VM that is gone was terminated: a late command must not bring it back."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._gone: dict[str, int] = {str(k): int(v) for k, v in json.loads(file.read_bytes()).items()}
        except FileNotFoundError:
            self._gone = {}
        except (ValueError, TypeError, AttributeError):
            log.exception(
                "%s is damaged and put aside", file
            )  # what it fenced off is long past, or removed as an orphan
            file.replace(file.with_suffix(".damaged"))
            self._gone = {}

    def gone_at(self, workload_id: str) -> int | None:
        return self._gone.get(workload_id)

    def close(self, workload_id: str, generation: int) -> None:
        """Records the end of a VM; the oldest records go when there are too many."""
        if self._gone.get(workload_id, -1) >= generation:
            return
        self._gone.pop(workload_id, None)
        self._gone[workload_id] = generation
        for old in list(self._gone)[: max(0, len(self._gone) - MAX_FENCES)]:
            del self._gone[old]
        write_whole(self._file, json.dumps(self._gone).encode())
