"""The address of the API, as the launcher last wrote it."""

from __future__ import annotations

import shutil
from pathlib import Path

from infrastructure.local.endpoints import Endpoints, EndpointsFile

ROOM_BYTES = 64 * 1024


class Upstream:
    """Reads the endpoints file when it has changed; otherwise one ``stat`` per request."""

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        self._file = EndpointsFile(path)
        self._seen_ns = 0
        self._endpoints: Endpoints | None = None

    def current(self) -> Endpoints | None:
        """None before the first were written."""
        changed_ns = self._file.changed_at_ns()
        if changed_ns != self._seen_ns:
            self._endpoints, self._seen_ns = self._file.read(), changed_ns
        return self._endpoints

    def has_room(self) -> bool:
        """Whether the state's disk has room: without it, functions cannot start and nothing is stored."""
        return shutil.disk_usage(self._folder).free >= ROOM_BYTES
