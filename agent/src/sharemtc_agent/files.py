"""Files of the state directory, replaced atomically."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def write_whole(path: Path, content: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Replaces `path` atomically; with `durable`, a power cut leaves either the old or the new content."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    draft.replace(path)
    if durable:
        _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    if sys.platform == "win32":
        return  # directories cannot be opened there; the system journals their entries
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
