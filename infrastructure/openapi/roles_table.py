"""Who may call what, as a Markdown table, from what the functions declare."""

from __future__ import annotations

from collections.abc import Sequence

from sharemtc.http.operations import Operation
from sharemtc.principals import Role


def render(operations: Sequence[Operation]) -> str:
    head = ["Operation", *Role]
    lines = [
        "# Operations and roles",
        "",
        "Made from the code by `make openapi`; `make check` fails when it is out of date. An operation is closed to",
        "every role that it does not name. Whoever may call it still sees only what is theirs: another's resource and",
        "none at all give the same answer.",
        "",
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
    ]
    for operation in sorted(operations, key=lambda operation: (operation.path, operation.method)):
        allowed = ["all" if operation.public else ("yes" if role in operation.roles else "–") for role in Role]
        lines.append(f"| `{operation.method} {operation.path}` | {' | '.join(allowed)} |")
    return "\n".join(lines) + "\n"
