"""Access tokens: what we sign is verified, and nothing else is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sharemtc import access_tokens, clock
from sharemtc.access_tokens import KeyRing, SigningKey, WrongToken
from sharemtc.principals import Principal, Role
from sharemtc.problems import Unauthenticated
from sharemtc.requests import Request
from sharemtc.settings import SettingsError, settings

OLD, NEW = "o" * 40, "n" * 40
NOON = clock.to_ms(datetime(2030, 1, 31, 12, tzinfo=UTC))


class Hand:
    """A clock's hand."""

    now_ms = NOON

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture(autouse=True)
def hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hand]:
    use_ring(monkeypatch, OLD)
    hand = Hand()
    with clock.set_for_test(now_ms=hand):
        yield hand


def use_ring(monkeypatch: pytest.MonkeyPatch, *secrets: str) -> KeyRing:
    ring = KeyRing.of("\n".join(secrets))
    monkeypatch.setattr(access_tokens, "key_ring", lambda: ring)
    return ring


def claims(**changed: Any) -> dict[str, Any]:
    given = {
        "iss": settings().public_url,
        "aud": "sharemtc",
        "sub": "usr_1",
        "role": "user",
        "sid": "ses_1",
        "jti": "tok_1",
        "iat": NOON // 1000,
        "exp": NOON // 1000 + 900,
    }
    return {name: value for name, value in {**given, **changed}.items() if value is not None}


def signed(given: dict[str, Any], key: Any = None, algorithm: str = "EdDSA", **header: Any) -> str:
    ours = access_tokens.key_ring().signing
    headers = {"kid": ours.kid, "typ": "at+jwt", **header}
    return jwt.encode(given, key or ours.private, algorithm=algorithm, headers=headers)


def request(authorization: str) -> Request:
    return Request("GET", "/", {"authorization": authorization}, {}, b"", "203.0.113.7", "req_1")


def test_what_we_issue_is_verified() -> None:
    token = access_tokens.issue_access_token("usr_1", Role.OPS_ADMIN, "ses_1")
    principal, expires_at = access_tokens.verify_access_token(token)
    assert (principal.id, principal.role, principal.session_id) == ("usr_1", Role.OPS_ADMIN, "ses_1")
    assert expires_at == clock.now() + timedelta(minutes=15)
    assert access_tokens.authenticate(request(f"bearer {token}")) == principal


def test_control_of_the_forgeries_below_is_good() -> None:
    principal, _ = access_tokens.verify_access_token(signed(claims()))
    assert principal == Principal(Role.USER, "usr_1", session_id="ses_1", token_id="tok_1")


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "sharemtc-agent"},
        {"aud": ["sharemtc", "other"]},
        {"aud": None},
        {"exp": NOON // 1000},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 9e99},
        {"exp": float(NOON // 1000 + 900)},
        {"sub": None},
        {"sub": ""},
        {"role": "agent"},
        {"role": "emperor"},
        {"role": ["super-admin"]},
        {"role": None},
        {"jti": None},
        {"jti": 7},
        {"sid": None},
    ],
)
def test_wrong_claim_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(WrongToken):
        access_tokens.verify_access_token(signed(claims(**changed)))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "device+jwt"},
        {"typ": None},
        {"kid": "../../../../dev/null"},
        {"kid": "unknown"},
        {"kid": ["a"]},
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/cert"},
        {"crit": ["exp"]},
    ],
)
def test_wrong_header_is_refused(header: dict[str, Any]) -> None:
    head = {"alg": "EdDSA", "typ": "at+jwt", "kid": access_tokens.key_ring().signing.kid, **header}
    with pytest.raises(WrongToken):
        access_tokens.verify_access_token(assembled(head, claims(), access_tokens.key_ring().signing.private.sign))


def test_key_named_in_the_token_itself_is_refused() -> None:
    attacker = SigningKey(Ed25519PrivateKey.generate())
    with pytest.raises(WrongToken):
        access_tokens.verify_access_token(signed(claims(), attacker.private, jwk=attacker.jwk(), kid=attacker.kid))


