"""Which proof fits which command: every verb against every proof, exhaustively."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from sharemtc.wire import Proof, Verb, VmProof
from sharemtc.wire.kinds import WorkloadKind
from sharemtc.workloads.proofs import ACCEPTED, errors_of

PORTS = (None, 2222)
BANNERS = ("", "SSH-2.0-dropbear", "HTTP/1.1 200 OK")
EVERY_PROOF = [
    VmProof(kind="vm", state=state, ssh_port=port, ssh_banner=banner, files_left=files_left)
    for state, port, banner, files_left in product(("running", "stopped", "gone"), PORTS, BANNERS, (0, 3))
]
BOOTED: dict[str, Any] = {"kind": "vm", "state": "running", "ssh_port": 2222, "ssh_banner": "SSH-2.0-dropbear"}
# the only evidence that counts, by state; `files_left` says nothing of a machine that runs or is stopped
PROVES = {
    "running": [VmProof(**BOOTED), VmProof(**BOOTED, files_left=3)],
    "stopped": [VmProof(kind="vm", state="stopped"), VmProof(kind="vm", state="stopped", files_left=3)],
    "gone": [VmProof(kind="vm", state="gone")],
}


def test_a_proof_of_another_kind_proves_nothing() -> None:
    other = VmProof.model_construct(**{**BOOTED, "kind": "pod"})
    assert [error.pointer for error in errors_of(WorkloadKind.VM, Verb.CREATE, other)] == ["/proof/kind"]


def test_every_verb_has_its_state() -> None:
    assert set(ACCEPTED) == set(Verb)


@pytest.mark.parametrize("verb", list(Verb))
def test_only_what_proves_a_command_fits_it(verb: Verb) -> None:
    fitting = [proof for proof in EVERY_PROOF if not errors_of(WorkloadKind.VM, verb, proof)]
    assert sorted(map(str, fitting)) == sorted(map(str, PROVES[ACCEPTED[verb]]))


@pytest.mark.parametrize(
    ("verb", "proof", "pointers"),
    [
        (Verb.CREATE, VmProof(kind="vm", state="gone"), ["/proof/state"]),
        (Verb.CREATE, VmProof(kind="vm", state="running"), ["/proof/ssh_port", "/proof/ssh_banner"]),
        (
            Verb.STOP,
            VmProof(kind="vm", state="stopped", ssh_port=22, ssh_banner="SSH-2.0-x"),
            ["/proof/ssh_port", "/proof/ssh_banner"],
        ),
        (Verb.TERMINATE, VmProof(kind="vm", state="gone", files_left=1), ["/proof/files_left"]),
    ],
)
def test_a_misfit_names_its_field(verb: Verb, proof: Proof, pointers: list[str]) -> None:
    assert [error.pointer for error in errors_of(WorkloadKind.VM, verb, proof)] == pointers
