"""Which proof fits which command: a proof is checked before it changes state, capacity or money.

Pure rules. The table is total: a verb accepts one state, and each kind of workload has its own evidence for a state;
everything else is rejected.
"""

from __future__ import annotations

from sharemtc.problems import FieldError
from sharemtc.wire import Proof, Verb
from sharemtc.wire.kinds import WorkloadKind
from sharemtc.workloads.kinds import KINDS

# the state after the command
ACCEPTED: dict[Verb, str] = {
    Verb.CREATE: "running",
    Verb.START: "running",
    Verb.REBOOT: "running",
    Verb.STOP: "stopped",
    Verb.TERMINATE: "gone",
}


def errors_of(kind: WorkloadKind, verb: Verb, proof: Proof) -> tuple[FieldError, ...]:
    """Why the proof does not prove the command; empty when it does."""
    if str(proof.kind) != str(kind):
        return (FieldError("/proof/kind", "does_not_fit", f"This is no proof of a {kind}."),)
    wanted = ACCEPTED[verb]
    if proof.state != wanted:
        message = f"A {verb} requires the state {wanted}, not {proof.state}."
        return (FieldError("/proof/state", "does_not_fit", message),)
    return KINDS[kind].proof_errors(proof)
