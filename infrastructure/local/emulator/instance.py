"""One id for the tables and the secrets of an instance, so that those of two are not mixed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FILE = "instance"


class InstanceMismatch(Exception):
    """The tables belong to another instance than the secrets."""


def settle(folder: Path, of_tables: str | None) -> str:
    """The id of the tables, else that of the secrets, else a new one; stored with the secrets.

    Raises InstanceMismatch.
    """
    path = folder / FILE
    kept = path.read_text().strip() if path.exists() else ""
    if of_tables and kept and of_tables != kept:
        raise InstanceMismatch(
            f"the tables (instance {of_tables}) and the secrets in {folder} (instance {kept}) are not of one instance. "
            "Restore both from the same backup, or move one of them away"
        )
    instance = of_tables or kept or secrets.token_hex(8)
    if instance != kept:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as target:
            target.write(f"{instance}\n")
    return instance
