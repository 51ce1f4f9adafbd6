"""The Python client: what it sends, what it repeats, and what comes back of a refusal."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from sharemtc_client import ApiError, AsyncClient, Bearer, Call, Client, RetryPolicy
from sharemtc_client.calls import segment
from sharemtc_client.messages import Reply
from sharemtc_client.models.resources import Status, VmCreate, VmView
from sharemtc_client.operations import auth, resources
from sharemtc_client.over_httpx import AsyncHttpxTransport, HttpxTransport

URL = "https://api.example"
VM = {
    "id": "vm_1", "name": "web", "status": "running", "desired": "running", "observed": "running", "generation": 1,
    "version": 3, "phases": [], "actions": ["stop"], "billable": True, "host_id": "hst_1", "host_name": "box",
    "host_state": "ready", "host_heard_at": "2030-01-31T12:00:00.000Z", "proven_until": None,
    "lost_declarable_at": None, "region": "local", "template_id": "tpl_1", "template_name": "Tiny", "vcpus": 1,
    "memory_mib": 256, "disk_gib": 1, "allocation_id": "alc_1", "rate_nanos_per_hour": 1,
    "running_rate_nanos_per_hour": 1, "stopped_rate_nanos_per_hour": 1,
    "spent_micros": 1, "billed_s": 1, "currency": "USD", "connect": None,
    "failure": None, "created_at": "2030-01-31T12:00:00.000Z", "started_at": None, "ended_at": None,
    "as_of": "2030-01-31T12:00:00.000Z", "a_newer_field": 1,
}  # fmt: skip
ORDER = VmCreate(
    name="web", template_id="tpl_1", vcpus=1, memory_mib=256, disk_gib=1, ssh_key_ids=("key_1",), host_id="hst_1"
)


def busy() -> httpx.Response:
    return problem(503, "storage_unavailable", retryable=True)


class Api:
    """Answers in the order given, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, credentials: Bearer | None = None, **retries: Any) -> Client:
        return Client(
            URL,
            credentials,
            retries=RetryPolicy(**retries),
            transport=HttpxTransport(URL, httpx.Client(transport=httpx.MockTransport(self))),
            sleep=self.pauses.append,
        )


