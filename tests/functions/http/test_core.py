"""What every operation inherits, through real functions: keys, cursors, versions, limits, origins, outages, logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pynamodb.exceptions import GetError, PynamoDBException
from tests.support.events import Answer, call
from tests.support.world import SSH_KEY, Host, Person, World, function

from sharemtc.http import rate_limits
from sharemtc.idempotency import ClaimRecord
from sharemtc.settings import settings
from sharemtc.storage.failures import outage_of
from sharemtc.workloads.table import Workload

KEY = {"Idempotency-Key": "k1"}


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set variables of the environment and have them read."""

    def set_and_read(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    return set_and_read


@pytest.fixture(autouse=True)
def reread_settings() -> Iterator[None]:
    """Nothing of one test's settings and counts is left to the next."""
    yield
    settings.cache_clear()
    rate_limits.forget()


class TestIdempotencyKeys:
    def test_second_order_under_a_key_changes_nothing(self, world: World, renter: Person, host: Host) -> None:
        vm_id = renter.rent().json["id"]
        world.carry_out(renter, host, vm_id, "running")
        for verb, state in (("reboot", "running"), ("stop", "stopped"), ("start", "running"), ("terminate", "gone")):
            headers = {"Idempotency-Key": verb}
            first = renter.call("POST", f"/v1/resources/vms/{vm_id}/{verb}", headers=headers)
            assert first.status == 202, first.text
            generation = renter.vm(vm_id)["generation"]
            world.carry_out(renter, host, vm_id, state)
            again = renter.call("POST", f"/v1/resources/vms/{vm_id}/{verb}", headers=headers)
            assert (again.status, again.text) == (202, first.text)
            assert again.headers["Idempotent-Replayed"] == "true"
            assert renter.vm(vm_id)["generation"] == generation

    def test_answer_to_an_order_shows_the_money_as_it_is_from_then_on(
        self, world: World, renter: Person, host: Host
    ) -> None:
        vm_id = renter.rent().json["id"]
        world.carry_out(renter, host, vm_id, "running")
        world.time.advance(timedelta(seconds=10))
        assert host.heartbeat().status == 200, "what is billed is what the host was heard to run"
        stopped = renter.act(vm_id, "stop").json
        seen = renter.vm(vm_id)
        assert {name: stopped[name] for name in seen if name != "as_of"} == {
            name: seen[name] for name in seen if name != "as_of"
        }
        assert stopped["rate_nanos_per_hour"] == stopped["stopped_rate_nanos_per_hour"]
        assert stopped["spent_micros"] > 0

    def test_enrollment_code_is_made_once_and_never_stored_in_clear(self, renter: Person) -> None:
        first = renter.call("POST", "/v1/provider/enrollment-codes", {}, headers=KEY)
        second = renter.call("POST", "/v1/provider/enrollment-codes", {}, headers=KEY)
        assert (first.status, second.text) == (201, first.text)
        (record,) = ClaimRecord.scan()
        assert first.json["code"] not in json.dumps(record.to_simple_dict(), default=str)

    def test_stored_answer_opens_only_in_its_own_place(self, renter: Person) -> None:
        renter.call("POST", "/v1/provider/enrollment-codes", {}, headers=KEY)
        (record,) = ClaimRecord.scan()
        record.pk = f"{renter.user_id}#k2"
        record.save()
        moved = renter.call("POST", "/v1/provider/enrollment-codes", {}, headers={"Idempotency-Key": "k2"})
        assert (moved.status, moved.code) == (409, "idempotency_key_reused")


class TestCursors:
    @pytest.fixture
    def three(self, renter: Person, host: Host) -> list[str]:
        return [renter.rent(name=f"web-{number}").json["id"] for number in range(3)]

    def test_pages_together_are_the_list(self, renter: Person, three: list[str]) -> None:
        seen, cursor = [], ""
        for _ in range(3):
            answer = renter.call("GET", f"/v1/resources/vms?limit=1{cursor}").json
            seen += [item["id"] for item in answer["items"]]
            cursor = f"&cursor={answer['next_cursor']}"
        assert sorted(seen) == sorted(three)

    def test_cursor_of_another_list_or_person_or_a_changed_one_is_refused(
        self, world: World, renter: Person, three: list[str]
    ) -> None:
        cursor = renter.call("GET", "/v1/resources/vms?limit=1").json["next_cursor"]
        other = world.join("other@example.com")
        flipped = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
        ledger = renter.call("GET", "/v1/billing/ledger?limit=1").json["next_cursor"]
        answers = [
            other.call("GET", f"/v1/resources/vms?cursor={cursor}"),
            renter.call("GET", f"/v1/billing/ledger?cursor={cursor}"),
            renter.call("GET", f"/v1/resources/vms/{three[0]}/events?cursor={cursor}"),
            renter.call("GET", f"/v1/resources/vms?cursor={ledger}"),
            renter.call("GET", f"/v1/resources/vms?status=pending&cursor={cursor}"),
            *(
                renter.call("GET", f"/v1/resources/vms?cursor={bad}")
                for bad in (flipped, "", "x", "%00", "é", "A" * 90)
            ),
        ]
        for answer in answers:
            assert (answer.status, answer.pointers) == (422, ["/cursor"]), answer.text

    def test_a_filtered_list_goes_on_with_its_filter_only(self, renter: Person, three: list[str]) -> None:
        path = "/v1/resources/vms?status=pending&limit=2"
        cursor = renter.call("GET", path).json["next_cursor"]
        assert len(renter.call("GET", f"{path}&cursor={cursor}").json["items"]) == 1
        for other in ("", "status=running&"):
            answer = renter.call("GET", f"/v1/resources/vms?{other}cursor={cursor}")
            assert (answer.status, answer.pointers) == (422, ["/cursor"])

    def test_bucketed_list_goes_on_where_it_stopped(self, renter: Person, three: list[str]) -> None:
        whole = [item["id"] for item in renter.call("GET", "/v1/billing/ledger").json["items"]]
        answer = renter.call("GET", "/v1/billing/ledger?limit=1").json
        seen = [item["id"] for item in answer["items"]]
        while answer["next_cursor"] is not None:
            answer = renter.call("GET", f"/v1/billing/ledger?limit=1&cursor={answer['next_cursor']}").json
            seen += [item["id"] for item in answer["items"]]
        assert seen == whole
        assert len(whole) == 4


class TestVersions:
    def test_a_condition_that_nothing_would_check_is_refused(self, renter: Person, host: Host) -> None:
        answer = renter.call("POST", "/v1/resources/vms", renter.order(), headers={"If-Match": '"1"'})
        assert (answer.status, answer.code) == (400, "bad_request")
        assert renter.call("GET", "/v1/resources/vms").json["items"] == []

    def test_stale_if_match_changes_nothing(self, world: World, renter: Person, host: Host) -> None:
        vm_id = renter.rent().json["id"]
        path = f"/v1/resources/vms/{vm_id}"
        stale = renter.call("GET", path).headers["ETag"]
        world.carry_out(renter, host, vm_id, "running")
        refused = renter.call("POST", f"{path}/stop", headers={"If-Match": stale})
        assert (refused.status, refused.code) == (412, "precondition_failed")
        fresh = renter.call("GET", path).headers["ETag"]
        assert fresh != stale
        assert renter.call("POST", f"{path}/stop", headers={"If-Match": f"W/{fresh}"}).status == 412
        assert renter.call("POST", f"{path}/stop", headers={"If-Match": "3"}).status == 400
        assert renter.vm(vm_id)["status"] == "running"
        assert renter.call("POST", f"{path}/stop", headers={"If-Match": f"{stale}, {fresh}"}).status == 202

    def test_any_version_will_do(self, renter: Person, host: Host) -> None:
        vm_id = renter.rent().json["id"]
        answer = renter.call("POST", f"/v1/resources/vms/{vm_id}/terminate", headers={"If-Match": "*"})
        assert answer.status == 202


class TestLimits:
    def test_changes_of_one_person_are_counted_over_all_processes(
        self, world: World, renter: Person, configure: Callable[..., None]
    ) -> None:
        configure(CHANGES_PER_MINUTE="3")
        other = world.join("other@example.com")
        world.time.advance(timedelta(minutes=1))

        def change(person: Person) -> Answer:
            return person.call("POST", "/v1/provider/enrollment-codes", {})

        statuses = []
        for _ in range(4):
            rate_limits.forget()  # another process has no memory of this one's
            statuses.append(change(renter).status)
        assert statuses == [201, 201, 201, 429]
        refused = change(renter)
        assert (refused.code, refused.json["retryable"]) == ("rate_limited", True)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert (change(other).status, renter.call("GET", "/v1/billing/balance").status) == (201, 200)
        world.time.advance(timedelta(seconds=int(refused.headers["Retry-After"])))
        assert change(renter).status == 201

    def test_unknown_callers_are_counted_by_address(self, world: World, configure: Callable[..., None]) -> None:
        configure(PUBLIC_CHANGES_PER_MINUTE="2")
        world.time.advance(timedelta(minutes=1))

        def sign_out(address: str) -> int:
            return call(function("auth").app, "POST", "/v1/auth/logout", source_ip=address).status

        assert [sign_out("198.51.100.1") for _ in range(3)] == [204, 204, 429]
        assert sign_out("198.51.100.2") == 204

    def test_callers_behind_a_proxy_of_ours_are_told_apart_and_cannot_choose_who_they_are(
        self, world: World, configure: Callable[..., None]
    ) -> None:
        configure(PUBLIC_CHANGES_PER_MINUTE="2", TRUSTED_PROXIES="1", TRUSTED_PROXY_PROOF="a-secret")
        world.time.advance(timedelta(minutes=1))

        def sign_out(viewer: str, claimed: str = "", proof: str = "a-secret") -> int:
            headers = {"X-Forwarded-For": f"{claimed}{viewer}, 198.51.100.9", "X-ShareMTC-Proxy": proof}
            return call(
                function("auth").app, "POST", "/v1/auth/logout", headers=headers, source_ip="198.51.100.9"
            ).status

        claims = ["", "192.0.2.1, ", "192.0.2.2, "]
        assert [sign_out("203.0.113.1", claimed) for claimed in claims] == [204, 204, 429]
        assert sign_out("203.0.113.2") == 204
        assert [sign_out(f"192.0.2.{n}", proof="guess") for n in range(3)] == [204, 204, 429]

    def test_flood_of_reads_is_held_in_the_process_and_flows_on_evenly(
        self, world: World, renter: Person, configure: Callable[..., None]
    ) -> None:
        configure(REQUESTS_PER_MINUTE="6")
        statuses = [renter.call("GET", "/v1/billing/balance").status for _ in range(8)]
        assert statuses[-1] == 429
        refused = renter.call("GET", "/v1/billing/balance")
        assert refused.headers["Retry-After"] == "10"
        world.time.advance(timedelta(seconds=10))
        assert [renter.call("GET", "/v1/billing/balance").status for _ in range(2)] == [200, 429]

    def test_zero_is_no_limit(self, renter: Person, configure: Callable[..., None]) -> None:
        configure(REQUESTS_PER_MINUTE="0", CHANGES_PER_MINUTE="0")
        assert {renter.call("POST", "/v1/provider/enrollment-codes", {}).status for _ in range(5)} == {201}


class TestOrigins:
    APP = function("catalog").app
    ORIGIN: ClassVar = {"Origin": "https://partner.example"}

    def test_no_other_site_may_read_by_default(self, world: World) -> None:
        answer = call(self.APP, "GET", "/v1/catalog/hosts", headers=self.ORIGIN)
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_named_site_may_and_no_other(self, world: World, configure: Callable[..., None]) -> None:
        configure(ALLOWED_ORIGINS="https://partner.example, https://two.example")
        answer = call(self.APP, "GET", "/v1/catalog/hosts", headers=self.ORIGIN)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://partner.example"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        for origin in ("https://evil.example", "null", "https://partner.example.evil"):
            refused = call(self.APP, "GET", "/v1/catalog/hosts", headers={"Origin": origin})
            assert "Access-Control-Allow-Origin" not in refused.headers
            assert refused.headers["Vary"] == "Origin"

    def test_preflight_tells_what_the_path_allows(self, world: World, configure: Callable[..., None]) -> None:
        configure(ALLOWED_ORIGINS="https://partner.example")
        answer = call(function("resources").app, "OPTIONS", "/v1/resources/vms", headers=self.ORIGIN)
        assert (answer.status, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
        assert answer.headers["Access-Control-Allow-Origin"] == "https://partner.example"
        assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
        assert call(self.APP, "OPTIONS", "/v1/catalog/nothing", headers=self.ORIGIN).status == 404


def throttled(code: str) -> PynamoDBException:
    return GetError("no", ClientError({"Error": {"Code": code, "Message": "slow down"}}, "GetItem"))


class TestOutages:
    @pytest.mark.parametrize(
        "error",
        [
            throttled("ProvisionedThroughputExceededException"),
            throttled("ThrottlingException"),
            throttled("InternalServerError"),
            GetError("no", EndpointConnectionError(endpoint_url="http://127.0.0.1:1")),
            EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        ],
    )
    def test_storage_that_fails_is_503_and_worth_another_try(
        self, renter: Person, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise error

        monkeypatch.setattr(Workload, "get", fail)
        answer = renter.call("GET", "/v1/resources/vms/vm_1")
        assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "storage_unavailable", "1")
        assert answer.json["retryable"] is True

    def test_a_full_disk_is_named(self, renter: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise throttled("StorageFullException")

        monkeypatch.setattr(Workload, "get", fail)
        answer = renter.call("GET", "/v1/resources/vms/vm_1")
        assert (answer.status, answer.code, answer.headers["Retry-After"]) == (507, "storage_full", "30")

    def test_a_mistake_of_ours_is_no_outage(self) -> None:
        assert outage_of(throttled("ValidationException")) is None
        assert outage_of(KeyError("x")) is None


class TestLines:
    SECRETS = ("correct horse battery staple", "renter@example.com", SSH_KEY.split()[1], "not-a-token", "top-secret")

    def test_every_request_leaves_one_line_and_no_secret(
        self, world: World, renter: Person, host: Host, capsys: pytest.CaptureFixture[str]
    ) -> None:
        capsys.readouterr()
        auth = function("auth").app
        body = {"email": "renter@example.com", "password": "correct horse battery staple"}
        signed_in = call(auth, "POST", "/v1/auth/login", body=body)
        cookie = {"Cookie": f"sharemtc_refresh={signed_in.cookie('sharemtc_refresh')}"}
        call(auth, "POST", "/v1/auth/refresh", headers=cookie)
        call(auth, "POST", "/v1/auth/login", body={**body, "password": "top-secret", "extra": "top-secret"})
        call(auth, "GET", "/v1/auth/me", token="not-a-token")
        call(auth, "GET", "/v1/auth/top-secret?x=top-secret")
        code = renter.call("POST", "/v1/provider/enrollment-codes", {}, headers=KEY).json["code"]
        vm = renter.rent().json
        renter.call("GET", f"/v1/resources/vms/{vm['id']}?x=top-secret")
        said = capsys.readouterr()
        for secret in (*self.SECRETS, code, renter.token, *signed_in.json["access_token"].split("."), *cookie.values()):
            assert secret not in said.out + said.err
        lines = [json.loads(line) for line in said.out.splitlines()]
        assert [(line["operation"], line["status"]) for line in lines] == [
            ("auth_login", 200),
            ("auth_refresh", 200),
            ("auth_login", 422),
            ("auth_me", 401),
            ("none", 404),
            ("provider_create_enrollment_code", 201),
            ("auth_list_ssh_keys", 200),
            ("resources_create_vm", 201),
            ("resources_get_vm", 422),
        ]
        rented = lines[7]
        assert (rented["principal_id"], rented["role"], rented["code"]) == (renter.user_id, "user", None)
        assert (rented["Requests"], rented["Refusals"], rented["Errors"]) == (1, 0, 0)
        assert rented["LatencyMs"] > 0
        # one transaction makes a machine; more of them in one request mean that others were first
        assert rented["TransactionAttempts"] == 1
        named = rented["_aws"]["CloudWatchMetrics"][0]
        assert all(metric["Name"] in rented for metric in named["Metrics"])
        assert all(name in rented for name in named["Dimensions"][0])
        assert (lines[3]["code"], lines[3]["Refusals"]) == ("invalid_token", 1)

    def test_a_hosts_pulse_is_logged_only_when_refused(self, host: Host, capsys: pytest.CaptureFixture[str]) -> None:
        capsys.readouterr()
        host.heartbeat()
        assert capsys.readouterr().out == ""
        host.heartbeat(seq=1)
        assert json.loads(capsys.readouterr().out)["code"] == "stale_sequence"

    def test_a_failure_of_ours_is_logged_without_what_was_sent(
        self, renter: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Workload, "get", lambda *_, **__: 1 / 0)
        answer = renter.call("GET", "/v1/resources/vms/vm_1", headers={"X-Request-Id": "click-12345"})
        assert (answer.status, answer.json["request_id"]) == (500, "click-12345")
        assert "ZeroDivisionError" not in answer.text


class TestRequestIds:
    def test_follows_the_click_to_the_hosts_command(self, world: World, renter: Person, host: Host) -> None:
        order = renter.order()
        answer = renter.call("POST", "/v1/resources/vms", order, headers={"X-Request-Id": "click-12345"})
        assert answer.headers["X-Request-Id"] == "click-12345"
        world.task("dispatch", answer.json, token="t" * 20)
        (command,) = host.commands()
        assert command["request_id"] == "click-12345"

    @pytest.mark.parametrize("sent", ["short", "x" * 65, "line\nbreak-123", 'quote"-12345', "späß-12345"])
    def test_id_that_could_hurt_a_log_is_replaced(self, world: World, sent: str) -> None:
        answer = call(function("catalog").app, "GET", "/v1/catalog/hosts", headers={"x-request-id": sent})
        assert answer.headers["X-Request-Id"] == "11111111-2222-3333-4444-555555555555"
