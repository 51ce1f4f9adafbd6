"""Doing what accounts were asked to do after an answer was given."""

from __future__ import annotations

from sharemtc.accounts import deletion, letters, proving, recovery
from sharemtc.accounts.chores import CHORES, SendProof, SendReset, TellChanged
from sharemtc.accounts.service import find_by_email
from sharemtc.accounts.table import User, user_key
from sharemtc.audit.origins import Origin
from sharemtc.mail import send


def do(message: str) -> str:
    """Do what a message of the queue asks for; which it was. Done twice, it does no harm."""
    chore = CHORES.validate_json(message)
    if isinstance(chore, SendReset):
        _send_reset(chore)
    elif isinstance(chore, SendProof):
        _send_proof(chore)
    elif isinstance(chore, TellChanged):
        user = User.find(user_key(chore.user_id), "USER")
        if user is not None:
            send(letters.changed_letter(user.email))
    else:
        deletion.erase_if_deleted(chore.user_id)
    return chore.chore


def _send_reset(chore: SendReset) -> None:
    user = find_by_email(chore.email)
    if user is None or not recovery.may_write_to(chore.email):
        return
    token = recovery.make_token(user, Origin(chore.address, chore.agent))
    send(letters.reset_letter(user.email, token, recovery.LIFETIME.seconds // 60))


def _send_proof(chore: SendProof) -> None:
    user = User.find(user_key(chore.user_id), "USER")
    if user is None or user.email_proven_at is not None or not recovery.may_write_to(user.email, "proofs"):
        return
    send(letters.proof_letter(user.email, proving.make_token(user)))
