"""Where the API is right now, as the launcher last wrote it."""

from __future__ import annotations

from pathlib import Path

from infrastructure.local.endpoints import Endpoints, EndpointsFile


class Upstream:
    """Reads the endpoints file when it has changed; one ``stat`` per request otherwise."""

    def __init__(self, path: Path) -> None:
        self._file = EndpointsFile(path)
        self._seen_ns = 0
        self._endpoints: Endpoints | None = None

    def current(self) -> Endpoints | None:
        """The latest endpoints, or None before the first were written."""
        changed_ns = self._file.changed_at_ns()
        if changed_ns != self._seen_ns:
            self._endpoints, self._seen_ns = self._file.read(), changed_ns
        return self._endpoints
