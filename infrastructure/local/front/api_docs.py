"""A readable page from the OpenAPI document, without scripts and without anything from elsewhere."""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
METHODS = ("get", "post", "put", "patch", "delete")
MAX_DEPTH = 4
# how the generator describes a problem response: a code, then what it means
PROBLEM = re.compile(r"`(\w+)` ([^;`]*)")

STYLE = """
:root { color-scheme: light dark; --line: #8883; --soft: #8881; --faint: #777; --get: #0a7a4b; --post: #0b63c7;
  --put: #96600a; --patch: #96600a; --delete: #bb2d2d }
@media (prefers-color-scheme: dark) { :root { --faint: #9a9a9a; --get: #4cc38a; --post: #6cb2ff; --put: #e5b567;
  --patch: #e5b567; --delete: #ff8080 } }
* { box-sizing: border-box } body { font: 15px/1.55 system-ui, sans-serif; margin: 0 }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 6rem }
h1 { font-size: 1.6rem; margin: 0 0 .25rem } h2 { margin: 2.5rem 0 .5rem; font-size: 1.15rem } h3 { font-size: .8rem;
  margin: 1rem 0 .25rem; color: var(--faint); text-transform: uppercase; letter-spacing: .05em }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 1rem 0 } a { color: inherit }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .4rem 0; overflow: hidden }
summary { cursor: pointer; display: flex; gap: .75rem; align-items: baseline; padding: .55rem .8rem; flex-wrap: wrap }
summary:hover { background: var(--soft) } summary .what { color: var(--faint); margin-left: auto }
.body { padding: 0 .9rem .9rem; border-top: 1px solid var(--line) }
code, .path { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
.verb { font: 700 12px/1.5 ui-monospace, monospace; min-width: 4.2em; text-transform: uppercase }
.get { color: var(--get) } .post { color: var(--post) } .put { color: var(--put) } .patch { color: var(--patch) }
.delete { color: var(--delete) } table { border-collapse: collapse; width: 100% } td { padding: .25rem .75rem .25rem 0;
  vertical-align: top; border-top: 1px solid var(--line) } td:first-child { white-space: nowrap;
  width: 14rem } .body td td:first-child { width: 10rem }
pre { margin: 0; padding: .5rem .9rem .9rem; overflow-x: auto }
.type { color: var(--faint) } .required::after { content: " required"; font: 11px system-ui; color: var(--delete) }
"""


def render_file(path: Path) -> str:
    """The page for a document on disk, rendered again only when the file has changed."""
    return _render_stored(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=2)
def _render_stored(path: Path, changed_ns: int) -> str:
    del changed_ns
    return render(json.loads(path.read_text()))


def render(document: dict[str, Any]) -> str:
    """The whole page for an OpenAPI 3.1 document."""
    info = document.get("info", {})
    title = html.escape(f"{info.get('title', 'API')} {info.get('version', '')}".strip())
    groups = _groups(document)
    links = "".join(f'<a href="#{html.escape(name)}">{html.escape(name)}</a>' for name in groups)
    sections = "".join(_section(name, operations, document) for name, operations in groups.items())
    sections += _problems(document)
    about = _marked(info.get("description", ""))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{about}</p>"
        f'<p><a href="/v1/openapi.json">openapi.json</a></p><nav aria-label="Groups">{links}</nav>{sections}'
        "</main></body></html>"
    )


