"""Health checks of a host, each with a status and a reason."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sharemtc.wire import Accelerator, HealthReport
from sharemtc_agent.files import write_whole
from sharemtc_agent.sensors.disk import DiskUsage

Status = Literal["ok", "warning", "critical"]
REPEAT_S = 300.0
CLOCK_WARN_S, CLOCK_FAIL_S = 2.0, 30.0
DISK_WARN_GIB, DISK_FAIL_GIB = 5, 1
RESTARTS_WARN, RESTARTS_FAIL = 3, 10
MAX_STARTS = 100
_DAY_S, _HOUR_S = 86_400, 3_600


@dataclass(frozen=True)
class Condition:
    """Input of the checks. `clock_offset_s` is None until the control plane has answered."""

    disk: DiskUsage
    accelerator: Accelerator | None
    accelerator_note: str
    sells_guests: bool
    clock_offset_s: float | None
    gpus: int
    gpus_lost: tuple[str, ...]
    gpu_trouble: str
    starts_last_hour: int


class CannotRun(str):
    """Why a check cannot run: reported only if it ran before; otherwise the machine has nothing to check."""


def run_checks(condition: Condition) -> dict[str, tuple[Status, str]]:
    """Status and reason by check. Checks of hardware that the machine does not have are left out."""
    found = {"disk_space": _disk(condition.disk), "agent_restarts": _restarts(condition.starts_last_hour)}
    if condition.sells_guests:
        found["virtualisation"] = _virtualisation(condition.accelerator, condition.accelerator_note)
    if condition.clock_offset_s is not None:
        found["clock"] = clock(condition.clock_offset_s)
    if condition.gpus or condition.gpus_lost:
        lost = "; ".join(condition.gpus_lost)
        found["gpus"] = ("critical", lost[:500]) if lost else ("ok", f"{condition.gpus} answer")
    elif condition.gpu_trouble:
        found["gpus"] = ("critical", CannotRun(condition.gpu_trouble))
    return found


def clock(offset_s: float) -> tuple[Status, str]:
    text = f"{abs(offset_s):.1f} s {'behind' if offset_s > 0 else 'ahead of'} the platform"
    if abs(offset_s) > CLOCK_FAIL_S:
        return "critical", f"{text}: set the clock (timedatectl set-ntp true)"
    if abs(offset_s) > CLOCK_WARN_S:
        return "warning", f"{text}: set the clock (timedatectl set-ntp true)"
    return "ok", text


def _disk(usage: DiskUsage) -> tuple[Status, str]:
    text = f"{usage.free_gib} of {usage.total_gib} GiB free"
    if usage.free_gib < DISK_FAIL_GIB:
        return "critical", text
    return ("warning" if usage.free_gib < DISK_WARN_GIB else "ok"), text


def _virtualisation(accelerator: Accelerator | None, note: str) -> tuple[Status, str]:
    if accelerator is None:
        return "critical", note
    return ("ok" if accelerator is Accelerator.KVM else "warning"), note


def _restarts(starts: int) -> tuple[Status, str]:
    text = f"started {starts} times in the last hour"
    if starts >= RESTARTS_FAIL:
        return "critical", text
    return ("warning" if starts >= RESTARTS_WARN else "ok"), text


class HealthLog:
    """Selects the outcomes to report: changes at once, the others periodically.

    `file` lists the checks that ever ran here: one that can no longer run is critical, also after a restart.
    """

    def __init__(self, host_id: str, file: Path, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._host_id = host_id
        self._file = file
        self._clock_s = clock_s
        self._reported: dict[str, tuple[Status, float]] = {}
        try:
            self._ran = {str(each) for each in json.loads(file.read_bytes())}
        except (OSError, ValueError, TypeError):
            self._ran = set()

    def due(self, found: dict[str, tuple[Status, str]], at: datetime) -> tuple[HealthReport, ...]:
        now_s, reports = self._clock_s(), []
        self._note_runs({check for check, (_, details) in found.items() if not isinstance(details, CannotRun)})
        for check, (status, details) in found.items():
            if check not in self._ran:
                continue
            before = self._reported.get(check)
            if before is not None and before[0] == status and now_s - before[1] < REPEAT_S:
                continue
            self._reported[check] = (status, now_s)
            reports.append(
                HealthReport(
                    resource_id=self._host_id, check_type=check, status=status, details=details[:500], checked_at=at
                )
            )
        return tuple(reports)

    def _note_runs(self, checks: set[str]) -> None:
        if not checks <= self._ran:
            self._ran |= checks
            write_whole(self._file, json.dumps(sorted(self._ran)).encode(), durable=False)


class Starts:
    """Start times of the agent, on disk, to detect crash loops."""

    def __init__(self, file: Path, clock_s: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock_s = clock_s
        try:
            known = json.loads(file.read_bytes())
            self._at = [float(each) for each in known]
        except (FileNotFoundError, ValueError, TypeError):
            self._at = []

    def note(self) -> None:
        now_s = self._clock_s()
        self._at = [*(each for each in self._at if now_s - each < _DAY_S), now_s][-MAX_STARTS:]
        write_whole(self._file, json.dumps(self._at).encode(), durable=False)

    def within_an_hour(self) -> int:
        """Starts in the last hour; times in the future do not count."""
        now_s = self._clock_s()
        return sum(1 for each in self._at if 0 <= now_s - each < _HOUR_S)
