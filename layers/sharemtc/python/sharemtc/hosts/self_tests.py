"""Self-tests of hosts: the last fifty, as reported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sharemtc import clock
from sharemtc.hosts import transitions
from sharemtc.hosts.reliability import failed_starts
from sharemtc.hosts.table import Host, SelfTestRun
from sharemtc.ids import IdKind, new_id
from sharemtc.problems import FieldError, Invalid
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.storage.pages import Page, page
from sharemtc.storage.records import batch_find
from sharemtc.wire import SelfTest, Verdict

MAX_KEPT = 50
LATEST = "SELF_TEST"
MAX_DURATION = timedelta(days=1)


def record(host: Host, test: SelfTest) -> bool:
    """Store a self-test; False when it is the same as the last. Errors: `HostClosed`, `Invalid` naming a time."""
    transitions.demand_open(host.id)
    _check_times(test)
    known = list(SelfTestRun.query(_key(host.id), scan_index_forward=False, consistent_read=True))
    if known and known[0].test == test:
        return False
    run_id, now = new_id(IdKind.SELF_TEST), clock.now()
    # the last one is also in the host's partition, to be read for many hosts at once
    for pk, sk in ((_key(host.id), run_id), (host.pk, LATEST)):
        SelfTestRun(pk, sk, id=run_id, test=test, received_at=now).save()
    for old in known[MAX_KEPT - 1 :]:
        old.delete()
    _update_risk(host, test)
    return True


def latest(hosts: Sequence[Host]) -> dict[str, SelfTestRun]:
    """The last self-test of each host that has one, by host id."""
    found = batch_find(SelfTestRun, [(host.pk, LATEST) for host in hosts], unreadable_keys=set())
    return {host.id: found[host.pk, LATEST] for host in hosts if (host.pk, LATEST) in found}


def list_runs(host_id: str, *, limit: int, cursor: str | None) -> Page[SelfTestRun]:
    """The host's self-tests, newest first."""
    return page(SelfTestRun, _key(host_id), limit=limit, cursor=cursor)


def _update_risk(host: Host, test: SelfTest) -> None:
    failing = [check.name for check in test.checks if check.verdict is Verdict.FAIL]
    if not failing:
        risks.resolve(RiskKind.SELF_TEST_FAILED, host.id)
        failed_starts.resume_after_self_test(host)
        return
    detail = f"{host.name} fails: {', '.join(failing)}."
    risks.report(RiskKind.SELF_TEST_FAILED, host.id, severity=Severity.WARNING, owner_id=host.owner_id, detail=detail)


def _check_times(test: SelfTest) -> None:
    """Reject contradictory times only: the host's clock may be wrong, and one check of the test reports that."""
    wrong: list[FieldError] = []
    for name in ("started_at", "finished_at"):
        given = getattr(test, name)
        if given.tzinfo is None or not 2000 <= given.year <= 9000:
            wrong.append(
                FieldError(f"/{name}", "time", "Give a time between the years 2000 and 9000, with its UTC offset.")
            )
    if not wrong and not _in_order(test.started_at, test.finished_at):
        wrong.append(FieldError("/finished_at", "order", "A self-test must end after it starts, within a day."))
    if wrong:
        raise Invalid(errors=tuple(wrong))


def _in_order(start: datetime, end: datetime) -> bool:
    return timedelta() <= end - start <= MAX_DURATION


def _key(host_id: str) -> str:
    return f"SELFTESTS#{host_id}"