def _groups(document: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                parameters = item.get("parameters", []) + item[method].get("parameters", [])
                operation = {**item[method], "parameters": parameters}
                segments = [part for part in path.split("/") if part and part != "v1"]
                tag = (operation.get("tags") or segments[:1] or ["other"])[0]
                groups.setdefault(tag, []).append((method, path, operation))
    return groups


def _section(name: str, operations: list[tuple[str, str, dict[str, Any]]], document: dict[str, Any]) -> str:
    rows = "".join(_operation(method, path, operation, document) for method, path, operation in operations)
    return f'<section id="{html.escape(name)}"><h2>{html.escape(name)}</h2>{rows}</section>'


def _operation(method: str, path: str, operation: dict[str, Any], document: dict[str, Any]) -> str:
    parts = [f"<p>{_marked(operation.get('description', ''))}</p>" if operation.get("description") else ""]
    parts.append(f"<p>{html.escape(_callers(operation))}</p>")
    parameters = [_resolve(parameter, document) for parameter in operation["parameters"]]
    if parameters:
        rows = "".join(
            _row(p["name"], {**p.get("schema", {}), **_about(p)}, p.get("required", False), document, p["in"])
            for p in parameters
        )
        parts.append(f"<h3>Parameters</h3><table>{rows}</table>")
    for kind, media in _resolve(operation.get("requestBody", {}), document).get("content", {}).items():
        parts.append(f"<h3>Body · {html.escape(kind)}</h3>{_schema(media.get('schema', {}), document)}")
        parts.append(_example(media.get("schema", {}), document))
    responses = {status: _resolve(entry, document) for status, entry in operation.get("responses", {}).items()}
    parts += [_answer(status, entry, document) for status, entry in responses.items() if status.startswith("2")]
    parts.append(_failures({status: entry for status, entry in responses.items() if not status.startswith("2")}))
    return (
        f'<details><summary><span class="verb {method}">{method}</span><span class="path">{html.escape(path)}</span>'
        f'<span class="what">{html.escape(operation.get("summary", ""))}</span></summary>'
        f'<div class="body">{"".join(parts)}</div></details>'
    )


def _answer(status: str, response: dict[str, Any], document: dict[str, Any]) -> str:
    bodies = response.get("content", {}).values()
    heading = f"<h3>{html.escape(status)} · {html.escape(response.get('description', ''))}</h3>"
    headers = "".join(
        _row(name, _resolve(header, document) | {"type": "header"}, False, document, "")
        for name, header in response.get("headers", {}).items()
    )
    shapes = "".join(
        _schema(media.get("schema", {}), document) + _example(media.get("schema", {}), document) for media in bodies
    )
    return heading + shapes + (f"<table>{headers}</table>" if headers else "")


def _callers(operation: dict[str, Any]) -> str:
    """Who may call it, in words."""
    roles = operation.get("x-roles")
    return f"For the roles {', '.join(roles)}, with their token." if roles else "For everybody, without a token."


def _about(parameter: dict[str, Any]) -> dict[str, str]:
    return {"description": parameter["description"]} if "description" in parameter else {}


def _example(schema: dict[str, Any], document: dict[str, Any]) -> str:
    examples = _resolve(schema, document).get("examples")
    if not examples:
        return ""
    text = html.escape(json.dumps(examples[0], indent=2, ensure_ascii=False))
    return f"<details><summary>Example</summary><pre><code>{text}</code></pre></details>"


def _failures(responses: dict[str, dict[str, Any]]) -> str:
    if not responses:
        return ""
    rows = "".join(
        f"<tr><td><code>{html.escape(status)}</code></td><td>{_marked(entry.get('description', ''))}</td></tr>"
        for status, entry in responses.items()
    )
    return f"<h3>Problems</h3><table>{rows}</table>"


def _problems(document: dict[str, Any]) -> str:
    """Every problem code with an anchor: the ``type`` of a problem document points here."""
    found: dict[str, str] = {}
    for operations in _groups(document).values():
        for _, _, operation in operations:
            for entry in operation.get("responses", {}).values():
                found.update(PROBLEM.findall(_resolve(entry, document).get("description", "")))
    rows = "".join(
        f'<tr id="{code}"><td><code>{code}</code></td><td>{html.escape(about.strip())}</td></tr>'
        for code, about in sorted(found.items())
    )
    return f'<section id="problems"><h2>problems</h2><table>{rows}</table></section>' if found else ""


def _marked(text: str) -> str:
    """Escaped text with its `code` spans as such."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))


def _schema(schema: dict[str, Any], document: dict[str, Any], depth: int = 0) -> str:
    resolved = _resolve(schema, document)
    if resolved.get("type") == "array":
        return _schema(resolved.get("items", {}), document, depth)
    properties = resolved.get("properties")
    if not properties:
        return f'<p class="type">{html.escape(_kind(schema, document))}</p>' if depth == 0 else ""
    required = resolved.get("required", [])
    rows = "".join(_row(name, value, name in required, document, "", depth) for name, value in properties.items())
    return f"<table>{rows}</table>"


def _row(
    name: str, schema: dict[str, Any], required: bool, document: dict[str, Any], place: str, depth: int = 0
) -> str:
    resolved = _resolve(schema, document)
    mark = ' class="required"' if required else ""
    kind = " · ".join(part for part in (place, _kind(schema, document), *_limits(resolved)) if part)
    nested = _schema(schema, document, depth + 1) if depth < MAX_DEPTH else ""
    about = _marked(resolved.get("description", ""))
    name_cell = f"<td{mark}><code>{html.escape(name)}</code></td>"
    return f'<tr>{name_cell}<td><span class="type">{html.escape(kind)}</span> {about}{nested}</td></tr>'


def _kind(schema: dict[str, Any], document: dict[str, Any]) -> str:
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return " or ".join(_kind(choice, document) for choice in choices)
    resolved = _resolve(schema, document)
    if "enum" in resolved:
        return " | ".join(str(value) for value in resolved["enum"])
    if "const" in resolved:
        return repr(resolved["const"])
    if resolved.get("type") == "array":
        return f"list of {_kind(resolved.get('items', {}), document)}"
    kind = resolved.get("format") or resolved.get("type") or "any"
    return str(" or ".join(kind) if isinstance(kind, list) else kind)


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    names = {"minLength": "at least {} characters", "maxLength": "at most {} characters", "minimum": "≥ {}",
             "maximum": "≤ {}", "maxItems": "at most {} items", "default": "default {}"}  # fmt: skip
    for name, text in names.items():
        if schema.get(name) is not None:
            yield text.format(schema[name])


def _resolve(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part, {})
    return {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
