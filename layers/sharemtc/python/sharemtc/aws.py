"""Clients of AWS services other than DynamoDB, and the deployment's secrets.

Uses botocore, which pynamodb depends on. boto3 and Powertools' parameters took a third of a function's import time for
features that are not used here (transfer manager, resources, providers for six other stores).
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
    """A client with the SDK's standard configuration. Creating one takes tens of milliseconds of CPU: keep it."""
    return _session().create_client(service)


def secret(secret_id: str, max_age_s: int) -> str:
    """The text of a secret, at most `max_age_s` old, or older while Secrets Manager cannot be reached.

    Errors: the SDK's, when the secret was never read.
    """
    known = _read.get(secret_id)
    now_ms = clock.now_ms()
    if known is not None and now_ms - known[1] < max_age_s * 1000:
        return known[0]
    # imported here to keep a function's import short
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        text = _secrets().get_secret_value(SecretId=secret_id)["SecretString"]
    except (BotoCoreError, ClientError):
        if known is None:
            raise
        # an outage of Secrets Manager must not sign everyone out; retried after another `max_age_s`
        text = known[0]
    _read[secret_id] = text, now_ms
    return text


def forget() -> None:
    """Drop cached secrets and clients. For tests."""
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
