"""The closed sets of events hold whatever the state machines can say."""

from __future__ import annotations

import typing

import pytest

from sharemtc import clock
from sharemtc.events import data, service
from sharemtc.events.data import HeartbeatGap
from sharemtc.events.kinds import EventReason, EventType, WorkloadEvent, of_any_workload
from sharemtc.events.table import Event
from sharemtc.hosts.kinds import UnavailableReason
from sharemtc.hosts.states import HostState, StateReason
from sharemtc.storage.transactions import Transaction
from sharemtc.telemetry.kinds import ResourceType
from sharemtc.wire import Phase, Verb
from sharemtc.wire.kinds import ID_PREFIXES, WorkloadKind
from sharemtc.workloads.states import Observed


@pytest.mark.parametrize("reason", StateReason)
def test_a_host_moves_for_a_reason_that_events_know(reason: StateReason) -> None:
    assert EventReason(reason).value == reason.value


@pytest.mark.parametrize("state", HostState)
def test_every_state_of_a_host_is_an_event_and_bars_renters_unless_ready(state: HostState) -> None:
    assert EventType(f"host.{state}").resource == "host"
    if state is not HostState.READY:
        assert UnavailableReason(f"host_{state}")


@pytest.mark.parametrize("kind", WorkloadKind)
def test_what_a_workload_goes_through_is_an_event(kind: WorkloadKind) -> None:
    proved = [Observed.RUNNING, Observed.STOPPED, Observed.TERMINATED, Observed.FAILED, Observed.LOST]
    orders = [f"{verb}_ordered" for verb in Verb if verb is not Verb.CREATE]
    for what in [*proved, *Phase, *orders]:
        assert EventType.of_workload(f"{ID_PREFIXES[kind]}_1", WorkloadEvent(what)).resource == kind.value


@pytest.mark.parametrize("what", WorkloadEvent)
def test_every_kind_of_workload_has_every_event(what: WorkloadEvent) -> None:
    assert len(of_any_workload(what)) == len(WorkloadKind)


@pytest.mark.parametrize("resource", ResourceType)
def test_health_of_whatever_is_measured_is_an_event(resource: ResourceType) -> None:
    assert EventType(f"{resource}.health_critical")
    assert EventType(f"{resource}.health_recovered")


def test_each_kind_of_data_has_its_events() -> None:
    union, _ = typing.get_args(data.EventData)
    assert set(data.CARRIED_BY) == set(typing.get_args(union))


def test_data_of_another_event_is_a_programming_error() -> None:
    gap = HeartbeatGap(last_heartbeat_at=clock.now())
    with pytest.raises(AssertionError):
        service.append(
            Transaction(), "usr_1", EventType.VM_RUNNING, "vm_1",
            reason=EventReason.PROVED, actor="hst_1", at=clock.now(), data=gap,
        )  # fmt: skip


def test_a_reason_of_another_release_reads_as_other() -> None:
    assert Event.reason.deserialize("proved_running") is EventReason.OTHER
    assert Event.reason.deserialize("user") is EventReason.USER
