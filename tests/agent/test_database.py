"""Durability after a kill, and a full disk."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.agent.agents import agent_environment

from sharemtc_agent.database import Database
from sharemtc_agent.workloads.fences import MAX_FENCES, Fences
from sharemtc_agent.workloads.leases import Leases

KILLED = """
import sys
from pathlib import Path
from sharemtc_agent.database import Database
from sharemtc_agent.workloads.fences import Fences
fences = Fences(Database(Path(sys.argv[1])))
for number in range(1, 10**9):
    fences.advance(f"vm_{number % 7}", number)
    print(number, flush=True)
"""
NO_ROOM = """
import resource, sys
from pathlib import Path
from sharemtc_agent.database import Database
from sharemtc_agent.sequence import Sequence
from sharemtc_agent.workloads.fences import Fences
from sharemtc_agent.workloads.leases import Leases

def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def refused(work):
    try:
        work()
    except OSError as error:
        assert sys.argv[1] in str(error), error
    else:
        raise AssertionError("it was written")

room(0)  # the start itself finds a full disk
database = Database(Path(sys.argv[1]))
fences, leases, sequence = Fences(database), Leases(database), Sequence(database)
for _ in range(3):
    refused(lambda: fences.advance("vm_1", 9))
    refused(lambda: leases.grant_unconfirmed("vm_1"))
    refused(sequence.take)
    assert fences.generation("vm_1") == 4 and fences.refuses("vm_1", 3, terminates=False)
room(resource.RLIM_INFINITY)
fences.advance("vm_1", 9)
leases.grant_unconfirmed("vm_1")
assert sequence.take() > 0
"""


def test_every_fence_that_was_set_is_there_after_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "agent.db"
    for _ in range(3):
        argv = [sys.executable, "-c", KILLED, str(file)]
        with subprocess.Popen(argv, env=agent_environment(), stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            told = [int(child.stdout.readline()) for _ in range(50)]
            child.kill()
            told += [int(line) for line in child.stdout.read().split("\n")[:-1]]
        with closing(Database(file)) as database:
            reached = {f"vm_{number % 7}": number for number in told}
            assert all(Fences(database).generation(each) >= number for each, number in reached.items())
            assert database.damaged_at_ms is None
        file.unlink()


def test_a_full_disk_refuses_what_is_new_and_keeps_what_is_known(tmp_path: Path) -> None:
    file = tmp_path / "agent.db"
    with closing(Database(file)) as database:
        Fences(database).advance("vm_1", 4)
    argv = [sys.executable, "-c", NO_ROOM, str(file)]
    done = subprocess.run(argv, env=agent_environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    with closing(Database(file)) as database:
        assert Fences(database).generation("vm_1") == 9
        assert Leases(database).left_s("vm_1") > 0


@pytest.mark.parametrize("content", [b"{", b"\xff" * 5000, b"SQLite format 3\0" + b"\1" * 8176])
def test_a_damaged_file_is_put_aside(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "agent.db"
    file.write_bytes(content)
    with closing(Database(file)) as database:
        Fences(database).close("vm_1", 3)
        assert Fences(database).refuses("vm_1", 3, terminates=False)
        assert database.damaged_at_ms is not None
    assert (tmp_path / "agent.db.damaged").read_bytes() == content
    assert file.stat().st_mode & 0o077 == 0


def test_all_of_a_write_or_nothing(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "agent.db")) as database:

        def half() -> None:
            with database.write() as rows:
                rows.execute("INSERT INTO sequence VALUES (1, 5)")
                raise KeyError("stopped in the middle")

        with pytest.raises(KeyError):
            half()
        assert database.read("SELECT * FROM sequence") == []


def test_the_oldest_ends_are_forgotten_and_no_workload_that_lives(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "agent.db")) as database:
        Leases(database).grant_unconfirmed("vm_lives")
        Fences(database).advance("vm_lives", 2)
        with database.write() as rows:
            ended = ((f"vm_{number}",) for number in range(MAX_FENCES))
            rows.executemany("INSERT INTO workloads (id, generation, gone) VALUES (?, 1, 1)", ended)
        fences = Fences(database)
        fences.close("vm_last", 7)
        assert database.read("SELECT count(*) FROM workloads") == [(MAX_FENCES,)]
        assert (fences.generation("vm_0"), fences.generation("vm_lives"), fences.generation("vm_last")) == (0, 2, 7)
