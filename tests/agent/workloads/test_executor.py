"""Fencing and the journal, on a real runtime without a hypervisor."""

import asyncio
import json
import stat
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.agent.agents import VM_ID
from tests.agent.control_plane import HOST_ID, ControlPlane

from sharemtc.wire import Command, Verb, VmSpec, WorkloadKind
from sharemtc_agent.cli import main
from sharemtc_agent.client import Client
from sharemtc_agent.config import Config, State
from sharemtc_agent.database import Database
from sharemtc_agent.keys import ensure_key
from sharemtc_agent.runtimes.qemu.records import VmRecord
from sharemtc_agent.runtimes.qemu.runtime import QemuRuntime
from sharemtc_agent.sequence import Sequence
from sharemtc_agent.workloads.executor import Executor
from sharemtc_agent.workloads.fences import Fences
from sharemtc_agent.workloads.journal import Journal
from sharemtc_agent.workloads.leases import UNCONFIRMED_S, Leases
from sharemtc_agent.workloads.set_aside import SetAside

SPEC = VmSpec(kind="vm", name="a", hostname="a", image="tiny", vcpus=1, memory_mib=128, disk_gib=1, ssh_public_keys=())


def make_command(number: int, verb: Verb, generation: int, *, due_s: float = 60) -> Command:
    due = datetime.now(UTC) + timedelta(seconds=due_s)
    return Command(
        id=f"cmd_{number:032x}",
        workload_id=VM_ID,
        kind=WorkloadKind.VM,
        verb=verb,
        generation=generation,
        spec=SPEC,
        lease_until=due,
        deadline=due,
    )


def make_vm(folder: Path, generation: int) -> QemuRuntime:
    """A runtime with one stopped VM of that generation."""
    runtime = QemuRuntime(folder / "vms")
    runtime.folder(VM_ID).path.mkdir()
    runtime.folder(VM_ID).write(VmRecord(id=VM_ID, spec=SPEC))
    with closing(Database(folder / "agent.db")) as database:
        Fences(database).advance(VM_ID, generation)
    runtime.folder(VM_ID).disk.touch()
    return runtime


def generation(folder: Path) -> int:
    """The VM's fence."""
    with closing(Database(folder / "agent.db")) as database:
        return Fences(database).generation(VM_ID)


def with_executor(
    folder: Path, runtime: QemuRuntime | None, work: Callable[[Executor], Awaitable[None]]
) -> ControlPlane:
    """Runs `work` with an executor until all its tasks have ended."""

    async def run(plane: ControlPlane) -> None:
        key = ensure_key(folder / "key")
        plane.public_key = key.public_key()
        database = Database(folder / "agent.db")
        client = Client(plane.url, key, Sequence(database), host_id=HOST_ID)
        kept = Journal(database), Fences(database), Leases(database), SetAside(folder / "set-aside")
        executor = Executor({} if runtime is None else {runtime.kind: runtime}, client, *kept)
        try:
            await work(executor)
            async with asyncio.timeout(30):
                while executor._tasks:
                    await asyncio.gather(*executor._tasks)
        finally:
            await executor.close()
            await client.close()
            database.close()

    with ControlPlane() as plane:
        asyncio.run(run(plane))
    return plane


def submit(folder: Path, runtime: QemuRuntime | None, *commands: Command) -> list[str]:
    """The result of each command: the proven state or the failure's code."""

    async def work(executor: Executor) -> None:
        executor.submit(commands)

    plane = with_executor(folder, runtime, work)
    outcomes = [plane.results[command.id][0] for command in commands]
    return [each.proof.state if each.proof else each.failure.code if each.failure else "" for each in outcomes]


