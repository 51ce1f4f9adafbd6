"""The rules that look over the whole fleet, and the hosts that have yet to follow their providers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sharemtc import clock
from sharemtc.fleet import following, outliers
from sharemtc.hosts import selling
from sharemtc.hosts import service as hosts
from sharemtc.hosts.market import Asked, summarise
from sharemtc.hosts.service import HEARD, Standing
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity

SILENT_AFTER = timedelta(minutes=5)
Findings = Mapping[str, tuple[Standing, str]]


def watch() -> dict[str, int]:
    """One pass; what it came to. Repeated or late, it does no harm."""
    standings = hosts.all_standings()
    silent = _silent(standings)
    far = _outliers(standings)
    _keep(RiskKind.HOST_SILENT, Severity.CRITICAL, silent)
    _keep(RiskKind.PRICE_OUTLIER, Severity.WARNING, far)
    return {
        "hosts": len(standings),
        "followed": following.follow_all(standings),
        "silent": len(silent),
        "price_outliers": len(far),
    }


def _silent(standings: list[Standing]) -> Findings:
    """Hosts that carry something and were not heard for long, whatever else was decided of them."""
    found = {}
    for at in standings:
        heard_at = at.lease.last_seen_at
        if heard_at is None or clock.now() - heard_at <= SILENT_AFTER:
            continue
        leased = selling.leased(at.capacity, at.host)
        if not leased.is_empty:
            found[at.host.id] = at, f"Not heard since {heard_at:%Y-%m-%d %H:%M:%S} UTC; still leased: {leased}."
    return found


def _outliers(standings: list[Standing]) -> Findings:
    heard = [at for at in standings if at.state in HEARD]
    models = {at.host.id: frozenset(gpu.model for gpu in at.host.inventory.gpus if not gpu.mig) for at in heard}
    market = summarise([Asked(at.prices, models[at.host.id]) for at in heard])
    told = {at.host.id: (at, outliers.far_from(market, at.prices, models[at.host.id])) for at in heard}
    return {host_id: (at, "; ".join(far)) for host_id, (at, far) in told.items() if far}


def _keep(kind: RiskKind, severity: Severity, found: Findings) -> None:
    """Note what is found, resolve what is not found any more."""
    for host_id, (at, detail) in found.items():
        risks.note(kind, host_id, severity=severity, owner_id=at.host.owner_id, detail=detail)
    for resource_id in risks.unresolved(kind):
        if resource_id not in found:
            risks.resolve(kind, resource_id)
