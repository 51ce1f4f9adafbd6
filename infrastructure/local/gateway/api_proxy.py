"""Forwards ``/v1/…`` to the deployed API: method, query, headers and body unchanged, the response too."""

from __future__ import annotations

import httpx
from infrastructure.local.gateway import heartbeats, problems
from infrastructure.local.gateway.admission import Admission, LineFull
from infrastructure.local.gateway.api_requests import HOP_BY_HOP, METHODS, TOKEN_HEADER, api_target, passed_on
from infrastructure.local.gateway.heartbeats import Heartbeats
from infrastructure.local.gateway.upstream import Upstream
from starlette.requests import Request
from starlette.responses import Response

TIMEOUT_S = 35.0
# never sent: the status with which web servers log a client that has gone
CLIENT_LEFT_STATUS = 499
WORKERS_BUSY_RETRY_AFTER_S = 5
# added by the emulator; they name what is behind the gateway
EMULATOR_HEADERS = frozenset(("x-amz-request-id", "x-amzn-requestid", "x-amz-id-2", "server", "date"))


class ApiProxy:
    """Forwards to the API that `Upstream` names."""

    def __init__(self, upstream: Upstream, admission: Admission, seen: Heartbeats) -> None:
        self._upstream = upstream
        self._admission = admission
        self._heartbeats = seen
        limits = httpx.Limits(max_connections=256, max_keepalive_connections=32)
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False, follow_redirects=False)
        # httpx must not add headers that the client did not send
        self._client.headers = httpx.Headers()

    async def pass_on(self, request: Request, body: bytes) -> Response:
        """The API's response, or a problem of the gateway."""
        endpoints = self._upstream.current()
        target = api_target(request.scope["raw_path"], request.scope["query_string"])
        if target is None:
            return problems.not_found()
        if endpoints is None or endpoints.cloud != "ready":
            return problems.unavailable()
        url, headers = endpoints.api_url + target, headers_out(request, endpoints.gateway_token)
        try:
            async with self._admission.line(target).place():
                if await request.is_disconnected():
                    # the client has gone
                    return Response(status_code=CLIENT_LEFT_STATUS)
                answer = await self._answer(request.method, url, headers, body)
        except LineFull as full:
            return problems.busy(full.retry_after_s)
        if target == heartbeats.PATH and answer.status_code == 200:
            self._heartbeats.note(request.headers.get("authorization", ""), endpoints.host_id)
        return answer

    async def close(self) -> None:
        await self._client.aclose()

    async def _answer(self, method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Response:
        if method in METHODS:
            # forwarded as GET, a HEAD gets the length of the body; the server leaves the body out
            return await self._ask("GET" if method == "HEAD" else method, url, headers, body)
        # a method that gateways do not forward: the API itself says which methods the path has
        answer = await self._ask("OPTIONS", url, headers, b"")
        return problems.method_not_allowed(answer.headers["allow"]) if "allow" in answer.headers else answer

    async def _ask(self, method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Response:
        outgoing = self._client.build_request(method, url, headers=headers, content=body)
        try:
            answer = await self._client.send(outgoing, stream=True)
            content = b"".join([chunk async for chunk in answer.aiter_raw()])
            await answer.aclose()
        except httpx.TimeoutException:
            return problems.timed_out()
        except httpx.TransportError:
            return problems.unavailable()
        if answer.status_code >= 500 and not is_problem(answer) and not self._upstream.has_room():
            return problems.storage_full()
        return answer_in(answer, content)


def headers_out(request: Request, token: str) -> list[tuple[bytes, bytes]]:
    """The client's headers and address; its own claims about forwarding are dropped."""
    peer = request.client.host if request.client else "127.0.0.1"
    return [
        *passed_on(request.scope["headers"]),
        (b"x-forwarded-for", peer.encode()),
        (b"x-forwarded-proto", request.scope["scheme"].encode()),
        (b"x-forwarded-host", request.headers.get("host", "").encode("latin-1")),
        (TOKEN_HEADER.encode(), token.encode()),
    ]


def is_problem(answer: httpx.Response) -> bool:
    """Whether the response is a problem document."""
    return bool(answer.headers.get("content-type", "").startswith("application/problem+json"))


def answer_in(answer: httpx.Response, content: bytes) -> Response:
    """The API's response with repeated headers. Errors that are no problem documents lose their details."""
    if answer.status_code >= 500 and not is_problem(answer):
        return problems.timed_out() if answer.status_code == 504 else problems.internal()
    if answer.status_code == 429 and not is_problem(answer):
        # no worker of the function came free in time
        return problems.busy(WORKERS_BUSY_RETRY_AFTER_S)
    if answer.status_code in (403, 404) and "x-amzn-errortype" in answer.headers:
        return problems.not_found()
    response = Response(content, answer.status_code)
    # set as a whole before anything reads `headers`, which caches them
    response.raw_headers = [
        (name.lower(), value)
        for name, value in answer.headers.raw
        if name.lower().decode() not in HOP_BY_HOP | EMULATOR_HEADERS
    ]
    # a 204 has none
    if answer.status_code not in (204, 304):
        response.raw_headers.append((b"content-length", str(len(content)).encode()))
    if "cache-control" not in answer.headers:
        response.raw_headers.append((b"cache-control", b"no-store"))
    return response
