"""The automatic self-test: once after enrollment, then once a day."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from sharemtc.wire import SelfTest, Verdict
from sharemtc_agent.client import Client
from sharemtc_agent.config import State
from sharemtc_agent.files import write_whole
from sharemtc_agent.log_lines import LIFECYCLE

EVERY_S = 86_400.0

log = logging.getLogger(__name__)


class DailySelfTest:
    """Stores when the control plane last received a self-test."""

    def __init__(self, state: State, client: Client, clock_s: Callable[[], float] = time.time) -> None:
        self._state = state
        self._client = client
        self._clock_s = clock_s
        self._unsent: SelfTest | None = None

    def is_due(self) -> bool:
        """Whether the last one is a day old; a time in the future comes from a wrong clock and does not count."""
        try:
            age_s = self._clock_s() - self._state.self_test_file.stat().st_mtime
        except FileNotFoundError:
            return True
        return not 0 <= age_s < EVERY_S

    async def run_if_due(self) -> None:
        """Tests and sends. Errors: `ApiError`; the same results are sent at the next attempt."""
        if not self.is_due():
            return
        if self._unsent is None:
            from sharemtc_agent.self_test.runner import run_self_test  # imported on use, to save memory in between

            self._unsent = await run_self_test(self._state.path, self._state.require_config())
        await self.send(self._unsent)
        self._unsent = None

    async def send(self, test: SelfTest) -> None:
        await self._client.self_test(test)
        content = test.model_dump_json(indent=1).encode()
        await asyncio.to_thread(write_whole, self._state.self_test_file, content)
        bad = [check.name for check in test.checks if check.verdict is Verdict.FAIL]
        log.info("self-test sent: %s", f"failed: {' '.join(bad)}" if bad else "nothing failed", extra=LIFECYCLE)
