"""A second machine beside the first: its own host, nobody else's business, and missed when its network fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.e2e.conftest import Person, Platform, eventually
from tests.e2e.machines import Machine
from tests.e2e.relay import Relay
from tests.e2e.test_thread import ms

pytestmark = pytest.mark.slow

# a sweep comes within five seconds, and the last word may have been spoken just before the cut
SUSPECT_WITHIN_S, OFFLINE_WITHIN_S, BACK_WITHIN_S = 27.0, 45.0, 40.0


@pytest.fixture(scope="module")
def provider(platform: Platform) -> Person:
    return platform.join("second-provider@example.com")


@pytest.fixture(scope="module")
def relay(platform: Platform) -> Iterator[Relay]:
    with Relay(platform.cloud.port) as relay:
        yield relay


@pytest.fixture(scope="module")
def code(provider: Person) -> dict[str, Any]:
    return dict(provider.call("POST", "/v1/provider/enrollment-codes", {"name": "second"}, expect=201))


@pytest.fixture(scope="module")
def machine(
    provider: Person, relay: Relay, code: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    machine = Machine(tmp_path_factory.mktemp("second") / "agent")
    done = machine.enroll(relay.url, code["code"], "--sell-vcpus", "1", "--sell-memory-mib", "512")
    assert done.returncode == 0, done.stderr
    machine.start()
    yield machine
    machine.stop()
    left = machine.call("uninstall")
    assert left.returncode == 0, left.stderr


def host_of(provider: Person, machine: Machine) -> dict[str, Any]:
    return dict(provider.call("GET", f"/v1/provider/hosts/{machine.host_id}"))


def in_state(provider: Person, machine: Machine, state: str) -> Callable[[], dict[str, Any] | None]:
    def look() -> dict[str, Any] | None:
        host = host_of(provider, machine)
        return host if host["state"] == state else None

    return look


def events(provider: Person, machine: Machine) -> list[dict[str, Any]]:
    return list(provider.call("GET", f"/v1/provider/hosts/{machine.host_id}/events")["items"])


def points(person: Person, host_id: str, metric: str) -> list[dict[str, Any]]:
    path = f"/v1/resources/metrics?resource_type=host&resource_id={host_id}&metric_type={metric}&limit=200"
    return list(person.call("GET", path)["items"])


class TestSecondMachine:
    def test_a_second_agent_joins_as_another_host(
        self, platform: Platform, provider: Person, machine: Machine, code: dict[str, Any]
    ) -> None:
        host = eventually(in_state(provider, machine, "ready"), "the second machine is ready")
        others = {offer["id"] for offer in httpx.get(f"{platform.cloud.url}/v1/catalog/hosts").json()["items"]}
        assert len(others) == 2
        assert machine.host_id in others
        assert host["vcpus"] == os.cpu_count()
        assert abs(host["memory_mib"] - psutil.virtual_memory().total // 2**20) <= 1
        assert (host["sellable"]["vcpus"], host["free"]["vcpus"]) == (1, 1)
        state = provider.call("GET", f"/v1/provider/enrollment-codes/{code['id']}")
        assert (state["state"], state["host_id"]) == ("used", machine.host_id)

    def test_a_used_code_is_refused(
        self, platform: Platform, machine: Machine, code: dict[str, Any], tmp_path: Path
    ) -> None:
        done = Machine(tmp_path / "third").enroll(platform.cloud.url, code["code"])
        assert done.returncode == 5
        assert "enrollment_code_refused" in done.stderr

    def test_another_provider_reaches_nothing_of_it(self, platform: Platform, machine: Machine) -> None:
        stranger = platform.join("another-second-provider@example.com")
        missing = machine.host_id[:-3] + "000"
        asked = [
            ("GET", "/v1/provider/hosts/{}", None),
            ("PATCH", "/v1/provider/hosts/{}", {"draining": True}),
            ("GET", "/v1/provider/hosts/{}/events", None),
            ("GET", "/v1/provider/hosts/{}/prices", None),
            ("GET", "/v1/provider/hosts/{}/self-tests", None),
            ("GET", "/v1/resources/metrics?resource_type=host&metric_type=load_1m&resource_id={}", None),
            ("GET", "/v1/resources/health-checks?resource_type=host&resource_id={}", None),
            ("GET", "/v1/resources/agent-logs?host_id={}", None),
        ]
        for method, path, body in asked:
            answers = [
                stranger.http.request(method, path.format(host_id), json=body) for host_id in (machine.host_id, missing)
            ]
            assert [answer.status_code for answer in answers] == [404, 404], path
            told = [{**answer.json(), "request_id": ""} for answer in answers]
            assert told[0] == told[1]
        assert stranger.call("GET", "/v1/provider/hosts")["items"] == []


def heard_after(person: Person, vm_id: str, at: datetime) -> Callable[[], dict[str, Any] | None]:
    def look() -> dict[str, Any] | None:
        vm = person.vm(vm_id)
        return vm if ms(vm["host_heard_at"]) > at.timestamp() * 1000 else None

    return look


class TestSilence:
    def test_is_suspect_then_offline_and_back_with_the_gap_filled_and_its_guest_paid_as_proved(
        self, platform: Platform, provider: Person, machine: Machine, relay: Relay
    ) -> None:
        eventually(in_state(provider, machine, "ready"), "the second machine is ready")
        renter = platform.join("silence@example.com")
        vm_id = renter.rent(name="silent", host_id=machine.host_id)
        renter.wait(vm_id, "running")
        eventually(heard_after(renter, vm_id, datetime.now(UTC)), "a heartbeat lists it", BACK_WITHIN_S)
        relay.cut()
        cut_at = datetime.now(UTC)
        eventually(in_state(provider, machine, "suspect"), "suspect", SUSPECT_WITHIN_S)
        gone = eventually(in_state(provider, machine, "offline"), "offline", OFFLINE_WITHIN_S)
        assert gone["state_reason"] == "silence"
        # a view judges by itself; the sweep stores it within seconds
        eventually(
            lambda: events(provider, machine)[0]["type"] == "host.offline", "stored as offline", OFFLINE_WITHIN_S
        )
        silent = renter.vm(vm_id)
        assert (silent["host_state"], silent["actions"]) == ("offline", ["stop", "terminate"])
        assert silent["billed_s"] * 1000 <= ms(silent["proven_until"]) - ms(silent["started_at"])
        assert renter.call("GET", "/v1/billing/balance")["burn_nanos_per_hour"] == 0
        mended_at = datetime.now(UTC)
        relay.mend()
        eventually(in_state(provider, machine, "ready"), "back", BACK_WITHIN_S)
        back = eventually(heard_after(renter, vm_id, mended_at), "a heartbeat lists it again", BACK_WITHIN_S)
        ran_ms = ms(back["proven_until"]) - ms(back["started_at"])
        assert ran_ms - 2_000 <= back["billed_s"] * 1000 <= ran_ms, "its uptime proves that it ran through the silence"
        renter.act(vm_id, "terminate")
        renter.wait(vm_id, "terminated")

        def told_since() -> list[int]:
            found = [ms(point["captured_at"]) for point in points(provider, machine.host_id, "memory_used_mib")]
            inside = [at for at in found if cut_at.timestamp() * 1000 <= at <= mended_at.timestamp() * 1000]
            return inside if max(found, default=0) > mended_at.timestamp() * 1000 else []

        eventually(told_since, "the spool fills the gap")
        happened = events(provider, machine)
        assert [event["type"] for event in happened[:3]] == ["host.ready", "host.offline", "host.suspect"]
        assert [event["reason"] for event in happened[:3]] == ["heartbeat", "silence", "silence"]