class TestFencing:
    def test_older_command_changes_nothing(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 5)
        assert submit(tmp_path, runtime, make_command(1, Verb.TERMINATE, 4)) == ["stale_generation"]
        assert runtime.folder(VM_ID).read() is not None

    def test_equal_and_newer_are_done(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 5)
        commands = (make_command(1, Verb.STOP, 5), make_command(2, Verb.STOP, 7), make_command(3, Verb.STOP, 6))
        assert submit(tmp_path, runtime, *commands) == ["stopped", "stopped", "stale_generation"]
        assert generation(tmp_path) == 7

    def test_what_is_gone_stays_gone(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 1)
        commands = (
            make_command(1, Verb.TERMINATE, 3),
            make_command(2, Verb.CREATE, 3),
            make_command(3, Verb.TERMINATE, 4),
            make_command(4, Verb.STOP, 5),
        )
        assert submit(tmp_path, runtime, *commands) == ["gone", "stale_generation", "gone", "workload_unknown"]
        assert submit(tmp_path, runtime, make_command(5, Verb.CREATE, 2)) == ["stale_generation"]
        assert runtime.workload_ids() == ()

    def test_late_boot_is_not_begun(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 1)
        assert submit(tmp_path, runtime, make_command(1, Verb.START, 2, due_s=-1)) == ["deadline_passed"]

    def test_no_hypervisor_is_said(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 1)
        assert submit(tmp_path, runtime, make_command(1, Verb.START, 2)) == ["no_hypervisor"]

    def test_a_machine_without_a_runtime_says_so(self, tmp_path: Path) -> None:
        assert submit(tmp_path, None, make_command(1, Verb.CREATE, 1)) == ["kind_unsupported"]
        assert generation(tmp_path) == 0


class TestRepetition:
    def test_same_command_has_one_effect_and_one_result(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 1)
        stop = make_command(1, Verb.STOP, 2)

        async def work(executor: Executor) -> None:
            executor.submit([stop, stop])

        assert len(with_executor(tmp_path, runtime, work).results[stop.id]) == 1
        with closing(Database(tmp_path / "agent.db")) as database:
            Fences(database).advance(VM_ID, 9)
        again = with_executor(tmp_path, runtime, work).results[stop.id]
        assert [each.proof.state for each in again if each.proof] == ["stopped"] * len(again)
        assert again

    def test_unfinished_command_is_resumed(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 1)
        terminate = make_command(1, Verb.TERMINATE, 2)
        with closing(Database(tmp_path / "agent.db")) as database:
            Journal(database).accept(terminate)

        async def work(executor: Executor) -> None:
            executor.resume()

        plane = with_executor(tmp_path, runtime, work)
        proof = plane.results[terminate.id][0].proof
        assert proof is not None
        assert proof.state == "gone"
        with closing(Database(tmp_path / "agent.db")) as database:
            assert Journal(database).unacknowledged() == []


class TestOrphans:
    @pytest.mark.parametrize(("reported", "left"), [(5, 0), (4, 1)])
    def test_destroyed_unless_asked_for_anew(self, tmp_path: Path, reported: int, left: int) -> None:
        runtime = make_vm(tmp_path, 5)

        async def work(executor: Executor) -> None:
            executor.destroy(VM_ID, reported)
            executor.destroy(VM_ID, reported)

        with_executor(tmp_path, runtime, work)
        assert len(runtime.workload_ids()) == left


