"""Signing in with Google, against an OpenID provider with real keys, and bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from functions.auth.app import app
from tests.support.clock import Time
from tests.support.events import Answer, call
from tests.support.mailbox import Mailbox
from tests.support.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, jwk, serving
from tests.support.someone import PASSWORD, Someone

from sharemtc import clock
from sharemtc.accounts import google, service
from sharemtc.accounts.table import User, user_key
from sharemtc.billing.table import Wallet, wallet_key
from sharemtc.settings import settings


@pytest.fixture
def provider(time: Time, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenIdProvider]:
    boto3.client("secretsmanager").create_secret(Name="test-google", SecretString=CLIENT_SECRET)
    google._provider.cache_clear()
    with serving() as given:
        here = {"google_client_id": CLIENT_ID, "google_secret_id": "test-google", "google_issuer": given.issuer}
        monkeypatch.setattr(google, "settings", lambda: settings().model_copy(update=here))
        yield given


def start() -> Answer:
    return call(app, "GET", "/v1/auth/google/start")


def come_back(query: str, cookie: str) -> Answer:
    return call(app, "GET", f"/v1/auth/google/callback?{query}", headers={"Cookie": cookie})


def state_cookie(answer: Answer) -> str:
    return f"sharemtc_google={answer.cookie('sharemtc_google')}"


def sign_in(provider: OpenIdProvider) -> Answer:
    started = start()
    return come_back(provider.authorize(started.headers["Location"]), state_cookie(started))


def problem(answer: Answer) -> str:
    """The problem that the browser is sent to the console with; no session came along."""
    assert answer.status == 302
    assert answer.cookie("sharemtc_refresh") is None
    return parse_qs(urlsplit(answer.headers["Location"]).query).get("problem", [""])[0]


def who(answer: Answer) -> dict[str, Any]:
    assert answer.headers["Location"] == f"{settings().public_url}/"
    cookie = f"sharemtc_refresh={answer.cookie('sharemtc_refresh')}"
    return dict(call(app, "POST", "/v1/auth/refresh", headers={"Cookie": cookie}).json["user"])


class TestOff:
    def test_says_so(self, time: Time) -> None:
        assert call(app, "GET", "/v1/auth/providers").json == {"password": True, "google": False, "emails": "none"}
        for path in ("start", "callback?code=x&state=x"):
            given = call(app, "GET", f"/v1/auth/google/{path}")
            assert (given.status, given.code) == (404, "google_not_configured")


class TestSignIn:
    def test_is_offered(self, provider: OpenIdProvider) -> None:
        assert call(app, "GET", "/v1/auth/providers").json == {"password": True, "google": True, "emails": "none"}

    def test_makes_an_account_with_a_wallet(self, provider: OpenIdProvider) -> None:
        user = who(sign_in(provider))
        assert (user["email"], user["name"], user["role"]) == ("ada@example.org", "Ada", "user")
        assert Wallet.get(wallet_key(user["id"]), "WALLET").available_micros == 0

    def test_knows_the_account_again_whatever_its_address_is_now(self, provider: OpenIdProvider) -> None:
        first = who(sign_in(provider))
        provider.person = {**provider.person, "email": "ada@elsewhere.example", "email_verified": False}
        assert who(sign_in(provider)) == first

    def test_account_has_no_password_that_could_be_guessed(self, provider: OpenIdProvider) -> None:
        sign_in(provider)
        for password in ("", "None", PASSWORD):
            body = {"email": "ada@example.org", "password": password}
            assert call(app, "POST", "/v1/auth/login", body=body).status == 401

    def test_cookie_survives_the_way_back_and_nothing_else_sees_it(self, provider: OpenIdProvider) -> None:
        started = start()
        (line,) = started.cookies
        assert "SameSite=Lax" in line
        assert "HttpOnly" in line
        assert "Path=/v1/auth/google;" in line
        asked = parse_qs(urlsplit(started.headers["Location"]).query)
        assert asked["redirect_uri"] == [f"{settings().public_url}/v1/auth/google/callback"]

    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ("\x00" + "x" * 500, "x" * 100),
            ("Ada\N{ZERO WIDTH NON-JOINER}\N{RIGHT-TO-LEFT OVERRIDE}\nLovelace", "Ada Lovelace"),
            ("\x00", "ada"),
        ],
    )
    def test_name_is_made_fit(self, provider: OpenIdProvider, given: str, name: str) -> None:
        provider.person = {**provider.person, "name": given}
        assert who(sign_in(provider))["name"] == name


class TestLinking:
    def test_unproven_account_is_not_handed_over(self, provider: OpenIdProvider) -> None:
        squatter = Someone()
        assert problem(sign_in(provider)) == "google_email_taken"
        assert squatter.refresh().status == 200

    def test_proven_account_is_linked(
        self, provider: OpenIdProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ada = Someone()
        User(user_key(ada.id), "USER").update([User.email_proven_at.set(clock.now())])
        assert who(sign_in(provider))["id"] == ada.id
        assert ada.events()[-1] == "google.linked"
        assert ada.is_intact()
        assert ada.sign_in().status == 200
        Mailbox(tmp_path / "outbox", monkeypatch)
        assert ada.send("DELETE", "me", {"password": PASSWORD}).status == 204
        assert who(sign_in(provider))["id"] != ada.id

    def test_second_google_account_does_not_take_over_the_first(self, provider: OpenIdProvider) -> None:
        who(sign_in(provider))
        provider.person = {**provider.person, "sub": "2002"}
        assert problem(sign_in(provider)) == "google_email_taken"

    def test_operators_account_is_not_linked(self, provider: OpenIdProvider) -> None:
        operator_id = service.ensure_operator("ada@example.org", PASSWORD)
        User(user_key(operator_id), "USER").update([User.email_proven_at.set(clock.now())])
        assert problem(sign_in(provider)) == "google_email_taken"

    @pytest.mark.parametrize("verified", [False, None, "false", 1.5, "yes"])
    def test_unverified_address_opens_and_makes_nothing(self, provider: OpenIdProvider, verified: Any) -> None:
        provider.person = {**provider.person, "email_verified": verified}
        assert problem(sign_in(provider)) == "google_email_unverified"
        assert service.find_by_email("ada@example.org") is None

    @pytest.mark.parametrize("email", [None, "", "ada", "ada@example.org\nBcc: x@y.z", 7])
    def test_address_that_is_none_is_refused(self, provider: OpenIdProvider, email: Any) -> None:
        provider.person = {**provider.person, "email": email}
        assert problem(sign_in(provider)) == "google_email_unverified"

    def test_account_without_password_is_deleted_right_after_signing_in(
        self, provider: OpenIdProvider, time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Mailbox(tmp_path / "outbox", monkeypatch)

        def delete(answer: Answer, later: timedelta) -> Answer:
            time.advance(later)
            cookie = f"sharemtc_refresh={answer.cookie('sharemtc_refresh')}"
            token = call(app, "POST", "/v1/auth/refresh", headers={"Cookie": cookie}).json["access_token"]
            return call(app, "DELETE", "/v1/auth/me", body={}, token=token)

        assert delete(sign_in(provider), timedelta(minutes=11)).json["reasons"][0]["code"] == "sign_in_again"
        assert delete(sign_in(provider), timedelta(minutes=1)).status == 204


class TestBadTokens:
    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": "another-client"},
            {"aud": [CLIENT_ID, "another-client"]},
            {"aud": None},
            {"azp": "another-client"},
            {"iss": "https://accounts.google.com.evil.example"},
            {"iss": None},
            {"nonce": "another nonce"},
            {"nonce": None},
            {"nonce": ""},
            {"exp": 1},
            {"exp": None},
            {"exp": "9999999999"},
            {"iat": 99999999999},
            {"sub": None},
            {"sub": ""},
            {"sub": "x" * 256},
        ],
    )
    def test_wrong_claim_is_refused(self, provider: OpenIdProvider, claims: dict[str, Any]) -> None:
        provider.claims = claims
        assert problem(sign_in(provider)) == "google_refused"
        assert service.find_by_email("ada@example.org") is None

    @pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512"])
    def test_other_algorithm_is_refused(self, provider: OpenIdProvider, algorithm: str) -> None:
        provider.algorithm = algorithm
        assert problem(sign_in(provider)) == "google_refused"

    def test_signature_of_another_key_is_refused(self, provider: OpenIdProvider) -> None:
        provider.signer = "second"
        assert problem(sign_in(provider)) == "google_refused"

    @pytest.mark.parametrize("kid", ["k2", "../../keys", "", None])
    def test_unknown_key_is_refused(self, provider: OpenIdProvider, kid: str | None) -> None:
        provider.header = {"kid": kid}
        provider.id_token = None if kid is not None else "e30.e30.e30"
        assert problem(sign_in(provider)) == "google_refused"

    def test_expired_token_is_refused(self, provider: OpenIdProvider, time: Time) -> None:
        now_s = clock.to_ms(clock.now()) // 1000
        provider.claims = {"iat": now_s - 4000, "exp": now_s - 400}
        assert problem(sign_in(provider)) == "google_refused"

    def test_new_key_is_asked_for_and_unknown_ones_do_not_flood_the_provider(
        self, provider: OpenIdProvider, time: Time, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seconds = SimpleNamespace(monotonic=lambda: clock.now().timestamp())
        monkeypatch.setattr("jwt.jwks_client.time", seconds)
        who(sign_in(provider))
        provider.keys = [jwk("k2", "second")]
        provider.signer, provider.header = "second", {"kid": "k2"}
        for _ in range(3):
            assert problem(sign_in(provider)) == "google_refused"
        assert provider.key_requests == 1
        time.advance(timedelta(seconds=31))
        who(sign_in(provider))
        assert provider.key_requests == 2

    @pytest.mark.parametrize("keys", [[], None, "keys"])
    def test_provider_without_keys_proves_nothing(self, provider: OpenIdProvider, keys: Any) -> None:
        provider.keys = keys
        assert problem(sign_in(provider)) in ("google_refused", "google_unavailable")


class TestState:
    def test_answer_of_a_sign_in_begun_elsewhere_is_refused(self, provider: OpenIdProvider) -> None:
        mine, theirs = start(), start()
        query = provider.authorize(theirs.headers["Location"])
        assert problem(come_back(query, state_cookie(mine))) == "google_state_lost"
        assert problem(come_back(query, "")) == "google_state_lost"
        assert problem(come_back(query.replace("state=", "hd="), state_cookie(theirs))) == "google_state_lost"

    def test_code_works_once(self, provider: OpenIdProvider) -> None:
        started = start()
        query = provider.authorize(started.headers["Location"])
        who(come_back(query, state_cookie(started)))
        assert problem(come_back(query, state_cookie(started))) == "google_refused"

    def test_code_of_another_sign_in_fails_on_its_verifier(self, provider: OpenIdProvider) -> None:
        mine, theirs = start(), start()
        code = parse_qs(provider.authorize(theirs.headers["Location"]))["code"][0]
        state = parse_qs(provider.authorize(mine.headers["Location"]))["state"][0]
        assert problem(come_back(f"code={code}&state={state}", state_cookie(mine))) == "google_refused"

    def test_lasts_ten_minutes(self, provider: OpenIdProvider, time: Time) -> None:
        started = start()
        query = provider.authorize(started.headers["Location"])
        time.advance(timedelta(minutes=10))
        assert problem(come_back(query, state_cookie(started))) == "google_state_lost"

    def test_access_token_is_no_state(self, provider: OpenIdProvider) -> None:
        query = provider.authorize(start().headers["Location"])
        assert problem(come_back(query, f"sharemtc_google={Someone('eve@example.org').token}")) == "google_state_lost"

    def test_refusal_at_google_is_told(self, provider: OpenIdProvider) -> None:
        started = start()
        state = parse_qs(urlsplit(started.headers["Location"]).query)["state"][0]
        given = come_back(f"error=access_denied&state={state}", state_cookie(started))
        assert problem(given) == "google_refused"


class TestProvider:
    @pytest.mark.parametrize(
        "about",
        [
            {"issuer": "https://evil.example"},
            {"authorization_endpoint": "http://169.254.169.254/latest/meta-data"},
            {"authorization_endpoint": "file:///etc/passwd"},
            {"authorization_endpoint": None},
        ],
    )
    def test_description_that_leads_elsewhere_is_not_followed(
        self, provider: OpenIdProvider, about: dict[str, Any]
    ) -> None:
        provider.about = about
        given = start()
        assert (given.status, given.code) == (503, "google_unavailable")

    @pytest.mark.parametrize("url", ["http://169.254.169.254/keys", "http://10.0.0.1/keys", "http://localhost:1/keys"])
    def test_keys_and_codes_go_nowhere_else(self, provider: OpenIdProvider, url: str) -> None:
        provider.about = {"jwks_uri": url}
        assert problem(sign_in(provider)) == "google_unavailable"
        provider.about = {"token_endpoint": url}
        google._provider.cache_clear()
        assert problem(sign_in(provider)) == "google_unavailable"

    def test_that_is_down_is_said_to_be(self, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> None:
        here = {
            "google_client_id": CLIENT_ID,
            "google_secret_id": "test-google",
            "google_issuer": "http://127.0.0.1:9",
        }
        monkeypatch.setattr(google, "settings", lambda: settings().model_copy(update=here))
        assert start().code == "google_unavailable"
