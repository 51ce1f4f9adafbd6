"""An example for every schema, generated from the schema, so that none is out of date.

A field without `examples` gets one by its name, or by its type.
"""

from __future__ import annotations

import re
from typing import Any

from sharemtc.ids import IdKind
from sharemtc.wire.kinds import WorkloadKind

_ULID = "01J9ZK3V8Q4M7T2N5R6S8W0X1Y"
MAX_DEPTH = 16
# for a string with a pattern only: the first that matches
_TEXTS = (
    "text", f"{WorkloadKind.VM}_{_ULID}", f"{IdKind.HOST}_{_ULID}",
    f"{IdKind.COMMAND}_0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    f"{IdKind.TELEMETRY_BATCH}_{_ULID}", "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "GPU-5c1e7a90-2b4d-4f6e-8a0c-1d3f5b7e9a2c", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    "a-long-enough-text-of-some-letters",
)  # fmt: skip

# by field name, where the schema is not enough
_BY_NAME: dict[str, Any] = {
    "access_token": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.…",
    "account": "user:usr_01J9ZK3V8Q4M7T2N5R6S8W0X1Y:wallet",
    "actor": f"{IdKind.USER}_{_ULID}",
    "allocation_id": f"{IdKind.ALLOCATION}_{_ULID}",
    "code": "no_capacity",
    "command": "ssh -p 2222 sharemtc@203.0.113.20",
    "cpu_model": "AMD EPYC 7543P",
    "currency": "USD",
    "cursor": "1767182400000",
    "default_user": "sharemtc",
    "email": "ada@example.com",
    "fingerprint": "SHA256:uNiVztksCsDhcc0u9e8BrNTXhBFJZ4n8DCmWMmXvEXo",
    "host": "203.0.113.20",
    "host_id": f"{IdKind.HOST}_{_ULID}",
    "host_name": "rack-7",
    "image": "tiny",
    "name": "web-1",
    "next_cursor": None,
    "password": "correct horse battery staple",
    "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ ada@laptop",
    "quote_id": f"{IdKind.QUOTE}_{_ULID}",
    "region": "eu-central",
    "resource_id": f"{WorkloadKind.VM}_{_ULID}",
    "resource_type": "vm",
    "ssh_key_ids": [f"{IdKind.SSH_KEY}_{_ULID}"],
    "template_id": f"{IdKind.TEMPLATE}_{_ULID}",
    "template_name": "Tiny Linux",
    "token_type": "Bearer",
    "transaction_id": f"{IdKind.TRANSACTION}_{_ULID}",
    "user": "sharemtc",
    "vm_id": f"{WorkloadKind.VM}_{_ULID}",
}
_PREFIXES = {
    "Event": IdKind.EVENT, "Offer": IdKind.HOST, "Host": IdKind.HOST, "Quote": IdKind.QUOTE, "SshKey": IdKind.SSH_KEY,
    "Template": IdKind.TEMPLATE, "Transaction": IdKind.TRANSACTION, "User": IdKind.USER, "Vm": WorkloadKind.VM,
}  # fmt: skip
_SIZES = {"expires_in_s": 900, "balance_lasts_s": 360_000, "vcpus": 2, "memory_mib": 2048, "disk_gib": 20, "limit": 50}


def example_of(name: str, definitions: dict[str, Any]) -> Any:
    return _example(definitions[name], definitions, field="", owner=name, depth=0)


def _example(schema: dict[str, Any], definitions: dict[str, Any], *, field: str, owner: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return None
    if "$ref" in schema:
        owner = schema["$ref"].rpartition("/")[2]
        return _example(definitions[owner], definitions, field=field, owner=owner, depth=depth + 1)
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], definitions, field=field, owner=owner, depth=depth + 1)
    if schema.get("type") == "object" or "properties" in schema:
        return {
            name: _example(given, definitions, field=name, owner=owner, depth=depth + 1)
            for name, given in schema.get("properties", {}).items()
        }
    known = _known(field, owner, schema)
    if known is not None or (field == "next_cursor"):
        return known
    if schema.get("type") == "array":
        item = _example(schema.get("items", {}), definitions, field="", owner=owner, depth=depth + 1)
        return [] if item is None else [item]
    return _by_type(schema)


def _known(field: str, owner: str, schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "integer":
        if field.endswith("nanos_per_hour"):
            return 24_000_000
        return 1_250_000 if field.endswith("micros") else _SIZES.get(field)
    named = _BY_NAME.get(field)
    if field == "id":
        prefix = next((prefix for model, prefix in _PREFIXES.items() if owner.startswith(model)), None)
        named = f"{prefix}_{_ULID}" if prefix else None
    if kind == "array":
        return named if isinstance(named, list) else None
    return named if kind == "string" and isinstance(named, str) and _fits(named, schema) else None


def _fits(text: str, schema: dict[str, Any]) -> bool:
    length_fits = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
    return length_fits and re.search(schema.get("pattern", ""), text) is not None


def _by_type(schema: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "integer":
            return max(int(schema.get("minimum", 1)), int(schema.get("exclusiveMinimum", 0)) + 1)
        case "number":
            return max(float(schema.get("minimum", 0.5)), 0.5)
        case "boolean":
            return True
        case "string":
            if schema.get("format") == "date-time":
                return "2030-01-31T12:00:00.000Z"
            return next((text for text in _TEXTS if _fits(text, schema)), None)
    return None
