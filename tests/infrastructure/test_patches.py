"""Every patch twice: the upstream emulator shows the fault, the patched one does not have it."""

from __future__ import annotations

import base64
import gzip
import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from infrastructure.local.paths import CLOUD_PYTHON, REPOSITORY
from tests.infrastructure.conftest import PATCHED, UPSTREAM, Emulator, eventually, start_emulator

pytestmark = pytest.mark.slow
Either = tuple[str, Emulator]
WRITES = 200


def put(emulator: Emulator, key: str, **fields: str) -> None:
    item = {"pk": {"S": key}, "sk": {"S": "-"}, **{name: {"S": value} for name, value in fields.items()}}
    emulator.clients("dynamodb").put_item(TableName=emulator.stack.outputs["Table"], Item=item)


def count(emulator: Emulator) -> int:
    return int(emulator.clients("dynamodb").scan(TableName=emulator.stack.outputs["Table"], Select="COUNT")["Count"])


def kill(emulator: Emulator) -> None:
    assert emulator.child.pid is not None
    os.kill(emulator.child.pid, signal.SIGKILL)
    eventually(lambda: not emulator.child.running, "the emulator is dead")


@pytest.mark.parametrize(("kind", "survivors"), [(UPSTREAM, 0), (PATCHED, WRITES + 1)])
def test_accepted_writes_survive_a_kill(kind: str, survivors: int, tmp_path: Path) -> None:
    emulator = start_emulator(kind, tmp_path / "state")
    table = emulator.stack.outputs["Table"]
    for number in range(WRITES):
        put(emulator, f"item-{number}")
    put(emulator, "deleted")
    emulator.clients("dynamodb").delete_item(TableName=table, Key={"pk": {"S": "deleted"}, "sk": {"S": "-"}})
    put(emulator, "owned", owner="ann")
    kill(emulator)

    emulator = start_emulator(kind, tmp_path / "state")
    try:
        assert count(emulator) == survivors
        by_owner = emulator.clients("dynamodb").query(
            TableName=table, IndexName="by-owner", KeyConditionExpression="#o = :o",
            ExpressionAttributeNames={"#o": "owner"}, ExpressionAttributeValues={":o": {"S": "ann"}},
        )  # fmt: skip
        assert by_owner["Count"] == (1 if kind == PATCHED else 0)
    finally:
        emulator.child.stop()


def test_a_kill_between_writers_tears_no_transaction(tmp_path: Path) -> None:
    emulator = start_emulator(PATCHED, tmp_path / "state")
    table = emulator.stack.outputs["Table"]

    def write_pairs() -> None:
        number = 0
        while True:
            puts = [
                {"Put": {"TableName": table, "Item": {"pk": {"S": f"pair-{number}"}, "sk": {"S": half}}}}
                for half in "ab"
            ]
            try:
                emulator.clients("dynamodb").transact_write_items(TransactItems=puts)
            except Exception:
                return
            number += 1

    writer = threading.Thread(target=write_pairs)
    writer.start()
    eventually(lambda: count(emulator) > 50, "transactions are under way")
    kill(emulator)
    writer.join()

    emulator = start_emulator(PATCHED, tmp_path / "state")
    try:
        items = emulator.clients("dynamodb").scan(TableName=table)["Items"]
        pairs: dict[str, set[str]] = {}
        for item in items:
            pairs.setdefault(item["pk"]["S"], set()).add(item["sk"]["S"])
        assert len(pairs) > 25
        assert all(halves == {"a", "b"} for halves in pairs.values())
    finally:
        emulator.child.stop()


@pytest.mark.parametrize("kind", [UPSTREAM, PATCHED])
def test_updates_from_threads_are_not_lost(kind: str) -> None:
    command = [str(CLOUD_PYTHON), "-m", "tests.infrastructure.race_on_tables", kind]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    counted = int(done.stdout.strip().splitlines()[-1])
    assert counted == 1200 if kind == PATCHED else counted < 1200


