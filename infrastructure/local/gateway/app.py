"""Routes of the public port. Paths outside the API belong to the console."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from infrastructure.local.gateway import bodies, files, health, problems
from infrastructure.local.gateway.admission import Admission
from infrastructure.local.gateway.api_proxy import ApiProxy
from infrastructure.local.gateway.compression import compressed
from infrastructure.local.gateway.downloads import Downloads
from infrastructure.local.gateway.heartbeats import Heartbeats
from infrastructure.local.gateway.upstream import Upstream
from infrastructure.local.gateway.web_app import API_DOCS, WebApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
READING = ("GET", "HEAD")

READ_TIMEOUT_S = 30.0

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(
    endpoints: Path,
    openapi: Path,
    web: Path | None,
    install: Path | None = None,
    *,
    workers: int = 4,
    read_timeout_s: float = READ_TIMEOUT_S,
) -> Starlette:
    """``web`` is the built console, or None to serve the API alone; ``install`` holds the agent's installer.

    Each function of the API has ``workers`` workers. A body that is not complete after ``read_timeout_s`` is dropped.
    """
    upstream = Upstream(endpoints)
    heartbeats = Heartbeats()
    proxy = ApiProxy(upstream, Admission(api_groups(openapi), workers), heartbeats)
    pages = WebApp(web) if web else None
    downloads = Downloads(install) if install else None
    probe = httpx.AsyncClient(trust_env=False)

    async def state(_: Request) -> Response:
        return await health.report(upstream, probe, heartbeats)

    async def description(request: Request) -> Response:
        if not openapi.exists():
            return problems.not_found()
        return files.answer_with(openapi, request, "application/json", files.NO_CACHE)

    async def docs(_: Request) -> Response:
        return pages.page(API_DOCS) if pages else problems.not_found()

    async def download(request: Request) -> Response:
        return downloads.serve(request.path_params["name"], request) if downloads else problems.not_found()

    async def page(request: Request) -> Response:
        return pages.serve(request) if pages else problems.not_found()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await proxy.close()
        await probe.aclose()

    routes = [
        Route("/health", read_only(state, read_timeout_s)),
        Route("/v1/health", read_only(state, read_timeout_s)),
        Route("/v1/openapi.json", read_only(description, read_timeout_s)),
        Route("/v1/docs", read_only(docs, read_timeout_s)),
        Route("/v1/{path:path}", Answering(proxy.pass_on, read_timeout_s)),
        Route("/install/{name}", read_only(download, read_timeout_s)),
        Route("/{path:path}", read_only(page, read_timeout_s)),
    ]
    application = Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: nowhere, Exception: failed})
    # it would redirect to the address in the client's Host header
    application.router.redirect_slashes = False
    return application


def api_groups(openapi: Path) -> set[str]:
    """The first segments of the API's paths, such as ``resources``: each is a function."""
    if not openapi.exists():
        return set()
    return {path.split("/")[2] for path in json.loads(openapi.read_text())["paths"] if path.startswith("/v1/")}


async def failed(request: Request, error: Exception) -> Response:
    """An error of the gateway itself; the server logs it."""
    del request, error
    return secured(problems.internal())


async def nowhere(request: Request, error: Exception) -> Response:
    """A target that is not a path, such as ``*``."""
    del request, error
    return secured(problems.not_found())


class Answering:
    """An endpoint for every method, with the whole body."""

    def __init__(self, endpoint: Callable[[Request, bytes], Awaitable[Response]], read_timeout_s: float) -> None:
        self._endpoint = endpoint
        self._read_timeout_s = read_timeout_s

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        response = secured(await self._answer(request))
        await (await compressed(request, response))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            body = await bodies.read(request, self._read_timeout_s)
        except bodies.BodyTooLarge:
            return problems.too_large(bodies.LIMIT_BYTES)
        except bodies.BodyTooSlow:
            return problems.too_slow()
        return await self._endpoint(request, body)


def read_only(endpoint: Endpoint, read_timeout_s: float) -> Answering:
    """The endpoint for GET and HEAD; other methods give 405, not 404."""

    async def answer(request: Request, body: bytes) -> Response:
        del body
        if request.method not in READING:
            return problems.method_not_allowed(", ".join(READING))
        return await endpoint(request)

    return Answering(answer, read_timeout_s)


def secured(response: Response) -> Response:
    """Adds the headers of every response."""
    for name, value in SECURITY_HEADERS.items():
        if name not in response.headers:
            response.raw_headers.append((name.encode(), value.encode()))
    return response