class TestUnknown:
    NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)

    def set_aside(self, folder: Path, runtime: QemuRuntime, reported: int = 5) -> list[str]:
        """The folders that were set aside."""

        async def work(executor: Executor) -> None:
            executor.set_aside(VM_ID, reported, self.NOW)
            executor.set_aside(VM_ID, reported, self.NOW)

        with_executor(folder, runtime, work)
        return [each.folder.name for each in SetAside(folder / "set-aside").kept()]

    def test_its_disk_is_kept_out_of_the_list(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        runtime = make_vm(tmp_path, 5)
        runtime.folder(VM_ID).disk.write_text("mine")
        kept = tmp_path / "set-aside" / f"{VM_ID}-{int(self.NOW.timestamp())}"
        assert self.set_aside(tmp_path, runtime) == [kept.name]
        assert (runtime.workload_ids(), (kept / "disk.raw").read_text()) == ((), "mine")
        assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
        (told,) = [record for record in caplog.records if str(kept) in record.getMessage()]
        assert told.levelname == "WARNING"
        assert "after 7 days" in told.getMessage()

    def test_one_that_was_asked_for_anew_stays(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 5)
        assert self.set_aside(tmp_path, runtime, reported=4) == []
        assert runtime.workload_ids() == (VM_ID,)

    def test_one_that_cannot_be_moved_stays(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        runtime = make_vm(tmp_path, 5)
        (tmp_path / "set-aside").write_text("in the way")
        assert self.set_aside(tmp_path, runtime) == []
        assert runtime.is_startable(VM_ID)
        assert "cannot be moved" in caplog.text

    def test_put_back_it_goes_on(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 5)
        (name,) = self.set_aside(tmp_path, runtime)
        (tmp_path / "set-aside" / name).rename(runtime.folder(VM_ID).path)
        assert submit(tmp_path, runtime, make_command(1, Verb.STOP, 5)) == ["stopped"]

    def test_its_ordered_end_deletes_what_was_set_aside(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 5)
        self.set_aside(tmp_path, runtime)
        assert submit(tmp_path, runtime, make_command(1, Verb.TERMINATE, 6)) == ["gone"]
        assert list((tmp_path / "set-aside").iterdir()) == []

    def test_deleted_after_seven_days_and_nothing_else_is(self, tmp_path: Path) -> None:
        self.set_aside(tmp_path, make_vm(tmp_path, 5))
        aside, other = SetAside(tmp_path / "set-aside"), tmp_path / "set-aside" / "notes"
        other.mkdir()
        aside.delete_expired(self.NOW + timedelta(days=7, seconds=-1))
        assert len(aside.kept()) == 1
        aside.delete_expired(self.NOW + timedelta(days=7))
        assert list((tmp_path / "set-aside").iterdir()) == [other]

    def test_status_tells_of_it(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.set_aside(tmp_path, make_vm(tmp_path, 5))
        State(tmp_path).write_config(Config(name="box", url="https://control.test", host_id=HOST_ID))
        main(["status", "--state-dir", str(tmp_path)])
        assert f"{VM_ID}-{int(self.NOW.timestamp())} until 2030-02-07 12:00 UTC" in capsys.readouterr().out
        main(["status", "--json", "--state-dir", str(tmp_path)])
        (told,) = json.loads(capsys.readouterr().out)["set_aside"]
        assert (told["workload_id"], told["delete_at"]) == (VM_ID, "2030-02-07T12:00:00+00:00")


class TestLeases:
    def test_counts_on_the_control_planes_clock(self, tmp_path: Path) -> None:
        runtime = make_vm(tmp_path, 1)
        far = datetime(2040, 1, 1, tzinfo=UTC)

        async def work(executor: Executor) -> None:
            assert executor._leases.left_s(VM_ID) < 0
            executor._leases.renew(VM_ID, far + timedelta(seconds=90), far)
            assert 80 < executor._leases.left_s(VM_ID) <= 90.1
            executor._leases.grant_unconfirmed(VM_ID)
            assert executor._leases.left_s(VM_ID) > UNCONFIRMED_S - 5
            executor._leases.renew(VM_ID, far, far + timedelta(hours=1))
            assert executor._leases.left_s(VM_ID) < -3000

        with_executor(tmp_path, runtime, work)


class TestFences:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=20))
    def test_keeps_the_highest(self, closed: list[tuple[str, int]]) -> None:
        with TemporaryDirectory() as folder, closing(Database(Path(folder, "agent.db"))) as database:
            for vm_id, generation in closed:
                Fences(database).close(vm_id, generation)
            highest = {vm_id: max(g for v, g in closed if v == vm_id) for vm_id, _ in closed}
            fences = Fences(database)
            assert {vm_id: fences.generation(vm_id) for vm_id in highest} == highest
            for vm_id, reached in highest.items():
                assert fences.refuses(vm_id, reached, terminates=False)
                assert not fences.refuses(vm_id, reached, terminates=True)
                assert not fences.refuses(vm_id, reached + 1, terminates=False)
