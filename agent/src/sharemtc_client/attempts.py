"""When a call is retried. No I/O.

A request is retried if it was certainly not sent, if the API did nothing (429, a retryable 409), or if it is
idempotent: reads, deletions, replacements without `If-Match`, and everything with an `Idempotency-Key`. Pauses double,
with full jitter, and are never shorter than `Retry-After`; a longer one than `longest_wait_s` raises the error instead.
After a 401, `Auth.learn` decides about one more attempt.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from sharemtc_client.auth import Auth
from sharemtc_client.calls import Call
from sharemtc_client.messages import Reply, Request
from sharemtc_client.problems import ApiError, refused

_NOTHING_DONE = frozenset({409, 429})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    attempts: int = 4
    first_pause_s: float = 0.25
    last_pause_s: float = 4.0
    longest_wait_s: float = 60.0

    def pause_s(self, problem: ApiError, attempt: int, *, harmless: bool) -> float | None:
        """How long to wait after attempt number `attempt`, from 1; None: raise the error."""
        nothing_done = not problem.was_sent or problem.status in _NOTHING_DONE
        if attempt >= self.attempts or not problem.retryable or not (harmless or nothing_done):
            return None
        requested_s = problem.retry_after_s or 0.0
        if requested_s > self.longest_wait_s:
            return None
        bound_s = min(self.last_pause_s, self.first_pause_s * 2 ** (attempt - 1))
        return max(requested_s, random.uniform(0, bound_s))  # noqa: S311 - spreading load is no secret


class Attempts:
    """The attempts of one call."""

    def __init__(self, call: Call[Any], auth: Auth | None, policy: RetryPolicy) -> None:
        self._call = call
        self._auth = auth
        self._policy = policy
        self._attempt = 1
        self._may_learn = auth is not None

    def request(self) -> Request:
        """The request with fresh credentials. Errors: those of the credentials."""
        call = self._call
        signed = self._auth.headers(call.method, call.path, call.content) if self._auth is not None else {}
        return Request(call.method, call.target, {**call.headers, **signed}, call.content)

    def after(self, outcome: Reply | ApiError) -> Reply | float:
        """A successful reply, or the seconds until the next attempt. Errors: `ApiError` if there is none."""
        if isinstance(outcome, ApiError):
            problem = outcome
            if problem.status:  # refused before it was sent
                raise problem
        elif 200 <= outcome.status < 300:
            return outcome
        else:
            problem = refused(outcome)
            if self._learns(outcome):
                return 0.0
        pause_s = self._policy.pause_s(problem, self._attempt, harmless=self._call.harmless)
        if pause_s is None:
            raise problem
        self._attempt += 1
        return pause_s

    def _learns(self, reply: Reply) -> bool:
        if reply.status != 401 or not self._may_learn or self._auth is None:
            return False
        self._may_learn = not self._auth.learn(reply)
        return not self._may_learn
