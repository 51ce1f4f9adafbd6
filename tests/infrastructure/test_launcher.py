"""The launcher: starts, heals, says what is wrong, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from infrastructure.local.cloud import EmbeddedCloud, NotStarted
from infrastructure.local.paths import CLOUD_PYTHON, REPOSITORY
from tests.infrastructure.conftest import TEMPLATE, eventually

pytestmark = pytest.mark.slow


def family(pid: int) -> dict[int, str]:
    """The living processes below a process, and their command lines."""
    parents: dict[int, list[int]] = {}
    commands: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if fields[0] != "Z":
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
            commands[int(entry.name)] = command
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            found[child] = commands[child]
            waiting.append(child)
    return found


def living(pids: Any) -> list[int]:
    """Those of the processes that still run."""
    alive = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            alive.append(pid)
    return alive


def get(cloud: EmbeddedCloud, path: str) -> Any:
    with urllib.request.urlopen(cloud.url + path) as answer:  # noqa: S310
        return json.load(answer)


def status_of(cloud: EmbeddedCloud) -> str:
    try:
        return str(get(cloud, "/health")["status"])
    except OSError:
        return "unavailable"


def part(cloud: EmbeddedCloud, name: str) -> int:
    assert cloud.process is not None
    return next(pid for pid, command in family(cloud.process.pid).items() if f"infrastructure.local.{name}" in command)


def note(cloud: EmbeddedCloud) -> int:
    """Invoke the bootstrap function, which writes one item, and count what it has written so far."""
    import boto3

    environment = cloud.endpoints.environment()
    session = boto3.session.Session(
        environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], environment["AWS_SESSION_TOKEN"],
        region_name=environment["AWS_REGION"],
    )  # fmt: skip
    client = session.client("dynamodb", endpoint_url=environment["AWS_ENDPOINT_URL"])
    found = client.query(
        TableName=cloud.outputs["Table"], KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "bootstrap"}}, Select="COUNT",
    )  # fmt: skip
    client.close()
    return int(found["Count"])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCloud]:
    """A launcher that the tests kill."""
    running = EmbeddedCloud(tmp_path_factory.mktemp("run") / "state", template=TEMPLATE).start()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.kill()


class TestRun:
    """The tests follow the life of one launcher, in order."""

    def test_says_where_it_is_and_how_to_sign_in(self, own: EmbeddedCloud) -> None:
        assert own.url in own.said
        assert "operator@sharemtc.local" in own.said
        assert str(own.state.operator_password) in own.said
        assert own.operator_password not in own.said
        assert own.state.operator_password.stat().st_mode & 0o777 == 0o600
        for step in ("Cloud", "Deploy template.yaml", "Operator account", "Gateway"):
            assert f"✓ {step}" in own.said

    def test_listens_on_loopback_only(self, own: EmbeddedCloud) -> None:
        listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        port = f"{own.port:04X}"
        assert {local.split(":")[0] for _, local, *_ in listening if local.endswith(f":{port}")} == {"0100007F"}

    def test_a_second_instance_is_told_so(self, own: EmbeddedCloud) -> None:
        with pytest.raises(NotStarted, match=r"sharemtc: ShareMTC already runs with the state in"):
            EmbeddedCloud(own.state_dir, template=TEMPLATE).start()
        assert status_of(own) == "ok"

    def test_a_busy_port_is_named(self, own: EmbeddedCloud, tmp_path: Path) -> None:
        with pytest.raises(NotStarted) as refusal:
            EmbeddedCloud(tmp_path / "state", port=own.port, template=TEMPLATE).start()
        said = str(refusal.value).strip()
        assert said == f"sharemtc: port {own.port} is in use: choose another one with SHAREMTC_PORT"

    def test_a_killed_cloud_comes_back_with_its_tables(self, own: EmbeddedCloud) -> None:
        before = note(own)
        os.kill(part(own, "emulator"), signal.SIGKILL)
        eventually(lambda: status_of(own) != "ok", "the death is noticed")
        eventually(lambda: status_of(own) == "ok", "the cloud is back", within_s=30)
        assert get(own, "/v1/web/again")["greeting"] == "hello"
        assert note(own) == before + 1, "the bootstrap function ran once more, on the same table"

    def test_a_killed_gateway_comes_back(self, own: EmbeddedCloud) -> None:
        os.kill(part(own, "gateway"), signal.SIGKILL)
        eventually(lambda: status_of(own) == "ok", "the gateway is back")

    def test_commands_tell_about_it(self, own: EmbeddedCloud) -> None:
        def command(*arguments: str) -> str:
            run = [str(CLOUD_PYTHON), "-m", "infrastructure.local", *arguments, "--state-dir", str(own.state_dir)]
            return subprocess.run(run, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout

        assert own.process is not None
        assert own.process.poll() is None, own.said
        assert own.url in command("status")
        get(own, "/v1/web/logged")
        assert '"/v1/web/logged"' in command("logs", "Web")

    def test_a_killed_launcher_leaves_no_process(self, own: EmbeddedCloud) -> None:
        assert own.process is not None
        parts = family(own.process.pid)
        assert len(parts) >= 3
        own.kill()
        eventually(lambda: not living(parts), "every part is gone")
        own.start()
        assert note(own) >= 2

    def test_ends_everything_it_started(self, own: EmbeddedCloud) -> None:
        assert own.process is not None
        parts = family(own.process.pid)
        assert own.stop() == 0
        assert not living(parts)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", own.port)) != 0
        assert not list(own.state.root.glob("scratch/*"))


def test_ctrl_c_during_the_start_ends_what_was_started(tmp_path: Path) -> None:
    cloud = EmbeddedCloud(tmp_path / "state", template=TEMPLATE).start(wait=False)
    assert cloud.process is not None
    process = cloud.process
    parts = eventually(lambda: family(process.pid), "the first part runs")
    assert cloud.stop() == 130
    assert not living(parts)


class TestBrokenState:
    def test_a_damaged_journal_is_named_and_left_alone(self, tmp_path: Path) -> None:
        cloud = EmbeddedCloud(tmp_path / "state", template=TEMPLATE)
        cloud.state.create()
        cloud.state.journal.write_bytes(b"this is not a journal\nneither is this\n")
        with pytest.raises(NotStarted) as refusal:
            cloud.start()
        last = str(refusal.value).strip().splitlines()[-1]
        assert last.startswith(f"sharemtc: {cloud.state.journal}: line 1 is damaged, and nothing was changed: restore ")
        assert cloud.state.journal.read_bytes() == b"this is not a journal\nneither is this\n"

    def test_a_state_directory_that_cannot_be_one_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("a file")
        with pytest.raises(NotStarted, match=r"sharemtc: the state directory .* cannot be used"):
            EmbeddedCloud(tmp_path / "state", template=TEMPLATE).start()

    def test_a_broken_template_is_named(self, tmp_path: Path) -> None:
        template = tmp_path / "template.yaml"
        template.write_text("Resources: {Table: {Type: AWS::Nothing::Here}}")
        with pytest.raises(NotStarted, match=r"sharemtc: template\.yaml: .*AWS::Nothing::Here"):
            EmbeddedCloud(tmp_path / "state", template=template).start()


def test_changed_code_is_used_without_a_restart(tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "system"
    shutil.copytree(TEMPLATE.parent, copy)
    with EmbeddedCloud(tmp_path / "state", template=copy / "template.yaml", reload=True) as cloud:
        assert get(cloud, "/v1/web/x")["greeting"] == "hello"
        (copy / "layers/greeting/python/greeting/__init__.py").write_text('GREETING = "good evening"\n')
        eventually(lambda: get(cloud, "/v1/web/x")["greeting"] == "good evening", "the layer is replaced")
        source = copy / "functions/web/app.py"
        source.write_text(source.read_text().replace('"greeting": GREETING', '"greeting": "from the function"'))
        eventually(lambda: get(cloud, "/v1/web/x")["greeting"] == "from the function", "the function is replaced")
        eventually(lambda: "reloaded Web" in cloud.said, "the launcher says so")
