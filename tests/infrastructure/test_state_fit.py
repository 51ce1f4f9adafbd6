"""Parts of a state folder that do not fit together are named, and patched or refused."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from infrastructure.local import state_fit
from infrastructure.local.cloud import EmbeddedCloud, NotStarted
from infrastructure.local.emulator import instance
from infrastructure.local.emulator.instance import InstanceMismatch
from infrastructure.local.endpoints import Endpoints
from infrastructure.local.gateway import heartbeats
from infrastructure.local.gateway.heartbeats import Heartbeats
from infrastructure.local.paths import StateFolder
from infrastructure.local.processes import free_port
from tests.infrastructure.conftest import eventually

OPERATOR = "operator@sharemtc.local"


def ask(cloud: EmbeddedCloud, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
    request = urllib.request.Request(cloud.url + path, headers={"Content-Type": "application/json"})  # noqa: S310
    if body is not None:
        request.data = json.dumps(body).encode()
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def sign_in(cloud: EmbeddedCloud) -> str:
    status, answer = ask(cloud, "/v1/auth/login", {"email": OPERATOR, "password": cloud.operator_password})
    assert status == 200, answer
    return str(answer["access_token"])


def hosts(cloud: EmbeddedCloud) -> dict[str, str]:
    status, answer = ask(cloud, "/v1/provider/hosts", token=sign_in(cloud))
    assert status == 200, answer
    return {host["id"]: host["state"] for host in answer["items"]}


def agent_of(cloud: EmbeddedCloud) -> str:
    return str(ask(cloud, "/health")[1]["components"]["agent"])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCloud]:
    """A platform with its agent, which the tests stop and start."""
    running = EmbeddedCloud(tmp_path_factory.mktemp("fit") / "state", agent=True)
    yield running
    if running.process is not None and running.process.poll() is None:
        running.stop()


@pytest.mark.slow
class TestLife:
    """One state folder through moves and losses, in order."""

    def test_running_means_heard(self, own: EmbeddedCloud) -> None:
        own.start()
        eventually(lambda: agent_of(own) == "running", "the platform hears the agent", within_s=60)
        assert "ready" in hosts(own).values()

    def test_an_agent_follows_its_platform_to_another_port(self, own: EmbeddedCloud) -> None:
        (before,) = hosts(own)
        own.stop()
        own.port = free_port()
        own.start()
        eventually(lambda: agent_of(own) == "running", "the platform hears the agent", within_s=60)
        assert list(hosts(own)) == [before]
        config = json.loads((own.state.agent / "config.json").read_text())
        assert config["url"] == own.url

    def test_lost_secrets_give_the_operator_a_new_password(self, own: EmbeddedCloud) -> None:
        (host,) = hosts(own)
        old = own.operator_password
        own.stop()
        shutil.rmtree(own.state.secrets)
        own.start()
        assert "the secrets are gone" in own.said
        assert own.operator_password != old
        assert list(hosts(own)) == [host]
        assert not own.state.operator_reset.exists()
        eventually(lambda: agent_of(own) == "running", "the platform hears the agent", within_s=60)

    def test_lost_tables_make_a_new_platform_that_the_machine_joins(self, own: EmbeddedCloud) -> None:
        (before,) = hosts(own)
        own.stop()
        own.state.journal.unlink()
        own.start()
        assert "the tables are gone" in own.said
        assert f"the platform does not know this machine ({before}): it joins anew" in own.said
        eventually(lambda: agent_of(own) == "running", "the platform hears the agent", within_s=60)
        (after,) = hosts(own)
        assert after != before

    def test_tables_of_another_instance_are_refused(self, own: EmbeddedCloud, tmp_path: Path) -> None:
        own.stop()
        (own.state.secrets / instance.FILE).write_text("0123456789abcdef\n")
        before = own.state.journal.read_bytes()
        with pytest.raises(NotStarted, match=r"not of one instance\. Restore both from the same backup"):
            own.start()
        assert own.state.journal.read_bytes() == before


class TestInstance:
    def test_one_id_is_kept_on_both_sides(self, tmp_path: Path) -> None:
        drawn = instance.settle(tmp_path, None)
        assert instance.settle(tmp_path, drawn) == instance.settle(tmp_path, None) == drawn
        (tmp_path / instance.FILE).unlink()
        assert instance.settle(tmp_path, drawn) == drawn
        with pytest.raises(InstanceMismatch):
            instance.settle(tmp_path, "another")


class TestLook:
    @pytest.mark.parametrize(
        ("journal", "secrets", "host_id", "said"),
        [
            ("", (), None, []),
            ("x", ("a-OperatorSecret-1", "a-TokenSecret-1"), "hst_1", []),
            ("", ("a-OperatorSecret-1",), None, ["the tables are gone"]),
            ("", (), "hst_1", ["the tables are gone"]),
            ("x", (), None, ["the secrets are gone", "the operator's secret is gone"]),
            ("x", ("a-TokenSecret-1",), None, ["the operator's secret is gone"]),
        ],
    )
    def test_names_what_is_missing(
        self, tmp_path: Path, journal: str, secrets: tuple[str, ...], host_id: str | None, said: list[str]
    ) -> None:
        state = StateFolder(tmp_path / "state")
        state.create()
        state.journal.write_text(journal)
        for name in secrets:
            (state.secrets / f"{name}.secret").write_text("x")
        if host_id is not None:
            state.agent.mkdir()
            (state.agent / "config.json").write_text(json.dumps({"name": "box", "host_id": host_id}))
        found = state_fit.look(state)
        assert found.host_id == host_id
        remarks = list(state_fit.remarks(found))
        assert len(remarks) == len(said)
        assert all(remark.startswith(start) for remark, start in zip(remarks, said, strict=True))

    def test_a_host_is_forgotten_and_the_settings_are_kept(self, tmp_path: Path) -> None:
        state = StateFolder(tmp_path)
        state.agent.mkdir()
        config = state.agent / "config.json"
        config.write_text(json.dumps({"name": "box", "host_id": "hst_1", "region": "attic"}))
        state_fit.forget_host(state)
        assert json.loads(config.read_text()) == {"name": "box", "host_id": None, "region": "attic"}


class TestHeartbeats:
    TOKEN = "Bearer e30.eyJzdWIiOiJoc3RfMSJ9.x"  # {"sub":"hst_1"}

    def endpoints(self, **changes: Any) -> Endpoints:
        return Endpoints(1, 1, **{"agent": "running", "host_id": "hst_1", "agent_started_at_s": 100.0, **changes})

    def test_running_is_what_was_heard_of_late(self) -> None:
        now_s = [110.0]
        seen = Heartbeats(lambda: now_s[0])
        assert seen.agent_state(self.endpoints()) == "starting"
        seen.note(self.TOKEN, "hst_1")
        assert seen.agent_state(self.endpoints()) == "running"
        assert seen.agent_state(self.endpoints(agent="failed")) == "failed"
        now_s[0] += heartbeats.HEARD_WITHIN_S + 1
        assert seen.agent_state(self.endpoints()) == "not heard"

    def test_others_heartbeats_do_not_count(self) -> None:
        seen = Heartbeats(lambda: 200.0)
        for token in (self.TOKEN, "", "Bearer x", "Bearer a.%%%.c", "Bearer a.W10.c"):
            seen.note(token, "hst_2")
        assert seen.agent_state(self.endpoints(host_id="hst_2")) == "not heard"
