"""POST /v1/auth/admin/direct: operators only, counted apart, every try recorded."""

from __future__ import annotations

from typing import Any

import pytest
from functions.auth.app import app
from tests.support.clock import Time
from tests.support.events import Answer, call
from tests.support.someone import PASSWORD, Someone

from sharemtc.accounts import passwords, service
from sharemtc.accounts.table import User, user_key
from sharemtc.audit import service as audit
from sharemtc.principals import Role

OPERATOR = "operator@sharemtc.local"


@pytest.fixture
def operator_id(time: Time) -> str:
    return service.ensure_operator(OPERATOR, PASSWORD)


def sign_in(password: str = PASSWORD, email: str = OPERATOR, address: str = "203.0.113.7", cookie: str = "") -> Answer:
    body = {"email": email, "password": password}
    return call(app, "POST", "/v1/auth/admin/direct", body=body, source_ip=address, headers={"Cookie": cookie})


def events(subject: str) -> list[str]:
    return [record.event for record in audit.read_chain(subject)]


def test_operator_gets_in(operator_id: str) -> None:
    given = sign_in()
    assert given.status == 200
    assert (given.json["user"]["id"], given.json["user"]["role"]) == (operator_id, "super-admin")
    assert given.cookie("sharemtc_refresh")
    assert events(operator_id) == ["account.registered", "operator_sign_in.succeeded"]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPS_ADMIN])
def test_every_operator_role_gets_in(time: Time, role: Role) -> None:
    ada = Someone()
    User(user_key(ada.id), "USER").update([User.role.set(role)])
    assert sign_in(email=ada.email).status == 200


@pytest.mark.parametrize("role", [Role.USER, Role.PROVIDER])
def test_nobody_else_does_with_the_right_password(time: Time, role: Role) -> None:
    ada = Someone()
    User(user_key(ada.id), "USER").update([User.role.set(role)])
    refused, wrong = sign_in(email=ada.email), sign_in("wrong password", email=ada.email)
    assert (refused.status, refused.code, refused.cookies) == (401, "wrong_credentials", ())
    assert refused.text == wrong.text == sign_in(email="nobody@example.org").text
    assert events(ada.id)[1:] == ["operator_sign_in.failed"] * 2


def test_every_try_is_recorded_even_beyond_the_limit(operator_id: str) -> None:
    statuses = [sign_in(f"wrong {n}").status for n in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert events(operator_id)[1:] == ["operator_sign_in.failed"] * 5 + ["operator_sign_in.limited"] * 2
    assert audit.verify(operator_id).intact


def test_tries_at_one_door_use_nothing_of_the_other(operator_id: str) -> None:
    ordinary = {"email": OPERATOR, "password": "wrong password"}
    for n in range(12):
        call(app, "POST", "/v1/auth/login", body=ordinary, source_ip=f"198.51.100.{n}")
    assert sign_in().status == 200
    for n in range(12):
        sign_in("wrong password", address=f"198.51.100.{n}")
    assert sign_in().status == 429


def test_owner_gets_in_on_a_device_that_signed_in_before(operator_id: str) -> None:
    cookie = f"sharemtc_device={sign_in().cookie('sharemtc_device')}"
    for n in range(12):
        sign_in("wrong password", address=f"198.51.100.{n}")
    assert sign_in().status == 429
    assert sign_in(cookie=cookie).status == 200


@pytest.mark.parametrize("path", ["login", "admin/direct"])
def test_unknown_address_costs_the_same_storage_calls_and_hash(
    operator_id: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    calls: list[str] = []
    real_matches = passwords.matches

    def count_call(model: Any, **_: Any) -> None:
        calls.append(model.name)

    def count_hash(password: str, password_hash: str | None) -> bool:
        calls.append("hash")
        return real_matches(password, password_hash)

    client = User._get_connection().connection.client
    client.meta.events.register("before-call.dynamodb", count_call, unique_id="count")
    monkeypatch.setattr(passwords, "matches", count_hash)
    told = []
    try:
        for email in (OPERATOR, "nobody@example.org"):
            calls.clear()
            body = {"email": email, "password": "wrong password"}
            assert call(app, "POST", f"/v1/auth/{path}", body=body).status == 401
            told.append(list(calls))
    finally:
        client.meta.events.unregister("before-call.dynamodb", unique_id="count")
    assert "hash" in told[0]
    assert told[1] == told[0]
