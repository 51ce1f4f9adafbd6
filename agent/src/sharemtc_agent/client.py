"""Requests to the control plane: signed, numbered, sent one at a time and retried where that is safe."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

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
    Farewell,
    Heartbeat,
    HeartbeatAnswer,
    HostStateAnswer,
    Progress,
    Received,
    RetireReceipt,
    SelfTest,
    TelemetryAnswer,
    TelemetryBatch,
    body_hash,
)
from sharemtc_agent.clocks import boottime_s
from sharemtc_agent.sequence import Sequence
from sharemtc_agent.tokens import sign
from sharemtc_agent.transport import NoAnswer, Transport
from sharemtc_client import ApiError as ApiError
from sharemtc_client import AsyncClient, Call, RetryPolicy
from sharemtc_client.messages import Reply, Request
from sharemtc_client.operations import agent
from sharemtc_client.problems import UNREACHABLE

ATTEMPTS = 3
FIRST_PAUSE_S = 0.25
LAST_PAUSE_S = 4.0
# The Date header has whole seconds, and the round trip takes time.
SKEW_TOLERANCE_S = 3.0

STALE_SEQUENCE = "stale_sequence"

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


class _Signer:
    """Signs each request with the host's key, its next sequence number and the control plane's time."""

    def __init__(self, key: Ed25519PrivateKey, sequence: Sequence, subject: str) -> None:
        self._key = key
        self._sequence = sequence
        self._subject = subject
        self.skew_s = 0.0
        self._known: tuple[float, float] | None = None

    def now_s(self) -> float:
        """The control plane's Unix time as last received; later changes of the local clock do not affect it."""
        if self._known is None:
            return time.time() + self.skew_s
        theirs_s, steady_s = self._known
        return theirs_s + boottime_s() - steady_s

    def set_skew(self, skew_s: float) -> None:
        self.skew_s = skew_s
        self._known = time.time() + skew_s, boottime_s()

    def advance_sequence(self, error: ApiError) -> None:
        """Continues after the control plane's last sequence number if that is higher than ours."""
        known = error.extra.get("last_seq")
        if error.code == STALE_SEQUENCE and isinstance(known, int):
            self._sequence.advance_past(known)

    def headers(self, method: str, path: str, content: bytes) -> Mapping[str, str]:
        if len(content) > MAX_BODY_BYTES:
            raise ApiError("too_large", f"{path}: {len(content)} bytes", status=413)
        now = int(self.now_s())
        claims = AgentClaims(
            sub=self._subject,
            aud=AGENT_AUDIENCE,
            iat=now,
            exp=now + MAX_TOKEN_AGE_S,
            jti=secrets.token_urlsafe(18),
            seq=self._sequence.take(),
            htm=method,
            htp=path,
            bsh=body_hash(content),
        )
        return {"Authorization": f"Bearer {sign(claims, self._key)}"}

    def learn(self, reply: Reply) -> bool:
        """Adopts the control plane's time from a reply; true if it differs from our estimate."""
        try:
            theirs = parsedate_to_datetime(reply.headers["date"]).timestamp()
        except (KeyError, ValueError):
            return False
        if abs(theirs - self.now_s()) < SKEW_TOLERANCE_S:
            return False
        self.set_skew(theirs - time.time())
        return True


class _OneConnection:
    """The agent's own blocking transport, run in a thread."""

    def __init__(self, url: str) -> None:
        self._transport = Transport(url)

    async def send(self, request: Request) -> Reply:
        content = request.content if request.method != "GET" else None
        try:
            answer = await asyncio.to_thread(
                self._transport.request, request.method, request.target, content, dict(request.headers)
            )
        except NoAnswer as error:
            raise ApiError(UNREACHABLE, str(error)) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, answer.reason, headers, answer.content)

    async def close(self) -> None:
        self._transport.close()


class Client:
    """The requests of one host, sent one at a time so that their sequence numbers arrive in order."""

    def __init__(
        self, url: str, key: Ed25519PrivateKey, sequence: Sequence, *, host_id: str | None, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._signer = _Signer(key, sequence, host_id or ENROLL_SUBJECT)
        # this class decides what is retried: requests are numbered, and repeated results are accepted
        once = RetryPolicy(attempts=1)
        self._api = AsyncClient(url, self._signer, retries=once, transport=_OneConnection(url))
        self._sleep = sleep
        self._one = asyncio.Lock()
        self.clock_offset_s: float | None = None

    async def close(self) -> None:
        await self._api.close()

    def server_now_s(self) -> float:
        return self._signer.now_s()

    def server_now(self) -> datetime:
        return datetime.fromtimestamp(round(self.server_now_s(), 3), UTC)

    def correction(self) -> timedelta:
        """Correction for local timestamps; zero below the tolerance."""
        return timedelta(seconds=round(self._signer.skew_s, 3))

    async def enroll(self, request: EnrollRequest) -> EnrollAnswer:
        """Redeems an enrollment code. Not retried once sent: a code works once."""
        return await self._send_once(agent.enroll(request))

    async def heartbeat(self, make: Callable[[], Heartbeat]) -> HeartbeatAnswer:
        """Sends one heartbeat without retries: the next is due soon and carries fresher figures.

        `make` is called once the connection is free, right before signing, so that uptimes are as of the signing. Sets
        `clock_offset_s`: how far the local clock is behind, accurate to half the round trip.
        """
        try:
            async with self._one:
                sent_s = time.time()
                answer = await self._api.send(agent.heartbeat(make()))
        except ApiError as error:
            self._signer.advance_sequence(error)
            raise
        self.clock_offset_s = answer.server_time.timestamp() - (sent_s + time.time()) / 2
        self._signer.set_skew(self.clock_offset_s if abs(self.clock_offset_s) >= SKEW_TOLERANCE_S else 0.0)
        return answer

    async def commands(self) -> Commands:
        return await self._send_once(agent.list_commands())

    async def progress(self, command_id: str, progress: Progress) -> Received:
        return await self._send_once(agent.report_progress(command_id, progress))

    async def result(self, command_id: str, result: CommandResult) -> Received:
        return await self._send_with_retries(agent.report_result(command_id, result))

    async def telemetry(self, batch: TelemetryBatch) -> TelemetryAnswer:
        """Sent once; an unsent batch stays in the spool."""
        return await self._send_once(agent.post_telemetry(batch))

    async def self_test(self, test: SelfTest) -> Received:
        return await self._send_with_retries(agent.report_self_test(test))

    async def drain(self, farewell: Farewell) -> HostStateAnswer:
        return await self._send_with_retries(agent.drain(farewell))

    async def retire(self, farewell: Farewell) -> RetireReceipt:
        return await self._send_with_retries(agent.retire(farewell))

    async def _send_once(self, call: Call[T]) -> T:
        async with self._one:
            return await self._api.send(call)

    async def _send_with_retries(self, call: Call[T]) -> T:
        for attempt in range(ATTEMPTS - 1):
            try:
                return await self._send_once(call)
            except ApiError as error:
                if not error.transient:
                    raise
                await self._sleep(_pause_s(attempt, error.retry_after_s))
        return await self._send_once(call)


def _pause_s(attempt: int, retry_after_s: float | None) -> float:
    """Exponential backoff with full jitter; at least `Retry-After`, up to a bound."""
    pause = random.uniform(0, min(LAST_PAUSE_S, FIRST_PAUSE_S * 2**attempt))  # noqa: S311 spreading load is no secret
    return max(pause, min(retry_after_s or 0.0, LAST_PAUSE_S))
