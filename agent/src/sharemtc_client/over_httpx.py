"""The default transports, on httpx. Imported only by a client without another transport."""

from __future__ import annotations

import httpx

from sharemtc_client.messages import Reply, Request
from sharemtc_client.problems import UNREACHABLE, ApiError

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
# raised before anything was sent
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class HttpxTransport:
    """Blocking. `http` may be your own client with other certificates, a proxy or limits."""

    def __init__(self, url: str, http: httpx.Client | None = None) -> None:
        self._url = url.rstrip("/")
        self._http = http or httpx.Client(timeout=TIMEOUT)

    def send(self, request: Request) -> Reply:
        content, headers = request.content or None, dict(request.headers)
        try:
            return _reply(
                self._http.request(request.method, self._url + request.target, content=content, headers=headers)
            )
        except httpx.HTTPError as error:
            raise _unreachable(error) from None

    def close(self) -> None:
        self._http.close()


class AsyncHttpxTransport:
    def __init__(self, url: str, http: httpx.AsyncClient | None = None) -> None:
        self._url = url.rstrip("/")
        self._http = http or httpx.AsyncClient(timeout=TIMEOUT)

    async def send(self, request: Request) -> Reply:
        url, content, headers = self._url + request.target, request.content or None, dict(request.headers)
        try:
            return _reply(await self._http.request(request.method, url, content=content, headers=headers))
        except httpx.HTTPError as error:
            raise _unreachable(error) from None

    async def close(self) -> None:
        await self._http.aclose()


def _reply(response: httpx.Response) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, response.reason_phrase, headers, response.content)


def _unreachable(error: httpx.HTTPError) -> ApiError:
    detail = f"{type(error).__name__} {error}".strip()
    return ApiError(UNREACHABLE, detail, retryable=True, was_sent=not isinstance(error, _NEVER_SENT))