def ok(body: Mapping[str, Any], status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


def problem(status: int, code: str, *, retryable: bool = False, after: str = "", **more: Any) -> httpx.Response:
    body = {"code": code, "detail": "No.", "status": status, "retryable": retryable, "errors": [], **more}
    return httpx.Response(status, json=body, headers={"Retry-After": after, "X-Request-Id": "req_1"} if after else {})


def refusal(call: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


class TestRequests:
    def test_body_has_what_was_set_and_nothing_else(self) -> None:
        api = Api(ok(VM, 201))
        view = api.client(Bearer("token")).send(resources.create_vm(ORDER, idempotency_key="k1"))
        (sent,) = api.asked
        assert (sent.method, str(sent.url)) == ("POST", f"{URL}/v1/resources/vms")
        assert sent.headers["Authorization"] == "Bearer token"
        assert sent.headers["Idempotency-Key"] == "k1"
        assert "quote_id" not in json.loads(sent.content)
        assert isinstance(view, VmView)
        assert (view.status, view.version) == (Status.RUNNING, 3)

    def test_query_is_typed_and_left_out_where_it_is_none(self) -> None:
        api = Api(ok({"items": [], "next_cursor": None}))
        api.client().send(resources.list_vms(status=Status.STOPPED, limit=7))
        assert dict(api.asked[0].url.params) == {"status": "stopped", "limit": "7"}

    def test_version_becomes_an_etag(self) -> None:
        api = Api(ok(VM, 202), ok(VM, 202))
        client = api.client()
        client.send(resources.stop_vm("vm_1", if_match=3))
        client.send(resources.stop_vm("vm_1", if_match='"3", "4"'))
        assert [sent.headers["If-Match"] for sent in api.asked] == ['"3"', '"3", "4"']

    def test_id_cannot_lead_elsewhere(self) -> None:
        assert segment("a/b?c") == "a%2Fb%3Fc"
        for wrong in ("", ".", ".."):
            with pytest.raises(ValueError, match="not an id"):
                segment(wrong)

    def test_large_body_is_gzipped_where_that_is_taken(self) -> None:
        class Words(BaseModel):
            words: str

        given = Call("POST", "/v1/x", NoneType, body=Words(words="a" * 5000), gzips=True)
        assert given.headers["Content-Type"] == "application/gzip"
        assert json.loads(gzip.decompress(given.content)) == {"words": "a" * 5000}
        small = Call("POST", "/v1/x", NoneType, body=Words(words="a"), gzips=True)
        assert small.headers["Content-Type"] == "application/json"

    def test_value_that_is_newer_than_the_client_is_kept(self) -> None:
        status = Api(ok({**VM, "status": "hibernating"})).client().send(resources.get_vm("vm_1")).status
        assert (str(status), status.name) == ("hibernating", "UNKNOWN")

    def test_every_page_is_walked(self) -> None:
        api = Api(ok({"items": [VM], "next_cursor": "c2"}), ok({"items": [VM], "next_cursor": None}))
        assert len(list(api.client().iterate(resources.list_vms(limit=1)))) == 2
        assert [sent.url.params.get("cursor") for sent in api.asked] == [None, "c2"]


class TestRefusals:
    def test_problem_is_one_exception(self) -> None:
        errors = [{"pointer": "/name", "code": "missing", "message": "This field is required."}]
        answer = problem(422, "invalid_request", errors=errors, request_id="req_1", sku="x", after="3")
        error = refusal(lambda: Api(answer).client().send(resources.create_vm(ORDER)))
        assert (error.code, error.detail, error.status, error.request_id) == ("invalid_request", "No.", 422, "req_1")
        assert (error.errors[0].pointer, error.extra, error.retry_after_s) == ("/name", {"sku": "x"}, 3.0)
        assert str(error) == "invalid_request: No. (/name This field is required.)"

    def test_what_is_no_problem_is_told_by_its_status(self) -> None:
        error = refusal(lambda: Api(httpx.Response(418, text="<html>")).client().send(auth.me()))
        assert (error.code, error.retryable) == ("http_418", False)

    def test_answer_of_another_shape_is_named(self) -> None:
        error = refusal(lambda: Api(ok({})).client().send(auth.me()))
        assert error.code == "bad_answer"
        assert "UserView" in error.detail


class TestRepetition:
    def test_read_is_repeated_and_waits_as_long_as_it_is_told(self) -> None:
        api = Api(problem(429, "rate_limited", retryable=True, after="7"), httpx.ReadTimeout("slow"), busy(), ok(VM))
        api.client().send(resources.get_vm("vm_1"))
        assert len(api.pauses) == 3
        assert api.pauses[0] >= 7
        assert all(pause <= 4 for pause in api.pauses[1:])

    def test_order_without_a_key_gets_one_and_keeps_it(self) -> None:
        api = Api(httpx.ReadTimeout("slow"), busy(), ok(VM, 201))
        api.client().send(resources.create_vm(ORDER))
        keys = {sent.headers["Idempotency-Key"] for sent in api.asked}
        assert (len(api.asked), len(keys)) == (3, 1)

    @pytest.mark.parametrize("failure", [httpx.ReadTimeout("slow"), busy()])
    def test_what_may_have_been_done_is_not_done_again(self, failure: httpx.Response | Exception) -> None:
        for call in (
            lambda client: client.send(Call("POST", "/v1/x", NoneType)),
            lambda client: client.send(Call("PUT", "/v1/x", NoneType, if_match=3)),
            lambda client: client.send(Call("PATCH", "/v1/x", NoneType)),
        ):
            api = Api(failure)
            refusal(lambda call=call, api=api: call(api.client()))  # type: ignore[misc]
            assert len(api.asked) == 1

    @pytest.mark.parametrize(
        "failure", [httpx.ConnectError("down"), problem(409, "busy", retryable=True), problem(429, "x", retryable=True)]
    )
    def test_what_was_certainly_not_done_is_tried_again(self, failure: httpx.Response | Exception) -> None:
        api = Api(failure, httpx.Response(204))
        api.client().send(Call("POST", "/v1/x", NoneType))
        assert len(api.asked) == 2

    def test_attempts_are_bounded_and_refusals_final(self) -> None:
        api = Api(*(busy() for _ in range(9)))
        assert refusal(lambda: api.client(attempts=3).send(resources.get_vm("vm_1"))).code == "storage_unavailable"
        assert len(api.asked) == 3
        api = Api(problem(404, "not_found"))
        assert refusal(lambda: api.client().send(resources.get_vm("vm_1"))).status == 404

    def test_long_wait_is_left_to_the_caller(self) -> None:
        api = Api(problem(429, "too_many_guesses", retryable=True, after="900"))
        assert refusal(lambda: api.client().send(resources.get_vm("vm_1"))).retry_after_s == 900
        assert api.pauses == []


class TestCredentials:
    def test_function_is_asked_again_once_after_a_401(self) -> None:
        tokens = iter(("old", "new", "newer"))
        api = Api(problem(401, "invalid_token"), ok(VM))
        api.client(Bearer(lambda: next(tokens))).send(resources.get_vm("vm_1"))
        assert [sent.headers["Authorization"] for sent in api.asked] == ["Bearer old", "Bearer new"]
        api = Api(problem(401, "invalid_token"), problem(401, "invalid_token"))
        assert refusal(lambda: api.client(Bearer(lambda: "x")).send(resources.get_vm("vm_1"))).status == 401

    def test_fixed_token_is_not_tried_again(self) -> None:
        api = Api(problem(401, "invalid_token"))
        assert refusal(lambda: api.client(Bearer("x")).send(resources.get_vm("vm_1"))).code == "invalid_token"

    def test_signer_sees_the_bytes_that_are_sent(self) -> None:
        class Signer:
            def headers(self, method: str, path: str, content: bytes) -> Mapping[str, str]:
                return {"Authorization": f"{method} {path} {len(content)}"}

            def learn(self, reply: Reply) -> bool:
                return False

        api = Api(ok(VM, 201))
        http = httpx.Client(transport=httpx.MockTransport(api))
        with Client(URL, Signer(), transport=HttpxTransport(URL, http)) as client:
            client.send(Call("POST", "/v1/resources/vms", VmView, body=ORDER))
        (sent,) = api.asked
        assert sent.headers["Authorization"] == f"POST /v1/resources/vms {len(sent.content)}"


class TestAsyncio:
    def test_repeats_and_walks_pages_as_the_blocking_one(self) -> None:
        pages = [busy(), ok({"items": [VM], "next_cursor": "c2"}), ok({"items": [VM], "next_cursor": None})]
        api, pauses = Api(*pages), []

        async def pause(seconds: float) -> None:
            pauses.append(seconds)

        async def run() -> list[str]:
            http = httpx.AsyncClient(transport=httpx.MockTransport(api))
            async with AsyncClient(URL, Bearer("t"), transport=AsyncHttpxTransport(URL, http), sleep=pause) as client:
                return [vm.id async for vm in client.iterate(resources.list_vms())]

        assert asyncio.run(run()) == ["vm_1", "vm_1"]
        assert (len(api.asked), len(pauses)) == (3, 1)

    def test_refusal_is_the_same_exception(self) -> None:
        async def run() -> None:
            http = httpx.AsyncClient(transport=httpx.MockTransport(Api(problem(404, "not_found"))))
            async with AsyncClient(URL, transport=AsyncHttpxTransport(URL, http)) as client:
                await client.send(Call("GET", "/v1/x", NoneType))

        assert refusal(lambda: asyncio.run(run())).code == "not_found"
