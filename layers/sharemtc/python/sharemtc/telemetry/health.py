"""Health checks: the last word of each, those that said something new, and an event when one turns critical or back."""

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

# A check that says again what it said before is kept this often.
REPEAT_MS = timedelta(minutes=15) // timedelta(milliseconds=1)
# the platform's own check of a host's figures; it is well again when nothing was flagged for so long
PLAUSIBILITY = "plausibility"
PLAUSIBLE_AFTER_MS = timedelta(minutes=20) // timedelta(milliseconds=1)
# each may take two writes of a transaction's hundred
CHECKS_AT_ONCE = 40

# resource id, check type, status, details, Unix time in milliseconds
Report = tuple[str, str, str, str, int]


class HealthMoved(WriteConflict):
    """Another batch changed the same resource's checks first."""

    code, title = "health_moved", "The checks changed meanwhile"


def take(host_id: str, owner_id: str, reports: list[Report], *, keep_all: bool = False) -> None:
    """Take a host's reports in. What repeats the last word is passed over, unless `keep_all`."""
    by_resource: dict[str, list[Report]] = {}
    once = {(report[0], report[1], report[4]): report for report in reports}
    for report in sorted(once.values(), key=lambda report: report[4]):
        by_resource.setdefault(report[0], []).append(report)
    for resource_id, its in by_resource.items():
        for start in range(0, len(its), CHECKS_AT_ONCE):
            some = its[start : start + CHECKS_AT_ONCE]
            retry_on_conflict(lambda r=resource_id, s=some: _take(host_id, owner_id, r, s, keep_all))  # type: ignore[misc]


def _take(host_id: str, owner_id: str, resource_id: str, reports: list[Report], keep_all: bool) -> None:
    key, now = key_of(host_id, resource_id), clock.now()
    state = Health.find(f"HEALTH#{key}", "STATE")
    checks = dict(state.checks) if state is not None else {}
    transaction, news = Transaction(), 0
    for report in [*reports, *_plausible_again(checks.get(PLAUSIBILITY), reports)]:
        _, name, status, details, at_ms = report
        known = checks.get(name)
        late = known is not None and at_ms <= known.checked_at_ms
        if keep_all or _is_news(known, report):
            news += 1
            transaction.put(_record(key, report))
        if not late and _is_news(known, report):
            for happened in _turned(known, status):
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
            news += 1
    if not news:
        return
    seen = state.version if state is not None else 0
    fresh = Health(f"HEALTH#{key}", "STATE", checks=checks, version=seen + 1, expires_at=now + HEALTH_KEPT)
    unchanged = Health.version == seen if state is not None else Health.pk.does_not_exist()
    transaction.put(fresh, unchanged, refused=HealthMoved())
    transaction.commit()


def _plausible_again(known: Check | None, reports: list[Report]) -> Iterator[Report]:
    if known is None or known.status == "ok" or any(report[1] == PLAUSIBILITY for report in reports):
        return
    last = max(reports, key=lambda report: report[4])
    if last[4] - known.checked_at_ms >= PLAUSIBLE_AFTER_MS:
        yield last[0], PLAUSIBILITY, "ok", "Its figures fit what it says that it has.", last[4]


def _is_news(known: Check | None, report: Report) -> bool:
    if known is None:
        return True
    _, _, status, details, at_ms = report
    if at_ms <= known.checked_at_ms:  # late: what went well before is of no interest any more
        return status != "ok" and at_ms < known.checked_at_ms
    return (known.status, known.details) != (status, details) or at_ms - known.checked_at_ms >= REPEAT_MS


def _turned(known: Check | None, status: str) -> Iterator[str]:
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
