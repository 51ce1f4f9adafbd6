"""The typed Python client, written from the OpenAPI document.

Written are `models/<group>.py`, `operations/<group>.py`, `operations/<group>_async.py` and `clients.py` of
`sharemtc_client`; the rest of that package is written by hand. A schema that several groups use goes to
`models/shared.py` and is found in theirs too. What `sharemtc.wire` defines is taken from there, so that a host's agent
holds one class of each message, and `operations/agent_async.py` is all it loads.
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
# refusals that every operation may meet are not listed with each
_COMMON = frozenset({"400", "401", "403", "413", "415", "422", "429", "500", "503"})
# names that a pydantic model needs for itself
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
    "AsyncIterator": "from collections.abc import AsyncIterator",
    "AsyncSession": "from sharemtc_client.sessions import AsyncSession",
    "Call": "from sharemtc_client.calls import Call",
    "Iterator": "from collections.abc import Iterator",
    "JsonValue": "from pydantic import JsonValue",
    "Literal": "from typing import Literal",
    "Session": "from sharemtc_client.sessions import Session",
    "datetime": "from datetime import datetime",
    "every": "from sharemtc_client.pages import every",
    "every_async": "from sharemtc_client.pages import every_async",
    "segment": "from sharemtc_client.calls import segment",
}


class UnwritableError(RuntimeError):
    """The document says something that the client has no words for; teach it here."""


@dataclass(frozen=True)
class Argument:
    """One argument of a method: its name, its type, and its default where it has one."""

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
    """The module `own` of `parts`, with imports for what of `known` and of the schemas in `places` they name."""
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
    """Every generated file of the client: path inside the package to text. Errors: `UnwritableError`."""
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
        # an annotation is looked up when its model is first used; lists of values come first to be read first
        names.sort(key=lambda name: "enum" not in schemas[name])
        parts = [_model(name, schemas[name], is_answer=name in answered) for name in names]
        about = f"What is sent and answered {whose}."
        # all that the group speaks of, so that a schema which another group comes to use too is still found here
        exported = sorted(_reached(groups.get(group, ()), schemas) & set(places)) or names
        files[Path("models") / f"{group}.py"] = _file(about, parts, _MODEL_IMPORTS, places, place, exported)
    for group, operations in groups.items():
        for is_async, name in ((False, group), (True, f"{group}_async")):
            about = f"The operations under /v1/{group}{', for asyncio' if is_async else ''}."
            parts = [_class(group, operations, schemas, is_async=is_async)]
            files[Path("operations") / f"{name}.py"] = _file(about, parts, _OPERATION_IMPORTS, places)
    files[Path("clients.py")] = _clients(sorted(groups))
    for folder in ("models", "operations"):
        files[Path(folder) / "__init__.py"] = ""
    return {path: _formatted(text) for path, text in sorted(files.items())}


def _operations_by_group(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            # where a browser is sent elsewhere, a program has no business
            if not any(status.startswith("3") for status in described["responses"]):
                name = described["operationId"].removeprefix(f"{described['tags'][0]}_")
                one = {**described, "path": path, "method": method.upper(), "name": name}
                # by its path, which several functions may serve
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
    """The names of all schemas that something refers to, through others too."""
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
        # a kind that came later is kept as it is
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


def _class(group: str, operations: Sequence[Mapping[str, Any]], schemas: Mapping[str, Any], *, is_async: bool) -> str:
    prefix = "Async" if is_async else ""
    about = f'    """Everything under /v1/{group}{", for asyncio" if is_async else ""}."""'
    session = f"    def __init__(self, session: {prefix}Session) -> None:\n        self._session = session"
    methods = [method for operation in operations for method in _methods(operation, schemas, is_async=is_async)]
    return "\n\n".join([f"class {prefix}{group.title()}:\n{about}", session, *methods])


def _methods(operation: Mapping[str, Any], schemas: Mapping[str, Any], *, is_async: bool) -> Iterator[str]:
    name = operation["name"]
    positional, named, call = _arguments(operation)
    answer = _answer_of(operation)
    define, wait = ("async def", "await ") if is_async else ("def", "")
    give = "return " if answer != "None" else ""
    about = "\n\n".join(filter(None, (operation["summary"], operation.get("description"), _refusals(operation))))
    yield "\n".join(
        [
            f"    {define} {name}({_signature(positional, named)}) -> {answer}:",
            _docstring(about, 8),
            f"        {give}{wait}self._session.send(Call({', '.join(call)}), {answer})",
        ]
    )
    item = _item_of(answer, schemas)
    if item is not None and any(argument.name == "cursor" for argument in named):
        yield _iteration(name, item, positional, named, is_async=is_async)


def _iteration(
    name: str, item: str, positional: Sequence[Argument], named: Sequence[Argument], *, is_async: bool
) -> str:
    given = [argument for argument in named if argument.name != "cursor"]
    passed = [argument.name for argument in positional]
    passed += [f"{argument.name}={argument.name}" for argument in given] + ["cursor=cursor"]
    kind, walk = ("AsyncIterator", "every_async") if is_async else ("Iterator", "every")
    return "\n".join(
        [
            f"    def iter_{name.removeprefix('list_')}({_signature(positional, given)}) -> {kind}[{item}]:",
            f'        """Every item of `{name}`, page after page; `limit` is how many a page has."""',
            f"        return {walk}(lambda cursor: self.{name}({', '.join(passed)}))",
        ]
    )


def _arguments(operation: Mapping[str, Any]) -> tuple[list[Argument], list[Argument], list[str]]:
    """The positional and the named arguments of a method, and those of the `Call` that it makes."""
    given = operation.get("parameters", ())
    path = re.sub(r"{(\w+)}", lambda match: f"{{segment({_argument_name(match[1])})}}", operation["path"])
    call = [repr(operation["method"]), f'{"f" if "{" in path else ""}"{path}"']
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
    return ", ".join(["self", *map(str, positional), *(["*", *map(str, named)] if named else [])])


def _answer_of(operation: Mapping[str, Any]) -> str:
    (success,) = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    content = success.get("content")
    return _type(content["application/json"]["schema"]) if content else "None"


def _item_of(answer: str, schemas: Mapping[str, Any]) -> str | None:
    """The type of a page's items; None for what is no page."""
    properties = schemas.get(answer, {}).get("properties", {})
    if not {"items", "next_cursor"} <= set(properties):
        return None
    return _type(properties["items"]["items"])


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


