import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sharemtc.wire import Command, CommandResult, Failure, Verb, WorkloadKind
from sharemtc_agent.database import Database
from sharemtc_agent.workloads.journal import KEPT_S, Journal

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


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "agent.db")) as opened:
        yield opened


class TestJournal:
    def test_remembers_over_restarts_what_was_begun_and_what_came_of_it(self, database: Database) -> None:
        begun, finished, told = (make_command(number) for number in range(3))
        journal = Journal(database)
        for command in (begun, finished, told):
            journal.accept(command)
        for command in (finished, told):
            journal.finish(command, RESULT)
        journal.acknowledge(told.id)
        after = Journal(database)
        assert after.unfinished() == [begun]
        assert [entry.command for entry in after.unacknowledged()] == [finished]
        entry = after.find(told.id)
        assert entry is not None
        assert entry.result == RESULT

    def test_forgets_only_what_is_old_and_acknowledged(self, database: Database) -> None:
        journal = Journal(database)
        old, fresh, untold = (make_command(number) for number in range(3))
        for command in (old, fresh, untold):
            journal.finish(command, RESULT)
        for command in (old, fresh):
            journal.acknowledge(command.id)
        long_ago = time.time() - KEPT_S - 60
        with database.write() as rows:
            for command in (old, untold):
                rows.execute("UPDATE commands SET changed_at = ? WHERE id = ?", (long_ago, command.id))
        journal.prune()
        assert [journal.find(command.id) is not None for command in (old, fresh, untold)] == [False, True, True]

    def test_keeps_the_newest_of_too_many(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sharemtc_agent.workloads.journal.MAX_KEPT", 2)
        journal, commands = Journal(database), [make_command(number) for number in range(4)]
        for command in commands:
            journal.finish(command, RESULT)
            journal.acknowledge(command.id)
        journal.prune()
        assert [journal.find(command.id) is not None for command in commands] == [False, False, True, True]

    def test_an_entry_of_another_version_is_forgotten(self, database: Database) -> None:
        journal, command = Journal(database), make_command(1)
        journal.accept(command)
        with database.write() as rows:
            rows.execute("UPDATE commands SET command = '{}'")
        assert journal.find(command.id) is None
        assert journal.unfinished() == []
