"""Remembers what each piece was made from, so that nothing is made twice."""

from __future__ import annotations

from pathlib import Path

from infrastructure.local.paths import BUILD

FOLDER = BUILD / "stamps"


def is_current(piece: str, digest: str, *products: Path) -> bool:
    """Whether the piece was made from inputs of this digest and its products are still there."""
    stamp = FOLDER / piece
    return all(product.exists() for product in products) and stamp.exists() and stamp.read_text() == digest


def mark(piece: str, digest: str) -> None:
    """Note that the piece is made; call it last."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / piece).write_text(digest)


def clear(piece: str) -> None:
    """Forget the piece before it is made again, so that an interrupted attempt does not count."""
    (FOLDER / piece).unlink(missing_ok=True)