def test_a_function_error_keeps_its_class_and_the_process(either: Either) -> None:
    kind, emulator = either
    before = emulator.invoke("TasksFunction", {"way": "ok", "id": "1"})["payload"]["pid"]
    failed = emulator.invoke("TasksFunction", {"way": "fail", "id": "1"})
    after = emulator.invoke("TasksFunction", {"way": "ok", "id": "1"})["payload"]["pid"]
    assert failed["error"]
    if kind == UPSTREAM:
        assert failed["payload"]["errorType"] == "Runtime.HandlerError"
        assert before != after
    else:
        assert failed["payload"]["errorType"] == "HostGone"
        assert failed["payload"]["errorMessage"] == "host of 1 is gone"
        assert any("in task" in frame for frame in failed["payload"]["stackTrace"])
        assert before == after


def test_a_catch_by_error_class_is_taken(either: Either) -> None:
    kind, emulator = either
    ended = emulator.result(emulator.execute(via="direct", way="fail", id="catch"))
    if kind == UPSTREAM:
        assert ended["status"] == "FAILED"
    else:
        assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", "caught")


def test_an_error_in_a_callback_task_reaches_its_catch(either: Either) -> None:
    kind, emulator = either
    execution = emulator.execute(via="callback", way="fail", id="swallowed")
    if kind == PATCHED:
        assert json.loads(emulator.result(execution)["output"]) == "caught"
        return
    eventually(lambda: emulator.items("token-swallowed"), "the function has run")
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        assert emulator.describe(execution)["status"] == "RUNNING"


def test_each_attempt_of_a_callback_task_has_its_own_token(either: Either) -> None:
    kind, emulator = either
    execution = emulator.execute(via="callback", way="ok", id="retried")
    first = eventually(lambda: emulator.items("token-retried"), "the first attempt")[0]["token"]["S"]
    emulator.clients("stepfunctions").send_task_failure(taskToken=first, error="TryAgain", cause="once")
    eventually(lambda: len(emulator.items("token-retried")) == 2, "the second attempt")
    second = emulator.items("token-retried")[1]["token"]["S"]
    assert (first == second) == (kind == UPSTREAM)
    emulator.clients("stepfunctions").send_task_success(taskToken=second, output='"ok"')
    assert json.loads(emulator.result(execution)["output"]) == "done"


def test_a_callback_task_times_out_after_what_its_input_says(either: Either) -> None:
    kind, emulator = either
    execution = emulator.execute(via="timed", way="ok", id="timed", time_limit_s=1)
    if kind == PATCHED:
        assert json.loads(emulator.result(execution)["output"]) == "caught"
        return
    eventually(lambda: emulator.items("token-timed"), "the function has run")
    time.sleep(1.5)
    assert emulator.describe(execution)["status"] == "RUNNING"


def test_an_execution_starts_without_a_wait(either: Either) -> None:
    kind, emulator = either
    lasted = []
    for _ in range(8):
        ended = emulator.result(emulator.execute(via="pass"))
        lasted.append((ended["stopDate"] - ended["startDate"]).total_seconds())
    assert (min(lasted) >= 0.15) == (kind == UPSTREAM), lasted


def test_a_silent_function_answers_without_a_wait(either: Either) -> None:
    kind, emulator = either
    lasted = []
    for _ in range(12):
        begun = time.perf_counter()
        emulator.invoke("TasksFunction", {"way": "ok", "id": "silent"})
        lasted.append(time.perf_counter() - begun)
    assert (min(lasted) >= 0.05) == (kind == UPSTREAM), lasted


