"""Hosts across processes: copied keys, mass silence, the last proof, the track record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.support.events import call
from tests.support.leases import stored, told
from tests.support.world import Host, Person, World, function

from sharemtc import clock, money
from sharemtc.hosts.liveness import sweep
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.reliability import history
from sharemtc.hosts.reliability import score as reliability
from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import SHARDS
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, RiskState
from sharemtc.risks.table import risk_id
from sharemtc.schemas import rfc3339

AGENT_A, AGENT_B = "a" * 32, "b" * 32


class TestCopiedKey:
    def speak(self, host: Host, instance: str) -> tuple[int, str]:
        answer = host.heartbeat_with({"instance": instance})
        return answer.status, "" if answer.status == 200 else answer.code

    def test_a_restarted_agent_takes_over(self, world: World, host: Host) -> None:
        for instance in (AGENT_A, AGENT_B):
            world.time.advance(timedelta(seconds=10))
            assert self.speak(host, instance) == (200, "")
        assert stored(host).instance == AGENT_B

    def test_a_replaced_agent_that_speaks_again_is_refused_and_told(
        self, world: World, provider: Person, host: Host
    ) -> None:
        assert self.speak(host, AGENT_A)[0] == 200
        world.time.advance(timedelta(seconds=10))
        assert self.speak(host, AGENT_B)[0] == 200
        before = stored(host)
        for _ in range(2):
            world.time.advance(timedelta(seconds=10))
            assert self.speak(host, AGENT_A) == (409, "key_copied")
        assert stored(host).seq == before.seq
        assert self.speak(host, AGENT_B)[0] == 200
        assert told(host).count("host.key_copied") == 1
        risk = risks.find(risk_id(RiskKind.KEY_COPIED, host.id))
        assert (risk.owner_id, risk.state, risk.sightings) == (provider.user_id, RiskState.OPEN, 2)

    def test_a_late_word_of_the_old_agent_is_only_stale(self, world: World, host: Host) -> None:
        assert self.speak(host, AGENT_A)[0] == 200
        world.time.advance(timedelta(seconds=10))
        assert self.speak(host, AGENT_B)[0] == 200
        now_s = world.time() // 1000
        late = host.heartbeat_with({"instance": AGENT_A}, iat=now_s - 1, exp=now_s + 59, seq=host.seq - 1)
        assert late.code == "stale_sequence"


class TestMassSilence:
    def test_most_of_a_provider_silent_at_once_is_held_and_then_not(self, world: World, provider: Person) -> None:
        hosts = [provider.add_host(name=f"box-{number}") for number in range(10)]
        silent, live = hosts[:6], hosts[6:]
        for host in hosts:
            host.heartbeat()

        def passes(seconds: int) -> None:
            for _ in range(seconds // 5):
                world.time.advance(timedelta(seconds=5))
                for host in live:
                    assert host.heartbeat().status == 200
                sweep.sweep()

        passes(120)
        states = {host.id: read_state(host.id)[0] for host in hosts}
        assert {states[host.id].state for host in live} == {HostState.READY}
        assert {(states[host.id].state, states[host.id].state_reason) for host in silent} == {
            (HostState.SUSPECT, "mass_silence")
        }
        shown = provider.call("GET", f"/v1/provider/hosts/{silent[0].id}").json
        assert (shown["state"], shown["state_reason"]) == ("suspect", "mass_silence")
        risk = risks.find(risk_id(RiskKind.MASS_SILENCE, provider.user_id))
        assert (risk.state, risk.owner_id) == (RiskState.OPEN, provider.user_id)
        assert silent[0].heartbeat().status == 200
        assert read_state(silent[0].id)[0].state is HostState.READY
        live.append(silent.pop(0))
        passes(300)
        assert {read_state(host.id)[0].state for host in silent} == {HostState.OFFLINE}
        assert risks.find(risk_id(RiskKind.MASS_SILENCE, provider.user_id)).state is RiskState.RESOLVED

    def test_few_silent_hosts_go_offline(self, world: World, provider: Person) -> None:
        hosts = [provider.add_host(name=f"box-{number}") for number in range(4)]
        for host in hosts:
            host.heartbeat()
        for _ in range(12):
            world.time.advance(timedelta(seconds=4))
            sweep.sweep()
        assert {read_state(host.id)[0].state for host in hosts} == {HostState.OFFLINE}


class TestLastProof:
    def test_two_changed_lists_in_a_row_bill_each_machine_to_its_own_last_word(
        self, world: World, provider: Person, host: Host
    ) -> None:
        first, second = (provider.rent(name=name).json["id"] for name in ("one", "two"))
        for vm_id in (first, second):
            world.task("dispatch", provider.vm(vm_id), token="t" * 20)
        # after the heartbeat that lists neither: one of the same instant says that they did not run yet
        world.time.advance(timedelta(seconds=1))
        for command in host.commands():
            host.prove(command, "running")
        for vm_id in (first, second):
            world.task("confirm", provider.vm(vm_id))
        for _ in range(2):
            world.time.advance(timedelta(seconds=10))
            assert host.heartbeat().status == 200
        for gone in (first, second):
            host.workloads = [one for one in host.workloads if one["id"] != gone]
            world.time.advance(timedelta(seconds=10))
            assert host.heartbeat().status == 200
            world.accrue()
        world.reconcile()
        rate = provider.vm(first)["running_rate_nanos_per_hour"]
        assert [provider.vm(vm_id)["status"] for vm_id in (first, second)] == ["lost", "lost"]
        assert [provider.vm(vm_id)["spent_micros"] for vm_id in (first, second)] == [
            money.cumulative_micros(rate, 20_000),
            money.cumulative_micros(rate, 30_000),
        ]


class TestTrackRecord:
    def silent_for(self, world: World, host: Host, minutes: int) -> None:
        for _ in range(minutes * 2):
            world.time.advance(timedelta(seconds=30))
            sweep.sweep()
        assert read_state(host.id)[0].state is HostState.OFFLINE
        assert host.heartbeat().status == 200

    def report(self, host: Host) -> dict[str, Any]:
        answer = call(function("catalog").app, "GET", f"/v1/catalog/hosts/{host.id}/reliability")
        assert answer.status == 200, answer.text
        return dict(answer.json)

    def test_a_downtime_counts_from_the_last_word_to_the_first(self, world: World, host: Host) -> None:
        last_word_at = clock.now()
        self.silent_for(world, host, 60)
        world.time.advance(timedelta(hours=1))
        host.heartbeat()
        report = self.report(host)
        (downtime,) = report["downtimes"]
        assert datetime.fromisoformat(downtime["started_at"]) == last_word_at
        assert datetime.fromisoformat(downtime["ended_at"]) == last_word_at + timedelta(hours=1)
        assert (report["uptime_percent"], report["provisional"]) == (50.0, True)
        assert reliability.score(reliability.read(report)).score_percent == report["score_percent"]

    def test_a_new_host_tells_renters_for_how_long_it_has_been_observed(self, world: World, host: Host) -> None:
        world.time.advance(timedelta(minutes=15))
        host.heartbeat()
        for minute in range(60):
            for shard in history.shards_at(clock.now() + timedelta(minutes=minute)):
                history.rescore(shard)
        (offer,) = call(function("catalog").app, "GET", "/v1/catalog/hosts").json["items"]
        assert offer["reliability"]["provisional"] is True
        assert clock.now() - datetime.fromisoformat(offer["enrolled_at"]) >= timedelta(minutes=15)
        assert offer["enrolled_at"] == self.report(host)["observed_from"]

    @pytest.mark.parametrize("words", ["Last heard never", "Last heard 2030-01-31T12:00:00+00:00", "a to b"])
    def test_what_people_write_is_no_data(self, world: World, provider: Person, host: Host, words: str) -> None:
        world.time.advance(timedelta(seconds=10))
        host.heartbeat()
        world.time.advance(timedelta(hours=1))
        assert host.heartbeat().status == 200  # no sweep ran: no silence was ever stored
        assert host.send("POST", "/v1/agent/drain", {"reason": words}).status == 200
        told = provider.call("GET", f"/v1/provider/hosts/{host.id}/events").json["items"]
        assert ("host.draining", words, None) in [(one["type"], one["detail"], one["data"]) for one in told]
        assert self.report(host)["downtimes"] == []

    def test_silence_and_maintenance_are_told_as_data(self, world: World, provider: Person, host: Host) -> None:
        last = rfc3339(clock.now())
        self.silent_for(world, host, 2)
        window = {"starts_at": "2030-02-01T00:00:00.000Z", "ends_at": "2030-02-01T01:00:00.000Z"}
        maintenance = {**window, "reason": "new disks"}
        answer = provider.call("PATCH", f"/v1/provider/hosts/{host.id}", {"maintenance": maintenance})
        assert answer.status == 200, answer.text
        told = {
            one["type"]: one["data"]
            for one in reversed(provider.call("GET", f"/v1/provider/hosts/{host.id}/events").json["items"])
        }
        gap = {"kind": "heartbeat_gap", "last_heartbeat_at": last}
        assert [told[f"host.{state}"] for state in ("suspect", "offline", "ready")] == [gap] * 3
        assert told["host.maintenance_announced"] == {"kind": "maintenance_window", **window}

    def test_a_host_that_is_offline_still_is(self, world: World, host: Host) -> None:
        world.time.advance(timedelta(seconds=31))
        sweep.sweep()
        world.time.advance(timedelta(seconds=31))
        sweep.sweep()
        assert self.report(host)["downtimes"][0]["ended_at"] is None

    def test_announced_maintenance_is_not_held_against_it(self, world: World, provider: Person, host: Host) -> None:
        starts_at = clock.now() + timedelta(hours=2)
        maintenance = {
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
            "reason": "new disks",
        }
        changed = provider.call("PATCH", f"/v1/provider/hosts/{host.id}", {"maintenance": maintenance})
        assert changed.status == 200, changed.text
        for _ in range(4):
            world.time.advance(timedelta(minutes=30))
            host.heartbeat()
            sweep.sweep()
        world.time.advance(timedelta(hours=2, minutes=58))
        host.heartbeat()
        report = self.report(host)
        (window,) = report["maintenance"]
        assert datetime.fromisoformat(window["starts_at"]) == starts_at
        assert (report["downtimes"], report["score_percent"]) == ([], 100)

    def test_the_score_is_shown_once_it_is_computed(self, world: World, provider: Person, host: Host) -> None:
        def shown() -> Any:
            return provider.call("GET", f"/v1/provider/hosts/{host.id}").json["reliability"]

        assert shown() is None
        self.silent_for(world, host, 10)
        assert sum(history.rescore(str(shard)) for shard in range(SHARDS)) == 1
        offer = call(function("catalog").app, "GET", "/v1/catalog/hosts").json["items"][0]
        assert shown() == offer["reliability"]
        assert (shown()["downtimes"], shown()["interruptions"], shown()["window_days"]) == (1, 1, 30)

    def test_every_partition_has_its_minute(self, world: World) -> None:
        computed: list[str] = []
        for _ in range(60):
            computed += history.shards_at(clock.now())
            world.time.advance(timedelta(minutes=1))
        assert sorted(computed, key=int) == [str(shard) for shard in range(SHARDS)]

    def test_a_missing_host_has_none(self, world: World) -> None:
        missing = call(function("catalog").app, "GET", "/v1/catalog/hosts/hst_01AAAAAAAAAAAAAAAAAAAAAAAA/reliability")
        assert (missing.status, missing.code) == (404, "not_found")
