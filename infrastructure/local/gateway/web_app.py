"""Serves the built pages: hashed assets cached for ever, the console's routes never."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from pathlib import Path

from infrastructure.local.gateway import files, problems
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

# Vite puts a hash of the content into the names below assets/
HASHED_FOLDER = "assets"
FOR_EVER = "public, max-age=31536000, immutable"
CONSOLE, API_DOCS = "index.html", "api-docs.html"
AN_HOUR = "public, max-age=3600"
INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml",
         ".webmanifest": "application/manifest+json", ".ico": "image/x-icon", ".wasm": "application/wasm"}  # fmt: skip

NOT_BUILT = (
    "<!doctype html><meta charset=utf-8><title>ShareMTC</title><p>The web application is not built. "
    "Run <code>make run</code>, or <code>npm ci && npm run build</code> in <code>webapp/</code>.</p>"
)


class WebApp:
    """Files of one folder; paths outside it do not exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def serve(self, request: Request) -> Response:
        """The file at the path, or the console for its own routes."""
        # not `request.url`, which contains the client's Host header
        path: str = request.scope["path"]
        found = self._file(path)
        if found is not None:
            cache = FOR_EVER if found.parent.name == HASHED_FOLDER else AN_HOUR
            kind = TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
            return files.answer_with(found, request, kind, cache)
        # a missing script must not be answered with a page
        if Path(path).suffix:
            return problems.not_found()
        return self.page(CONSOLE)

    def _file(self, path: str) -> Path | None:
        try:
            candidate = (self._folder / path.lstrip("/")).resolve()
            found = candidate.is_relative_to(self._folder) and candidate.is_file()
        except (OSError, ValueError):
            # not a valid file name: too long, or with a zero byte
            return None
        return candidate if found and candidate.name not in (CONSOLE, API_DOCS) else None

    def page(self, name: str) -> Response:
        """One of the two pages with its content security policy."""
        try:
            content = (self._folder / name).read_bytes()
        except OSError:
            return HTMLResponse(NOT_BUILT, 503, headers={"Cache-Control": "no-store"})
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy(content)}
        return HTMLResponse(content, headers=headers)


def policy(page: bytes) -> str:
    """A content security policy: nothing from elsewhere, and only the page's own inline scripts."""
    hashes = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE_SCRIPT.findall(page)]
    scripts = " ".join(["'self'", *(f"'sha256-{value}'" for value in hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