def test_a_generated_secret_follows_its_options(either: Either) -> None:
    kind, emulator = either
    name = emulator.stack.outputs["OperatorSecret"]
    fields = json.loads(emulator.clients("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    assert fields["email"] == "operator@example.com"
    assert len(fields["password"]) == 24
    assert fields["password"].isalnum() == (kind == PATCHED)


def test_strangers_are_refused(either: Either) -> None:
    kind, emulator = either
    try:
        with urllib.request.urlopen(f"{emulator.settings.endpoint}/_ministack/health") as answer:  # noqa: S310
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    assert status == (200 if kind == UPSTREAM else 403)


def test_a_binary_body_reaches_a_function_byte_for_byte(either: Either) -> None:
    kind, emulator = either
    body = gzip.compress(b"measured")
    seen = emulator_call(emulator, "/v1/web/look", body, "application/gzip")
    assert seen["is_base64"] is (kind == PATCHED)
    assert (kind == PATCHED) == (seen["is_base64"] and base64.b64decode(seen["body"]) == body)
    text = emulator_call(emulator, "/v1/web/look", b"{}", "application/json")
    assert (text["is_base64"], text["body"]) == (False, "{}")


def test_a_route_of_any_method_answers_any_method(either: Either) -> None:
    kind, emulator = either
    if kind == UPSTREAM:
        with pytest.raises(urllib.error.HTTPError):
            emulator_get(emulator, "/v1/any/look")
        return
    assert emulator_get(emulator, "/v1/any/look")["method"] == "GET"
    assert emulator_call(emulator, "/v1/any/look", b"{}", "application/json")["method"] == "POST"
    assert emulator_get(emulator, "/v1/web/look")["method"] == "GET"


def test_a_secret_stays_the_same_from_start_to_start(tmp_path: Path) -> None:
    def value(emulator: Emulator) -> Any:
        name = emulator.stack.outputs["OperatorSecret"]
        return emulator.clients("secretsmanager").get_secret_value(SecretId=name)["SecretString"]

    first = start_emulator(PATCHED, tmp_path / "state")
    generated = value(first)
    kill(first)
    second = start_emulator(PATCHED, tmp_path / "state")
    name = second.stack.outputs["OperatorSecret"]
    assert value(second) == generated
    second.clients("secretsmanager").put_secret_value(SecretId=name, SecretString='{"password": "changed"}')
    kill(second)
    third = start_emulator(PATCHED, tmp_path / "state")
    try:
        assert json.loads(value(third)) == {"email": "operator@example.com", "password": "changed"}
        kept = next((tmp_path / "state" / "secrets").iterdir())
        assert kept.stat().st_mode & 0o777 == 0o600
    finally:
        third.child.stop()


class TestFunctions:
    """What only the patched emulator promises."""

    def test_a_function_sees_its_layers_and_nothing_of_this_machine(self, patched: Emulator) -> None:
        seen = emulator_get(patched, "/v1/web/look")
        assert seen["greeting"] == "hello"
        assert all(".build/runtime/" in path for path in seen["modules"])
        assert "HOME" not in seen["environment"]
        assert {"TABLE", "AWS_ENDPOINT_URL", "AWS_LAMBDA_FUNCTION_NAME"} <= set(seen["environment"])

    def test_concurrent_calls_share_a_bounded_number_of_processes(self, patched: Emulator) -> None:
        with ThreadPoolExecutor(12) as callers:
            answers = list(callers.map(lambda _: emulator_get(patched, "/v1/web/nap"), range(12)))
        assert len(answers) == 12
        assert 2 <= len({answer["pid"] for answer in answers}) <= 4

    def test_a_function_that_dies_or_hangs_is_told_apart(self, patched: Emulator) -> None:
        died = patched.invoke("TasksFunction", {"way": "die", "id": "1"})
        assert died["payload"]["errorType"] == "Runtime.ExitError"
        assert patched.invoke("TasksFunction", {"way": "ok", "id": "1"})["error"] is None

    def test_items_expire_as_the_template_says(self, patched: Emulator) -> None:
        described = patched.clients("dynamodb").describe_time_to_live(TableName=patched.stack.outputs["Table"])
        assert described["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}

    def test_a_queue_delivers_and_retries_what_failed(self, patched: Emulator) -> None:
        queue = patched.stack.outputs["JobsUrl"]
        for name, fail in (("good", False), ("bad", True)):
            body = json.dumps({"name": name, "fail": fail})
            patched.clients("sqs").send_message(QueueUrl=queue, MessageBody=body)
        eventually(lambda: patched.items("consumed"), "the good message is consumed")
        assert [item["name"]["S"] for item in patched.items("consumed")] == ["good"]


def emulator_get(emulator: Emulator, path: str) -> Any:
    return emulator_call(emulator, path, None, "")


def emulator_call(emulator: Emulator, path: str, body: bytes | None, content_type: str) -> Any:
    """What the function saw of a GET, or of a POST with a body."""
    api = f"{emulator.settings.endpoint}/restapis/{emulator.stack.outputs['ApiId']}/v/_user_request_{path}"
    headers = {"x-sharemtc-cloud": emulator.settings.gateway_token} | ({"content-type": content_type} if body else {})
    request = urllib.request.Request(api, body, headers)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)
