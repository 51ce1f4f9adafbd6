"""Sign-ins: what one costs and how many a core makes, by the real function on tables in memory.

    python -m tests.benchmarks.logins

Prints milliseconds of CPU and sign-ins per second of one core, with the deployed parameters of the password hash, for a
right and a wrong password and an address that nobody has, and for a refresh, which hashes nothing. The tables are
moto's, in the same process: what is over the hash is mostly theirs, and no part of what a function takes.
"""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Callable

import boto3
from moto import mock_aws
from tests.support.tables import declared_tables

ROUNDS = 20
PASSWORD = "correct horse battery staple"
EMAIL = "ada@example.org"
DOMAINS = ("accounts", "audit", "billing", "hosts", "idempotency", "limits")
ACCOUNT = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}


def cpu_ms(call: Callable[[], object]) -> float:
    """Milliseconds of CPU of one call, the median of `ROUNDS`."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            call()
        taken.append((time.process_time() - start) * 1000)
    return sorted(taken)[ROUNDS // 2]


def main() -> None:
    """Print the figures."""
    os.environ.update({f"{domain.upper()}_TABLE": f"test-{domain}" for domain in DOMAINS})
    os.environ.update(TOKEN_SECRET_ID="test-token-secret", PUBLIC_CHANGES_PER_MINUTE="0", **ACCOUNT)
    with mock_aws():
        tables = boto3.client("dynamodb")
        for table in declared_tables():
            tables.create_table(**table)
        boto3.client("secretsmanager").create_secret(Name="test-token-secret", SecretString="x" * 64)
        _measure()


def _measure() -> None:
    # imported here: records read the names of their tables from the environment when they are
    from tests.support.someone import Someone

    from sharemtc.accounts import login_throttle, passwords

    with contextlib.redirect_stdout(io.StringIO()):
        someone = Someone(EMAIL, PASSWORD)
    login_throttle.ACCOUNT_LIMIT = login_throttle.ACCOUNT_FROM_ONE_ADDRESS_LIMIT = login_throttle.ADDRESS_LIMIT = 1000
    stored = passwords.hash_password(PASSWORD)
    print(f"{'password hash alone':<22} {cpu_ms(lambda: passwords.matches(PASSWORD, stored)):7.1f} ms")

    def login(email: str, password: str) -> object:
        return someone.send("POST", "login", {"email": email, "password": password}, token=None)

    for name, call in (
        ("right password", lambda: login(EMAIL, PASSWORD)),
        ("wrong password", lambda: login(EMAIL, "wrong password")),
        ("unknown address", lambda: login("nobody@example.org", PASSWORD)),
        ("refresh", someone.go_on),
    ):
        taken_ms = cpu_ms(call)
        print(f"{name:<22} {taken_ms:7.1f} ms  {1000 / taken_ms:6.1f}/s")


if __name__ == "__main__":
    main()
