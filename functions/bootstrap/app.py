"""Run after each deployment: the operator's account and the platform's templates. Done again, it changes nothing."""

import json
from typing import Any

from sharemtc import aws, clock
from sharemtc.accounts import service as accounts
from sharemtc.billing import service as billing
from sharemtc.catalog import service as catalog
from sharemtc.dynamo import Transaction
from sharemtc.settings import require, settings
from sharemtc.workloads import field_reports


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Make what a new deployment needs; the operator's user id."""
    catalog.ensure_platform_templates()
    operator = json.loads(aws.secret(require("operator_secret_id"), 0))
    operator_id = accounts.ensure_operator(operator["email"], operator["password"], _with_wallet)
    # executions that a restart cut off are driven again now, not at the next schedule
    field_reports.ask_to_reconcile({})
    return {"operator_id": operator_id}


def _with_wallet(transaction: Transaction, user_id: str) -> None:
    billing.open_wallet(transaction, user_id, settings().starting_credit_micros, clock.now())
