"""Telemetry on disk until the control plane has it: bounded, oldest first, safe against kills.

Each sample is a line of the open segment. A segment that is full or due is sealed: one gzipped batch with its own id,
so that a batch sent twice counts once. Batches beyond the size or age limit are dropped, oldest first, and the next
batch reports how many points were dropped.
"""

from __future__ import annotations

import gzip
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from sharemtc.wire import (
    MAX_HEALTH_CHECKS,
    MAX_LOG_LINES,
    MAX_POINTS,
    HealthReport,
    LogLine,
    MetricPoint,
    TelemetryBatch,
)
from sharemtc_agent.files import write_whole

MAX_BYTES = 32 * 1024 * 1024
MAX_AGE_S = 48 * 3600.0
_OPEN, _SEALED, _KEY_DIGITS = ".jsonl", ".json.gz", 12
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LIMITS = (MAX_POINTS, MAX_HEALTH_CHECKS, MAX_LOG_LINES)

log = logging.getLogger(__name__)


class Sample(BaseModel):
    """One line of the open segment: the result of one measurement."""

    model_config = ConfigDict(frozen=True)

    metrics: tuple[MetricPoint, ...] = ()
    health_checks: tuple[HealthReport, ...] = ()
    logs: tuple[LogLine, ...] = ()


