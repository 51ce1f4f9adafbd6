"""Takes samples into the spool, and sends the spool oldest first."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ParamSpec, TypeVar

from sharemtc.wire import MAX_BODY_BYTES, TelemetryAnswer, TelemetryBatch
from sharemtc_agent.client import ApiError, Client
from sharemtc_agent.log_lines import LineKeeper
from sharemtc_agent.sensors.guard import guarded, nothing
from sharemtc_agent.sensors.workload import WorkloadUse
from sharemtc_agent.telemetry.health import Condition, HealthLog, run_checks
from sharemtc_agent.telemetry.sampler import Sampler
from sharemtc_agent.telemetry.spool import Sample, Spool, new_batch_id

SAMPLE_EVERY_S = 15.0
# Batches per turn: a long backlog must not block the heartbeats.
MAX_BATCHES = 100
_PARTS = ("metrics", "health_checks", "logs")
_POINTER = re.compile(r"^/(metrics|health_checks|logs)/(\d{1,4})(/|$)")

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)


class Reporter:
    """Telemetry of one host. `look` returns the input of the health checks; `uses` the VMs' resource use."""

    def __init__(
        self,
        client: Client,
        spool: Spool,
        sampler: Sampler,
        health: HealthLog,
        lines: LineKeeper,
        *,
        uses: Callable[[], Mapping[str, tuple[int, WorkloadUse]]],
        look: Callable[[], Condition],
    ) -> None:
        self._client = client
        self._spool = spool
        self._sampler = sampler
        self._health = health
        self._lines = lines
        self._uses = uses
        self._look = look
        self._one = asyncio.Lock()
        self._logged: set[tuple[str, str]] = set()
        self.interval_s = 60.0

    async def measure(self) -> None:
        sample = await asyncio.to_thread(self._sample)
        await self._with_spool(self._spool.add, sample)

    def _sample(self) -> Sample:
        at = self._client.server_now()
        uses = guarded("VM usage", self._uses, lambda _: {})
        metrics = self._sampler.sample(at, uses)
        condition = guarded("health", self._look, nothing)
        checks = self._health.due(run_checks(condition), at) if condition is not None else ()
        return Sample(metrics=metrics, health_checks=checks, logs=self._lines.take(self._client.correction()))

    async def send(self) -> None:
        """Sends the pending batches. Errors: `ApiError`; unsent batches stay in the spool."""
        backlog = self._spool.waiting() > 0
        if not backlog:
            await self._with_spool(self._spool.seal)
        for _ in range(MAX_BATCHES):
            kept = await self._with_spool(self._spool.oldest, self._client.server_now_s())
            if kept is not None:
                await self._send_one(*kept)
            elif backlog:  # the backlog is sent; send what was measured meanwhile
                backlog = False
                await self._with_spool(self._spool.seal)
            else:
                return

    async def _with_spool(self, step: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        async with self._one:
            return await asyncio.to_thread(step, *arguments, **named)

    async def _send_one(self, file: Path, batch: TelemetryBatch) -> None:
        try:
            answer = await self._client.telemetry(batch)
        except ApiError as error:
            if error.status == 413:
                await self._split(file, batch)
            elif error.status == 422:
                await self._drop_refused(file, batch, error)
            elif error.status == 400:
                log.warning("a batch of %d points was rejected and dropped: %s", len(batch.metrics), error)
                await self._with_spool(self._spool.drop, file)
            else:
                raise
        else:
            await self._with_spool(self._spool.remove, file)
            self.interval_s = float(max(5, answer.telemetry_interval_s))
            self._log_flagged(answer)

    def _log_flagged(self, answer: TelemetryAnswer) -> None:
        for names, text in (
            (answer.flagged, "the platform flagged points of %s: more than this machine reports to have"),
            (answer.unknown, "the platform is older than this agent and ignores: %s"),
        ):
            news = [name for name in names if (name, text) not in self._logged]
            self._logged.update((name, text) for name in news)
            if news:
                log.warning(text, ", ".join(news))

    async def _drop_refused(self, file: Path, batch: TelemetryBatch, error: ApiError) -> None:
        """Drops the items that the control plane names, and keeps the rest; drops all if it names none of ours."""
        named: dict[str, set[int]] = {part: set() for part in _PARTS}
        for pointer in error.pointers:
            match = _POINTER.match(pointer)
            if match is not None:
                named[match[1]].add(int(match[2]))
        rest = {
            part: tuple(each for index, each in enumerate(getattr(batch, part)) if index not in indices)
            for part, indices in named.items()
        }
        dropped = len(batch.metrics) - len(rest["metrics"])
        if all(len(rest[part]) == len(getattr(batch, part)) for part in rest) or not any(rest.values()):
            log.warning("a batch of %d points was rejected and dropped: %s", len(batch.metrics), error)
            await self._with_spool(self._spool.drop, file)
            return
        log.warning("%d points were rejected and dropped: %s", dropped, error)
        # changed content needs a new id: the old one might count as received
        changes = {**rest, "batch_id": new_batch_id(self._client.server_now_s())}
        await self._with_spool(self._spool.shorten, file, batch.model_copy(update=changes), dropped)

    async def _split(self, file: Path, batch: TelemetryBatch) -> None:
        """Halves a batch that is too large for the control plane or a proxy."""
        items = [(part, each) for part in _PARTS for each in getattr(batch, part)]
        if len(items) < 2:
            await self._with_spool(self._spool.drop, file)
            return
        log.info("a batch is too large (limit %d bytes) and is sent in two", MAX_BODY_BYTES)
        middle = len(items) // 2
        first, second = (
            TelemetryBatch(
                batch_id=new_batch_id(self._client.server_now_s()),
                metrics=tuple(each for part, each in half if part == "metrics"),
                health_checks=tuple(each for part, each in half if part == "health_checks"),
                logs=tuple(each for part, each in half if part == "logs"),
                dropped_points=dropped,
            )
            for half, dropped in ((items[:middle], batch.dropped_points), (items[middle:], 0))
        )
        await self._with_spool(self._spool.split, file, first, second)
