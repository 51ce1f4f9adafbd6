"""What people and hosts say reaches others' screens, commands and calculations only when it is what it claims to be."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from tests.support.clock import Time
from tests.support.events import call
from tests.support.mailbox import Mailbox, part
from tests.support.someone import Someone
from tests.support.world import Host, Person, World, function

from sharemtc.settings import settings
from sharemtc.workloads.details import VmDetails
from sharemtc.workloads.table import Workload, workload_key

FAR = ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1999-12-31T23:59:59Z", "2200-01-01T00:00:01Z")
PEM = "-----BEGIN OPENSSH PRIVATE KEY-----b3BlbnNzaC1rZXktdjEAAAAA-----END OPENSSH PRIVATE KEY-----"


@pytest.fixture
def provider(world: World) -> Person:
    return world.join("provider@example.org")


class TestInstants:
    def test_figures_of_another_age_are_refused_and_the_catalog_goes_on(self, provider: Person) -> None:
        host = provider.add_host()
        figures = {
            "cpu_used_percent": 1, "load_1m": 0, "memory_used_mib": 1, "disk_used_gib": 1,
            "network_rx_bytes": 0, "network_tx_bytes": 0,
        }  # fmt: skip
        for at in FAR:
            given = host.heartbeat_with({"figures": {**figures, "captured_at": at}})
            assert (given.status, given.pointers) == (422, ["/figures/captured_at"])
        assert host.heartbeat().status == 200
        catalog = call(function("catalog").app, "GET", "/v1/catalog/hosts")
        assert [item["id"] for item in catalog.json["items"]] == [host.id]

    @pytest.mark.parametrize("at", FAR)
    def test_api_key_of_another_age_is_neither_answered_nor_kept(self, ada: Someone, at: str) -> None:
        given = ada.send("POST", "api-keys", {"name": "ci", "scopes": ["billing:read"], "expires_at": at})
        assert (given.status, given.pointers) == (422, ["/expires_at"])
        assert ada.send("GET", "api-keys").json["items"] == []

    def test_event_cursor_of_the_future_is_refused(self, provider: Person) -> None:
        for cursor in ("99999999999999", "9" * 20, "-1", "²"):
            given = provider.call("GET", f"/v1/resources/events?after={cursor}")
            assert (given.status, given.pointers) == (422, ["/after"]), cursor
        cursor = provider.call("GET", "/v1/resources/events").json["cursor"]
        assert provider.call("GET", f"/v1/resources/events?after={cursor}").status == 200


class TestTexts:
    @pytest.mark.parametrize("name", ["Ada\u202egpj.exe", "A\u200bda", "\ufeffAda", "A\x07da", " \u00a0 ", PEM])
    def test_name_of_a_person_is_refused(self, ada: Someone, name: str) -> None:
        body = {"email": "b@example.org", "password": "correct horse battery staple", "name": name}
        given = ada.send("POST", "register", body, token=None)
        assert (given.status, given.pointers) == (422, ["/name"])
        given = ada.send("POST", "ssh-keys", {"name": name, "public_key": "x"})
        assert (given.status, given.pointers[0]) == (422, "/name")
        assert PEM not in given.text

    @pytest.mark.parametrize("field", ["os", "kernel", "cpu_model", "agent_version", "gpu_note", "region", "arch"])
    def test_hidden_text_of_a_machine_is_refused(self, provider: Person, field: str) -> None:
        code = provider.call("POST", "/v1/provider/enrollment-codes", {}).json["code"]
        host = Host(provider.world)
        body = host.enrollment(code, **{field: "fast\u202etsaf"})
        given = host.send("POST", "/v1/agent/enroll", body, subject="enroll")
        assert (given.status, given.pointers) == (422, [f"/inventory/{field}"])

    def test_emails_hold_no_word_of_a_person(self, time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        box = Mailbox(tmp_path / "outbox", monkeypatch)
        ada = Someone("ada+see.evil.example/win@example.org", name="Win at https://evil.example/now")
        ada.send("POST", "password/forgot", {"email": ada.email}, token=None)
        new = {"current_password": "correct horse battery staple", "password": "another horse battery staple"}
        assert ada.send("POST", "password/change", new).status == 204
        emails = box.deliver()
        assert len(emails) == 2
        for email in emails:
            for text in (email["Subject"], part(email, "plain"), part(email, "html")):
                assert "evil" not in text


class TestAddresses:
    @pytest.fixture
    def code(self, provider: Person) -> str:
        return str(provider.call("POST", "/v1/provider/enrollment-codes", {}).json["code"])

    @pytest.mark.parametrize("address", ["127.0.0.1; touch x #", "224.0.0.1", "0.0.0.0", "169.254.169.254", "a b", ""])
    def test_host_joins_with_an_address_only(self, provider: Person, code: str, address: str) -> None:
        host = Host(provider.world)
        body = host.enrollment(code, connect_address=address)
        given = host.send("POST", "/v1/agent/enroll", body, subject="enroll")
        assert (given.status, given.pointers) == (422, ["/inventory/connect_address"])

    @pytest.mark.parametrize("platform", ["http://127.0.0.1:8530", "http://localhost:8420", "http://[::1]:8420"])
    def test_loopback_is_for_a_platform_on_one_machine(
        self, provider: Person, code: str, monkeypatch: pytest.MonkeyPatch, platform: str
    ) -> None:
        monkeypatch.setenv("STAGE", "sharemtc")  # the embedded cloud's is the name of its stack too
        monkeypatch.setenv("PUBLIC_URL", platform)
        settings.cache_clear()
        host = Host(provider.world)
        body = host.enrollment(code, connect_address="127.0.0.1")
        assert host.send("POST", "/v1/agent/enroll", body, subject="enroll").status == 201

    def test_loopback_is_for_no_other_platform(
        self, provider: Person, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PUBLIC_URL", "https://sharemtc.example.org")
        settings.cache_clear()
        host = Host(provider.world)
        body = host.enrollment(code, connect_address="127.0.0.1")
        given = host.send("POST", "/v1/agent/enroll", body, subject="enroll")
        assert (given.status, given.pointers) == (422, ["/inventory/connect_address"])
        assert "--connect-address" in given.json["errors"][0]["message"]
        body = host.enrollment(code, connect_address="203.0.113.7")
        assert host.send("POST", "/v1/agent/enroll", body, subject="enroll").status == 201

    @pytest.mark.parametrize(
        ("address", "host"), [("2001:DB8::7", "2001:db8::7"), ("Node-7.example.org", "node-7.example.org")]
    )
    def test_command_is_built_of_what_was_checked(
        self, world: World, provider: Person, address: str, host: str
    ) -> None:
        machine = provider.add_host(connect_address=address)
        machine.heartbeat()
        vm_id = provider.rent().json["id"]
        world.carry_out(provider, machine, vm_id, "running")
        connect = provider.vm(vm_id)["connect"]
        assert connect["host"] == host
        assert shlex.split(connect["command"]) == ["ssh", "-p", "2222", f"root@{host}"]

    @pytest.mark.parametrize(
        "stored",
        [
            {"connect_address": "127.0.0.1; touch x #"},
            {"details": VmDetails(default_user="-oProxyCommand=x", ssh_public_keys=(), ssh_port=2222)},
        ],
    )
    def test_no_command_is_built_of_what_is_stored_amiss(
        self, world: World, provider: Person, stored: dict[str, Any]
    ) -> None:
        machine = provider.add_host()
        machine.heartbeat()
        vm_id = provider.rent().json["id"]
        world.carry_out(provider, machine, vm_id, "running")
        vm = Workload.get(workload_key(vm_id), "WORKLOAD")
        for name, value in stored.items():
            setattr(vm, name, value)
        vm.save()
        shown = provider.vm(vm_id)
        assert (shown["status"], shown["connect"]) == ("running", None)
