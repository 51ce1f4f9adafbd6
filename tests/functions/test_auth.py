"""/v1/auth by real proxy events: accounts, sessions, guesses and SSH keys."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from functions.auth.app import app
from tests.functions.conftest import Time
from tests.functions.events import Answer, call

from sharemtc import clock
from sharemtc.accounts import guesses, passwords, service, sessions
from sharemtc.accounts.table import AccountsRecord, User, user_key
from sharemtc.billing.table import BillingRecord, Wallet, wallet_key
from sharemtc.identity import Role
from sharemtc.problems import Invalid
from sharemtc.settings import settings

PASSWORD = "correct horse battery staple"
CREDIT = {"starting_credit_micros": 5_000_000}
HOME, ELSEWHERE, THIRD = "203.0.113.7", "198.51.100.1", "192.0.2.9"


def post(path: str, body: Any = None, cookie: str | None = None, **given: Any) -> Answer:
    headers = {"Cookie": cookie} if cookie is not None else {}
    return call(app, "POST", f"/v1/auth/{path}", body=body, headers=headers, **given)


def register(email: str = "ada@example.org", **changed: Any) -> Answer:
    return post("register", {"email": email, "password": PASSWORD, "name": "Ada", **changed})


def login(password: str = PASSWORD, email: str = "ada@example.org", **given: Any) -> Answer:
    return post("login", {"email": email, "password": password}, **given)


def refresh_cookie(answer: Answer) -> str:
    value = answer.cookie("sharemtc_refresh")
    assert value is not None
    return f"theme=dark; sharemtc_refresh={value}"


def device_cookie(answer: Answer) -> str:
    return f"sharemtc_device={answer.cookie('sharemtc_device')}"


def me(answer: Answer) -> Answer:
    return call(app, "GET", "/v1/auth/me", token=answer.json["access_token"])


def public_key(seed: int = 1) -> str:
    public = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


class TestRegister:
    def test_signs_in_with_a_wallet_holding_the_starting_credit(
        self, time: Time, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("functions.auth.app.settings", lambda: settings().model_copy(update=CREDIT))
        given = register()
        assert given.status == 201
        assert given.json["token_type"] == "Bearer"
        assert given.json["expires_in_s"] == 900
        user = given.json["user"]
        assert (user["email"], user["name"], user["role"]) == ("ada@example.org", "Ada", "user")
        assert user["created_at"] == "2030-01-31T12:00:00.000Z"
        assert me(given).json == user
        assert Wallet.get(wallet_key(user["id"]), "WALLET").available_micros == 5_000_000

    def test_answer_holds_no_secret_but_the_access_token(self) -> None:
        given = register()
        assert set(given.json) == {"access_token", "token_type", "expires_in_s", "user"}
        assert set(given.json["user"]) == {"id", "email", "name", "role", "created_at"}
        assert str(given.cookie("sharemtc_refresh")) not in given.text

    def test_password_and_refresh_token_are_stored_as_hashes_only(self) -> None:
        secret = refresh_cookie(register()).rpartition(".")[2]
        stored = str([record.to_simple_dict() for record in AccountsRecord.scan()])
        assert secret not in stored
        assert PASSWORD not in stored
        assert "$argon2id$" in str([user.password_hash for user in User.scan() if user.sk == "USER"])

    def test_cookies_are_out_of_reach_of_scripts_and_other_sites(self) -> None:
        for line in register().cookies:
            (morsel,) = SimpleCookie(line).values()
            assert morsel["httponly"]
            assert morsel["samesite"] == "Strict"
            assert morsel["path"].startswith("/v1/auth")
            assert int(morsel["max-age"]) > 0

    def test_cookies_are_secure_where_the_place_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "functions.auth.app.settings", lambda: settings().model_copy(update={"cookie_secure": True})
        )
        assert all(line.endswith("; Secure") for line in register().cookies)

    @pytest.mark.parametrize("email", ["ada@example.org", "ADA@Example.ORG"])
    def test_address_is_taken_in_any_spelling(self, email: str) -> None:
        register()
        given = register(email)
        assert (given.status, given.code) == (409, "email_taken")
        assert given.cookies == ()

    def test_refused_registration_leaves_nothing_behind(self) -> None:
        register()
        before = sorted((record.pk, record.sk) for model in (AccountsRecord, BillingRecord) for record in model.scan())
        register()
        after = sorted((record.pk, record.sk) for model in (AccountsRecord, BillingRecord) for record in model.scan())
        assert after == before

    @pytest.mark.parametrize(
        ("changed", "pointer"),
        [
            ({"email": "ada"}, "/email"),
            ({"email": "ada@example.org\n"}, "/email"),
            ({"email": "ada@exa mple.org"}, "/email"),
            ({"email": "a" * 250 + "@b.org"}, "/email"),
            ({"email": None}, "/email"),
            ({"password": "elevenchars"}, "/password"),
            ({"password": "x" * 257}, "/password"),
            ({"password": "ADA@example.org"}, "/password"),
            ({"name": ""}, "/name"),
            ({"name": "   "}, "/name"),
            ({"name": "Ada\nLovelace"}, "/name"),
            ({"name": "x" * 101}, "/name"),
            ({"role": "super-admin"}, "/role"),
        ],
    )
    def test_wrong_field_is_named(self, changed: dict[str, Any], pointer: str) -> None:
        given = register(**changed)
        assert (given.status, given.pointers) == (422, [pointer])


class TestLogin:
    def test_signs_in_whatever_the_spelling_of_the_address(self) -> None:
        registered = register()
        given = login(email="Ada@example.org")
        assert given.status == 200
        assert me(given).json == registered.json["user"]
        assert given.cookie("sharemtc_refresh") != registered.cookie("sharemtc_refresh")

    def test_unknown_address_and_wrong_password_answer_alike(self) -> None:
        register()
        wrong, unknown = login("wrong password"), login(email="nobody@example.org")
        assert (wrong.status, wrong.code) == (401, "wrong_credentials")
        assert unknown.text == wrong.text

    def test_unknown_address_costs_a_hash_of_the_same_parameters(self, monkeypatch: pytest.MonkeyPatch) -> None:
        register()
        verified: list[str] = []
        hasher = passwords._hasher()
        monkeypatch.setattr(passwords, "_hasher", lambda: Spy(hasher, verified))
        login("wrong password")
        login("wrong password", email="nobody@example.org")
        known, unknown = (encoded.rsplit("$", 2)[0] for encoded in verified)
        assert unknown == known

    def test_same_characters_typed_otherwise_are_the_same_password(self) -> None:
        register(password="ｃorrect horse café")
        assert login("correct horse cafe\u0301").status == 200

    def test_hash_is_renewed_when_the_parameters_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        user_id = register().json["user"]["id"]
        before = service.find_user(user_id).password_hash
        stronger = settings().model_copy(update={"password_time_cost": 2})
        monkeypatch.setattr(passwords, "settings", lambda: stronger)
        passwords._hasher.cache_clear()
        try:
            assert login().status == 200
            after = service.find_user(user_id).password_hash
            assert ("t=1" in before, "t=2" in after) == (True, True)
            assert login().status == 200
        finally:
            passwords._hasher.cache_clear()


class Spy:
    """Notes the hashes that are verified; the real hasher verifies them."""

    def __init__(self, hasher: Any, verified: list[str]) -> None:
        self.hasher, self.verified = hasher, verified

    def verify(self, encoded: str, password: str) -> bool:
        self.verified.append(encoded)
        return bool(self.hasher.verify(encoded, password))


class TestGuessing:
    def test_one_address_gets_five_tries_and_the_right_password_none_after(self, time: Time) -> None:
        register()
        statuses = [login(f"wrong password {n}").status for n in range(12)]
        assert statuses == [401] * 5 + [429] * 7
        given = login()
        assert (given.status, given.code) == (429, "too_many_guesses")
        assert given.headers["Retry-After"] == str(15 * 60 + 1)

    def test_many_addresses_get_ten_together(self, time: Time) -> None:
        register()
        statuses = [login("wrong password", source_ip=f"198.51.100.{n}").status for n in range(40)]
        assert statuses.count(401) == 10
        assert statuses.count(429) == 30

    def test_never_more_than_ten_in_any_fifteen_minutes(self, time: Time) -> None:
        register()
        wrong_at_s: list[int] = []
        for second in range(0, 1800, 60):
            for address in (ELSEWHERE, THIRD, HOME):
                if login("wrong password", source_ip=address).status == 401:
                    wrong_at_s.append(second)
            time.advance(timedelta(minutes=1))
        assert len(wrong_at_s) == 20
        assert all(len([at for at in wrong_at_s if start <= at < start + 900]) <= 10 for start in wrong_at_s)

    def test_owner_gets_in_on_a_device_that_signed_in_before(self, time: Time) -> None:
        known = device_cookie(register())
        for n in range(12):
            login("wrong password", source_ip=f"198.51.100.{n}")
        assert login(source_ip=HOME).status == 429
        assert login(source_ip=HOME, cookie=known).status == 200
        assert login(source_ip=THIRD, cookie=known).status == 200

    def test_owner_gets_in_from_another_address_while_one_guesses(self, time: Time) -> None:
        register()
        for _ in range(12):
            login("wrong password", source_ip=ELSEWHERE)
        assert login(source_ip=HOME).status == 200

    def test_device_has_its_own_limit(self, time: Time) -> None:
        known = device_cookie(register())
        statuses = [login("wrong password", cookie=known).status for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2

    def test_device_of_one_account_is_no_device_of_another(self, time: Time) -> None:
        register()
        other = device_cookie(register("eve@example.org"))
        assert [login("wrong password", cookie=other).status for _ in range(6)].count(401) == 5

    @pytest.mark.parametrize("forged", ["sharemtc_device=x", "sharemtc_device=", "sharemtc_device=e30.e30.e30"])
    def test_forged_device_is_a_stranger(self, time: Time, forged: str) -> None:
        register()
        assert [login("wrong password", cookie=forged).status for _ in range(6)].count(401) == 5

    def test_access_token_is_no_device_token(self, time: Time) -> None:
        token = register().json["access_token"]
        cookie = f"sharemtc_device={token}"
        assert [login("wrong password", cookie=cookie).status for _ in range(6)].count(401) == 5

    def test_right_passwords_use_nothing_up(self, time: Time) -> None:
        register()
        assert [login().status for _ in range(12)] == [200] * 12

    def test_tries_come_back_after_fifteen_minutes(self, time: Time) -> None:
        register()
        for _ in range(6):
            login("wrong password")
        time.advance(guesses.WINDOW - timedelta(seconds=1))
        assert login().status == 429
        time.advance(timedelta(seconds=1))
        assert login().status == 200

    def test_unknown_address_is_limited_alike(self, time: Time) -> None:
        statuses = [login("wrong password", email="nobody@example.org").status for _ in range(6)]
        assert statuses == [401] * 5 + [429]

    def test_one_address_cannot_try_one_password_on_everyone(self, time: Time) -> None:
        statuses = [login("wrong password", email=f"user{n}@example.org").status for n in range(guesses.ADDRESS_LIMIT)]
        assert set(statuses) == {401}
        assert login("wrong password", email="next@example.org").status == 429


class TestSessions:
    def test_refresh_replaces_the_cookie_and_goes_on(self, time: Time) -> None:
        first = register()
        second = post("refresh", cookie=refresh_cookie(first))
        assert second.status == 200
        assert refresh_cookie(second) != refresh_cookie(first)
        assert me(second).json == first.json["user"]
        time.advance(timedelta(days=29))
        assert post("refresh", cookie=refresh_cookie(second)).status == 200

    def test_reuse_of_a_replaced_token_ends_the_session_for_both(self, time: Time) -> None:
        stolen = refresh_cookie(register())
        renewed = refresh_cookie(post("refresh", cookie=stolen))
        time.advance(timedelta(seconds=11))
        given = post("refresh", cookie=stolen)
        assert (given.status, given.code) == (401, "session_ended")
        assert post("refresh", cookie=renewed).status == 401

    def test_reuse_of_a_token_replaced_long_ago_ends_the_session(self, time: Time) -> None:
        stolen = cookie = refresh_cookie(register())
        for _ in range(3):
            cookie = refresh_cookie(post("refresh", cookie=cookie))
        assert post("refresh", cookie=stolen).status == 401
        assert post("refresh", cookie=cookie).status == 401

    def test_two_tabs_that_refresh_at_once_stay_signed_in(self, time: Time) -> None:
        shared = refresh_cookie(register())
        first, second = post("refresh", cookie=shared), post("refresh", cookie=shared)
        assert (first.status, second.status) == (200, 200)
        assert second.cookies == ()
        assert me(second).status == 200
        assert post("refresh", cookie=refresh_cookie(first)).status == 200

    def test_loser_of_a_race_on_the_same_token_keeps_the_session(self, monkeypatch: pytest.MonkeyPatch) -> None:
        shared = refresh_cookie(register())
        real, winner = sessions._replace, []

        def lose(session: Any) -> Any:
            monkeypatch.setattr(sessions, "_replace", real)
            winner.append(post("refresh", cookie=shared))
            return real(session)

        monkeypatch.setattr(sessions, "_replace", lose)
        loser = post("refresh", cookie=shared)
        assert (winner[0].status, loser.status, loser.cookies) == (200, 200, ())

    def test_other_sessions_are_untouched_by_a_stolen_one(self, time: Time) -> None:
        stolen, other = refresh_cookie(register()), refresh_cookie(login())
        post("refresh", cookie=stolen)
        time.advance(timedelta(seconds=11))
        assert post("refresh", cookie=stolen).status == 401
        assert post("refresh", cookie=other).status == 200

    def test_idle_session_ends(self, time: Time) -> None:
        cookie = refresh_cookie(register())
        time.advance(timedelta(days=30))
        assert post("refresh", cookie=cookie).status == 401

    @pytest.mark.parametrize("value", ["", "a", "a.b", "a.b.c", "..", "usr_1.ses_1.x", "x" * 5000, "é.é.é"])
    def test_made_up_cookie_is_401(self, value: str) -> None:
        given = post("refresh", cookie=f"sharemtc_refresh={value}")
        assert (given.status, given.code) == (401, "session_ended")

    def test_no_cookie_is_401(self) -> None:
        assert post("refresh").status == 401

    def test_logout_ends_the_session_and_deletes_the_cookie(self) -> None:
        cookie = refresh_cookie(register())
        given = post("logout", cookie=cookie)
        assert (given.status, given.text) == (204, "")
        assert "sharemtc_refresh=; Path=/v1/auth; Max-Age=0" in given.cookies[0]
        assert post("refresh", cookie=cookie).status == 401
        assert post("logout", cookie=cookie).status == 204

    def test_logout_needs_the_secret(self) -> None:
        cookie = refresh_cookie(register())
        assert post("logout", cookie=cookie[:-4] + "AAAA").status == 204
        assert post("refresh", cookie=cookie).status == 200

    def test_role_is_read_again_at_refresh(self) -> None:
        given = register()
        user = User.get(user_key(given.json["user"]["id"]), "USER")
        user.update(actions=[User.role.set(Role.ADMIN)])
        assert post("refresh", cookie=refresh_cookie(given)).json["user"]["role"] == "admin"


class TestMe:
    def test_needs_a_token(self) -> None:
        assert call(app, "GET", "/v1/auth/me").status == 401

    def test_deleted_account_is_signed_out(self) -> None:
        given = register()
        User.get(user_key(given.json["user"]["id"]), "USER").delete()
        assert me(given).status == 401


class TestJwks:
    def test_anyone_may_read_and_keep_the_public_keys(self) -> None:
        given = call(app, "GET", "/v1/auth/.well-known/jwks.json")
        assert [set(key) for key in given.json["keys"]] == [{"kty", "crv", "alg", "use", "kid", "x"}]
        assert given.headers["Cache-Control"] == "public, max-age=300"


class TestSshKeys:
    @pytest.fixture
    def token(self) -> str:
        return str(register().json["access_token"])

    @staticmethod
    def add(token: str, text: str, name: str = "laptop") -> Answer:
        return post("ssh-keys", {"name": name, "public_key": text}, token=token)

    @staticmethod
    def names(token: str, query: str = "") -> list[str]:
        answer = call(app, "GET", f"/v1/auth/ssh-keys{query}", token=token)
        return [item["name"] for item in answer.json["items"]]

    def test_added_key_is_listed_as_it_was_answered(self, time: Time, token: str) -> None:
        given = self.add(token, f"{public_key()} ada@laptop\n")
        assert given.status == 201
        assert given.json["public_key"] == public_key()
        assert (given.json["type"], given.json["bits"], given.json["last_used_at"]) == ("ssh-ed25519", 256, None)
        listed = call(app, "GET", "/v1/auth/ssh-keys", token=token)
        assert listed.json == {"items": [given.json], "next_cursor": None}

    def test_same_key_twice_is_409_under_any_name_or_comment(self, token: str) -> None:
        self.add(token, public_key())
        given = self.add(token, f"{public_key()} another comment", "desktop")
        assert (given.status, given.code) == (409, "ssh_key_taken")
        assert self.names(token) == ["laptop"]

    def test_removed_key_may_be_added_again(self, token: str) -> None:
        key_id = self.add(token, public_key()).json["id"]
        assert call(app, "DELETE", f"/v1/auth/ssh-keys/{key_id}", token=token).status == 204
        assert self.names(token) == []
        assert call(app, "DELETE", f"/v1/auth/ssh-keys/{key_id}", token=token).status == 404
        assert self.add(token, public_key()).status == 201

    def test_another_persons_key_is_as_good_as_none(self, token: str) -> None:
        key_id = self.add(token, public_key()).json["id"]
        stranger = str(register("eve@example.org").json["access_token"])
        foreign = call(app, "DELETE", f"/v1/auth/ssh-keys/{key_id}", token=stranger)
        missing = call(app, "DELETE", "/v1/auth/ssh-keys/key_00000000000000000000000000", token=stranger)
        assert (foreign.status, foreign.text) == (404, missing.text)
        assert self.names(token) == ["laptop"]
        assert self.add(stranger, public_key()).status == 201

    @pytest.mark.parametrize("text", ["", "hello", f'command="sh" {public_key()}', f"{public_key()}\n{public_key(2)}"])
    def test_key_that_could_carry_more_is_422(self, token: str, text: str) -> None:
        given = self.add(token, text)
        assert (given.status, given.pointers) == (422, ["/public_key"])
        assert self.names(token) == []

    def test_at_most_fifty(self, token: str) -> None:
        for seed in range(service.MAX_SSH_KEYS):
            assert self.add(token, public_key(seed), f"key {seed}").status == 201
        given = self.add(token, public_key(99))
        assert (given.status, given.code) == (409, "too_many_ssh_keys")

    def test_list_comes_in_pages_the_newest_first(self, time: Time, token: str) -> None:
        for seed in range(5):
            time.advance(timedelta(seconds=1))
            self.add(token, public_key(seed), f"key {seed}")
        seen, cursor = [], ""
        for _ in range(3):
            answer = call(app, "GET", f"/v1/auth/ssh-keys?limit=2{cursor}", token=token)
            seen += [item["name"] for item in answer.json["items"]]
            cursor = f"&cursor={answer.json['next_cursor']}"
        assert seen == ["key 4", "key 3", "key 2", "key 1", "key 0"]
        assert answer.json["next_cursor"] is None

    def test_cursor_of_another_list_is_refused(self, time: Time, token: str) -> None:
        for seed in range(2):
            self.add(token, public_key(seed), f"key {seed}")
        cursor = call(app, "GET", "/v1/auth/ssh-keys?limit=1", token=token).json["next_cursor"]
        stranger = str(register("eve@example.org").json["access_token"])
        for wrong in (cursor, "x", "%00"):
            given = call(app, "GET", f"/v1/auth/ssh-keys?cursor={wrong}", token=stranger)
            assert (given.status, given.pointers) == (422, ["/cursor"])

    def test_lines_for_a_machine_in_the_order_asked_for(self, token: str) -> None:
        user_id = call(app, "GET", "/v1/auth/me", token=token).json["id"]
        ids = [self.add(token, public_key(seed)).json["id"] for seed in (1, 2)]
        assert service.public_keys(user_id, ids[::-1]) == (public_key(2), public_key(1))
        assert service.public_keys(user_id, []) == ()
        foreign = self.add(str(register("eve@example.org").json["access_token"]), public_key(3)).json["id"]
        with pytest.raises(Invalid) as caught:
            service.public_keys(user_id, [ids[0], foreign, "key_none", "x" * 5000])
        assert [error.pointer for error in caught.value.errors] == [f"/ssh_key_ids/{index}" for index in (1, 2, 3)]

    def test_use_is_noted(self, time: Time, token: str) -> None:
        user_id = call(app, "GET", "/v1/auth/me", token=token).json["id"]
        key_id = self.add(token, public_key()).json["id"]
        service.mark_ssh_keys_used(user_id, [key_id], clock.now())
        service.mark_ssh_keys_used(user_id, [key_id, "key_gone"], clock.now())
        listed = call(app, "GET", "/v1/auth/ssh-keys", token=token)
        assert listed.json["items"][0]["last_used_at"] == "2030-01-31T12:00:00.000Z"


class TestOperator:
    def test_is_made_once_and_signs_in(self) -> None:
        first = service.ensure_operator("Operator@sharemtc.local", PASSWORD)
        assert service.ensure_operator("operator@sharemtc.local", "another password") == first
        given = login(email="operator@sharemtc.local")
        assert (given.json["user"]["id"], given.json["user"]["role"]) == (first, "super-admin")

    def test_address_of_someone_else_is_not_promoted(self) -> None:
        register("operator@sharemtc.local")
        with pytest.raises(service.EmailTaken):
            service.ensure_operator("operator@sharemtc.local", PASSWORD)
        assert login(email="operator@sharemtc.local").json["user"]["role"] == "user"
