"""AWS in this process: set up once, and for each test as if it had just been set up."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
from botocore.session import Session
from moto import mock_aws
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import Table
from tests.support.tables import declared_tables

from sharemtc.storage import records

TOKEN_SECRET = "a-random-string-of-at-least-thirty-two-characters"


class KeptClients(Session):
    """Makes each client with the standard options once: making one takes tens of milliseconds of CPU."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, Any] = {}

    def create_client(self, service_name: str, *args: Any, **options: Any) -> Any:
        """A client, the one made before where nothing special is asked for."""
        special = {name for name, value in options.items() if value is not None} - {"use_ssl"}
        if args or special:
            return super().create_client(service_name, *args, **options)
        if service_name not in self._kept:
            self._kept[service_name] = super().create_client(service_name)
        return self._kept[service_name]


class Cloud:
    """The tables and the token secret, and a copy of them as they were made."""

    def __init__(self) -> None:
        for table in declared_tables():
            boto3.client("dynamodb").create_table(**table)
        boto3.client("secretsmanager").create_secret(Name="test-token-secret", SecretString=TOKEN_SECRET)
        self._pristine = pickle.dumps(self.state())

    def state(self) -> dict[str, dict[str, Any]]:
        """Everything that the services hold, by service, account and region."""
        return {
            f"{service.service_name}/{account}/{region}": vars(backend)
            for service in BackendDict._instances
            for account, region, backend in service.iter_backends()
        }

    def reset(self) -> None:
        """Drop whatever was written, made or changed in any service."""
        pristine = pickle.loads(self._pristine)  # noqa: S301 - our own
        for service in BackendDict._instances:
            for account, region, backend in service.iter_backends():
                backend.reset()
                vars(backend).update(pristine.get(f"{service.service_name}/{account}/{region}", {}))
        reset_model_data()


def _copy_table(self: Table, memo: dict[int, Any]) -> Table:
    """What a transaction may have to go back to: the items. All else of a table stays as it is."""
    copied = copy.copy(self)
    copied.items = copy.deepcopy(self.items, memo)
    return copied


_SCALARS = frozenset({"S", "N", "BOOL", "NULL", "SS", "NS"})
_serialize_structure = BaseJSONSerializer._serialize_type_structure


def _serialize_attribute(self: BaseJSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """DynamoDB's values are stored as they are sent; moto looks for each under fifty names, half of a test's CPU."""
    if shape.name == "AttributeValue" and type(value) is dict and value.keys() <= _SCALARS:
        serialized[key] = value
    else:
        _serialize_structure(self, serialized, value, shape, key)


@contextmanager
def running() -> Iterator[Cloud]:
    """The cloud, for as long as tests need it."""
    session = KeptClients()
    with (
        mock_aws(),
        patch("botocore.session.get_session", lambda *_: session),
        patch.object(Table, "__deepcopy__", _copy_table, create=True),
        patch.object(BaseJSONSerializer, "_serialize_type_structure", _serialize_attribute),
    ):
        records.forget_connections()
        yield Cloud()
    records.forget_connections()
