"""Periodic loops with jitter, so that a fleet spreads its requests, and backoff after failures."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from sharemtc_agent.client import ApiError

MAX_BACKOFF_S = 30.0
BACKOFF_INTERVALS = 3
JITTER = 0.1

log = logging.getLogger(__name__)


async def repeat(
    name: str,
    step: Callable[[], Awaitable[None]],
    interval_s: Callable[[], float],
    stop: asyncio.Event,
    *,
    on_refusal: Callable[[ApiError], float | None] = lambda _: None,
) -> None:
    """Calls `step` at its interval until `stop` is set.

    `on_refusal` is called with each API error and may return a longer pause.
    """
    failures = 0
    while not stop.is_set():
        requested_s: float | None = None
        try:
            await step()
            failures = 0
        except ApiError as error:
            failures += 1
            requested_s = max(filter(None, (on_refusal(error), error.retry_after_s)), default=None)
        except Exception:
            failures += 1
            log.exception("%s failed", name)
        pause_s = max(_pause_s(failures, interval_s()), requested_s or 0.0)
        pause_s *= random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 spreading load is no secret
        try:
            async with asyncio.timeout(pause_s):
                await stop.wait()
        except TimeoutError:
            continue


def _pause_s(failures: int, interval_s: float) -> float:
    if not failures:
        return interval_s
    return min(MAX_BACKOFF_S, BACKOFF_INTERVALS * interval_s, 2.0 ** min(failures, 6))
