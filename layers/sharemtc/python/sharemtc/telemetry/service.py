"""Reads telemetry, and records single measurements and checks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sharemtc import clock
from sharemtc.hosts.capacity import withholding
from sharemtc.principals import Principal
from sharemtc.problems import FieldError, Invalid
from sharemtc.settings import settings
from sharemtc.storage import pages
from sharemtc.storage.pages import page_buckets
from sharemtc.storage.unreadable import views
from sharemtc.telemetry import access, health, logs, plausibility, queries, writes
from sharemtc.telemetry.access import Subject
from sharemtc.telemetry.kinds import HEALTH_KEPT, Resolution, ResourceType, gpu_key
from sharemtc.telemetry.metrics import GPU_METRICS, MEANS, METRICS
from sharemtc.telemetry.plausibility import Flag
from sharemtc.telemetry.queries import Point, Window
from sharemtc.telemetry.rollups import combine
from sharemtc.telemetry.schemas import (
    AgentLogPage,
    AgentLogQuery,
    HealthCheckCreate,
    HealthCheckPage,
    HealthCheckQuery,
    HealthCheckView,
    MetricCreate,
    MetricsQuery,
    MetricView,
    PointView,
    SeriesPage,
    SummaryList,
    SummaryQuery,
    SummaryView,
)
from sharemtc.telemetry.table import Check, Health, HealthCheck, health_partition
from sharemtc.wire import HealthReport, MetricPoint, MetricType, TelemetryBatch

if TYPE_CHECKING:
    from sharemtc.hosts.table import Host

# up to this length a summary is computed from five-minute steps
FINE_SUMMARY = timedelta(hours=6)
MAX_FINE_ROWS = 20_000
# the platform's check that a host reports the capacity that it offers
CAPACITY_CHECK = "capacity"
# the batch id of single measurements and checks
_SINGLE = "bat_00000000000000000000000000"


class FleetSeries(NamedTuple):
    """Points `resolution_s` apart, ordered by time; steps without measurements are left out."""

    points: list[Point]
    resolution_s: int


def read_series(caller: Principal, query: MetricsQuery) -> SeriesPage:
    """One page of a series. Errors: `NotFound`; `Invalid` naming `/from`, `/to` or `/cursor`."""
    now = clock.now()
    asked = queries.window(query.from_, query.to, now)
    subject = access.readable(caller, query.resource_type, query.resource_id)
    resolution = query.resolution or queries.finest(asked, now)
    names = {f"{subject.key} {query.metric_type} {one}": one for one in Resolution}
    if query.cursor is not None:
        # the window of the first page, because its defaults move with the time
        name, place = pages.unseal(query.cursor, list(names))
        resolution = names[name]
        asked = Window(clock.from_ms(place["next_ms"]), clock.from_ms(place["end_ms"]))
    points = queries.series(subject.key, query.metric_type, asked, resolution, query.limit + 1)
    following = None
    if len(points) > query.limit:
        next_ms = clock.to_ms(points.pop().captured_at)
        following = pages.seal(
            f"{subject.key} {query.metric_type} {resolution}", {"next_ms": next_ms, "end_ms": clock.to_ms(asked.end)}
        )
    return SeriesPage(
        items=[PointView.model_validate(point) for point in points],
        resolution=resolution,
        resolution_s=_resolution_s(resolution),
        next_cursor=following,
    )


def summarize(caller: Principal, query: SummaryQuery) -> SummaryList:
    """Errors: `NotFound`; `Invalid` naming the parameter."""
    asked = queries.window(query.from_, query.to, clock.now())
    if (query.resource_type is None) != (query.resource_id is None):
        missing = "/resource_type" if query.resource_type is None else "/resource_id"
        raise Invalid(errors=(FieldError(missing, "missing", "Give both, or neither for all your resources."),))
    if query.resource_type is not None and query.resource_id is not None:
        found = [access.readable(caller, query.resource_type, query.resource_id)]
    else:
        found = access.owned(caller, query.limit)
    items: list[SummaryView] = []
    for subject in found:
        items += _summary(subject, asked)
        if len(items) >= query.limit:
            break
    return SummaryList(items=items[: query.limit])


def record_metric(caller: Principal, body: MetricCreate) -> MetricView:
    """Idempotent. Errors: `NotFound`; `Invalid` naming the field."""
    subject = access.writable(caller, body.resource_type, body.resource_id)
    point = MetricPoint(
        resource_id=body.resource_id, metric_type=body.metric_type, value=body.value, captured_at=body.captured_at
    )
    flags = _check(TelemetryBatch(batch_id=_SINGLE, metrics=(point,)), subject, "/metrics/0")
    at_ms = clock.to_ms(body.captured_at)
    writes.keep_points(subject.key, f"one_{body.metric_type}_{at_ms}", {body.metric_type.value: [(at_ms, body.value)]})
    writes.keep_flags(subject.host.id, subject.host.owner_id, flags)
    return MetricView.model_validate(body, from_attributes=True)


def record_check(caller: Principal, body: HealthCheckCreate) -> HealthCheckView:
    """Errors: `NotFound`; `Invalid` naming the field."""
    subject = access.writable(caller, body.resource_type, body.resource_id)
    report = HealthReport.model_validate(body.model_dump(exclude={"resource_type"}))
    _check(TelemetryBatch(batch_id=_SINGLE, health_checks=(report,)), subject, "/health_checks/0")
    outcome = report.resource_id, report.check_type, report.status, report.details, clock.to_ms(report.checked_at)
    health.record(subject.host.id, subject.host.owner_id, [outcome], keep_all=True)
    return HealthCheckView.model_validate(body, from_attributes=True)


def list_checks(caller: Principal, query: HealthCheckQuery) -> HealthCheckPage:
    """Errors: `NotFound`; `Invalid` naming `/cursor`."""
    if query.latest and query.cursor is not None:
        raise Invalid(errors=(FieldError("/cursor", "cursor", "`latest` has only one page. Omit the cursor."),))
    subject = access.readable(caller, query.resource_type, query.resource_id)
    now = clock.now()
    state = Health.find(f"HEALTH#{subject.key}", "STATE")
    if query.latest:
        return HealthCheckPage(items=_latest(subject, state)[: query.limit], next_cursor=None)
    if state is None:
        return HealthCheckPage(items=[], next_cursor=None)
    days = [health_partition(subject.key, now - timedelta(days=back)) for back in range(HEALTH_KEPT.days + 1)]
    found = page_buckets(HealthCheck, days, limit=query.limit, cursor=query.cursor)
    return HealthCheckPage(items=views(HealthCheckView.model_validate, found.items), next_cursor=found.next_cursor)


def read_logs(caller: Principal, query: AgentLogQuery) -> AgentLogPage:
    """Errors: `NotFound`; `Invalid` naming `/cursor`."""
    subject = access.readable(caller, ResourceType.HOST, query.host_id)
    return logs.read(subject.id, level=query.level, limit=query.limit, cursor=query.cursor)


def fleet_series(
    hosts: Sequence[Host], metric: MetricType, start: datetime | None, end: datetime | None, *, limit: int
) -> FleetSeries:
    """One metric of several hosts, or of their GPUs: the window's last `limit` steps, ordered by time.

    Percentages, loads and temperatures are averaged over the hosts with figures in a step; other metrics and `samples`
    are summed. Steps are five minutes long, or an hour if there would be more than `limit`, they are no longer stored,
    or they take more than `MAX_FINE_ROWS` rows. The caller must have checked access.

    Errors: `Invalid` naming `/from` or `/to`.
    """
    now = clock.now()
    asked = queries.window(start, end, now)
    if metric in GPU_METRICS:
        keys = [gpu_key(host.id, gpu.uuid) for host in hosts for gpu in host.inventory.gpus]
    else:
        keys = [host.id for host in hosts]
    steps = clock.elapsed_ms(asked.start, asked.end) // queries.STEP_MS[Resolution.FIVE_MINUTES]
    fine = steps <= limit and steps * len(keys) <= MAX_FINE_ROWS and queries.finest(asked, now) is not Resolution.HOUR
    resolution = Resolution.FIVE_MINUTES if fine else Resolution.HOUR
    step_ms = queries.STEP_MS[resolution]
    # read only the steps that are returned
    shown = Window(max(asked.start, asked.end - limit * timedelta(milliseconds=step_ms)), asked.end)
    return FleetSeries(_combined(keys, metric, shown, resolution)[-limit:], step_ms // 1000)


def _combined(keys: Sequence[str], metric: MetricType, asked: Window, resolution: Resolution) -> list[Point]:
    by_step: dict[int, list[Point]] = {}
    for key in keys:
        for begin_ms, figures in queries.figures(key, asked, resolution):
            if metric in figures:
                by_step.setdefault(begin_ms, []).append(queries.mean_point(begin_ms, figures[metric]))
    return [_over_hosts(metric, points) for _, points in sorted(by_step.items())]


def _over_hosts(metric: MetricType, points: Sequence[Point]) -> Point:
    value, samples = math.fsum(point.value for point in points), sum(point.samples for point in points)
    least, most = [point.min for point in points], [point.max for point in points]
    if metric in MEANS:
        return Point(points[0].captured_at, value / len(points), min(least), max(most), samples)
    return Point(points[0].captured_at, value, math.fsum(least), math.fsum(most), samples)


def _summary(subject: Subject, asked: Window) -> list[SummaryView]:
    fine = asked.end - asked.start <= FINE_SUMMARY + timedelta(milliseconds=1)
    resolution = Resolution.FIVE_MINUTES if fine else Resolution.HOUR
    combined = combine(figures for _, figures in queries.figures(subject.key, asked, resolution))
    return [
        SummaryView(
            resource_type=subject.type,
            resource_id=subject.id,
            metric_type=MetricType(metric),
            samples=figure.samples,
            min=figure.min,
            max=figure.max,
            avg=figure.sum / figure.samples,
            last=figure.last,
            last_at=clock.from_ms(figure.last_at_ms),
        )
        for metric, figure in combined.items()
        if metric in METRICS  # a newer release may have stored others
    ]


def _latest(subject: Subject, state: Health | None) -> list[HealthCheckView]:
    checks = dict(state.checks) if state is not None else {}
    if subject.type is ResourceType.HOST:
        checks[CAPACITY_CHECK] = _capacity_check(subject)
    newest = sorted(checks.items(), key=lambda item: (-item[1].checked_at_ms, item[0]))
    return [
        HealthCheckView(
            resource_type=subject.type,
            resource_id=subject.id,
            check_type=name,
            status=check.status,
            details=check.details,
            checked_at=clock.from_ms(check.checked_at_ms),
        )
        for name, check in newest
    ]


def _capacity_check(subject: Subject) -> Check:
    """Computed when it is read: a host does not know which capacity it offers."""
    whole, details = withholding.check(subject.host)
    return Check("ok" if whole else "critical", details, clock.to_ms(clock.now()))


def _check(batch: TelemetryBatch, subject: Subject, pointer: str) -> list[Flag]:
    """Check a batch with one item; errors name the fields of the single body."""
    try:
        return plausibility.check(batch, subject.machine, clock.now())
    except Invalid as problem:
        errors = (
            FieldError(error.pointer.removeprefix(pointer), error.code, error.message) for error in problem.errors
        )
        raise Invalid(errors=tuple(errors)) from None


def _resolution_s(resolution: Resolution) -> int:
    if resolution is Resolution.RAW:
        return settings().telemetry_interval_s
    return queries.STEP_MS[resolution] // 1000