def _clients(groups: Sequence[str]) -> str:
    imports = "\n".join(
        f"    from sharemtc_client.operations.{group} import {group.title()}\n"
        f"    from sharemtc_client.operations.{group}_async import Async{group.title()}"
        for group in groups
    )
    classes = []
    for prefix, suffix, about in (("", "", "The whole API, blocking."), ("Async", "_async", "The same, for asyncio.")):
        properties = [
            f"    @cached_property\n    def {group}(self) -> {prefix}{group.title()}:\n"
            f'        """Everything under /v1/{group}."""\n'
            f"        from sharemtc_client.operations.{group}{suffix} import {prefix}{group.title()}\n\n"
            f"        return {prefix}{group.title()}(self)"
            for group in groups
        ]
        head = f'class {prefix}Client({prefix}Session):\n    """{about} A group is loaded when it is first used."""'
        classes.append("\n\n".join([head, *properties]))
    head = _HEAD.format(about="The whole API in one object.")
    return (
        f"{head}from functools import cached_property\nfrom typing import TYPE_CHECKING\n\n"
        f"from sharemtc_client.sessions import AsyncSession, Session\n\n"
        f"if TYPE_CHECKING:\n{imports}\n\n\n" + "\n\n\n".join(classes) + "\n"
    )


def _formatted(text: str) -> str:
    """`text` as this project formats its code."""
    ruff, named = str(Path(sys.executable).parent / "ruff"), ["--stdin-filename", str(PACKAGE / "written.py"), "-"]
    for arguments in (["check", "--select", "I,RUF022", "--fix-only", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run([ruff, *arguments, *named], input=text, capture_output=True, text=True, check=True)
        text = done.stdout
    return text
