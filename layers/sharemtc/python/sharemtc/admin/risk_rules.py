"""The rules that look over the whole fleet, and the hosts that have yet to follow their providers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sharemtc import clock
from sharemtc.admin import enforcement, price_outliers
from sharemtc.hosts import service as hosts
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.pricing.market import Asked, summarise
from sharemtc.hosts.service import HEARD, HostStatus
from sharemtc.independent import Each, independent
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity

SILENT_AFTER = timedelta(minutes=5)
# its times are in whole seconds, and a request takes a while; beyond half a minute its requests are refused
SKEWED_MS = 5_000
Findings = Mapping[str, tuple[HostStatus, str]]


def watch() -> dict[str, int]:
    """One pass; what it came to. Repeated or late, it does no harm."""
    statuses = hosts.all_statuses()
    silent = _silent(statuses)
    far, skewed = _outliers(statuses), _skewed(statuses)
    followed = 0
    with independent() as each:
        _keep(each, RiskKind.CLOCK_SKEW, Severity.WARNING, skewed)
        _keep(each, RiskKind.HOST_SILENT, Severity.CRITICAL, silent)
        _keep(each, RiskKind.PRICE_OUTLIER, Severity.WARNING, far)
        with each.one("hosts that follow"):
            followed = enforcement.follow_all(statuses)
    return {
        "hosts": len(statuses),
        "followed": followed,
        "silent": len(silent),
        "price_outliers": len(far),
        "clocks_skewed": len(skewed),
    }


def _silent(statuses: list[HostStatus]) -> Findings:
    """Hosts that carry something and were not heard for long, whatever else was decided of them."""
    found = {}
    for at in statuses:
        heard_at = at.lease.last_seen_at
        if heard_at is None or clock.now() - heard_at <= SILENT_AFTER:
            continue
        leased = offering.leased(at.capacity, at.host)
        if not leased.is_empty:
            found[at.host.id] = at, f"Not heard since {heard_at:%Y-%m-%d %H:%M:%S} UTC; still leased: {leased}."
    return found


def _skewed(statuses: list[HostStatus]) -> Findings:
    """Hosts whose clock was far from ours when their lease was last written."""
    found = {}
    for at in statuses:
        offset_ms = at.lease.clock_offset_ms
        if at.state in HEARD and offset_ms is not None and abs(offset_ms) > SKEWED_MS:
            found[at.host.id] = at, f"Its clock is {abs(offset_ms) // 1000} s {'behind' if offset_ms > 0 else 'ahead'}."
    return found


def _outliers(statuses: list[HostStatus]) -> Findings:
    heard = [at for at in statuses if at.state in HEARD]
    models = {at.host.id: frozenset(gpu.model for gpu in at.host.inventory.gpus if not gpu.mig) for at in heard}
    market = summarise([Asked(at.prices, models[at.host.id]) for at in heard])
    told = {at.host.id: (at, price_outliers.far_from(market, at.prices, models[at.host.id])) for at in heard}
    return {host_id: (at, "; ".join(far)) for host_id, (at, far) in told.items() if far}


def _keep(each: Each, kind: RiskKind, severity: Severity, found: Findings) -> None:
    """Note what is found, resolve what is not found any more."""
    for host_id, (at, detail) in found.items():
        with each.one(host_id):
            risks.report(kind, host_id, severity=severity, owner_id=at.host.owner_id, detail=detail)
    for resource_id in risks.unresolved(kind):
        if resource_id not in found:
            with each.one(resource_id):
                risks.resolve(kind, resource_id)
