"""Requests to the control plane: signed, numbered, bounded in time, and retried where that can help.

ApiError    the one exception: `code` and `detail` from the control plane's problem, or `unreachable`
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ValidationError

from sharemtc.wire import (
    AGENT_AUDIENCE,
    ENROLL_SUBJECT,
    GZIP_TYPE,
    MAX_BODY_BYTES,
    MAX_TOKEN_AGE_S,
    AgentClaims,
    Answer,
    CommandResult,
    Commands,
    EnrollAnswer,
    EnrollRequest,
    Farewell,
    Heartbeat,
    HeartbeatAnswer,
    Progress,
    Received,
    SelfTest,
    TelemetryAnswer,
    TelemetryBatch,
    body_hash,
)
from sharemtc_agent.sequence import Sequence
from sharemtc_agent.tokens import sign
from sharemtc_agent.transport import HttpAnswer, NoAnswer, Transport

UNREACHABLE = "unreachable"
BAD_ANSWER = "bad_answer"
JSON_TYPE = "application/json"
ATTEMPTS = 3
FIRST_PAUSE_S = 0.25
LAST_PAUSE_S = 4.0
# Below this, a clock is right: the header has whole seconds, and the way takes time.
SKEW_TOLERANCE_S = 3.0

AnswerT = TypeVar("AnswerT", bound=BaseModel)
Sleep = Callable[[float], Awaitable[None]]


class ApiError(Exception):
    """The control plane refused a request, or could not be reached. `status` is 0 where no answer came.

    `pointers` are JSON pointers to the fields of the body that it refused.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int = 0,
        retry_after_s: float | None = None,
        pointers: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status
        self.retry_after_s = retry_after_s
        self.pointers = pointers

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status == 0 or self.status in {408, 425, 429} or self.status >= 500


class HostStateAnswer(Answer):
    """The state that the host is in now."""

    state: str


