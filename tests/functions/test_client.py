"""The Python client against the real functions: a whole thread by its methods, types and refusals."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.transport import FunctionsTransport
from tests.support.world import SSH_KEY, TEMPLATE_ID, Person, World

from sharemtc_client import ApiError, Bearer, Client, over_httpx
from sharemtc_client.models.auth import RegisterBody, SshKeyCreate
from sharemtc_client.models.billing import QuoteCreate
from sharemtc_client.models.resources import Status, VmCreate
from sharemtc_client.operations import auth, billing, catalog, resources

DESCRIPTION = Path(__file__).parents[2] / "infrastructure" / "openapi" / "description.md"
EMAIL, PASSWORD = "client@example.com", "correct horse battery staple"


@pytest.fixture
def api(world: World) -> Iterator[Client]:
    """The client of someone who has just registered with it."""
    token = ""
    with Client("https://api.example", Bearer(lambda: token), transport=FunctionsTransport()) as client:
        token = client.send(auth.register(RegisterBody(email=EMAIL, password=PASSWORD, name="Someone"))).access_token
        yield client


def order(api: Client, **changes: str) -> VmCreate:
    keys = tuple(key.id for key in api.iterate(auth.list_ssh_keys())) or (
        api.send(auth.add_ssh_key(SshKeyCreate(name="laptop", public_key=SSH_KEY))).id,
    )
    size = {"vcpus": 1, "memory_mib": 256, "disk_gib": 1}
    return VmCreate.model_validate({"name": "web-1", "template_id": TEMPLATE_ID, "ssh_key_ids": keys} | size | changes)


class TestThread:
    def test_registers_rents_stops_by_version_and_reads_the_ledger(self, world: World, api: Client) -> None:
        host = world.join("provider@example.com").add_host()
        host.heartbeat()
        me = Person(api.send(auth.me()).id, world, session_id=next(api.iterate(auth.list_sessions())).id)
        vm = api.send(resources.create_vm(order(api), idempotency_key="k1"))
        assert api.send(resources.create_vm(order(api), idempotency_key="k1")) == vm
        world.carry_out(me, host, vm.id, "running")
        running = api.send(resources.get_vm(vm.id))
        assert (running.status, running.connect is not None) == (Status.RUNNING, True)
        with pytest.raises(ApiError) as stale:
            api.send(resources.stop_vm(vm.id, if_match=vm.version))
        assert (stale.value.status, stale.value.code) == (412, "precondition_failed")
        assert api.send(resources.stop_vm(vm.id, if_match=running.version)).status is Status.STOPPING
        assert [each.id for each in api.iterate(resources.list_vms(limit=1))] == [vm.id]
        assert api.send(billing.get_balance()).held_micros > 0
        assert all(
            sum(entry.amount_micros for entry in each.entries) == 0
            for each in api.iterate(billing.list_ledger(limit=1))
        )

    def test_public_operations_take_no_token(self, world: World) -> None:
        with Client("https://api.example", transport=FunctionsTransport()) as anyone:
            assert anyone.send(catalog.list_offers()).items == ()
            with pytest.raises(ApiError) as caught:
                anyone.send(auth.me())
        assert (caught.value.status, caught.value.code) == (401, "unauthenticated")


class TestQuickStart:
    def test_python_of_the_api_docs_rents_and_stops_a_vm(
        self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        host = world.join("provider@example.com").add_host()
        host.heartbeat()
        (python,) = re.findall(r"```python\n(.*?)```", DESCRIPTION.read_text(), re.DOTALL)
        (email,) = re.findall(r'email="(.+?)"', python)
        monkeypatch.setattr(over_httpx, "HttpxTransport", lambda url: FunctionsTransport())
        with Client("https://api.example") as anyone:
            person = RegisterBody(email=email, password=PASSWORD, name="Me")
            token = anyone.send(auth.register(person)).access_token
        api = Client("https://api.example", Bearer(token))
        me = Person(api.send(auth.me()).id, world, session_id=next(api.iterate(auth.list_sessions())).id)
        (tmp_path / ".ssh").mkdir()
        (tmp_path / ".ssh" / "id_ed25519.pub").write_text(SSH_KEY)
        monkeypatch.setenv("HOME", str(tmp_path))

        def run_the_vm(seconds: float) -> None:
            (vm,) = api.iterate(resources.list_vms())
            world.carry_out(me, host, vm.id, "running")

        monkeypatch.setattr(time, "sleep", run_the_vm)
        exec(compile(python, str(DESCRIPTION), "exec"), {})  # noqa: S102 - it is ours
        assert [vm.status for vm in api.iterate(resources.list_vms())] == [Status.STOPPING]


class TestRefusals:
    def test_field_is_named(self, api: Client) -> None:
        with pytest.raises(ApiError) as caught:
            api.send(resources.create_vm(order(api, name="Not A Name")))
        assert [error.pointer for error in caught.value.errors] == ["/name"]
        assert caught.value.request_id

    def test_what_another_owns_is_not_found(self, world: World, api: Client) -> None:
        other = world.join("other@example.com")
        world.join("provider@example.com").add_host().heartbeat()
        vm_id = other.rent().json["id"]
        refused = []
        for wanted in (vm_id, vm_id[:-3] + "000"):
            with pytest.raises(ApiError) as caught:
                api.send(resources.get_vm(wanted))
            refused.append((caught.value.code, caught.value.detail))
        assert refused[0] == refused[1]

    def test_quote_says_what_it_lacks(self, api: Client) -> None:
        with pytest.raises(ApiError) as caught:
            api.send(billing.create_quote(QuoteCreate(template_id=TEMPLATE_ID, vcpus=1, memory_mib=256, disk_gib=1)))
        assert caught.value.code == "no_capacity"
