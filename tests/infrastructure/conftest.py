"""One embedded cloud for the tests that only look, and emulators of their own for those that kill."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from infrastructure.local.aws import Clients
from infrastructure.local.cloud import EmbeddedCloud
from infrastructure.local.deploy import Deployment, Stack, runtime_name
from infrastructure.local.emulator.settings import EmulatorSettings
from infrastructure.local.paths import CLOUD_PYTHON, RUNTIME_PYTHON, StateFolder
from infrastructure.local.processes import Child, free_port, plain_environment, wait_for_port

FIXTURES = Path(__file__).parent / "fixtures"
TEMPLATE = FIXTURES / "template.yaml"
T = TypeVar("T")
UPSTREAM, PATCHED, BRISK = "upstream", "patched", "brisk"
MODULES = {
    UPSTREAM: "tests.infrastructure.upstream_emulator",
    PATCHED: "infrastructure.local.emulator",
    BRISK: "tests.infrastructure.brisk_emulator",
}


def eventually(look: Callable[[], T], what: str, within_s: float = 15.0) -> T:
    """The first truthy answer; fails when none comes in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    pytest.fail(f"not within {within_s:.0f} s: {what}")


@dataclass
class Emulator:
    """An emulator process with the fixture system deployed to it."""

    child: Child
    settings: EmulatorSettings
    clients: Clients
    stack: Stack

    def invoke(self, output: str, event: dict[str, Any]) -> dict[str, Any]:
        """Invoke the function an output names."""
        name = self.stack.outputs[output]
        answer = self.clients("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        return {"error": answer.get("FunctionError"), "payload": json.loads(answer["Payload"].read())}

    def execute(self, **data: Any) -> str:
        """Start the fixture's state machine."""
        arn = self.stack.outputs["LifecycleArn"]
        started = self.clients("stepfunctions").start_execution(stateMachineArn=arn, input=json.dumps(data))
        return str(started["executionArn"])

    def describe(self, execution: str) -> dict[str, Any]:
        described: dict[str, Any] = self.clients("stepfunctions").describe_execution(executionArn=execution)
        return described

    def result(self, execution: str) -> dict[str, Any]:
        """The finished execution."""

        def finished() -> dict[str, Any] | None:
            described = self.describe(execution)
            return described if described["status"] != "RUNNING" else None

        found = eventually(finished, "the execution ends")
        assert found is not None
        return found

    def items(self, key: str) -> list[dict[str, Any]]:
        """The fixture table's items of one partition, oldest first."""
        found: list[dict[str, Any]] = self.clients("dynamodb").query(
            TableName=self.stack.outputs["Table"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": key}},
        )["Items"]
        return found


def start_emulator(kind: str, state_dir: Path) -> Emulator:
    """Start an emulator as it comes, patched, or patched and with brisk schedules; deploy the fixture system to it."""
    state = StateFolder(state_dir)
    state.create()
    settings = EmulatorSettings(
        port=free_port(), token=secrets.token_hex(8), gateway_token=secrets.token_hex(8), state=state.root,
        runtime_python=RUNTIME_PYTHON, workers_per_function=4, fsync=False,
    )  # fmt: skip
    environment = {**plain_environment(), **settings.to_environment(), "TMPDIR": str(state.scratch)}
    child = Child(kind, [str(CLOUD_PYTHON), "-m", MODULES[kind]], environment, state.logs / "cloud.log")
    child.start()
    wait_for_port(child, settings.port, 30)
    clients = Clients(settings.endpoint, settings.token)
    stack = Deployment(clients, TEMPLATE, {"PythonRuntime": runtime_name(), "PublicUrl": "http://localhost"}).deploy()
    return Emulator(child, settings, clients, stack)


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = start_emulator(UPSTREAM, tmp_path_factory.mktemp(UPSTREAM))
    yield emulator
    emulator.child.stop()


@pytest.fixture(scope="session")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = start_emulator(PATCHED, tmp_path_factory.mktemp(PATCHED))
    yield emulator
    emulator.child.stop()


@pytest.fixture(params=[UPSTREAM, PATCHED])
def either(request: pytest.FixtureRequest) -> tuple[str, Emulator]:
    """Each test with this fixture runs on the upstream emulator, to see the fault, and on the patched one."""
    return request.param, request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCloud]:
    """The whole embedded cloud with the fixture system, shared by tests that do not disturb it."""
    state_dir = tmp_path_factory.mktemp("cloud") / "state"
    with EmbeddedCloud(state_dir, template=TEMPLATE, web=True, web_dist=FIXTURES / "built_web") as running:
        yield running
