"""The HTTP core: what a declared view is spared, and what a caller sees when something is wrong."""

from __future__ import annotations

import base64
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from pydantic import Field
from tests.support.events import Answer, answer, call, event

from sharemtc import observability
from sharemtc.http.api import Api, Reply, Request
from sharemtc.principals import ANYONE_SIGNED_IN, SUPER_ADMINS, Principal, Role
from sharemtc.problems import Conflict, TooManyRequests, Unauthenticated
from sharemtc.schemas import Instant, PageQuery, Schema, View

PERSON = Principal(Role.USER, "usr_1")


class OrderCreate(Schema):
    sku: str
    quantity: int = Field(gt=0)
    tags: tuple[str, ...] = ()
    weight: float = 1


class OrderView(View):
    id: str
    quantity: int
    made_at: Instant


@dataclass
class Order:
    """Stands for a stored record."""

    id: str
    quantity: int
    made_at: datetime = datetime(2030, 1, 31, 12, 0, 0, 5000, tzinfo=UTC)
    secret: str = "not in the view"


class SoldOut(Conflict):
    code, title = "sold_out", "All are sold"


def authenticate(request: Request) -> Principal:
    if "authorization" not in request.headers:
        raise Unauthenticated
    return PERSON


def shop() -> Api:
    api = Api("shop", authenticate=authenticate)

    @api.operation("POST", "/v1/shop/orders", status=201, roles=ANYONE_SIGNED_IN, view=OrderView, errors=(SoldOut,))
    def post_order(caller: Principal, body: OrderCreate) -> Order:
        """Order."""
        if body.sku == "sold out":
            raise SoldOut("The last one went to someone else.", sku=body.sku)
        if body.sku == "wait":
            raise TooManyRequests(retry_after_s=7)
        if body.sku == "bug":
            OrderCreate.model_validate({"password": body.tags[0]})
        return Order(f"{caller.id} {body.sku}", body.quantity)

    @api.operation("GET", "/v1/shop/orders/{order_id}", roles=ANYONE_SIGNED_IN, view=OrderView)
    def get_order(order_id: str) -> Order:
        """One order."""
        return Order(order_id, 1)

    @api.operation("GET", "/v1/shop/orders", roles=ANYONE_SIGNED_IN, view=OrderView)
    def list_orders(query: PageQuery) -> Order:
        """Orders."""
        return Order(str(query.cursor), query.limit)

    @api.operation("DELETE", "/v1/shop/orders", status=204, roles=SUPER_ADMINS)
    def clear() -> None:
        """Delete all."""

    @api.operation("POST", "/v1/shop/orders/{order_id}/ship", status=204, public=True)
    def ship(order_id: str) -> Reply[None]:
        """Ship."""
        return Reply(None, headers={"X-Carrier": order_id}, cookies=("a=1; Path=/", "b=2; Path=/"))

    return api


@pytest.fixture
def app() -> Api:
    return shop()


def post(app: Api, raw: str) -> Answer:
    return call(app, "POST", "/v1/shop/orders", raw=raw, token="t")


class TestAnswers:
    def test_record_is_read_through_its_view(self, app: Api) -> None:
        given = call(app, "POST", "/v1/shop/orders", body={"sku": "a", "quantity": 2}, token="t")
        assert given.status == 201
        assert given.text == '{"id":"usr_1 a","quantity":2,"made_at":"2030-01-31T12:00:00.005Z"}'

    def test_carries_security_headers_and_the_request_id(self, app: Api) -> None:
        for given in (call(app, "GET", "/v1/shop/orders", token="t"), call(app, "GET", "/v1/nowhere")):
            assert given.headers["X-Request-Id"] == "11111111-2222-3333-4444-555555555555"
            assert given.headers["Cache-Control"] == "no-store"
            assert given.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in given.headers["Content-Security-Policy"]

    def test_204_has_no_body_and_keeps_every_cookie(self, app: Api) -> None:
        given = call(app, "POST", "/v1/shop/orders/o1/ship")
        assert (given.status, given.text, given.headers["X-Carrier"]) == (204, "", "o1")
        assert given.cookies == ("a=1; Path=/", "b=2; Path=/")

    def test_query_reaches_the_view_typed_and_defaulted(self, app: Api) -> None:
        assert call(app, "GET", "/v1/shop/orders?limit=7", token="t").json["quantity"] == 7
        assert call(app, "GET", "/v1/shop/orders", token="t").json["quantity"] == 50

    def test_body_in_base64_is_decoded(self, app: Api) -> None:
        given = event("POST", "/v1/shop/orders", raw="", token="t")
        given["body"] = base64.b64encode(b'{"sku":"a","quantity":2}').decode()
        given["isBase64Encoded"] = True
        assert answer(app(given, None)).status == 201
        given["body"] = "%%%"
        assert answer(app(given, None)).status == 400


