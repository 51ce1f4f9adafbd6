"""/v1/auth by real proxy events: registration, sign-in, who is signed in, public keys, the first operator."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest
from functions.auth.app import app
from tests.support.accounts import CREDIT, PASSWORD, login, me, refresh_cookie, register
from tests.support.clock import Time
from tests.support.events import call

from sharemtc.accounts import passwords, service
from sharemtc.accounts.table import AccountsRecord, User, user_key
from sharemtc.billing.table import BillingRecord, Wallet, wallet_key
from sharemtc.settings import settings


class TestRegister:
    def test_signs_in_with_a_wallet_holding_the_starting_credit(
        self, time: Time, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sharemtc.accounts.starting_credit.settings", lambda: settings().model_copy(update=CREDIT))
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
        assert set(given.json["user"]) == {"id", "email", "name", "role", "email_proven_at", "created_at"}
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


class Spy:
    """Notes the hashes that are verified; the real hasher verifies them."""

    def __init__(self, hasher: Any, verified: list[str]) -> None:
        self.hasher, self.verified = hasher, verified

    def verify(self, encoded: str, password: str) -> bool:
        self.verified.append(encoded)
        return bool(self.hasher.verify(encoded, password))


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
