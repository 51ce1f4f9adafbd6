"""Packs folders into archives for functions and layers; the same content gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
LEFT_OUT = ("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache")


def files(folder: Path, *, bytecode: bool) -> Iterator[Path]:
    """A folder's files in a fixed order, without caches unless they are the product."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        if not bytecode and (path.suffix == ".pyc" or any(part in LEFT_OUT for part in path.parts)):
            continue
        yield path


def pack(folder: Path, *, bytecode: bool = False, level: int = 1) -> bytes:
    """Files are dated 1980, as SAM does."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for path in files(folder, bytecode=bytecode):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (path.stat().st_mode & 0o777) << 16
            archive.writestr(entry, path.read_bytes())
    return target.getvalue()


def digest(paths: list[Path], *extra: str) -> str:
    """Hashes names and contents; a folder counts with all its sources."""
    total = hashlib.sha256("\0".join(extra).encode())
    for root in paths:
        members = [root] if root.is_file() else list(files(root, bytecode=False))
        for path in members:
            total.update(f"{path.relative_to(root.parent)}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