def test_other_key_under_our_kid_is_refused() -> None:
    with pytest.raises(WrongToken):
        access_tokens.verify_access_token(signed(claims(), Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_unsigned_token_is_refused(algorithm: str) -> None:
    head = {"alg": algorithm, "typ": "at+jwt", "kid": access_tokens.key_ring().signing.kid}
    for signature in (b"", b"\x00" * 64):
        with pytest.raises(WrongToken):
            access_tokens.verify_access_token(assembled(head, claims(), lambda _, signature=signature: signature))


@pytest.mark.parametrize("form", ["raw", "pem", "openssh", "x"])
def test_public_key_as_hmac_secret_is_refused(form: str) -> None:
    key = access_tokens.key_ring().signing
    secret = {
        "raw": key.public.public_bytes(Encoding.Raw, PublicFormat.Raw),
        "pem": key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "openssh": key.public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "x": key.jwk()["x"].encode(),
    }[form]
    head = {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}
    with pytest.raises(WrongToken):
        access_tokens.verify_access_token(
            assembled(head, claims(), lambda text: hmac.digest(secret, text, hashlib.sha256))
        )


def test_rsa_signature_is_refused() -> None:
    key = rsa.generate_private_key(65537, 2048)
    with pytest.raises(WrongToken):
        access_tokens.verify_access_token(signed(claims(), key, "RS256"))


def test_altered_payload_is_refused() -> None:
    head, _, signature = signed(claims()).split(".")
    with pytest.raises(WrongToken):
        access_tokens.verify_access_token(f"{head}.{encoded(claims(role='super-admin'))}.{signature}")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "e30.e30.", "x" * 5000])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(WrongToken):
        access_tokens.verify_access_token(token)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic dXNyXzE6", "Token abc"])
def test_other_credentials_are_refused(authorization: str) -> None:
    with pytest.raises(Unauthenticated):
        access_tokens.authenticate(request(authorization))


def test_token_ends_on_the_second_even_when_remembered(hand: Hand) -> None:
    given = request(f"Bearer {access_tokens.issue_access_token('usr_1', Role.USER, 'ses_1')}")
    hand.now_ms = NOON + 900_000 - 1
    assert access_tokens.authenticate(given).id == "usr_1"
    hand.now_ms = NOON + 900_000
    with pytest.raises(WrongToken):
        access_tokens.authenticate(given)


def test_rotation_signs_nobody_out_and_dropping_a_key_ends_its_tokens(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = request(f"Bearer {access_tokens.issue_access_token('usr_1', Role.USER, 'ses_1')}")
    use_ring(monkeypatch, NEW, OLD)
    after = request(f"Bearer {access_tokens.issue_access_token('usr_2', Role.USER, 'ses_2')}")
    assert [access_tokens.authenticate(given).id for given in (before, after)] == ["usr_1", "usr_2"]
    use_ring(monkeypatch, NEW)
    hand.now_ms += 60_001
    assert access_tokens.authenticate(after).id == "usr_2"
    with pytest.raises(WrongToken):
        access_tokens.authenticate(before)


def test_jwks_verifies_our_tokens_and_holds_no_private_part() -> None:
    (published,) = access_tokens.key_ring().jwks()
    assert set(published) == {"kty", "crv", "x", "kid", "alg", "use"}
    token = access_tokens.issue_access_token("usr_1", Role.USER, "ses_1")
    key = jwt.PyJWK(published)
    options: Any = {"verify_exp": False, "verify_iat": False}
    read = jwt.decode(token, key, algorithms=["EdDSA"], audience="sharemtc", options=options)
    assert read["sub"] == "usr_1"


@pytest.mark.parametrize("secret", ["", "  ", "too short", f"{OLD}\nshort"])
def test_weak_secret_is_refused_at_start(secret: str) -> None:
    with pytest.raises(SettingsError, match="TOKEN_SECRET_ID"):
        KeyRing.of(secret)


@pytest.mark.parametrize(
    ("role", "user_id", "host_id"), [("user", "", "hst_1"), ("agent", "usr_1", ""), ("user", "", "")]
)
def test_principal_is_a_person_or_a_host(role: str, user_id: str, host_id: str) -> None:
    with pytest.raises(AssertionError):
        Principal(Role(role), user_id, host_id)


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def assembled(head: dict[str, Any], payload: dict[str, Any], sign: Any) -> str:
    text = f"{encoded({name: value for name, value in head.items() if value is not None})}.{encoded(payload)}"
    return f"{text}.{base64.urlsafe_b64encode(sign(text.encode())).rstrip(b'=').decode()}"
