"""The typed Python client, generated from the OpenAPI document.

It writes `models/<group>.py` and `operations/<group>.py` of `sharemtc_client`; the rest of that package is written by
hand. A schema used by several groups goes to `models/shared.py` and is importable from each. Messages of
`sharemtc.wire` are imported from there, so that an agent has one class of each message and loads only
`operations/agent.py`.
"""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sharemtc import wire

PACKAGE = Path("agent/src/sharemtc_client")
_WIDTH = 116
_HEAD = '"""{about} Written by `make openapi` from the API\'s description."""\n\nfrom __future__ import annotations\n\n'
_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
# errors that every operation can give are not listed with each
_COMMON = frozenset({"400", "401", "403", "413", "415", "422", "429", "500", "503"})
# names reserved by pydantic models
_TAKEN = frozenset({"copy", "json", "dict", "schema", "construct", "validate", "model_config", "model_fields"})
_MODEL_IMPORTS = {
    "Body": "from sharemtc_client.schemas import Body",
    "Field": "from pydantic import Field",
    "JsonValue": "from pydantic import JsonValue",
    "Literal": "from typing import Literal",
    "OpenEnum": "from sharemtc_client.schemas import OpenEnum",
    "View": "from sharemtc_client.schemas import View",
    "datetime": "from datetime import datetime",
}
_OPERATION_IMPORTS = {
    "Call": "from sharemtc_client.calls import Call",
    "JsonValue": "from pydantic import JsonValue",
    "Literal": "from typing import Literal",
    "NoneType": "from types import NoneType",
    "datetime": "from datetime import datetime",
    "segment": "from sharemtc_client.calls import segment",
}


class UnwritableError(RuntimeError):
    """The generator cannot express something in the document; extend it here."""


@dataclass(frozen=True)
class Argument:
    """An argument's name, type, and default if it has one."""

    name: str
    type: str
    default: str | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + (f" = {self.default}" if self.default is not None else "")


def _file(
    about: str,
    parts: Sequence[str],
    known: Mapping[str, str],
    places: Mapping[str, str],
    own: str = "",
    exported: Sequence[str] = (),
) -> str:
    """A module of these parts, with imports for the names of `known` and of the schemas in `places` that they use."""
    body = "\n\n\n".join(parts) + "\n"
    words = set(re.findall(r"\b[A-Za-z_]\w*\b", _without_prose(body))) | set(exported)
    lines = [line for name, line in known.items() if name in words]
    lines += [f"from {place} import {name}" for name, place in places.items() if name in words and place != own]
    names = f"__all__ = {sorted(exported)!r}\n\n" if exported else ""
    return _HEAD.format(about=about) + "\n".join(lines) + f"\n\n{names}{body}"


_HEADERS = {
    "Idempotency-Key": (
        Argument("idempotency_key", "str | None", "None"),
        ["keyed=True", "idempotency_key=idempotency_key"],
    ),
    "If-Match": (Argument("if_match", "int | str | None", "None"), ["if_match=if_match"]),
}


def write(document: Mapping[str, Any]) -> dict[Path, str]:
    """The generated files: path inside the package to text. Errors: `UnwritableError`."""
    groups = _operations_by_group(document)
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    places = _places(groups, schemas)
    every_answer = [operation["responses"] for operations in groups.values() for operation in operations]
    answered = _reached(every_answer, schemas)
    files: dict[Path, str] = {}
    for place in sorted(set(places.values()) - {"sharemtc.wire"}):
        group = place.rpartition(".")[2]
        whose = "by several groups" if group == "shared" else f"under /v1/{group}"
        names = [name for name in sorted(places) if places[name] == place]
        # annotations are resolved when a model is first used; enums come first for readability
        names.sort(key=lambda name: "enum" not in schemas[name])
        parts = [_model(name, schemas[name], is_answer=name in answered) for name in names]
        about = f"What is sent and answered {whose}."
        # re-exports: a schema that becomes shared by groups stays importable from here
        exported = sorted(_reached(groups.get(group, ()), schemas) & set(places)) or names
        files[Path("models") / f"{group}.py"] = _file(about, parts, _MODEL_IMPORTS, places, place, exported)
    for group, operations in groups.items():
        about = f"The operations under /v1/{group}."
        parts = [_operation(operation) for operation in operations]
        files[Path("operations") / f"{group}.py"] = _file(about, parts, _OPERATION_IMPORTS, places)
    for folder in ("models", "operations"):
        files[Path(folder) / "__init__.py"] = ""
    return {path: _formatted(text) for path, text in sorted(files.items())}


