"""Answers of a control plane that is newer than the agent: what it cannot read does not take the rest with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from sharemtc.wire import Command, Commands, HeartbeatAnswer, UnsupportedCommand

VM, UNKNOWN = "vm_01Q5VXFAG080SD00RA05C0NAEY", "thing_01Q5VXFAG080SD00RA05C0NAEY"
AT = "2030-01-31T12:00:00Z"


def command(**changes: Any) -> dict[str, Any]:
    known = {"id": "cmd_" + "0" * 32, "workload_id": VM, "kind": "vm", "verb": "stop", "generation": 1, "spec": None}
    return {**known, "lease_until": AT, "deadline": AT, **changes}


def answer(**parts: Any) -> bytes:
    pace = {"protocol_version": 2, "heartbeat_interval_s": 10, "command_poll_s": 2, "server_time": AT}
    return json.dumps({**pace, **parts}).encode()


def test_a_heartbeats_answer_keeps_all_that_can_be_read() -> None:
    found = HeartbeatAnswer.model_validate_json(
        answer(
            commands=[command(verb="hibernate"), command(), command(workload_id=UNKNOWN, kind="thing"), {}],
            workloads=[{"id": UNKNOWN, "paid_until": AT}, {"id": VM, "paid_until": AT}],
            orphans=[UNKNOWN, VM],
            unknown=[UNKNOWN, VM],
            problems=[{"pointer": "/mood"}],
            mood="good",
        )
    )
    assert [type(each) for each in found.commands] == [UnsupportedCommand, Command, UnsupportedCommand]
    commands = [("hibernate", "vm"), ("stop", "vm"), ("stop", "thing")]
    assert [(each.verb, each.kind) for each in found.commands] == commands
    assert [each.id for each in found.workloads] == [VM]
    assert (found.orphans, found.unknown, found.problems) == ((VM,), (VM,), ())


def test_so_does_a_poll_and_what_is_no_list_is_refused() -> None:
    found = Commands.model_validate_json(json.dumps({"commands": [{"id": 7}, command(priority=9)]}))
    assert len(found.commands) == 1
    with pytest.raises(ValidationError):
        HeartbeatAnswer.model_validate_json(answer(orphans="all"))
