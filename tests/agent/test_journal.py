import os
import time
from datetime import UTC, datetime
from pathlib import Path

from sharemtc.wire import Command, CommandResult, Failure, Verb, WorkloadKind
from sharemtc_agent.journal import KEPT_S, Journal

NOW = datetime.now(UTC)
RESULT = CommandResult(generation=1, failure=Failure(code="boot_timeout", detail="no"))


def make_command(number: int) -> Command:
    return Command(
        id=f"cmd_{number:032x}",
        workload_id="vm_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        kind=WorkloadKind.VM,
        verb=Verb.STOP,
        generation=1,
        spec=None,
        lease_until=NOW,
        deadline=NOW,
    )


class TestJournal:
    def test_remembers_over_restarts_what_was_begun_and_what_came_of_it(self, tmp_path: Path) -> None:
        begun, finished, told = (make_command(number) for number in range(3))
        journal = Journal(tmp_path)
        for command in (begun, finished, told):
            journal.accept(command)
        for command in (finished, told):
            journal.finish(command, RESULT)
        journal.acknowledge(told.id)
        after = Journal(tmp_path)
        assert after.unfinished() == [begun]
        assert [entry.command for entry in after.unacknowledged()] == [finished]
        entry = after.find(told.id)
        assert entry is not None
        assert entry.result == RESULT

    def test_forgets_only_what_is_old_and_acknowledged(self, tmp_path: Path) -> None:
        journal = Journal(tmp_path)
        old, fresh, untold = (make_command(number) for number in range(3))
        for command in (old, fresh, untold):
            journal.finish(command, RESULT)
        for command in (old, fresh):
            journal.acknowledge(command.id)
        long_ago = time.time() - KEPT_S - 60
        for command in (old, untold):
            os.utime(tmp_path / f"{command.id}.json", (long_ago, long_ago))
        journal.prune()
        assert [journal.find(command.id) is not None for command in (old, fresh, untold)] == [False, True, True]

    def test_a_damaged_entry_is_put_aside(self, tmp_path: Path) -> None:
        journal = Journal(tmp_path)
        command = make_command(1)
        (tmp_path / f"{command.id}.json").write_text("{")
        assert journal.find(command.id) is None
        assert journal.unfinished() == []
        assert [path.suffix for path in tmp_path.iterdir()] == [".damaged"]
