"""Unpacks deployed archives: layers once per content, functions into each worker's folder."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

from infrastructure.local.emulator.upstream import lambda_service

UNUSED_FOR_S = 7 * 24 * 3600.0


class PackageCache:
    """Unpacked layers, shared by all workers and kept between runs by the digest of their archive."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._digests: dict[str, str] = {}

    def layer(self, reference: Any) -> Path:
        """Unpacks on first use."""
        arn = reference if isinstance(reference, str) else reference["Arn"]
        with self._lock:
            digest = self._digests.get(arn)
            if digest is None:
                archive = lambda_service._resolve_layer_zip(reference)
                if not archive:
                    raise FileNotFoundError(f"layer {arn} has no content")
                digest = self._digests[arn] = hashlib.sha256(archive).hexdigest()[:32]
                self._shelve(digest, archive)
        return self._folder / digest

    def discard_unused(self, unused_for_s: float = UNUSED_FOR_S) -> None:
        """Editing code leaves many old layers behind."""
        oldest = time.time() - unused_for_s
        for folder in self._folder.glob("*"):
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)

    def _shelve(self, digest: str, archive: bytes) -> None:
        target = self._folder / digest
        if target.exists():
            os.utime(target)
            return
        partial = self._folder / f"{digest}.{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        self.unpack(archive, partial)
        partial.rename(target)

    def unpack(self, archive: bytes, target: Path) -> None:
        """Into a new folder; ``zipfile`` refuses to write outside it."""
        target.mkdir(parents=True)
        with zipfile.ZipFile(io.BytesIO(archive)) as source:
            source.extractall(target)
