"""Writes the OpenAPI document, the table of operations and roles, and the Python client.

python -m infrastructure.openapi            write them
python -m infrastructure.openapi --check    fail when they are out of date
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infrastructure.openapi import document, python_client, roles_table


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="infrastructure.openapi", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of date")
    parser.add_argument("--functions", type=Path, default=Path("functions"))
    parser.add_argument("--file", type=Path, default=Path("infrastructure/openapi.json"), help="the OpenAPI document")
    parser.add_argument("--table", type=Path, default=Path("docs/roles.md"), help="the table of operations and roles")
    parser.add_argument("--client", type=Path, default=python_client.PACKAGE, help="the package of the Python client")
    given = parser.parse_args(arguments)
    operations = document.load_operations(given.functions)
    described = document.build(operations)
    client = {given.client / path: text for path, text in python_client.write(described).items()}
    files = {given.file: document.render(described), given.table: roles_table.render(operations), **client}
    written = {path for folder in ("models", "operations") for path in (given.client / folder).glob("*.py")}
    if not given.check:
        _write(files, written - set(files))
        return 0
    wrong = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    wrong += sorted(written - set(files))
    for path in wrong:
        sys.stderr.write(f"{path} is not what the code declares: run make openapi\n")
    return 1 if wrong else 0


def _write(files: dict[Path, str], obsolete: set[Path]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in obsolete:
        path.unlink()


if __name__ == "__main__":
    sys.exit(main())
