"""Requests to the control plane: signed, numbered, bounded in time, and retried where that can help.

ApiError    the one exception: `code` and `detail` from the control plane's problem, or `unreachable`
"""

from __future__ import annotations

import asyncio
import random
import secrets
import ssl
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ValidationError

from sharemtc.wire import (
    AGENT_AUDIENCE,
    ENROLL_SUBJECT,
    MAX_BODY_BYTES,
    MAX_TOKEN_AGE_S,
    AgentClaims,
    CommandResult,
    Commands,
    EnrollAnswer,
    EnrollRequest,
    Heartbeat,
    HeartbeatAnswer,
    Progress,
    Received,
    body_hash,
)
from sharemtc_agent import __version__
from sharemtc_agent.sequence import Sequence
from sharemtc_agent.tokens import sign

UNREACHABLE = "unreachable"
BAD_ANSWER = "bad_answer"
ATTEMPTS = 3
FIRST_PAUSE_S = 0.25
LAST_PAUSE_S = 4.0
# Below this, a clock is right: the header has whole seconds, and the way takes time.
SKEW_TOLERANCE_S = 3.0
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)

AnswerT = TypeVar("AnswerT", bound=BaseModel)
Sleep = Callable[[float], Awaitable[None]]


class ApiError(Exception):
    """The control plane refused a request, or could not be reached. `status` is 0 where no answer came."""

    def __init__(self, code: str, detail: str, *, status: int = 0, retry_after_s: float | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status == 0 or self.status in {408, 425, 429} or self.status >= 500


class Client:
    """One host's requests. Sent one at a time, so that their numbers arrive in order."""

    def __init__(
        self, url: str, key: Ed25519PrivateKey, sequence: Sequence, *, host_id: str | None, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._key = key
        self._sequence = sequence
        self._subject = host_id or ENROLL_SUBJECT
        self._sleep = sleep
        self._one = asyncio.Lock()
        self._skew_s = 0.0
        self._http = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/v1/agent/",
            timeout=_TIMEOUT,
            headers={"User-Agent": f"sharemtc-agent/{__version__}", "Content-Type": "application/json"},
            verify=_trust(url),
            trust_env=not _is_loopback(url),
        )

    async def close(self) -> None:
        await self._http.aclose()

    def server_now_s(self) -> float:
        """The control plane's Unix time, as far as it is known here."""
        return time.time() + self._skew_s

    async def enroll(self, request: EnrollRequest) -> EnrollAnswer:
        """Redeems a code. Not retried once it was sent: the code works once."""
        return await self._send("POST", "enroll", request, EnrollAnswer, attempts=1)

    async def heartbeat(self, heartbeat: Heartbeat) -> HeartbeatAnswer:
        """One attempt: the next one is due soon anyway and carries fresher figures."""
        return await self._send("POST", "heartbeat", heartbeat, HeartbeatAnswer, attempts=1)

    async def commands(self) -> Commands:
        return await self._send("GET", "commands", None, Commands, attempts=1)

    async def progress(self, command_id: str, progress: Progress) -> Received:
        return await self._send("POST", f"commands/{command_id}/progress", progress, Received, attempts=1)

    async def result(self, command_id: str, result: CommandResult) -> Received:
        return await self._send("POST", f"commands/{command_id}/result", result, Received, attempts=ATTEMPTS)

    async def _send(
        self, method: str, path: str, body: BaseModel | None, answer: type[AnswerT], *, attempts: int
    ) -> AnswerT:
        content = body.model_dump_json().encode() if body is not None else b""
        if len(content) > MAX_BODY_BYTES:
            raise ApiError("too_large", f"{path}: {len(content)} bytes", status=413)
        for attempt in range(attempts):
            try:
                return await self._attempt(method, path, content, answer)
            except ApiError as error:
                if not error.transient or attempt == attempts - 1:
                    raise
                await self._sleep(_pause_s(attempt, error.retry_after_s))
        raise AssertionError("attempts is at least 1")

    async def _attempt(self, method: str, path: str, content: bytes, answer: type[AnswerT]) -> AnswerT:
        async with self._one:
            response = await self._exchange(method, path, content)
            if response.status_code == 401 and self._learn_skew(response):
                response = await self._exchange(method, path, content)
        if not response.is_success:
            raise _problem(response)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ApiError(BAD_ANSWER, f"{path}: {where}: {first['msg']}", status=response.status_code) from None

    async def _exchange(self, method: str, path: str, content: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token(content)}"}
        try:
            return await self._http.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise ApiError(UNREACHABLE, f"{type(error).__name__} {error}".strip()) from None

    def _token(self, content: bytes) -> str:
        now = int(self.server_now_s())
        claims = AgentClaims(
            sub=self._subject,
            aud=AGENT_AUDIENCE,
            iat=now,
            exp=now + MAX_TOKEN_AGE_S,
            jti=secrets.token_urlsafe(18),
            seq=self._sequence.take(),
            bsh=body_hash(content),
        )
        return sign(claims, self._key)

    def _learn_skew(self, response: httpx.Response) -> bool:
        """Takes the control plane's time from its answer; true if that differs from what was believed."""
        try:
            theirs = parsedate_to_datetime(response.headers["Date"]).timestamp()
        except (KeyError, ValueError):
            return False
        if abs(theirs - self.server_now_s()) < SKEW_TOLERANCE_S:
            return False
        self._skew_s = theirs - time.time()
        return True


def _pause_s(attempt: int, asked_s: float | None) -> float:
    """Full jitter under a doubling bound; at least what the control plane asked for, up to a bound."""
    pause = random.uniform(0, min(LAST_PAUSE_S, FIRST_PAUSE_S * 2**attempt))  # noqa: S311 spreading load is no secret
    return max(pause, min(asked_s or 0.0, LAST_PAUSE_S))


def _problem(response: httpx.Response) -> ApiError:
    """An RFC 9457 problem as an exception; anything else by its status."""
    code, detail = f"http_{response.status_code}", response.reason_phrase
    try:
        body = response.json()
    except ValueError:
        body = None
    if isinstance(body, dict):
        code, detail = str(body.get("code") or code)[:64], str(body.get("detail") or body.get("title") or detail)[:500]
    after = response.headers.get("Retry-After", "")
    return ApiError(code, detail, status=response.status_code, retry_after_s=float(after) if after.isdigit() else None)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trust(url: str) -> ssl.SSLContext:
    """The certificates trusted for `url`: the system's. None are loaded for plain HTTP, where they would only cost."""
    if urlsplit(url).scheme == "https":
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
