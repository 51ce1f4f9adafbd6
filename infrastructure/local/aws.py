"""SDK clients for the embedded cloud."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from infrastructure.local.endpoints import REGION


class Clients:
    def __init__(self, url: str, token: str) -> None:
        self._url = url
        # Any: the SDK makes its clients at run time, and its stubs know literal service names only
        self._session: Any = boto3.session.Session(
            aws_access_key_id="000000000000",
            aws_secret_access_key="local",  # noqa: S106 - the emulator checks the token alone
            aws_session_token=token,
            region_name=REGION,
        )
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        """The client of a service, such as ``clients("dynamodb")``. Any: the SDK makes its classes at run time."""
        if service not in self._clients:
            config = Config(retries={"max_attempts": 1}, read_timeout=120, proxies={}, s3={"addressing_style": "path"})
            self._clients[service] = self._session.client(service, endpoint_url=self._url, config=config)
        return self._clients[service]
