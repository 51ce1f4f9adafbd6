"""Which proof fits which command: what a host must have seen before its answer moves state, capacity or money.

Pure rules. The table is total: a verb accepts one state, and each state its own evidence; all else is refused.
"""

from __future__ import annotations

from sharemtc.problems import FieldError
from sharemtc.wire import Proof, Verb

# the state that carrying out the command leads to
ACCEPTED: dict[Verb, str] = {
    Verb.CREATE: "running",
    Verb.START: "running",
    Verb.REBOOT: "running",
    Verb.STOP: "stopped",
    Verb.TERMINATE: "gone",
}


def misfits(verb: Verb, proof: Proof) -> tuple[FieldError, ...]:
    """What keeps the proof from proving that the command was carried out; nothing when it does."""
    wanted = ACCEPTED[verb]
    if proof.state != wanted:
        message = f"A {verb} is proved by the state {wanted}, not by {proof.state}."
        return (FieldError("/proof/state", "does_not_fit", message),)
    errors = []
    if wanted == "running":
        if proof.ssh_port is None:
            errors.append(FieldError("/proof/ssh_port", "missing", "Name the port on which the guest answered."))
        if not proof.ssh_banner.startswith("SSH-"):
            errors.append(FieldError("/proof/ssh_banner", "missing", "Give the SSH banner that the guest sent."))
    else:
        if proof.ssh_port is not None:
            errors.append(FieldError("/proof/ssh_port", "does_not_fit", "What does not run answers on no port."))
        if proof.ssh_banner:
            errors.append(FieldError("/proof/ssh_banner", "does_not_fit", "What does not run sends no banner."))
    if wanted == "gone" and proof.files_left:
        message = f"{proof.files_left} files are left: the machine is gone when none is."
        errors.append(FieldError("/proof/files_left", "does_not_fit", message))
    return tuple(errors)
