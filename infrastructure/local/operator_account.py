"""The operator's account and password."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from infrastructure.local.aws import Clients
from infrastructure.local.deploy import Stack
from infrastructure.local.failures import DeployFailed


@dataclass(frozen=True)
class Operator:
    email: str
    password: str


def bootstrap(clients: Clients, stack: Stack, *, host_id: str | None, new_password: bool) -> str | None:
    """Runs the bootstrap function, which creates the operator's account if it is missing. Raises DeployFailed.

    Returns the state of the host with that id, None without one. ``new_password`` sets the password to the one in the
    secret.
    """
    name = stack.outputs.get("BootstrapFunction")
    if not name:
        return None
    wanted = {"host_id": host_id, "reset_operator_password": new_password}
    try:
        answer: dict[str, Any] = clients("lambda").invoke(FunctionName=name, Payload=json.dumps(wanted))
    except ClientError as error:
        raise DeployFailed(f"{name} could not be called: {error}") from None
    result = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        raise DeployFailed(f"{name} failed: {result.get('errorType')}: {result.get('errorMessage')}")
    state = result.get("host_state") if isinstance(result, dict) else None
    return str(state) if state is not None else None


def read(clients: Clients, stack: Stack) -> Operator | None:
    """The operator in the stack's secret; None if the stack has none."""
    name = stack.outputs.get("OperatorSecret")
    if not name:
        return None
    fields = json.loads(clients("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    return Operator(fields["email"], fields["password"])


def write_password(operator: Operator, path: Path) -> None:
    """Only the owner can read the file."""
    if path.exists() and path.read_text() == operator.password + "\n":
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as target:
        target.write(operator.password + "\n")
    path.chmod(0o600)
