"""Run after each deployment: the operator's account and the platform's templates. Done again, it changes nothing.

Called with `{"reset_operator_password": true}` it gives the operator the password that is in the secret, and ends the
operator's sessions: for a secret that was lost or replaced. With `{"host_id": "hst_…"}` it says which state that host
is in, `unknown` if the platform has no such host.
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
    """Make what a new deployment needs; the operator's user id."""
    catalog.ensure_platform_templates()
    operator = json.loads(aws.secret(require("operator_secret_id"), 0))
    operator_id = accounts.ensure_operator(operator["email"], operator["password"], _with_wallet)
    if event.get("reset_operator_password") is True:
        recovery.set_operator_password(operator_id, operator["password"])
    # executions that a restart cut off are driven again now, not at the next schedule
    agent_reports.ask_to_reconcile({})
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
    # the deployment itself names the operator's address: that is proof enough
    billing.open_wallet(transaction, user.id, settings().starting_credit_micros, clock.now())
