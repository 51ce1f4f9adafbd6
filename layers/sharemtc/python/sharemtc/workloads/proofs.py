"""Which proof fits which command: what a host must have seen before its answer moves state, capacity or money.

Pure rules. The table is total: a verb accepts one state, and each kind of workload has its own evidence of a state; all
else is refused.
"""

from __future__ import annotations

from sharemtc.problems import FieldError
from sharemtc.wire import Proof, Verb
from sharemtc.wire.kinds import WorkloadKind
from sharemtc.workloads.kinds import KINDS

# the state that carrying out the command leads to
ACCEPTED: dict[Verb, str] = {
    Verb.CREATE: "running",
    Verb.START: "running",
    Verb.REBOOT: "running",
    Verb.STOP: "stopped",
    Verb.TERMINATE: "gone",
}


def misfits(kind: WorkloadKind, verb: Verb, proof: Proof) -> tuple[FieldError, ...]:
    """What keeps the proof from proving that the command was carried out; nothing when it does."""
    if str(proof.kind) != str(kind):
        return (FieldError("/proof/kind", "does_not_fit", f"This does not prove anything of a {kind}."),)
    wanted = ACCEPTED[verb]
    if proof.state != wanted:
        message = f"A {verb} is proved by the state {wanted}, not by {proof.state}."
        return (FieldError("/proof/state", "does_not_fit", message),)
    return KINDS[kind].misfits(proof)
