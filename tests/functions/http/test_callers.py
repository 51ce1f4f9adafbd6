"""Who counts as one caller, known or not, and whose pages act with the cookies that a browser holds for us."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from functions.auth.app import app
from tests.support.accounts import PASSWORD, login, post, refresh_cookie, register
from tests.support.clock import Time
from tests.support.events import Answer, call
from tests.support.world import Host, World, function

from sharemtc import clock
from sharemtc.settings import settings

NEIGHBOURS = tuple(f"2001:db8:1:2:{number:x}::1" for number in range(1, 46))
NEXT_DOOR = "2001:db8:1:3::1"


@pytest.fixture
def configure() -> Callable[..., None]:
    def change(**values: str) -> None:
        os.environ.update(values)
        settings.cache_clear()

    return change


def sign_out(address: str) -> Answer:
    return post("logout", source_ip=address)


def guess_password(address: str) -> Answer:
    return login("a wrong password", "ada@example.org", source_ip=address)


def guess_operator(address: str) -> Answer:
    body = {"email": "operator@sharemtc.local", "password": "a wrong password"}
    return call(app, "POST", "/v1/auth/admin/direct", body=body, source_ip=address)


def ask_for_email(address: str) -> Answer:
    return post("password/forgot", {"email": "ada@example.org"}, source_ip=address)


def guess_code(address: str) -> Answer:
    host = Host(World(Time(clock.now())))
    body = host.enrollment("x" * 30 + ".y")
    raw, token = host.signed("POST", "/v1/agent/enroll", body, subject="enroll")
    return call(function("agent").app, "POST", "/v1/agent/enroll", raw=raw, token=token, source_ip=address)


def forge_token(address: str) -> Answer:
    return call(app, "GET", "/v1/auth/me", token="forged", source_ip=address)


DOORS = [sign_out, guess_password, guess_operator, ask_for_email, guess_code, forge_token]


@pytest.mark.parametrize("knock", DOORS)
def test_one_ipv6_network_counts_as_one_caller_at_every_door(
    time: Time, configure: Callable[..., None], knock: Callable[[str], Answer]
) -> None:
    World.start(time)
    configure(PUBLIC_CHANGES_PER_MINUTE="40" if knock is sign_out else "0", REFUSALS_PER_MINUTE="40")
    time.advance(timedelta(minutes=1))
    statuses = [knock(address).status for address in NEIGHBOURS]
    assert 429 not in statuses[:5]
    assert statuses[-1] == 429
    assert knock(NEXT_DOOR).status != 429


class TestRefusals:
    @pytest.mark.parametrize(
        ("group", "path", "token"),
        [
            ("auth", "/v1/auth/me", None),
            ("auth", "/v1/auth/me", "forged"),
            ("auth", "/v1/auth/me", "smtc_forged"),
            ("resources", "/v1/resources/vms", "a.b.c"),
            ("agent", "/v1/agent/commands", "a.b.c"),
            ("ingest", "/v1/agent/telemetry", None),
        ],
    )
    def test_a_flood_without_credentials_is_stopped_by_address(
        self, time: Time, configure: Callable[..., None], group: str, path: str, token: str | None
    ) -> None:
        configure(REFUSALS_PER_MINUTE="6")
        method = "POST" if group == "ingest" else "GET"

        def knock(address: str = "203.0.113.7") -> Answer:
            return call(function(group).app, method, path, token=token, source_ip=address)

        answers = [knock() for _ in range(8)]
        assert [answer.status for answer in answers] == [401] * 6 + [429] * 2
        assert (answers[-1].code, answers[-1].headers["Retry-After"]) == ("rate_limited", "10")
        assert knock("198.51.100.1").status == 401
        time.advance(timedelta(seconds=10))
        assert [knock().status for _ in range(2)] == [401, 429]

    def test_who_is_let_in_uses_none_of_it(self, time: Time, configure: Callable[..., None]) -> None:
        World.start(time)
        configure(REFUSALS_PER_MINUTE="2")
        token = register().json["access_token"]
        assert {call(app, "GET", "/v1/auth/me", token=token).status for _ in range(20)} == {200}
        assert [call(app, "GET", "/v1/auth/me").status for _ in range(3)] == [401, 401, 429]

    def test_a_flood_of_what_a_role_may_not_do_is_counted_for_the_caller(
        self, time: Time, configure: Callable[..., None]
    ) -> None:
        renter = World.start(time).join("renter@example.com")
        configure(REQUESTS_PER_MINUTE="6")
        statuses = [renter.call("GET", "/v1/admin/stats").status for _ in range(8)]
        assert statuses[0] == 403
        assert statuses[-1] == 429

    def test_zero_is_no_limit(self, time: Time, configure: Callable[..., None]) -> None:
        configure(REFUSALS_PER_MINUTE="0")
        assert {call(app, "GET", "/v1/auth/me").status for _ in range(700)} == {401}


class TestCookies:
    """A browser sends our cookies for pages of other ports of the same machine, whatever `SameSite` says."""

    OWN = "http://127.0.0.1:8420"
    FOREIGN = (
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8420"},
        {"Origin": "http://127.0.0.1:8420.evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:9999", "Sec-Fetch-Site": "same-site"},
    )
    ROUTES = (
        ("POST", "refresh", None),
        ("POST", "logout", None),
        ("POST", "login", {"email": "ada@example.org", "password": PASSWORD}),
        ("POST", "admin/direct", {"email": "ada@example.org", "password": PASSWORD}),
        ("POST", "register", {"email": "eve@example.org", "password": PASSWORD, "name": "Eve"}),
        ("POST", "password/forgot", {"email": "ada@example.org"}),
        ("DELETE", "me", {"password": PASSWORD}),
    )

    def send(self, method: str, path: str, body: Any, cookie: str, headers: dict[str, str]) -> Answer:
        return call(app, method, f"/v1/auth/{path}", body=body, headers={"Cookie": cookie, **headers})

    @pytest.mark.parametrize(("method", "path", "body"), ROUTES)
    def test_another_page_does_nothing_with_them(self, time: Time, method: str, path: str, body: Any) -> None:
        cookie = refresh_cookie(register())
        for headers in self.FOREIGN:
            refused = self.send(method, path, body, cookie, headers)
            assert (refused.status, refused.code, refused.cookies) == (403, "foreign_origin", ()), headers
        assert self.send("POST", "refresh", None, cookie, {"Origin": self.OWN}).status == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": OWN},
            {"Origin": OWN, "Sec-Fetch-Site": "same-origin"},
            {"Origin": "http://localhost:8420", "X-Forwarded-Host": "localhost:8420", "X-Forwarded-Proto": "http"},
            {"Origin": "https://relay.example", "Sec-Fetch-Site": "same-origin"},
        ],
        ids=str,
    )
    def test_our_own_pages_and_programs_do(self, time: Time, headers: dict[str, str]) -> None:
        cookie = refresh_cookie(register())
        assert self.send("POST", "refresh", None, cookie, headers).status == 200

    def test_a_page_without_our_cookies_may_call(self, time: Time) -> None:
        register()
        assert (
            self.send("POST", "login", self.ROUTES[2][2], "theme=dark", {"Origin": "https://x.example"}).status == 200
        )