class TestRoutes:
    def test_path_parameters_are_percent_decoded(self, app: Api) -> None:
        assert call(app, "GET", "/v1/shop/orders/a%2Fb%20c", token="t").json["id"] == "a/b c"

    @pytest.mark.parametrize(
        "path", ["/", "/v1", "/v1/shop", "/v1/shop/orders/a/b", "/v1/shop//orders", "/v1/shop/%00"]
    )
    def test_unknown_path_is_404(self, app: Api, path: str) -> None:
        given = call(app, "GET", path, token="t")
        assert (given.status, given.code) == (404, "not_found")

    @pytest.mark.parametrize("parameter", ["%00", "%0A", "x" * 201])
    def test_parameter_that_no_id_can_be_is_404(self, app: Api, parameter: str) -> None:
        assert call(app, "GET", f"/v1/shop/orders/{parameter}", token="t").status == 404

    def test_wrong_method_is_405_and_names_the_right_ones(self, app: Api) -> None:
        given = call(app, "PUT", "/v1/shop/orders", token="t")
        assert (given.status, given.code) == (405, "method_not_allowed")
        assert given.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, POST"

    def test_head_is_get_without_a_body(self, app: Api) -> None:
        read = call(app, "GET", "/v1/shop/orders/o1", token="t")
        told = call(app, "HEAD", "/v1/shop/orders/o1", token="t")
        assert (told.status, told.text, told.headers) == (read.status, "", read.headers)
        assert call(app, "HEAD", "/v1/shop/orders/o1").status == 401
        assert call(app, "HEAD", "/v1/shop/nothing", token="t").status == 404

    def test_exact_resources_work_like_greedy_ones(self, app: Api) -> None:
        given = event("GET", "/v1/shop/orders/o1", token="t")
        given["requestContext"]["resourcePath"] = given["resource"] = "/v1/shop/orders/{id}"
        assert answer(app(given, None)).json["id"] == "o1"

    def test_event_is_left_as_it_came(self, app: Api) -> None:
        given = event("GET", "/v1/shop/orders/o1", token="t")
        app(given, None)
        assert given == event("GET", "/v1/shop/orders/o1", token="t")


class TestWho:
    def test_no_credentials_is_401_before_anything_is_read(self, app: Api) -> None:
        given = call(app, "POST", "/v1/shop/orders", raw="{")
        assert (given.status, given.code) == (401, "unauthenticated")
        assert given.headers["WWW-Authenticate"] == "Bearer"

    def test_role_that_is_not_named_is_403(self, app: Api) -> None:
        given = call(app, "DELETE", "/v1/shop/orders", token="t")
        assert (given.status, given.code) == (403, "forbidden")
        assert "super-admin" in given.json["detail"]


class TestBodies:
    @pytest.mark.parametrize(
        ("raw", "pointer", "code"),
        [
            ('{"quantity":1}', "/sku", "missing"),
            ('{"sku":"a","quantity":0}', "/quantity", "greater_than"),
            ('{"sku":"a","quantity":"1"}', "/quantity", "int_type"),
            ('{"sku":"a","quantity":true}', "/quantity", "int_type"),
            ('{"sku":"a","quantity":1.0}', "/quantity", "int_type"),
            ('{"sku":"a","quantity":1,"weight":1e999}', "/weight", "finite_number"),
            ('{"sku":"a","quantity":1,"tags":["x",1]}', "/tags/1", "string_type"),
            ('{"sku":"a","quantity":1,"a/b~c":1}', "/a~1b~0c", "extra_forbidden"),
            ('{"sku":"a\\u0000","quantity":1}', "/sku", "nul"),
            ('{"sku":"a","quantity":1,"tags":["x","\\u0000"]}', "/tags/1", "nul"),
            ("[]", "", "model_type"),
            ("null", "", "model_type"),
        ],
    )
    def test_wrong_field_is_422_with_its_pointer(self, app: Api, raw: str, pointer: str, code: str) -> None:
        given = post(app, raw)
        assert (given.status, given.code) == (422, "invalid_request")
        errors = [(error["pointer"], error["code"]) for error in given.json["errors"]]
        assert (pointer, code) in errors

    @pytest.mark.parametrize(
        "raw",
        [
            "",
            "{",
            "{'sku':1}",
            '{"sku":"a","sku":"b","quantity":1}',
            '{"sku":"a","quantity":NaN}',
            '{"sku":"a","quantity":1,"weight":-Infinity}',
            '{"sku":"a\x00","quantity":1}',
            '{"sku":"\\ud800","quantity":1}',
            '{"sku":"a","quantity":1}x',
            '\ufeff{"sku":"a","quantity":1}',
            '{"sku":"a","quantity":' + "9" * 5000 + "}",
            "[" * 33 + "]" * 33,
            "[" * 100_000,
        ],
    )
    def test_text_that_is_not_plain_json_is_400(self, app: Api, raw: str) -> None:
        given = post(app, raw)
        assert (given.status, given.code) == (400, "bad_request")

    def test_wide_body_is_not_taken_for_a_deep_one(self, app: Api) -> None:
        raw = '{"sku":"a","quantity":1,"tags":[' + ",".join(["[]"] * 100) + "]}"
        assert post(app, raw).status == 422

    def test_bytes_that_are_not_utf8_are_400(self, app: Api) -> None:
        given = event("POST", "/v1/shop/orders", raw="", token="t")
        given["body"], given["isBase64Encoded"] = base64.b64encode(b'{"sku":"\xff","quantity":1}').decode(), True
        assert answer(app(given, None)).status == 400

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"]
    )
    def test_other_content_is_415(self, app: Api, content_type: str) -> None:
        headers = {"Content-Type": content_type}
        given = call(app, "POST", "/v1/shop/orders", raw="{}", token="t", headers=headers)
        assert (given.status, given.code) == (415, "unsupported_media_type")

    @pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
    def test_json_by_any_spelling_is_read(self, app: Api, content_type: str) -> None:
        headers = {"content-type": content_type}
        body = {"sku": "a", "quantity": 1}
        given = event("POST", "/v1/shop/orders", body=body, token="t")
        given["headers"] = {"AUTHORIZATION": "Bearer t", **headers}
        assert answer(app(given, None)).status == 201

    def test_more_than_a_mebibyte_is_413(self, app: Api) -> None:
        assert post(app, '"' + "x" * (1024 * 1024 - 2) + '"').status == 422
        assert post(app, '"' + "x" * (1024 * 1024 - 1) + '"').status == 413

    def test_body_where_none_is_read_is_refused(self, app: Api) -> None:
        assert call(app, "POST", "/v1/shop/orders/o1/ship", raw="{}").status == 204
        assert call(app, "POST", "/v1/shop/orders/o1/ship", body={"to": "me"}).status == 422


