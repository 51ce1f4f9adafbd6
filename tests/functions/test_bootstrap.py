"""The bootstrap function: what a deployment needs, and the two things that a launcher asks of it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.events import call
from tests.support.world import World, function

from sharemtc.accounts import passwords, recovery
from sharemtc.accounts.table import User, user_key

DEPLOYED = "correct horse battery"


def run(**asked: Any) -> dict[str, str]:
    return dict(function("bootstrap").handler(asked, None))


def sign_in(password: str) -> int:
    body = {"email": "operator@example.com", "password": password}
    return call(function("auth").app, "POST", "/v1/auth/login", body=body).status


class TestOperatorsPassword:
    def test_is_left_alone_unless_asked_for(self, world: World) -> None:
        operator_id = run()["operator_id"]
        recovery.set_operator_password(operator_id, "one of the operator's own")
        assert run(reset_operator_password=False) == run() == {"operator_id": operator_id}
        assert (sign_in("one of the operator's own"), sign_in(DEPLOYED)) == (200, 401)

    def test_becomes_the_deployments_and_ends_sessions(self, world: World) -> None:
        operator_id = run()["operator_id"]
        recovery.set_operator_password(operator_id, "one of the operator's own")
        before = User.get(user_key(operator_id), "USER").session_epoch
        run(reset_operator_password=True)
        assert (sign_in(DEPLOYED), sign_in("one of the operator's own")) == (200, 401)
        assert User.get(user_key(operator_id), "USER").session_epoch == before + 1

    def test_is_not_set_twice(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        operator_id = run()["operator_id"]
        before = User.get(user_key(operator_id), "USER").session_epoch
        run(reset_operator_password=True)
        user = User.get(user_key(operator_id), "USER")
        assert user.session_epoch == before
        assert passwords.matches(DEPLOYED, user.password_hash)


class TestHost:
    def test_is_known_by_its_state(self, world: World) -> None:
        host = world.join("provider@example.com").add_host()
        host.heartbeat()
        assert run(host_id=host.id)["host_state"] == "ready"
        host.send("POST", "/v1/agent/retire", {})
        assert run(host_id=host.id)["host_state"] == "retired"

    def test_of_another_platform_is_unknown(self, world: World) -> None:
        assert run(host_id="hst_00000000000000000000000000")["host_state"] == "unknown"
        assert "host_state" not in run(host_id=None)
