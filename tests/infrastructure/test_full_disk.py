"""A disk without room: what cannot be stored is refused and undone, reads go on, and writes too once there is room."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from infrastructure.local.cloud import EmbeddedCloud
from infrastructure.local.options import Options
from infrastructure.local.paths import CLOUD_PYTHON, REPOSITORY, StateFolder
from infrastructure.local.processes import free_port
from tests.infrastructure.conftest import PATCHED, TEMPLATE, Emulator, eventually, start_emulator
from tests.infrastructure.test_launcher import part, status_of

pytestmark = pytest.mark.slow


@contextmanager
def no_room(pid: int) -> Iterator[None]:
    """No file of the process can grow, as on a full disk."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    running = start_emulator(PATCHED, tmp_path / "state")
    yield running
    running.child.stop()


def item(number: int) -> dict[str, Any]:
    return {"pk": {"S": "full"}, "sk": {"S": f"{number}"}, "n": {"N": f"{number}"}}


def key(number: int) -> dict[str, Any]:
    return {name: item(number)[name] for name in ("pk", "sk")}


def test_writes_are_refused_and_undone_and_go_on_when_there_is_room(emulator: Emulator, tmp_path: Path) -> None:
    table, tables = emulator.stack.outputs["Table"], emulator.clients("dynamodb")
    for number in (1, 2):
        tables.put_item(TableName=table, Item=item(number))
    before = emulator.items("full")
    pid = emulator.child.pid
    assert pid is not None

    def refused(write: Any, **arguments: Any) -> None:
        with pytest.raises(ClientError) as caught:
            write(**arguments)
        assert caught.value.response["Error"]["Code"] == "StorageFullException"
        assert emulator.items("full") == before

    changed = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "9"}}}
    with no_room(pid):
        refused(tables.put_item, TableName=table, Item=item(3))
        refused(tables.put_item, TableName=table, Item={**item(1), "n": {"N": "7"}})
        refused(tables.update_item, TableName=table, Key=key(1), **changed)
        refused(tables.delete_item, TableName=table, Key=key(2))
        writes = [
            {"Put": {"TableName": table, "Item": item(3)}},
            {"Delete": {"TableName": table, "Key": key(2)}},
            {"Update": {"TableName": table, "Key": key(1), **changed}},
        ]
        refused(tables.transact_write_items, TransactItems=writes)
    tables.transact_write_items(TransactItems=writes)
    after = emulator.items("full")
    assert [(one["sk"]["S"], one["n"]["N"]) for one in after] == [("1", "9"), ("3", "3")]
    said = list(emulator.child.last_lines)
    assert sum(line.startswith("note: nothing can be stored") for line in said) == 1
    eventually(lambda: "note: there is room again: writes are stored" in emulator.child.last_lines, "it says so")
    emulator.child.stop()
    again = start_emulator(PATCHED, StateFolder(tmp_path / "state").root)
    try:
        assert again.items("full") == after
    finally:
        again.child.stop()


def test_the_launcher_lives_through_a_full_disk(tmp_path: Path) -> None:
    with EmbeddedCloud(tmp_path / "state", template=TEMPLATE) as cloud:
        assert cloud.process is not None
        with no_room(cloud.process.pid):
            os.kill(part(cloud, "gateway"), signal.SIGKILL)
            eventually(lambda: status_of(cloud) == "ok", "the gateway is back", within_s=30)
            os.kill(part(cloud, "emulator"), signal.SIGKILL)
            eventually(lambda: status_of(cloud) != "ok", "the death is noticed")
        # what could not be told meanwhile is told now: the gateway finds the new cloud
        eventually(lambda: status_of(cloud) == "ok", "the cloud is back", within_s=60)
        assert cloud.process.poll() is None
        assert "Traceback" not in cloud.said


def test_a_start_without_room_says_so_in_one_line(tmp_path: Path) -> None:
    options = Options(state_dir=tmp_path / "state", port=free_port(), template=TEMPLATE, agent=False)
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
        "from infrastructure.local.__main__ import main; sys.exit(main())"
    )
    command = [str(CLOUD_PYTHON), "-c", program, "run", "--no-agent", "--port", str(options.port)]
    command += ["--state-dir", str(options.state_dir), "--template", str(TEMPLATE)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("sharemtc: ")
    assert "File too large" in line
