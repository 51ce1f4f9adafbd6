"""Risk rules over all hosts, and the completion of operators' decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sharemtc import clock
from sharemtc.admin import enforcement, price_outliers
from sharemtc.hosts import service as hosts
from sharemtc.hosts.capacity import offering
from sharemtc.hosts.pricing.market import HostPrices, summarise
from sharemtc.hosts.service import ONLINE, HostStatus
from sharemtc.independent import Each, independent
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity

SILENT_AFTER = timedelta(minutes=5)
# tokens have whole seconds and requests take time; beyond half a minute a host's requests are refused
MAX_SKEW_MS = 5_000
Findings = Mapping[str, tuple[HostStatus, str]]


def watch() -> dict[str, int]:
    """One run, and its counts. Idempotent."""
    statuses = hosts.all_statuses()
    silent = _silent(statuses)
    far, skewed = _outliers(statuses), _skewed(statuses)
    enforced = 0
    with independent() as each:
        _update_risks(each, RiskKind.CLOCK_SKEW, Severity.WARNING, skewed)
        _update_risks(each, RiskKind.HOST_SILENT, Severity.CRITICAL, silent)
        _update_risks(each, RiskKind.PRICE_OUTLIER, Severity.WARNING, far)
        with each.one("enforcement"):
            enforced = enforcement.enforce_all(statuses)
    return {
        "hosts": len(statuses),
        "enforced": enforced,
        "silent": len(silent),
        "price_outliers": len(far),
        "clocks_skewed": len(skewed),
    }


def _silent(statuses: list[HostStatus]) -> Findings:
    """Hosts with leases and without a heartbeat for long, whatever their state."""
    found = {}
    for at in statuses:
        last_heartbeat_at = at.lease.last_seen_at
        if last_heartbeat_at is None or clock.now() - last_heartbeat_at <= SILENT_AFTER:
            continue
        leased = offering.leased(at.capacity, at.host)
        if not leased.is_empty:
            found[at.host.id] = (
                at,
                f"No heartbeat since {last_heartbeat_at:%Y-%m-%d %H:%M:%S} UTC. Still leased: {leased}.",
            )
    return found


def _skewed(statuses: list[HostStatus]) -> Findings:
    """Hosts whose clock was off when their lease was last written."""
    found = {}
    for at in statuses:
        offset_ms = at.lease.clock_offset_ms
        if at.state in ONLINE and offset_ms is not None and abs(offset_ms) > MAX_SKEW_MS:
            found[at.host.id] = at, f"Its clock is {abs(offset_ms) // 1000} s {'behind' if offset_ms > 0 else 'ahead'}."
    return found


def _outliers(statuses: list[HostStatus]) -> Findings:
    online = [at for at in statuses if at.state in ONLINE]
    models = {at.host.id: frozenset(gpu.model for gpu in at.host.inventory.gpus if not gpu.mig) for at in online}
    market = summarise([HostPrices(at.prices, models[at.host.id]) for at in online])
    found = {at.host.id: (at, price_outliers.outliers(market, at.prices, models[at.host.id])) for at in online}
    return {host_id: (at, "; ".join(far)) for host_id, (at, far) in found.items() if far}


def _update_risks(each: Each, kind: RiskKind, severity: Severity, found: Findings) -> None:
    """Open the risks found, resolve those no longer found."""
    for host_id, (at, detail) in found.items():
        with each.one(host_id):
            risks.report(kind, host_id, severity=severity, owner_id=at.host.owner_id, detail=detail)
    for resource_id in risks.unresolved(kind):
        if resource_id not in found:
            with each.one(resource_id):
                risks.resolve(kind, resource_id)
