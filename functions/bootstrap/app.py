"""Runs after each deployment: creates the operator's account and the platform's templates. Idempotent.

With `{"reset_operator_password": true}` it sets the operator's password to the one in the secret, and ends the
operator's sessions. With `{"host_id": "hst_…"}` it also returns the state of that host, `unknown` if it does not exist.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sharemtc import aws, clock
from sharemtc.accounts import recovery
from sharemtc.accounts import service as accounts
from sharemtc.billing import service as billing
from sharemtc.catalog import service as catalog
from sharemtc.hosts import service as hosts
from sharemtc.problems import NotFound
from sharemtc.settings import require, settings
from sharemtc.storage.transactions import Transaction
from sharemtc.workloads import agent_reports

if TYPE_CHECKING:
    from sharemtc.accounts.table import User


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Returns the operator's user id."""
    catalog.ensure_platform_templates()
    operator = json.loads(aws.secret(require("operator_secret_id"), 0))
    operator_id = accounts.ensure_operator(operator["email"], operator["password"], _with_wallet)
    if event.get("reset_operator_password") is True:
        recovery.set_operator_password(operator_id, operator["password"])
    # resume executions that a restart interrupted, without waiting for the schedule
    agent_reports.wake_reconciler({})
    done = {"operator_id": operator_id}
    if event.get("host_id"):
        done["host_state"] = _state_of(str(event["host_id"]))
    return done


def _state_of(host_id: str) -> str:
    try:
        return hosts.status_of(hosts.find(host_id)).state
    except NotFound:
        return "unknown"


def _with_wallet(transaction: Transaction, user: User) -> None:
    # the deployment configures the operator's address, so it needs no confirmation
    billing.open_wallet(transaction, user.id, settings().starting_credit_micros, clock.now())
