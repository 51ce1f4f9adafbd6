"""Run after each deployment: the operator's account and the platform's templates. Done again, it changes nothing."""

import json
from typing import Any

from aws_lambda_powertools.utilities.parameters import get_secret

from sharemtc.accounts import service as accounts
from sharemtc.catalog import service as catalog
from sharemtc.settings import require


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Make what a new deployment needs; the operator's user id."""
    catalog.ensure_platform_templates()
    operator = json.loads(str(get_secret(require("operator_secret_id"))))
    return {"operator_id": accounts.ensure_operator(operator["email"], operator["password"])}