class Spool:
    """The spool in `folder`. One process at a time uses it."""

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int = MAX_BYTES,
        max_age_s: float = MAX_AGE_S,
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._clock_s = clock_s
        self._dropped_file = folder / "dropped"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._dropped = self._read_dropped()
        self._end_splits()
        self._open = self._open_file()
        self._fill = _counts(self._lines())

    def add(self, sample: Sample) -> None:
        """Stores a sample of any size; it is written to the file when this returns."""
        for part in _parts(sample):
            counts = _counts([part])
            together = tuple(a + b for a, b in zip(self._fill, counts, strict=True))
            if not _fits(together):
                self.seal()
                together = counts
            with self._open.open("ab") as file:
                file.write(part.model_dump_json().encode() + b"\n")
            self._fill = together
        self._bound()

    def seal(self) -> None:
        lines = self._lines()
        if any(_counts(lines)):
            batch = TelemetryBatch(
                batch_id=new_batch_id(self._clock_s()),
                metrics=tuple(each for line in lines for each in line.metrics),
                health_checks=tuple(each for line in lines for each in line.health_checks),
                logs=tuple(each for line in lines for each in line.logs),
            )
            self._write(_key(self._open), batch)
        self._open.unlink(missing_ok=True)
        self._open = self._open_file()
        self._fill = (0, 0, 0)

    def waiting(self) -> int:
        return len(self._sealed())

    def oldest(self, now_s: float | None = None) -> tuple[Path, TelemetryBatch] | None:
        """The batch to send next, with the number of points dropped so far. A damaged batch counts as dropped.

        So does one whose last point is older than the limit at `now_s`, the control plane's time; the local clock does
        not matter, because it may be wrong.
        """
        for file in self._sealed():
            try:
                batch = TelemetryBatch.model_validate_json(gzip.decompress(file.read_bytes()))
            except (OSError, EOFError, ValueError):
                log.warning("%s is damaged and was dropped", file.name)
                self.drop(file)
                continue
            if now_s is not None and _last_s(batch) < now_s - self._max_age_s:
                self.drop(file)
                continue
            if self._dropped:
                # into the batch first: counting twice is better than losing count
                batch = batch.model_copy(update={"dropped_points": batch.dropped_points + self._dropped})
                file = self._rewrite(file, batch)
                self._set_dropped(0)
            return file, batch
        return None

    def remove(self, file: Path) -> None:
        file.unlink(missing_ok=True)

    def shorten(self, file: Path, batch: TelemetryBatch, dropped: int) -> None:
        """Replaces a batch by what is left of it; `dropped` points are counted as dropped."""
        if file.exists():  # else it was dropped and counted meanwhile
            self._set_dropped(self._dropped + dropped)
            self._rewrite(file, batch)

    def split(self, file: Path, first: TelemetryBatch, second: TelemetryBatch) -> None:
        if not file.exists():
            return
        self._write(f"{_key(file)}a", first)
        self._write(f"{_key(file)}b", second)
        file.unlink(missing_ok=True)

    def drop(self, file: Path) -> None:
        if not file.exists():
            return
        self._set_dropped(self._dropped + _points(file))
        file.unlink(missing_ok=True)

    # --- files ------------------------------------------------------------------------------------------------------

    def _open_file(self) -> Path:
        """The open segment: one left by a kill, or the next. One whose batch is already sealed is deleted."""
        sealed = {_key(file)[:_KEY_DIGITS] for file in self._sealed()}
        for left in sorted(self._folder.glob(f"*{_OPEN}")):
            if _key(left) not in sealed:
                return left
            left.unlink(missing_ok=True)
        return self._folder / f"{int(max(sealed, default='0')) + 1:0{_KEY_DIGITS}d}{_OPEN}"

    def _end_splits(self) -> None:
        """A kill during a split left the batch and its halves."""
        by_key = {_key(file): file for file in self._sealed()}
        for key, file in by_key.items():
            if f"{key}b" in by_key:
                file.unlink(missing_ok=True)
            elif f"{key}a" in by_key:
                by_key[f"{key}a"].unlink(missing_ok=True)

    def _lines(self) -> list[Sample]:
        try:
            raw = self._open.read_bytes()
        except FileNotFoundError:
            return []
        found = []
        for line in raw.split(b"\n"):
            try:
                found += [Sample.model_validate_json(line)] if line else []
            except ValidationError:
                log.debug("half a line in %s", self._open.name)  # a kill while it was written
        return found

    def _sealed(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{_SEALED}"))

    def _write(self, key: str, batch: TelemetryBatch) -> Path:
        """The file name holds the number of points: a damaged batch can still be counted."""
        content = gzip.compress(batch.model_dump_json().encode(), compresslevel=6, mtime=0)
        file = self._folder / f"{key}-{len(batch.metrics) + batch.dropped_points}{_SEALED}"
        write_whole(file, content)
        return file

    def _rewrite(self, file: Path, batch: TelemetryBatch) -> Path:
        written = self._write(_key(file), batch)
        if written != file:
            file.unlink(missing_ok=True)
        return written

    def _bound(self) -> None:
        sizes = [(file, file.stat().st_size) for file in self._sealed()]
        total = sum(size for _, size in sizes)
        for file, size in sizes:
            if total <= self._max_bytes:
                break
            total -= size
            self.drop(file)

    def _read_dropped(self) -> int:
        try:
            return max(0, int(self._dropped_file.read_text()))
        except (FileNotFoundError, ValueError):
            return 0

    def _set_dropped(self, count: int) -> None:
        if count != self._dropped:
            write_whole(self._dropped_file, f"{count}\n".encode(), durable=False)
            self._dropped = count


def new_batch_id(now_s: float) -> str:
    number = int(now_s * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    return "bat_" + "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


def _parts(sample: Sample) -> Iterator[Sample]:
    rest = (sample.metrics, sample.health_checks, sample.logs)
    pieces = max(-(-len(items) // step) for items, step in zip(rest, _LIMITS, strict=True))
    for index in range(pieces):
        metrics, checks, logs = (
            items[index * step : (index + 1) * step] for items, step in zip(rest, _LIMITS, strict=True)
        )
        yield Sample(metrics=metrics, health_checks=checks, logs=logs)


def _counts(lines: list[Sample]) -> tuple[int, ...]:
    return (
        sum(len(line.metrics) for line in lines),
        sum(len(line.health_checks) for line in lines),
        sum(len(line.logs) for line in lines),
    )


def _fits(counts: tuple[int, ...]) -> bool:
    return all(count <= limit for count, limit in zip(counts, _LIMITS, strict=True))


def _last_s(batch: TelemetryBatch) -> float:
    times = (
        *(each.captured_at for each in batch.metrics),
        *(each.checked_at for each in batch.health_checks),
        *(each.at for each in batch.logs),
    )
    return max((each.timestamp() for each in times), default=float("inf"))


def _key(file: Path) -> str:
    """Its sort key: the number of its segment, and its part if it was split."""
    return file.name.partition(".")[0].partition("-")[0]


def _points(file: Path) -> int:
    return int(file.name.removesuffix(_SEALED).partition("-")[2])
