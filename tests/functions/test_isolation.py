"""No test sees what another did: neither in the cloud's services nor in what the process remembers."""

from __future__ import annotations

import os
from enum import Enum
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from tests.support import measuring, process
from tests.support.clock import Time
from tests.support.cloud import Cloud
from tests.support.events import call
from tests.support.tables import declared_tables
from tests.support.world import World, function

TABLES = [table["TableName"] for table in declared_tables()]


def plain(value: Any, seen: frozenset[int] = frozenset()) -> Any:
    """All that an object holds, in a form that is equal when it is."""
    if id(value) in seen or isinstance(value, type | Enum) or callable(value):
        return type(value).__name__
    seen |= {id(value)}
    if isinstance(value, dict):
        return {str(plain(key, seen)): plain(one, seen) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one, seen) for one in value]
    if type(value).__module__.startswith(("sharemtc.", "functions", "moto.")) and hasattr(value, "__dict__"):
        return plain(vars(value), seen)
    return value if type(value).__module__ == "builtins" else type(value).__name__


def remembered() -> dict[str, Any]:
    """What the process holds beside its code: the caches' sizes and every module's data."""
    found = {}
    for module in process.product_modules():
        for name, value in vars(module).items():
            if name.startswith("__") or getattr(value, "__module__", module.__name__) != module.__name__:
                continue
            if hasattr(value, "cache_info"):
                found[f"{module.__name__}.{name}"] = value.cache_info().currsize
            else:
                found[f"{module.__name__}.{name}"] = plain(value)
    return found


def live(time: Time) -> None:
    """A bit of everything: people, a host, a machine, its measurements, its bill."""
    world = World.start(time)
    host = world.join("provider@example.com").add_host()
    assert host.heartbeat().status == 200
    renter = world.join("renter@example.com")
    order = renter.order()
    key = {"Idempotency-Key": "the-same"}
    vm_id = str(renter.call("POST", "/v1/resources/vms", order, headers=key).json["id"])
    world.carry_out(renter, host, vm_id, "running")
    assert measuring.send(host, metrics=[measuring.point(vm_id, 5)]).status == 202
    assert world.accrue() > 0
    assert call(function("auth").app, "GET", "/v1/auth/me", token="wrong").status == 401
    liveness = function("liveness")
    with patch.object(liveness, "SWEEPS", 1):  # more of them take a real minute
        liveness.handler({"source": "aws.events"}, None)
    boto3.client("dynamodb").update_time_to_live(
        TableName=TABLES[0], TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )


def test_services_are_as_they_were_made(cloud: Cloud, time: Time) -> None:
    live(time)
    used = set(cloud.state())
    cloud.reset()
    tables, secrets = boto3.client("dynamodb"), boto3.client("secretsmanager")
    assert sorted(tables.list_tables()["TableNames"]) == sorted(TABLES)
    assert [tables.scan(TableName=name)["Count"] for name in TABLES] == [0] * len(TABLES)
    ttl = tables.describe_time_to_live(TableName=TABLES[0])["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "DISABLED"
    assert [secret["Name"] for secret in secrets.list_secrets()["SecretList"]] == ["test-token-secret"]
    assert "QueueUrls" not in boto3.client("sqs").list_queues()
    assert boto3.client("stepfunctions").list_state_machines()["stateMachines"] == []
    once = plain(cloud.state())
    live(time)
    cloud.reset()
    assert set(cloud.state()) == used
    assert plain(cloud.state()) == once


def test_a_process_remembers_no_more_than_a_new_one(cloud: Cloud, time: Time) -> None:
    live(time)  # everything is imported
    process.forget()
    fresh = remembered()
    cloud.reset()
    live(time)
    assert remembered() != fresh, "requests leave something behind, or this test proves nothing"
    process.forget()
    assert remembered() == fresh


@pytest.mark.parametrize("attempt", ["first", "second"])
def test_an_environment_ends_with_its_test(attempt: str) -> None:
    assert os.environ.get("LEFT_BEHIND") is None, attempt
    os.environ["LEFT_BEHIND"] = attempt
