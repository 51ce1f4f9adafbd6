"""Serves the files of the agent's installer."""

from __future__ import annotations

from pathlib import Path

from infrastructure.local.gateway import files, problems
from starlette.requests import Request
from starlette.responses import Response

TYPES = {".whl": "application/zip", ".sh": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8"}
PLAIN = "text/plain; charset=utf-8"


class Downloads:
    """The script names the others by their sums, so all must be of one build: nothing is cached."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def serve(self, name: str, request: Request) -> Response:
        """The file, or a 404 problem."""
        if name not in self._names():
            return problems.not_found()
        kind = TYPES.get(Path(name).suffix, PLAIN)
        return files.answer_with(self._folder / name, request, kind, files.NO_CACHE)

    def _names(self) -> frozenset[str]:
        try:
            return frozenset(path.name for path in self._folder.iterdir() if path.is_file())
        except OSError:
            return frozenset()
