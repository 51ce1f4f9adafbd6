"""What is sent to /v1/auth by people who have no account yet, or sign in: by real proxy events."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from functions.auth.app import app
from tests.support.events import Answer, call

PASSWORD = "correct horse battery staple"
CREDIT = {"starting_credit_micros": 5_000_000, "starting_credit_needs_proof": False}
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
