"""The first operator: made by the bootstrap function, its password handed to the person who runs this."""

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


def bootstrap(clients: Clients, stack: Stack) -> None:
    """Run the bootstrap function, which creates the operator's account unless it exists. Raises DeployFailed."""
    name = stack.outputs.get("BootstrapFunction")
    if not name:
        return
    try:
        answer: dict[str, Any] = clients("lambda").invoke(FunctionName=name)
    except ClientError as error:
        raise DeployFailed(f"{name} could not be called: {error}") from None
    result = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        raise DeployFailed(f"{name} failed: {result.get('errorType')}: {result.get('errorMessage')}")


def read(clients: Clients, stack: Stack) -> Operator | None:
    """The operator in the stack's secret, or None when the stack has none."""
    name = stack.outputs.get("OperatorSecret")
    if not name:
        return None
    fields = json.loads(clients("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    return Operator(fields["email"], fields["password"])


def write_password(operator: Operator, path: Path) -> None:
    """Put the password where only the owner can read it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as target:
        target.write(operator.password + "\n")
    path.chmod(0o600)
