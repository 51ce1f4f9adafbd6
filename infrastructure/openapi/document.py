"""The OpenAPI 3.1 document, from the operations declared by the functions."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from infrastructure.openapi.examples import example_of
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from sharemtc import __version__
from sharemtc.access_tokens import WrongToken
from sharemtc.http.api import Api, Operation
from sharemtc.http.cross_origin import ForeignOrigin
from sharemtc.http.rate_limits import RateLimited
from sharemtc.idempotency import KeyInUse, KeyReused, MalformedKey
from sharemtc.principals import HOSTS
from sharemtc.problems import (
    BadRequest,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Problem,
    TooLarge,
    Unauthenticated,
    Unsupported,
)
from sharemtc.storage.failures import StorageFull, StorageUnavailable

_REF = "#/components/schemas/{model}"

_DESCRIPTION = Path(__file__).with_name("description.md")

_PROBLEM_SCHEMAS: dict[str, Any] = {
    "FieldError": {
        "type": "object",
        "description": "What is wrong with one field",
        "required": ["pointer", "code", "message"],
        "properties": {
            "pointer": {"type": "string", "description": "JSON pointer into the body, or `/name` of a query parameter"},
            "code": {"type": "string"},
            "message": {"type": "string"},
        },
    },
    "Problem": {
        "type": "object",
        "description": "RFC 9457 problem details; some problems carry more members, such as `retry_after_s`",
        "required": ["type", "title", "status", "code", "detail", "request_id", "retryable", "errors"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "Stable: programs decide by it"},
            "detail": {"type": "string", "description": "For the person who reads it"},
            "request_id": {"type": "string"},
            "retryable": {"type": "boolean", "description": "Whether the same request may succeed later"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
        },
        "additionalProperties": True,
    },
}

_SECURITY_SCHEMES = {
    "accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A person's"},
    "hostSignature": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Signed by a host"},
}

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repeated request harmless for 24 hours: it gets the first one's answer, to the byte",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


_GZIPPED = "The same JSON, gzipped"

_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` that was decided by: when the resource has changed since, 412 and nothing happens",
    "schema": {"type": "string"},
}

_HEADERS: dict[str, Any] = {
    "ETag": {
        "description": "The version of what is stored, for `If-Match`; figures of the moment may differ under one tag",
        "schema": {"type": "string", "examples": ['"3"']},
    },
    "Idempotent-Replayed": {
        "description": "`true`: the answer of an earlier request with this key",
        "schema": {"type": "string"},
    },
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}},
    "X-Omitted-Records": {
        "description": "How many records the answer goes without because they are damaged; absent when none",
        "schema": {"type": "integer", "minimum": 1},
    },
    "X-Request-Id": {
        "description": "The request's id: the one that was sent as `X-Request-Id` (8 to 64 letters, digits, `._-`), "
        "or a new one. It is in our logs, and follows an order to the machine that carries it out",
        "schema": {"type": "string"},
    },
}


class DriftError(RuntimeError):
    """The declarations contradict each other."""


class _Schemas(GenerateJsonSchema):
    """Every field of a response is required, even with a default; titles repeat names and are left out."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def load_operations(functions: Path) -> list[Operation]:
    """Of all functions that serve HTTP."""
    operations: list[Operation] = []
    for path in sorted(functions.glob("*/app.py")):
        if "sharemtc.http.api" not in path.read_text():
            continue
        name = f"_functions_{path.parent.name}_app"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # where annotations are resolved
        spec.loader.exec_module(module)
        assert isinstance(module.app, Api), path
        operations += module.app.operations
    return operations


