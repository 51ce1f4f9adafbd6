"""The command line."""

import json
import os
import stat
from pathlib import Path

import pytest
from tests.agent.agents import Agent, call_agent
from tests.agent.control_plane import CODE, HOST_ID, ControlPlane

from sharemtc_agent.cli import Exit
from sharemtc_agent.config import State


def enroll(plane: ControlPlane, state: Path, *more: str, code: str = CODE) -> tuple[int, str, str]:
    arguments = ("enroll", "--url", plane.url, "--code-file", "-", "--state-dir", str(state), *more)
    done = call_agent(*arguments, "--log-level", "error", stdin=code)
    return done.returncode, done.stdout, done.stderr


class TestHelp:
    def test_names_every_command(self) -> None:
        done = call_agent("--help")
        assert done.returncode == 0
        assert all(command in done.stdout for command in ("enroll", "run", "status", "doctor", "drain", "uninstall"))

    def test_version(self) -> None:
        assert call_agent("--version").stdout == "sharemtc-agent 0.1.0\n"

    @pytest.mark.parametrize("command", ["enroll", "run", "status", "doctor", "drain", "uninstall"])
    def test_of_each_command(self, command: str) -> None:
        done = call_agent(command, "--help")
        assert done.returncode == 0
        assert "--state-dir" in done.stdout


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("run",), Exit.NOT_ENROLLED),
            (("status",), Exit.NOT_ENROLLED),
            (("drain",), Exit.NOT_ENROLLED),
            (("doctor", "--report"), Exit.NOT_ENROLLED),
            (("enroll", "--url", "http://user:word@127.0.0.1"), Exit.USAGE),
            (("enroll", "--url", "https://a.example/?q"), Exit.USAGE),
            (("enroll", "--url", "http://127.0.0.1:1"), Exit.USAGE),
            (("enroll", "--url", "no url"), Exit.USAGE),
            (("enroll", "--url", "http://127.0.0.1:1", "--code-file", "/missing"), Exit.FAILED),
            (("enroll", "--url", "http://127.0.0.1:1", "--sell-vcpus", "-1"), Exit.USAGE),
        ],
    )
    def test_are_one_line_and_a_code(self, tmp_path: Path, arguments: tuple[str, ...], code: Exit) -> None:
        done = call_agent(*arguments, "--state-dir", str(tmp_path))
        assert done.returncode == code, done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("sharemtc-agent: ")

    def test_an_address_to_run_with_is_checked_before_it_is_kept(self, tmp_path: Path) -> None:
        state = State(tmp_path)
        state.config_file.write_text(json.dumps({"name": "a", "url": "http://127.0.0.1:1", "host_id": HOST_ID}))
        before = state.config_file.read_text()
        done = call_agent("run", "--state-dir", str(tmp_path), "--url", "no url")
        assert (done.returncode, done.stderr.count("\n")) == (Exit.USAGE, 1)
        assert state.config_file.read_text() == before

    def test_state_directory_in_use(self, tmp_path: Path) -> None:
        state = State(tmp_path)
        state.config_file.write_text(json.dumps({"name": "a", "url": "http://127.0.0.1:1", "host_id": HOST_ID}))
        with state.lock():
            assert call_agent("run", "--state-dir", str(tmp_path)).returncode == Exit.AGENT_RUNNING
            assert State(tmp_path).running_pid() == os.getpid()
        assert State(tmp_path).running_pid() is None


@pytest.mark.slow
class TestEnroll:
    def test_once_with_a_key_that_stays(self, tmp_path: Path, prepared_state: Path) -> None:
        state = Agent(tmp_path / "state", prepared_state).state
        with ControlPlane() as plane:
            code, said, _ = enroll(plane, state, "--name", "box-1", "--sell-vcpus", "1", "--region", "eu-1")
            assert (code, said) == (Exit.OK, HOST_ID + "\n")
            inventory = plane.inventories[0]
            assert (inventory.name, inventory.sellable.vcpus, inventory.region) == ("box-1", 1, "eu-1")
            assert inventory.accelerator is not None
            assert inventory.images == ("tiny",)
            assert stat.S_IMODE((state / "host.key").stat().st_mode) == 0o600
            again, _, complaint = enroll(plane, state)
            assert again == Exit.ENROLLED_ALREADY
            assert HOST_ID in complaint
        config = json.loads((state / "config.json").read_text())
        assert config["sell"] == {"vcpus": 1, "memory_mib": None, "disk_gib": None}
        assert CODE not in "".join(file.read_text(errors="replace") for file in state.iterdir() if file.is_file())

    def test_anew_keeps_the_settings(self, tmp_path: Path, prepared_state: Path) -> None:
        state = Agent(tmp_path / "state", prepared_state).state
        known = {"name": "attic", "region": "eu-1", "url": "http://127.0.0.1:1", "host_id": None, "sell": {"vcpus": 1}}
        (state / "config.json").write_text(json.dumps(known))
        with ControlPlane() as plane:
            assert enroll(plane, state)[0] == Exit.OK
            inventory = plane.inventories[0]
        assert (inventory.name, inventory.region, inventory.sellable.vcpus) == ("attic", "eu-1", 1)
        config = json.loads((state / "config.json").read_text())
        assert (config["url"], config["host_id"]) == (plane.url, HOST_ID)

    def test_refusal_and_absence_are_told_apart(self, tmp_path: Path, prepared_state: Path) -> None:
        state = Agent(tmp_path / "state", prepared_state).state
        with ControlPlane() as plane:
            code, _, complaint = enroll(plane, state, code="another-code-of-some-length")
        assert code == Exit.REFUSED
        assert "code_refused" in complaint
        assert enroll(plane, state)[0] == Exit.UNREACHABLE
        assert not (state / "config.json").exists()
