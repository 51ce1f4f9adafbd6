"""A host's answers are judged against what it was told to do: what does not fit changes nothing and is seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.machines import START_MICROS, WHOLE, free, run
from tests.support.world import Host, Person, World

from sharemtc import clock
from sharemtc.billing import meters
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind
from sharemtc.risks.table import risk_id
from sharemtc.storage.transactions import Transaction
from sharemtc.workloads.states import Observed
from sharemtc.workloads.table import Workload, save, settle, workload_key

BANNER = {"ssh_port": 2222, "ssh_banner": "SSH-2.0-x"}
MISFITS: list[tuple[str, dict[str, Any]]] = [
    ("create", {"state": "gone"}),
    ("create", {"state": "stopped"}),
    ("create", {"state": "running"}),
    ("create", {"state": "running", "ssh_port": 2222}),
    ("create", {"state": "running", "ssh_banner": "SSH-2.0-x"}),
    ("reboot", {"state": "gone"}),
    ("reboot", {"state": "stopped"}),
    ("stop", {"state": "gone"}),
    ("stop", {"state": "running", **BANNER}),
    ("stop", {"state": "stopped", **BANNER}),
    ("terminate", {"state": "running", **BANNER}),
    ("terminate", {"state": "stopped"}),
    ("terminate", {"state": "gone", "files_left": 2}),
]


def ordered(world: World, renter: Person, host: Host, verb: str) -> tuple[str, dict[str, Any]]:
    """A VM with the order of that verb in its host's hands."""
    if verb == "create":
        vm_id = renter.rent().json["id"]
    else:
        vm_id = run(world, renter, host)
        assert renter.act(vm_id, verb).status == 202
    world.task("dispatch", renter.vm(vm_id), token="t" * 20)
    (command,) = host.commands()
    return vm_id, command


class TestMisfits:
    @pytest.mark.parametrize(("verb", "proof"), MISFITS)
    def test_a_proof_that_does_not_fit_changes_nothing_and_is_told(
        self, world: World, renter: Person, provider: Person, host: Host, verb: str, proof: dict[str, Any]
    ) -> None:
        vm_id, command = ordered(world, renter, host, verb)
        before = renter.vm(vm_id)
        answer = host.result(command, proof=proof)
        assert answer.status == 422, answer.text
        assert all(pointer.startswith("/proof/") for pointer in answer.pointers)
        after = renter.vm(vm_id)
        assert {**after, "as_of": ""} == {**before, "as_of": ""}
        assert risks.find(risk_id(RiskKind.PROOF_REFUSED, host.id)).sightings == 1
        told = provider.call("GET", "/v1/resources/events").json["items"]
        assert [one["resource_id"] for one in told if one["type"] == "host.proof_refused"] == [host.id]

    def test_its_host_may_still_answer_with_the_truth(self, world: World, renter: Person, host: Host) -> None:
        vm_id, command = ordered(world, renter, host, "create")
        assert host.result(command, proof={"state": "gone"}).status == 422
        assert host.prove(command, "running").json == {"applied": True}
        world.task("confirm", renter.vm(vm_id))
        assert renter.vm(vm_id)["status"] == "running"

    def test_a_flood_of_them_is_one_event(self, world: World, renter: Person, provider: Person, host: Host) -> None:
        _, command = ordered(world, renter, host, "create")
        for _ in range(5):
            assert host.result(command, proof={"state": "gone"}).status == 422
        told = provider.call("GET", "/v1/resources/events").json["items"]
        assert len([one for one in told if one["type"] == "host.proof_refused"]) == 1
        assert risks.find(risk_id(RiskKind.PROOF_REFUSED, host.id)).sightings == 5


class TestMetersOfWhatEnded:
    def test_a_meter_that_is_open_after_the_end_is_closed_and_told(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = run(world, renter, host)
        # as a version before proofs were judged could leave it: ended, and billed on
        vm = Workload.get(workload_key(vm_id), "WORKLOAD")
        vm.observed, vm.ended_at = Observed.TERMINATED, clock.now()
        settle(vm, clock.now())
        transaction = Transaction()
        save(transaction, vm)
        transaction.commit()
        world.time.advance(timedelta(hours=1))
        host.heartbeat()
        world.accrue()
        meter = meters.find(vm.allocation_id)
        assert meter.closed
        assert meter.posted_micros == 0
        assert renter.balance()["settled_micros"] == START_MICROS
        assert risks.find(risk_id(RiskKind.METER_LEFT_OPEN, vm_id)).sightings == 1

    def test_a_meter_of_what_runs_stays_open(self, world: World, renter: Person, host: Host) -> None:
        vm_id = run(world, renter, host)
        world.time.advance(timedelta(seconds=10))
        host.heartbeat()
        world.accrue()
        assert not meters.find(renter.vm(vm_id)["allocation_id"]).closed
        assert free(host) != WHOLE
