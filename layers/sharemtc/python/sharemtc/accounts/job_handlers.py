"""Handles the account jobs of the queue."""

from __future__ import annotations

from sharemtc.accounts import deletion, emails, proving, recovery
from sharemtc.accounts.jobs import JOBS, SendPasswordChanged, SendProof, SendReset
from sharemtc.accounts.service import find_by_email
from sharemtc.accounts.table import User, user_key
from sharemtc.audit.origins import Origin
from sharemtc.mail import send


def do(message: str) -> str:
    """Handle a message; returns the name of the job. Idempotent."""
    job = JOBS.validate_json(message)
    if isinstance(job, SendReset):
        _send_reset(job)
    elif isinstance(job, SendProof):
        _send_proof(job)
    elif isinstance(job, SendPasswordChanged):
        user = User.find(user_key(job.user_id), "USER")
        if user is not None:
            send(emails.changed_email(user.email))
    else:
        deletion.erase_if_deleted(job.user_id)
    return job.job


def _send_reset(job: SendReset) -> None:
    user = find_by_email(job.email)
    if user is None or not recovery.may_send_to(job.email):
        return
    token = recovery.make_token(user, Origin(job.address, job.agent))
    send(emails.reset_email(user.email, token, recovery.LIFETIME.seconds // 60))


def _send_proof(job: SendProof) -> None:
    user = User.find(user_key(job.user_id), "USER")
    if user is None or user.email_proven_at is not None or not recovery.may_send_to(user.email, "proofs"):
        return
    send(emails.proof_email(user.email, proving.make_token(user)))
