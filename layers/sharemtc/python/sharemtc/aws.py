"""Clients of AWS's services other than DynamoDB, and the secrets of a deployment.

Made by botocore, which pynamodb brings along: what boto3 and Powertools' parameters add to it (transfer manager,
resources, providers for six other stores) took a third of a function's import and is never called here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

from sharemtc import clock

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

_read: dict[str, tuple[str, int]] = {}


@overload
def client(service: Literal["sqs"]) -> SQSClient: ...
@overload
def client(service: Literal["stepfunctions"]) -> SFNClient: ...
@overload
def client(service: Literal["secretsmanager"]) -> SecretsManagerClient: ...
@overload
def client(service: Literal["sesv2"]) -> Any: ...
def client(service: str) -> Any:
    """A client by the SDK's standard environment. Tens of milliseconds of CPU: keep it."""
    return _session().create_client(service)


def secret(secret_id: str, max_age_s: int) -> str:
    """The text of a secret as it was at most `max_age_s` ago, or longer while it cannot be read anew.

    Errors: what Secrets Manager refuses with, when it was never read.
    """
    known = _read.get(secret_id)
    now_ms = clock.now_ms()
    if known is not None and now_ms - known[1] < max_age_s * 1000:
        return known[0]
    # imported here: a handler's first lines need none of botocore's errors
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        text = _secrets().get_secret_value(SecretId=secret_id)["SecretString"]
    except (BotoCoreError, ClientError):
        if known is None:
            raise
        # a store that is down for a while must not sign everybody out; asked again when this has aged once more
        text = known[0]
    _read[secret_id] = text, now_ms
    return text


def forget() -> None:
    """Read every secret anew and make every client anew. For tests."""
    _read.clear()
    _secrets.cache_clear()
    _session.cache_clear()


@cache
def _secrets() -> SecretsManagerClient:
    return client("secretsmanager")


@cache
def _session() -> Session:
    from botocore.session import get_session

    return get_session()
