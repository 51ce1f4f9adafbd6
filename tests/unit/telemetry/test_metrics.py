"""The table of metrics, whole: each metric has a row, and no pair of a metric and a resource is without an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from sharemtc.problems import Invalid
from sharemtc.telemetry import plausibility
from sharemtc.telemetry.kinds import ResourceType
from sharemtc.telemetry.metrics import GPU_METRICS, METRICS
from sharemtc.wire import Accelerator, Capacity, Gpu, Inventory, MetricPoint, MetricType, TelemetryBatch
from sharemtc.wire.kinds import ID_PREFIXES

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
WORKLOAD_IDS = {ResourceType(kind): f"{prefix}_{'0' * 26}" for kind, prefix in ID_PREFIXES.items()}
IDS = {ResourceType.HOST: "hst_" + "0" * 26, ResourceType.GPU: "GPU-1"} | WORKLOAD_IDS
WHOLE = Capacity(vcpus=4, memory_mib=8192, disk_gib=100)
MACHINE = plausibility.Machine(
    IDS[ResourceType.HOST],
    Inventory(
        name="box", agent_version="1", os="Linux", kernel="6", cpu_model="CPU", total=WHOLE, sellable=WHOLE,
        gpus=(Gpu(uuid="GPU-1", model="A100", vram_mib=40_000),), accelerator=Accelerator.TCG,
        connect_address="192.0.2.1", network_mbps=1000,
    ),
    frozenset(WORKLOAD_IDS.values()),
)  # fmt: skip


def judge(kind: ResourceType, metric: MetricType, value: float) -> list[plausibility.Flag]:
    point = MetricPoint(resource_id=IDS[kind], metric_type=metric, value=value, captured_at=NOW)
    return plausibility.check(TelemetryBatch(batch_id="bat_" + "0" * 26, metrics=(point,)), MACHINE, NOW)


def test_each_metric_has_a_row_and_its_unit_is_in_its_name() -> None:
    assert set(METRICS) == set(MetricType)
    for metric, row in METRICS.items():
        assert metric.endswith(row.unit)
        assert row.least < row.most
        assert row.expected_max is None or row.expected_max < row.most
        assert row.kinds
        assert metric.startswith("gpu_") == (metric in GPU_METRICS)


@pytest.mark.parametrize(("kind", "metric"), list(product(ResourceType, MetricType)))
def test_each_metric_of_each_kind_of_resource_is_judged(kind: ResourceType, metric: MetricType) -> None:
    row = METRICS[metric]
    if kind not in row.kinds:
        with pytest.raises(Invalid) as refused:
            judge(kind, metric, 0)
        assert [error.code for error in refused.value.errors] == ["not_of_this_resource"]
        return
    assert judge(kind, metric, max(0, row.least)) == []
    for value in (row.least - 1, row.most * 1.01 + 1, float(2**80)):
        with pytest.raises(Invalid) as refused:
            judge(kind, metric, value)
        assert [error.pointer for error in refused.value.errors] == ["/metrics/0/value"]
    usual = MACHINE.expected_max(IDS[kind], metric)
    flags = judge(kind, metric, row.most)
    assert [flag.metric for flag in flags] == ([metric] if usual is not None else [])
