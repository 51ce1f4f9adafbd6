"""The agent, as a process, with a platform of another protocol version."""

from __future__ import annotations

from pathlib import Path

from tests.agent.agents import VM_ID, Agent
from tests.agent.control_plane import HOST_ID, ControlPlane, Refusal
from tests.agent.test_leaving import join, left_behind

from sharemtc.wire import PROTOCOL_VERSION

AT = "2099-01-31T12:00:00Z"
POD = "pod_01Q5VXFAG080SD00RA05C0NAEY"


def command(number: int, **changes: object) -> dict[str, object]:
    known = {"workload_id": VM_ID, "kind": "vm", "verb": "stop", "generation": 9, "spec": None, "priority": 7}
    return {"id": f"cmd_{number:032x}", **known, "lease_until": AT, "deadline": AT, **changes}


def test_it_does_all_that_it_knows_and_says_what_it_does_not_know(tmp_path: Path) -> None:
    with ControlPlane() as plane, Agent(tmp_path / "state") as agent:
        left_behind(join(plane, agent.state))
        (agent.state / "vms" / VM_ID / "disk.raw").touch()
        plane.more = {
            "protocol_version": PROTOCOL_VERSION + 1,
            "mood": {"is": "good"},
            "orphans": [POD, "cn-1"],
            "unknown": [POD],
            "problems": [{"pointer": "/workloads/0", "code": "new", "message": "New.", "hint": "none"}],
        }
        spec = {"kind": "pod", "image": "nginx"}
        newer = [
            command(501, workload_id=POD, kind="pod", verb="create", spec=spec),
            command(502, verb="hibernate"),
            command(503, verb="create", spec={"kind": "vm", "firmware": "uefi"}),
            command(504),
        ]
        plane.raw_commands = {str(each["id"]): each for each in newer}
        agent.start()
        results = [plane.result(str(each["id"])) for each in newer]
        codes = [each.failure.code if each.failure else "" for each in results]
        assert codes == ["kind_unsupported", "command_unsupported", "command_unsupported", ""]
        assert results[3].proof is not None
        assert results[3].proof.state == "stopped"
        assert [each.generation for each in results] == [9] * 4
        plane.wait(
            lambda: (seen := plane.seen(VM_ID)) is not None and seen.generation == 9, "the workload, still there"
        )
        agent.end()
        assert "update the agent soon" in agent.log()


def test_a_refusal_is_explained_and_ends_nothing(tmp_path: Path) -> None:
    with ControlPlane() as plane, Agent(tmp_path / "state") as agent:
        left_behind(join(plane, agent.state))
        (agent.state / "vms" / VM_ID / "disk.raw").touch()
        refusal = Refusal(
            409, "protocol_unsupported", "The agent speaks version 1. Update the agent.", protocol_version=3
        )
        plane.refused = {"heartbeat": refusal}
        agent.start()
        plane.wait(lambda: "Update the agent. VMs keep running" in agent.log(), "the explanation", 120)
        agent.end()
        assert (agent.state / "vms" / VM_ID / "vm.json").exists()
        assert HOST_ID in agent.log()
