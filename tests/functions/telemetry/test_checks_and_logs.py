"""Checks and lines of logs: as they come in batches, and what hosts and operators record one by one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.support.measuring import GPU, ago, as_operator, batch, check, line, measure, point, read, values
from tests.support.world import Host as Machine
from tests.support.world import Person, World, function

from sharemtc.telemetry.queue_messages import messages
from sharemtc.wire import TelemetryBatch

METRICS, CHECKS, LOGS = "/v1/resources/metrics", "/v1/resources/health-checks", "/v1/resources/agent-logs"


class TestQueue:
    def test_one_broken_message_comes_again_alone(self, world: World, provider: Person, host: Machine) -> None:
        batch_of_host = TelemetryBatch.model_validate(batch(metrics=[point(host.id, 5)]))
        bodies = ["{}", next(messages(host.id, provider.user_id, batch_of_host))]
        records = [
            {"messageId": str(number), "body": body, "eventSource": "aws:sqs"} for number, body in enumerate(bodies)
        ]
        answer = function("telemetry").handler({"Records": records}, None)
        assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
        assert values(read(provider, "host", host.id)) == [5]


class TestHealth:
    def told(self, provider: Person) -> list[tuple[str, str]]:
        found = provider.call("GET", "/v1/resources/events").json["items"]
        return [(event["type"], event["data"]["check"]) for event in found if "health" in event["type"]]

    def test_a_critical_check_is_one_event_for_each_change(self, world: World, provider: Person, host: Machine) -> None:
        for minute, status in enumerate(["ok", "critical", "critical", "warning", "critical", "critical"]):
            measure(world, host, health_checks=[check(host.id, status, details=f"at {minute}")])
            world.time.advance(timedelta(minutes=1))
        assert self.told(provider) == [
            ("host.health_critical", "disk"),
            ("host.health_recovered", "disk"),
            ("host.health_critical", "disk"),
        ]
        latest = provider.call("GET", f"{CHECKS}?resource_type=host&resource_id={host.id}&latest=true").json["items"]
        assert [item["check_type"] for item in latest] == ["capacity", "disk"], "the platform's own, and the host's"
        assert (latest[1]["status"], latest[1]["details"]) == ("critical", "at 5")

    def test_a_repeated_and_a_late_report_tell_nothing_new(self, world: World, provider: Person, host: Machine) -> None:
        earlier = check(host.id, "critical", ago(minutes=5))
        measure(world, host, health_checks=[check(host.id, "ok")])
        measure(world, host, health_checks=[earlier, earlier])
        measure(world, host, health_checks=[check(host.id, "ok")])
        assert self.told(provider) == []
        found = provider.call("GET", f"{CHECKS}?resource_type=host&resource_id={host.id}").json["items"]
        assert [item["status"] for item in found] == ["ok", "critical"]

    def test_steady_checks_are_kept_now_and_then(self, world: World, provider: Person, host: Machine) -> None:
        for _ in range(31):
            measure(world, host, health_checks=[check(host.id)])
            world.time.advance(timedelta(minutes=1))
        found = provider.call("GET", f"{CHECKS}?resource_type=host&resource_id={host.id}").json["items"]
        assert len(found) == 3

    def test_a_hundred_checks_of_one_resource(self, world: World, provider: Person, host: Machine) -> None:
        many = [{**check(host.id, "critical"), "check_type": f"check_{n}"} for n in range(100)]
        measure(world, host, health_checks=many)
        path = f"{CHECKS}?resource_type=host&resource_id={host.id}&limit=60"
        first = provider.call("GET", path).json
        second = provider.call("GET", f"{path}&cursor={first['next_cursor']}").json
        assert len({item["check_type"] for item in first["items"] + second["items"]}) == 100


class TestLogs:
    def test_newest_first_by_level_and_page(self, world: World, provider: Person, host: Machine) -> None:
        levels = ["debug", "info", "warning", "error"]
        for hour in range(12):
            lines = [line(f"{hour}.{n}", levels[n % 4], ago(seconds=10 - n)) for n in range(5)]
            measure(world, host, logs=lines)
            world.time.advance(timedelta(hours=1))
        path = f"{LOGS}?host_id={host.id}"
        expected = [f"{hour}.{n}" for hour in reversed(range(12)) for n in reversed(range(5))]
        found: list[str] = []
        cursor = ""
        while True:
            answer = provider.call("GET", f"{path}&limit=7{cursor}").json
            assert len(answer["items"]) <= 7
            found += [item["message"] for item in answer["items"]]
            if answer["next_cursor"] is None:
                break
            cursor = f"&cursor={answer['next_cursor']}"
        assert found == expected
        grave = provider.call("GET", f"{path}&level=warning&limit=200").json["items"]
        assert [item["level"] for item in grave] == ["error", "warning"] * 12
        assert len({item["id"] for item in grave}) == 24


class TestOneByOne:
    def body(self, type: str, id: str, **more: Any) -> dict[str, Any]:
        return {
            "resource_type": type,
            "resource_id": id,
            "metric_type": "load_1m",
            "value": 1.5,
            "captured_at": ago(),
            **more,
        }

    def checked(self, type: str, id: str, **more: Any) -> dict[str, Any]:
        return {"resource_type": type, **check(id), **more}

    def test_a_host_for_itself_and_what_is_on_it(self, world: World, provider: Person, host: Machine) -> None:
        vm_id = provider.rent(host_id=host.id).json["id"]
        other = provider.add_host(name="other")
        other.heartbeat()
        for body in (self.body("host", host.id), self.body("vm", vm_id)):
            answer = host.send("POST", METRICS, body)
            assert (answer.status, answer.json) == (201, body), answer.text
            assert host.send("POST", METRICS, body).status == 201
        assert values(read(provider, "host", host.id, metric="load_1m")) == [1.5]
        assert host.send("POST", CHECKS, self.checked("gpu", GPU["uuid"])).status == 201
        assert (
            provider.call("GET", f"{CHECKS}?resource_type=gpu&resource_id={GPU['uuid']}").json["items"][0]["status"]
            == "ok"
        )
        for type, id in (("host", host.id), ("vm", vm_id), ("gpu", GPU["uuid"]), ("host", "hst_" + "0" * 26)):
            for path, body in ((METRICS, self.body(type, id)), (CHECKS, self.checked(type, id))):
                assert other.send("POST", path, body).status == 404

    def test_operators_for_all_and_other_people_not_at_all(self, provider: Person, host: Machine) -> None:
        for path, body in ((METRICS, self.body("host", host.id)), (CHECKS, self.checked("host", host.id))):
            assert as_operator(provider, "POST", path, body).status == 201
            assert provider.call("POST", path, body).code == "forbidden"
        assert values(read(provider, "host", host.id, metric="load_1m")) == [1.5]

    def test_what_cannot_be_true_is_named(self, host: Machine) -> None:
        def pointers(path: str, body: dict[str, Any]) -> list[str]:
            answer = host.send("POST", path, body)
            assert answer.status == 422
            return answer.pointers

        assert pointers(METRICS, self.body("host", host.id, value=-1)) == ["/value"]
        assert pointers(METRICS, self.body("host", host.id, captured_at=ago(hours=49))) == ["/captured_at"]
        assert pointers(METRICS, self.body("host", host.id, metric_type="gpu_power_w")) == ["/metric_type"]
        assert pointers(CHECKS, self.checked("host", host.id, checked_at=ago(hours=-1))) == ["/checked_at"]

    def test_a_hosts_signature_opens_nothing_else_here(self, host: Machine) -> None:
        for path in (f"{METRICS}/summary", "/v1/resources/vms", f"{LOGS}?host_id={host.id}"):
            assert host.send("GET", path).code == "forbidden"
        assert host.send("POST", METRICS, self.body("host", host.id), aud="sharemtc").code == "invalid_token"