class RetirementAnswer(Answer):
    """The control plane's receipt for a host that left for good."""

    host_id: str
    retired_at: datetime
    state: str


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
        self.clock_offset_s: float | None = None
        self._transport = Transport(url)

    async def close(self) -> None:
        self._transport.close()

    def server_now_s(self) -> float:
        """The control plane's Unix time, as far as it is known here."""
        return time.time() + self._skew_s

    def server_now(self) -> datetime:
        """`server_now_s` as an instant in UTC, to the millisecond."""
        return datetime.fromtimestamp(round(self.server_now_s(), 3), UTC)

    async def enroll(self, request: EnrollRequest) -> EnrollAnswer:
        """Redeems a code. Not retried once it was sent: the code works once."""
        return await self._send("POST", "enroll", request, EnrollAnswer, attempts=1)

    async def heartbeat(self, heartbeat: Heartbeat) -> HeartbeatAnswer:
        """One attempt: the next one is due soon anyway and carries fresher figures.

        Its answer tells how far the clocks are apart: `clock_offset_s` is what ours lacks, to half the way's time.
        """
        sent_s = time.time()
        answer = await self._send("POST", "heartbeat", heartbeat, HeartbeatAnswer, attempts=1)
        self.clock_offset_s = answer.server_time.timestamp() - (sent_s + time.time()) / 2
        self._skew_s = self.clock_offset_s if abs(self.clock_offset_s) >= SKEW_TOLERANCE_S else 0.0
        return answer

    async def commands(self) -> Commands:
        return await self._send("GET", "commands", None, Commands, attempts=1)

    async def progress(self, command_id: str, progress: Progress) -> Received:
        return await self._send("POST", f"commands/{command_id}/progress", progress, Received, attempts=1)

    async def result(self, command_id: str, result: CommandResult) -> Received:
        return await self._send("POST", f"commands/{command_id}/result", result, Received, attempts=ATTEMPTS)

    async def telemetry(self, batch: TelemetryBatch) -> TelemetryAnswer:
        """One attempt: it stays in the spool until it is taken."""
        content = gzip.compress(batch.model_dump_json().encode(), compresslevel=6, mtime=0)
        return await self._send_content("POST", "telemetry", content, TelemetryAnswer, attempts=1, kind=GZIP_TYPE)

    async def self_test(self, test: SelfTest) -> Received:
        return await self._send("POST", "self-test", test, Received, attempts=ATTEMPTS)

    async def drain(self, farewell: Farewell) -> HostStateAnswer:
        """Asks for no new work."""
        return await self._send("POST", "drain", farewell, HostStateAnswer, attempts=ATTEMPTS)

    async def retire(self, farewell: Farewell) -> RetirementAnswer:
        """Leaves for good: the host's key is worth nothing afterwards."""
        return await self._send("POST", "retire", farewell, RetirementAnswer, attempts=ATTEMPTS)

    async def _send(
        self, method: str, path: str, body: BaseModel | None, answer: type[AnswerT], *, attempts: int
    ) -> AnswerT:
        content = body.model_dump_json().encode() if body is not None else b""
        return await self._send_content(method, path, content, answer, attempts=attempts)

    async def _send_content(
        self, method: str, path: str, content: bytes, answer: type[AnswerT], *, attempts: int, kind: str = JSON_TYPE
    ) -> AnswerT:
        if len(content) > MAX_BODY_BYTES:
            raise ApiError("too_large", f"{path}: {len(content)} bytes", status=413)
        for attempt in range(attempts):
            try:
                return await self._attempt(method, path, content, answer, kind)
            except ApiError as error:
                if not error.transient or attempt == attempts - 1:
                    raise
                await self._sleep(_pause_s(attempt, error.retry_after_s))
        raise AssertionError("attempts is at least 1")

    async def _attempt(self, method: str, path: str, content: bytes, answer: type[AnswerT], kind: str) -> AnswerT:
        async with self._one:
            response = await self._exchange(method, path, content, kind)
            if response.status == 401 and self._learn_skew(response):
                response = await self._exchange(method, path, content, kind)
        if not response.is_success:
            raise _problem(response)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ApiError(BAD_ANSWER, f"{path}: {where}: {first['msg']}", status=response.status) from None

    async def _exchange(self, method: str, path: str, content: bytes, kind: str) -> HttpAnswer:
        headers = {"Authorization": f"Bearer {self._token(content)}", "Content-Type": kind}
        body = content if method != "GET" else None
        try:
            return await asyncio.to_thread(self._transport.request, method, f"/v1/agent/{path}", body, headers)
        except NoAnswer as error:
            raise ApiError(UNREACHABLE, str(error)) from None

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

    def _learn_skew(self, response: HttpAnswer) -> bool:
        """Takes the control plane's time from its answer; true if that differs from what was believed."""
        try:
            theirs = parsedate_to_datetime(response.headers["Date"]).timestamp()
        except (TypeError, ValueError):  # it is missing, or no date
            return False
        if abs(theirs - self.server_now_s()) < SKEW_TOLERANCE_S:
            return False
        self._skew_s = theirs - time.time()
        return True


def _pause_s(attempt: int, asked_s: float | None) -> float:
    """Full jitter under a doubling bound; at least what the control plane asked for, up to a bound."""
    pause = random.uniform(0, min(LAST_PAUSE_S, FIRST_PAUSE_S * 2**attempt))  # noqa: S311 spreading load is no secret
    return max(pause, min(asked_s or 0.0, LAST_PAUSE_S))


def _problem(response: HttpAnswer) -> ApiError:
    """An RFC 9457 problem as an exception; anything else by its status."""
    code, detail = f"http_{response.status}", response.reason
    pointers: tuple[str, ...] = ()
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    if isinstance(body, dict):
        code, detail = str(body.get("code") or code)[:64], str(body.get("detail") or body.get("title") or detail)[:500]
        pointers = _pointers(body.get("errors"))
    after = response.headers.get("Retry-After", "")
    return ApiError(
        code,
        detail,
        status=response.status,
        retry_after_s=float(after) if after.isdigit() else None,
        pointers=pointers,
    )


def _pointers(errors: object) -> tuple[str, ...]:
    listed = errors if isinstance(errors, list) else []
    return tuple(str(each["pointer"])[:200] for each in listed if isinstance(each, dict) and "pointer" in each)