def _operations_by_group(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            # redirects are for browsers, not for programs
            if not any(status.startswith("3") for status in described["responses"]):
                name = described["operationId"].removeprefix(f"{described['tags'][0]}_")
                one = {**described, "path": path, "method": method.upper(), "name": name}
                # grouped by path: several functions may serve one group
                groups.setdefault(path.split("/")[2], []).append(one)
    for group, operations in groups.items():
        if len({one["name"] for one in operations}) < len(operations):
            raise UnwritableError(f"Two operations under /v1/{group} have one name")
    return {group: sorted(operations, key=lambda one: str(one["name"])) for group, operations in groups.items()}


def _places(groups: Mapping[str, Sequence[Mapping[str, Any]]], schemas: Mapping[str, Any]) -> dict[str, str]:
    users: dict[str, set[str]] = {}
    for group, operations in groups.items():
        for name in _reached(operations, schemas) - {"Problem", "FieldError"}:
            users.setdefault(name, set()).add(group)
    places = {}
    for name, used_by in sorted(users.items()):
        home = next(iter(used_by)) if len(used_by) == 1 else "shared"
        places[name] = "sharemtc.wire" if name in wire.__all__ else f"sharemtc_client.models.{home}"
    return places


def _reached(described: Any, schemas: Mapping[str, Any]) -> set[str]:
    """The names of all schemas that are referred to, also through others."""
    found: set[str] = set()
    waiting = list(_references(described))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(schemas[name])
    return found


def _references(described: Any) -> Iterator[str]:
    if isinstance(described, Mapping):
        target = described.get("$ref")
        if isinstance(target, str) and target.startswith("#/components/schemas/"):
            yield target.rpartition("/")[2]
        for key, value in described.items():
            if key != "examples":
                yield from _references(value)
    elif isinstance(described, list | tuple):
        for item in described:
            yield from _references(item)


def _type(schema: Mapping[str, Any]) -> str:
    """The Python type of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema or "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema.get('enum', [schema.get('const')])))}]"
    union = schema.get("anyOf") or schema.get("oneOf")
    if union:
        # a variant that was added later is kept as a dict
        kept = ["dict[str, JsonValue]"] if "discriminator" in schema else []
        return " | ".join(dict.fromkeys([_type(one) for one in union] + kept))
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"tuple[{', '.join(_type(item) for item in schema['prefixItems'])}]"
        case "array":
            return f"tuple[{_type(schema.get('items', {}))}, ...]"
        case "object":
            values = schema.get("additionalProperties")
            return f"dict[str, {_type(values) if isinstance(values, Mapping) else 'JsonValue'}]"
        case "string" if schema.get("format") == "date-time":
            return "datetime"
        case str(kind) if kind in _SCALARS:
            return _SCALARS[kind]
        case None:
            return "JsonValue"
    raise UnwritableError(f"A schema of this kind has no type here: {schema}")


def _model(name: str, schema: Mapping[str, Any], *, is_answer: bool) -> str:
    if "enum" in schema:
        members = "\n".join(f"    {_member(value)} = {value!r}" for value in schema["enum"])
        return f"class {name}(OpenEnum):\n{_docstring(schema.get('description', name), 4)}\n{members}"
    if schema.get("type") != "object":
        raise UnwritableError(f"{name} is neither an object nor a list of values")
    base = "View" if is_answer else "Body"
    required = frozenset(schema.get("required", ()))
    lines = [f"class {name}({base}):", _docstring(schema.get("description", name), 4), ""]
    for property_name, given in schema.get("properties", {}).items():
        lines += _property(property_name, given, is_required=property_name in required)
    return "\n".join(lines)


def _property(name: str, given: Mapping[str, Any], *, is_required: bool) -> Iterator[str]:
    for line in textwrap.wrap(given.get("description", ""), _WIDTH - 6):
        yield f"    # {line}"
    safe = _argument_name(name) if name not in _TAKEN else f"{name}_"
    default = "" if is_required else f" = {_default(given.get('default'))}"
    if safe != name:
        default = f" = Field({'' if is_required else _default(given.get('default')) + ', '}alias={name!r})"
    declared = _type(given)
    if not is_required and given.get("default") is None and "None" not in declared.split(" | "):
        declared += " | None"
    yield f"    {safe}: {declared}{default}"


def _default(value: Any) -> str:
    return repr(tuple(value)) if isinstance(value, list) else repr(value)


def _member(value: Any) -> str:
    name = re.sub(r"\W+", "_", str(value)).strip("_").upper()
    return f"V_{name}" if not name or name[0].isdigit() else name


def _argument_name(name: str) -> str:
    safe = re.sub(r"\W", "_", name)
    return f"{safe}_" if keyword.iskeyword(safe) else safe


def _operation(operation: Mapping[str, Any]) -> str:
    positional, named, call = _arguments(operation)
    about = "\n\n".join(filter(None, (operation["summary"], operation.get("description"), _refusals(operation))))
    return "\n".join(
        [
            f"def {operation['name']}({_signature(positional, named)}) -> Call[{_answer_of(operation)}]:",
            _docstring(about, 4),
            f"    return Call({', '.join(call)})",
        ]
    )


def _arguments(operation: Mapping[str, Any]) -> tuple[list[Argument], list[Argument], list[str]]:
    """The positional and keyword arguments of a function, and those of its `Call`."""
    given = operation.get("parameters", ())
    path = re.sub(r"{(\w+)}", lambda match: f"{{segment({_argument_name(match[1])})}}", operation["path"])
    answer = _answer_of(operation)
    call = [
        repr(operation["method"]),
        f'{"f" if "{" in path else ""}"{path}"',
        "NoneType" if answer == "None" else answer,
    ]
    positional = [Argument(_argument_name(one["name"]), _type(one["schema"])) for one in given if one["in"] == "path"]
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        positional.append(Argument("body", _type(content["application/json"]["schema"])))
        call += ["body=body", *(["gzips=True"] if "application/gzip" in content else [])]
    query = [one for one in given if one["in"] == "query"]
    named = [_query_argument(one) for one in sorted(query, key=lambda one: not one["required"])]
    if query:
        names = [one["name"] for one in query]
        call.append(f"query={{{', '.join(f'{name!r}: {_argument_name(name)}' for name in names)}}}")
    for header in (one["name"] for one in given if one["in"] == "header"):
        argument, passed = _HEADERS[header]
        named.append(argument)
        call += passed
    return positional, named, call


def _query_argument(parameter: Mapping[str, Any]) -> Argument:
    name, kind = _argument_name(parameter["name"]), _type(parameter["schema"])
    if parameter["required"]:
        return Argument(name, kind)
    return Argument(name, f"{kind.removesuffix(' | None')} | None", "None")


def _signature(positional: Sequence[Argument], named: Sequence[Argument]) -> str:
    return ", ".join([*map(str, positional), *(["*", *map(str, named)] if named else [])])


def _answer_of(operation: Mapping[str, Any]) -> str:
    (success,) = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    content = success.get("content")
    return _type(content["application/json"]["schema"]) if content else "None"


def _refusals(operation: Mapping[str, Any]) -> str:
    codes = [
        code
        for status, answer in operation["responses"].items()
        if not status.startswith("2") and status not in _COMMON
        for code in re.findall(r"`(\w+)`", answer["description"])
    ]
    return f"Errors: {', '.join(f'`{code}`' for code in codes)}." if codes else ""


def _docstring(text: str, indent: int) -> str:
    space = " " * indent
    safe = text.replace("\\", "\\\\").replace('"""', "'''").strip()
    paragraphs = [textwrap.wrap(" ".join(each.split()), _WIDTH - indent) for each in safe.split("\n\n")]
    if len(paragraphs) == 1 and len(paragraphs[0]) == 1:
        return f'{space}"""{paragraphs[0][0]}"""'
    lines = [line for each in paragraphs for line in (*each, "")][:-1]
    return f'{space}"""' + "\n".join(f"{space}{line}".rstrip() for line in lines).lstrip() + f'\n{space}"""'


def _without_prose(text: str) -> str:
    return re.sub(r'""".*?"""|^ *#[^\n]*', "", text, flags=re.DOTALL | re.MULTILINE)


def _formatted(text: str) -> str:
    """Formatted as this project's code."""
    ruff, named = str(Path(sys.executable).parent / "ruff"), ["--stdin-filename", str(PACKAGE / "written.py"), "-"]
    for arguments in (["check", "--select", "I,RUF022", "--fix-only", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run([ruff, *arguments, *named], input=text, capture_output=True, text=True, check=True)
        text = done.stdout
    return text