def build(operations: Sequence[Operation]) -> dict[str, Any]:
    """Errors: `DriftError` when two things have one name."""
    definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    names: set[str] = set()
    for operation in sorted(operations, key=lambda operation: (operation.path, operation.method)):
        described = _describe(operation, definitions)
        if described["operationId"] in names:
            raise DriftError(f"Two operations are named {described['operationId']}")
        names.add(described["operationId"])
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    for model in {operation.query for operation in operations if operation.query is not None}:
        definitions.pop(model.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ShareMTC",
            "version": __version__,
            "summary": "A self-hosted compute marketplace and control plane",
            "description": _DESCRIPTION.read_text() + _problem_table(operations),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": group} for group in sorted({operation.group for operation in operations})],
        "paths": paths,
        "components": {
            "headers": _HEADERS,
            "schemas": dict(sorted({**_with_examples(definitions), **_PROBLEM_SCHEMAS}.items())),
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def errors_of(operation: Operation) -> Iterator[type[Problem]]:
    """Every problem of an operation: those it declares, and those of its kind."""
    yield from operation.errors
    yield from (BadRequest, TooLarge, Invalid, Problem, RateLimited, StorageUnavailable, StorageFull)
    if operation.body is not None:
        yield Unsupported
    if operation.method != "GET":
        yield ForeignOrigin
    if not operation.public:
        yield from (Unauthenticated, WrongToken, Forbidden)
    if operation.idempotent:
        yield from (KeyReused, KeyInUse, MalformedKey)
    if operation.takes_if_match:
        yield PreconditionFailed
    if "{" in operation.path:
        yield NotFound


def _problem_table(operations: Sequence[Operation]) -> str:
    problems = {error.code: error for operation in operations for error in errors_of(operation)}
    rows = "".join(f"| `{code}` | {error.status} | {error.title} |\n" for code, error in sorted(problems.items()))
    return (
        "\n## Problem codes\n\n<details><summary>Every code, with its status and meaning</summary>\n\n"
        f"| Code | Status | Meaning |\n|---|---|---|\n{rows}\n</details>\n"
    )


def _schemas(operations: Sequence[Operation]) -> dict[str, Any]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for operation in operations:
        for model in (operation.body, operation.query):
            if model is not None:
                wanted[model, "validation"] = None
        if operation.view is not None:
            wanted[operation.view, "serialization"] = None
    _, root = models_json_schema(list(wanted), ref_template=_REF, schema_generator=_Schemas)
    definitions: dict[str, Any] = root.get("$defs", {})
    # pydantic adds the module to models of one name, and the direction to a model of requests and responses
    unclear = [name for name in definitions if "__" in name or name.endswith(("-Input", "-Output"))]
    if unclear or set(definitions) & set(_PROBLEM_SCHEMAS):
        raise DriftError(f"One name, two schemas: {', '.join(unclear)}")
    return definitions


def _with_examples(definitions: dict[str, Any]) -> dict[str, Any]:
    return {
        name: schema if schema.get("type") != "object" else {**schema, "examples": [example_of(name, definitions)]}
        for name, schema in definitions.items()
    }


def _describe(operation: Operation, definitions: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.group],
        "summary": operation.summary,
    }
    if operation.description:
        described["description"] = operation.description
    if operation.public:
        described["security"] = []
    else:
        person = [] if operation.roles <= HOSTS else ["accessToken"]
        host = ["hostSignature"] if operation.roles & HOSTS else []
        described["security"] = [{scheme: []} for scheme in person + host]
        described["x-roles"] = sorted(operation.roles)
    parameters = list(_parameters(operation, definitions))
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        content: dict[str, Any] = {"application/json": _reference(operation.body)}
        if operation.max_unpacked_bytes:
            content["application/gzip"] = {"schema": {"type": "string", "format": "binary", "description": _GZIPPED}}
        described["requestBody"] = {"required": True, "content": content}
    described["responses"] = {str(operation.status): _success(operation), **_failures(errors_of(operation))}
    return described


def _parameters(operation: Operation, definitions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if operation.query is not None:
        schema = definitions[operation.query.__name__]
        for name, given in schema.get("properties", {}).items():
            shape = {key: value for key, value in given.items() if key != "description"}
            parameter = {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": shape}
            yield parameter | ({"description": given["description"]} if "description" in given else {})
    if operation.idempotent:
        yield _IDEMPOTENCY_KEY
    if operation.takes_if_match:
        yield _IF_MATCH


def _success(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": "Done" if operation.view is None else "The answer",
        "headers": _header_references(
            *(["ETag"] if operation.versioned and not operation.idempotent else []),
            *(["Idempotent-Replayed"] if operation.idempotent else []),
            *(["X-Omitted-Records"] if operation.view is not None and "items" in operation.view.model_fields else []),
            "X-Request-Id",
        ),
    }
    if operation.view is not None:
        described["content"] = {"application/json": _reference(operation.view)}
    return described


def _failures(errors: Iterable[type[Problem]]) -> dict[str, Any]:
    by_status: dict[int, dict[str, str]] = {}
    for error in errors:
        by_status.setdefault(error.status, {})[error.code] = error.title
    return {
        str(status): {
            "description": "; ".join(f"`{code}` {title}" for code, title in sorted(codes.items())),
            "headers": _header_references(*(["Retry-After"] if status in (429, 503) else []), "X-Request-Id"),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, codes in sorted(by_status.items())
    }


def _header_references(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(model=model.__name__)}}


def render(document: dict[str, Any]) -> str:
    """As it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
