"""Heartbeats across processes under load: batched, seen by all, lost with a process, replayed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.support.leases import stored, told
from tests.support.world import Host, Person, World

from sharemtc import clock
from sharemtc.hosts.liveness import heartbeat_batches, sweep
from sharemtc.hosts.liveness.heartbeat_batches import HeartbeatBuffer
from sharemtc.hosts.liveness.heartbeats import USUAL_DELAY_MS
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.liveness.table import HeartbeatBatch
from sharemtc.hosts.states import HostState


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], HeartbeatBuffer]:
    """Makes processes that are under load from their first heartbeat on, each time the next one serves."""
    monkeypatch.setattr(heartbeat_batches, "LOADED_HEARTBEATS", 1)

    def start() -> HeartbeatBuffer:
        buffer = HeartbeatBuffer()
        heartbeat_batches.replace_buffer(buffer)
        return buffer

    return start


def silent_s(world: World, host: Host) -> int:
    """How long the host has been silent, as any process sees it."""
    _, lease = read_state(host.id, at_most_every_ms=0)
    assert lease.last_seen_at is not None
    return clock.elapsed_ms(lease.last_seen_at, clock.from_ms(world.time())) // 1000


class TestBatches:
    def test_a_heartbeat_under_load_is_written_with_others_and_seen_by_all(
        self, world: World, host: Host, processes: Callable[[], HeartbeatBuffer]
    ) -> None:
        one = processes()
        before = stored(host)
        world.time.advance(timedelta(seconds=10))
        assert host.heartbeat().status == 200
        assert (stored(host).seq, silent_s(world, host)) == (before.seq, 0)
        other = processes()
        assert silent_s(world, host) == 10, "the batch is not written yet"
        heartbeat_batches.replace_buffer(one)
        world.time.advance(timedelta(seconds=2))
        host.commands()
        heartbeat_batches.replace_buffer(other)
        assert silent_s(world, host) == 2
        assert stored(host).seq == before.seq

    def test_a_change_is_written_at_once(
        self, world: World, host: Host, processes: Callable[[], HeartbeatBuffer]
    ) -> None:
        processes()
        world.time.advance(timedelta(seconds=10))
        host.workloads = [{"id": "vm_01AAAAAAAAAAAAAAAAAAAAAAAA", "generation": 1, "state": "running"}]
        assert host.heartbeat().status == 200
        assert [one.id for one in stored(host).workloads] == [host.workloads[0]["id"]]
        processes()
        assert silent_s(world, host) == 0

    def test_a_lease_is_written_again_before_its_batches_are_gone(
        self, world: World, host: Host, processes: Callable[[], HeartbeatBuffer]
    ) -> None:
        processes()
        for _ in range(31):
            world.time.advance(timedelta(seconds=10))
            assert host.heartbeat().status == 200
        last_seen_at = stored(host).last_seen_at
        assert last_seen_at is not None
        assert clock.elapsed_ms(last_seen_at, clock.now()) < 300_000
        assert sum(1 for _ in HeartbeatBatch.query(f"HEARTBEATS#{world.time() // heartbeat_batches.BUCKET_MS}")) <= 2

    def test_heartbeats_lost_with_a_process_cost_no_host_its_place(
        self, world: World, host: Host, processes: Callable[[], HeartbeatBuffer]
    ) -> None:
        for _ in range(12):
            processes()  # the one before died with its roll
            for _ in range(2):
                world.time.advance(timedelta(seconds=5))
                sweep.sweep()
            assert host.heartbeat().status == 200
            assert read_state(host.id)[0].state is HostState.READY
        assert "host.offline" not in told(host)

    def test_the_sweep_writes_down_the_last_heartbeat(
        self, world: World, host: Host, processes: Callable[[], HeartbeatBuffer]
    ) -> None:
        one = processes()
        for _ in range(2):
            world.time.advance(timedelta(seconds=10))
            host.heartbeat()
        last_heartbeat_ms = world.time()
        one.write_due(world.time() + 2000)
        processes()
        world.time.advance(timedelta(seconds=16))
        assert sweep.sweep() == 1
        lease = stored(host)
        assert (clock.to_ms(lease.last_seen_at or clock.now()), lease.seq) == (last_heartbeat_ms, host.seq)


class TestReplay:
    @pytest.mark.parametrize("age_s", [0, 1, 5, 14, 29, 50])
    def test_never_makes_a_host_look_alive_later(
        self, world: World, host: Host, processes: Callable[[], HeartbeatBuffer], age_s: int
    ) -> None:
        one = processes()
        world.time.advance(timedelta(seconds=10))
        assert host.heartbeat().status == 200
        seq = host.seq
        one.write_due(world.time() + 2000)
        world.time.advance(timedelta(seconds=age_s))
        other = processes()
        now_s = world.time() // 1000
        host.heartbeat(seq=seq, iat=now_s - age_s, exp=now_s - age_s + 60)
        other.write_due(world.time() + 2000)
        processes()
        # once the roll is too old to be read: as well as the host's clock is known
        assert age_s - USUAL_DELAY_MS // 1000 <= silent_s(world, host) <= age_s
        sweep.sweep()
        assert (read_state(host.id)[0].state is HostState.READY) == (age_s <= 15)

    def test_before_the_batch_is_written_it_is_refused(
        self, world: World, host: Host, processes: Callable[[], HeartbeatBuffer]
    ) -> None:
        processes()
        world.time.advance(timedelta(seconds=10))
        assert host.heartbeat().status == 200
        again = host.heartbeat(seq=host.seq)
        assert (again.status, again.code) == (409, "stale_sequence")

    def test_gets_no_commands(
        self, world: World, provider: Person, host: Host, processes: Callable[[], HeartbeatBuffer]
    ) -> None:
        one = processes()
        world.time.advance(timedelta(seconds=10))
        assert host.heartbeat().status == 200
        one.write_due(world.time() + 2000)
        vm_id = provider.rent().json["id"]
        world.task("dispatch", provider.vm(vm_id), token="t" * 20)
        processes()
        assert host.heartbeat(seq=host.seq).code == "stale_sequence"
        assert len(host.commands()) == 1

    def test_a_word_held_back_counts_for_when_it_was_spoken(self, world: World, host: Host) -> None:
        world.time.advance(timedelta(seconds=40))
        now_s = world.time() // 1000
        assert host.heartbeat(iat=now_s - 30, exp=now_s + 30).status == 200
        assert silent_s(world, host) == 30 - USUAL_DELAY_MS // 1000, "as well as its clock is known"
        assert read_state(host.id)[0].state is HostState.READY, "no sweep has judged it"
        sweep.sweep()
        assert read_state(host.id)[0].state is HostState.SUSPECT

    def test_a_host_whose_clock_stepped_back_is_heard_again(self, world: World, host: Host) -> None:
        for _ in range(3):
            world.time.advance(timedelta(seconds=10))
            now_s = world.time() // 1000
            assert host.heartbeat(iat=now_s - 20, exp=now_s + 40).status == 200
        assert silent_s(world, host) == 0
