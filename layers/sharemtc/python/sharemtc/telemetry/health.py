"""Health checks: the latest result of each, a history of changes, and events when one becomes critical or recovers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.data import CheckResult
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.storage.transactions import Transaction, WriteConflict, retry_on_conflict
from sharemtc.telemetry.kinds import HEALTH_KEPT, type_of
from sharemtc.telemetry.queue_messages import key_of
from sharemtc.telemetry.table import Check, Health, HealthCheck, health_partition, ms_key

# an unchanged result is stored this often
REPEAT_MS = timedelta(minutes=15) // timedelta(milliseconds=1)
# the platform's own check of a host's figures; it recovers when nothing was flagged for this long
PLAUSIBILITY = "plausibility"
PLAUSIBLE_AFTER_MS = timedelta(minutes=20) // timedelta(milliseconds=1)
# each may need two of a transaction's hundred writes
CHECKS_AT_ONCE = 40

# resource id, check type, status, details, Unix time in milliseconds
Report = tuple[str, str, str, str, int]


class HealthMoved(WriteConflict):
    code, title = "health_moved", "The checks were changed by another batch"


def record(host_id: str, owner_id: str, reports: list[Report], *, keep_all: bool = False) -> None:
    """Store a host's reports. Unchanged results are skipped, unless `keep_all`."""
    by_resource: dict[str, list[Report]] = {}
    once = {(report[0], report[1], report[4]): report for report in reports}
    for report in sorted(once.values(), key=lambda report: report[4]):
        by_resource.setdefault(report[0], []).append(report)
    for resource_id, its in by_resource.items():
        for start in range(0, len(its), CHECKS_AT_ONCE):
            some = its[start : start + CHECKS_AT_ONCE]
            retry_on_conflict(lambda r=resource_id, s=some: _store(host_id, owner_id, r, s, keep_all))  # type: ignore[misc]


def _store(host_id: str, owner_id: str, resource_id: str, reports: list[Report], keep_all: bool) -> None:
    key, now = key_of(host_id, resource_id), clock.now()
    state = Health.find(f"HEALTH#{key}", "STATE")
    checks = dict(state.checks) if state is not None else {}
    transaction, changes = Transaction(), 0
    for report in [*reports, *_plausibility_recovery(checks.get(PLAUSIBILITY), reports)]:
        _, name, status, details, at_ms = report
        known = checks.get(name)
        late = known is not None and at_ms <= known.checked_at_ms
        if keep_all or _is_news(known, report):
            changes += 1
            transaction.put(_record(key, report))
        if not late and _is_news(known, report):
            for happened in _transitions(known, status):
                event_log.append(
                    transaction,
                    owner_id,
                    EventType(f"{type_of(resource_id)}.{happened}"),
                    resource_id,
                    reason=EventReason.HEALTH_CHECK,
                    actor=host_id,
                    at=clock.from_ms(at_ms),
                    detail=details,
                    data=CheckResult(check=name, status=status),
                )
            checks[name] = Check(status, details, at_ms)  # type: ignore[arg-type]
            changes += 1
    if not changes:
        return
    seen = state.version if state is not None else 0
    fresh = Health(f"HEALTH#{key}", "STATE", checks=checks, version=seen + 1, expires_at=now + HEALTH_KEPT)
    unchanged = Health.version == seen if state is not None else Health.pk.does_not_exist()
    transaction.put(fresh, unchanged, refused=HealthMoved())
    transaction.commit()


def _plausibility_recovery(known: Check | None, reports: list[Report]) -> Iterator[Report]:
    if known is None or known.status == "ok" or any(report[1] == PLAUSIBILITY for report in reports):
        return
    last = max(reports, key=lambda report: report[4])
    if last[4] - known.checked_at_ms >= PLAUSIBLE_AFTER_MS:
        yield last[0], PLAUSIBILITY, "ok", "The figures fit the reported inventory.", last[4]


def _is_news(known: Check | None, report: Report) -> bool:
    if known is None:
        return True
    _, _, status, details, at_ms = report
    if at_ms <= known.checked_at_ms:  # late: earlier `ok` results no longer matter
        return status != "ok" and at_ms < known.checked_at_ms
    return (known.status, known.details) != (status, details) or at_ms - known.checked_at_ms >= REPEAT_MS


def _transitions(known: Check | None, status: str) -> Iterator[str]:
    before = known.status if known is not None else "ok"
    if status == "critical" and before != "critical":
        yield "health_critical"
    elif status != "critical" and before == "critical":
        yield "health_recovered"


def _record(key: str, report: Report) -> HealthCheck:
    resource_id, name, status, details, at_ms = report
    at = clock.from_ms(at_ms)
    return HealthCheck(
        health_partition(key, at),
        f"{ms_key(at_ms)}#{name}",
        resource_type=str(type_of(resource_id)),
        resource_id=resource_id,
        check_type=name,
        status=status,
        details=details,
        checked_at=at,
        expires_at=at + HEALTH_KEPT,
    )
