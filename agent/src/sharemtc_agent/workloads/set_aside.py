"""Workloads unknown to the platform: their files are kept apart for a while, then deleted.

A platform that lost its tables knows none of its workloads. Its tables may be restored, a deleted disk may not.
"""

from __future__ import annotations

import logging
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

KEPT_FOR = timedelta(days=7)
_NAME = re.compile(r"([a-z]{2,12}_[0-9A-HJKMNP-TV-Z]{26})-([0-9]{1,11})")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """The files of one workload, and when they may be deleted."""

    workload_id: str
    folder: Path
    delete_at: datetime


class SetAside:
    """The folder of workloads that were set aside, each named by its id and the Unix time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._immovable: set[str] = set()

    def kept(self) -> tuple[Kept, ...]:
        if not self._path.is_dir():
            return ()
        found = []
        for folder in sorted(self._path.iterdir()):
            named = _NAME.fullmatch(folder.name)
            if named is not None and folder.is_dir():
                at = datetime.fromtimestamp(int(named[2]), UTC)
                found.append(Kept(workload_id=named[1], folder=folder, delete_at=at + KEPT_FOR))
        return tuple(found)

    def take(self, files: Path, now: datetime) -> None:
        """Moves the files of a workload without a process. Files that cannot be moved stay; that is logged once."""
        workload_id = files.name
        target = self._path / f"{workload_id}-{int(now.timestamp())}"
        try:
            self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.chmod(0o700)
            files.rename(target)
        except OSError as error:
            if workload_id not in self._immovable:
                log.warning("%s is unknown to the platform; its files cannot be moved and stay: %s", workload_id, error)
            self._immovable.add(workload_id)
            return
        self._immovable.discard(workload_id)
        log.warning(
            "%s is unknown to the platform: its files were moved to %s and will be deleted after %d days",
            workload_id, target, KEPT_FOR.days,
        )  # fmt: skip

    def delete_expired(self, now: datetime) -> None:
        for each in self.kept():
            if each.delete_at <= now:
                _delete(each)

    def delete(self, workload_id: str) -> None:
        for each in self.kept():
            if each.workload_id == workload_id:
                _delete(each)


def _delete(kept: Kept) -> None:
    shutil.rmtree(kept.folder, ignore_errors=True)
    if kept.folder.exists():
        log.warning("%s could not be deleted", kept.folder)
    else:
        log.warning("%s, which was set aside, was deleted", kept.folder)