class TestQueries:
    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("limit=0", "/limit"),
            ("limit=201", "/limit"),
            ("limit=x", "/limit"),
            ("limit=1&limit=2", "/limit"),
            ("colour=red", "/colour"),
            ("cursor=a%00", "/cursor"),
        ],
    )
    def test_wrong_parameter_is_named(self, app: Api, query: str, pointer: str) -> None:
        given = call(app, "GET", f"/v1/shop/orders?{query}", token="t")
        assert (given.status, given.pointers) == (422, [pointer])

    def test_parameter_where_none_is_read_is_refused(self, app: Api) -> None:
        assert call(app, "GET", "/v1/shop/orders/o1?verbose=1", token="t").pointers == ["/verbose"]


class TestProblems:
    def test_problem_of_the_domain_is_told_as_it_is(self, app: Api) -> None:
        given = post(app, '{"sku":"sold out","quantity":1}')
        assert given.json == {
            "type": "/v1/docs#sold_out",
            "title": "All are sold",
            "status": 409,
            "code": "sold_out",
            "detail": "The last one went to someone else.",
            "request_id": "11111111-2222-3333-4444-555555555555",
            "retryable": False,
            "errors": [],
            "sku": "sold out",
        }

    def test_retry_after_is_a_header_too(self, app: Api) -> None:
        given = post(app, '{"sku":"wait","quantity":1}')
        assert (given.status, given.headers["Retry-After"]) == (429, "7")

    def test_bug_is_500_logged_with_its_stack_and_told_without_it(
        self, app: Api, capsys: pytest.CaptureFixture[str]
    ) -> None:
        # an earlier test's logger writes to what was standard output then
        for handler in logging.getLogger(observability.logger().service).handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(sys.stdout)
        given = post(app, '{"sku":"bug","quantity":1,"tags":["hunter2"]}')
        assert (given.status, given.code) == (500, "internal")
        assert "OrderCreate" not in given.text
        logged = capsys.readouterr().out
        assert "ValidationError" in logged
        assert '"request_id":"11111111-2222-3333-4444-555555555555"' in logged
        assert "hunter2" not in logged


class TestDeclarations:
    def test_operation_without_roles_is_a_mistake_at_import(self) -> None:
        with pytest.raises(TypeError, match="name its roles"):

            @Api("shop").operation("GET", "/v1/shop")
            def get_shop() -> OrderView:
                """The shop."""
                raise NotImplementedError

    @pytest.mark.parametrize("path", ["/v1/shop", "/v1/shop/{other}"])
    def test_path_and_arguments_must_agree(self, path: str) -> None:
        with pytest.raises(TypeError, match="different parameters"):

            @Api("shop").operation("GET", path, public=True)
            def get_shop(shop_id: str) -> OrderView:
                """The shop."""
                raise NotImplementedError

    def test_view_must_be_a_model(self) -> None:
        with pytest.raises(TypeError, match="is not a view"):

            @Api("shop").operation("GET", "/v1/shop", public=True)
            def get_shop() -> dict[str, str]:
                """The shop."""
                raise NotImplementedError

    def test_public_operation_has_no_caller(self) -> None:
        with pytest.raises(TypeError, match="no caller"):

            @Api("shop").operation("GET", "/v1/shop", public=True)
            def get_shop(caller: Principal) -> OrderView:
                """The shop."""
                raise NotImplementedError


def test_chalice_leaves_the_root_logger_alone() -> None:
    handlers = list(logging.getLogger().handlers)
    shop()
    assert logging.getLogger().handlers == handlers
