"""Stamps of what each step was made from, so that nothing is made twice."""

from __future__ import annotations

from pathlib import Path

from infrastructure.local.paths import BUILD

FOLDER = BUILD / "stamps"


def is_current(piece: str, digest: str, *products: Path) -> bool:
    """Whether the inputs have this digest and the products still exist."""
    stamp = FOLDER / piece
    return all(product.exists() for product in products) and stamp.exists() and stamp.read_text() == digest


def mark(piece: str, digest: str) -> None:
    """Call it last."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / piece).write_text(digest)


def clear(piece: str) -> None:
    """Call it before the step runs, so that an interrupted run does not count."""
    (FOLDER / piece).unlink(missing_ok=True)
