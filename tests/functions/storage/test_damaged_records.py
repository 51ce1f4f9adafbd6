"""A stored record that cannot be read is left out of lists, which report it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from tests.support.events import Answer, call
from tests.support.world import Host, Person, World, function

from sharemtc.accounts.table import AccountsRecord
from sharemtc.admin import risk_rules
from sharemtc.billing import meters
from sharemtc.billing.table import BillingRecord, allocation_key
from sharemtc.events.table import Event
from sharemtc.hosts.liveness.leases import read_state
from sharemtc.hosts.liveness.sweep import sweep
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.providers.table import Provider, provider_key
from sharemtc.hosts.reliability import history
from sharemtc.hosts.table import LEASE, HostsRecord, host_key
from sharemtc.hosts.table import Host as HostRecord
from sharemtc.independent import SomeFailed
from sharemtc.storage import unreadable
from sharemtc.workloads.table import Workload, workload_key

OMITTED = "X-Omitted-Records"
FAR_MS = {"N": str(10**18)}


@pytest.fixture
def provider(world: World) -> Person:
    return world.join("provider@example.org")


def damage(table: str, pk: str, sk: str, **attributes: dict[str, str]) -> None:
    """Overwrite attributes of a stored item."""
    names = {f"#{index}": name for index, name in enumerate(attributes)}
    boto3.client("dynamodb").update_item(
        TableName=table,
        Key={"pk": {"S": pk}, "sk": {"S": sk}},
        UpdateExpression="SET " + ", ".join(f"{alias} = :{alias[1:]}" for alias in names),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={f":{index}": value for index, value in enumerate(attributes.values())},
    )


def stored(table: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The one item of a table that is wanted."""
    (item,) = [item for item in boto3.client("dynamodb").scan(TableName=table)["Items"] if wanted(item)]
    return dict(item)


def rows(answer: Answer) -> list[Any]:
    assert answer.status == 200, answer.text
    return list(answer.json["items"])


def test_hosts(provider: Person) -> None:
    good, bad, worse = (provider.add_host(name=name) for name in ("good", "bad", "worse"))
    for host in (good, bad, worse):
        host.heartbeat()
    figures = (
        '{"captured_at":"9999-12-31T23:59:59-14:00","cpu_used_percent":1,"load_1m":0,"memory_used_mib":1,'
        '"disk_used_gib":1,"network_rx_bytes":0,"network_tx_bytes":0}'
    )
    damage(HostsRecord.Meta.table_name, host_key(bad.id), LEASE, figures={"S": figures})
    damage(HostsRecord.Meta.table_name, host_key(worse.id), "HOST", inventory={"S": "{}"})
    catalog = call(function("catalog").app, "GET", "/v1/catalog/hosts")
    assert [item["id"] for item in rows(catalog)] == [good.id]
    assert catalog.headers[OMITTED] == "2"
    own = provider.call("GET", "/v1/provider/hosts")
    assert [item["id"] for item in rows(own)] == [good.id]
    assert own.headers[OMITTED] == "2"
    assert provider.call("GET", f"/v1/provider/hosts/{good.id}").status == 200
    assert provider.call("GET", f"/v1/provider/hosts/{worse.id}").status == 500
    overview = provider.call("GET", "/v1/provider/overview")
    assert (overview.status, overview.json["hosts"]["total"]) == (200, 1)
    assert OMITTED not in provider.call("GET", f"/v1/provider/hosts/{good.id}").headers


def test_a_damaged_host_does_not_keep_others_from_being_judged(world: World, provider: Person) -> None:
    good, bad = provider.add_host(name="good"), provider.add_host(name="bad")
    for host in (good, bad):
        host.heartbeat()
    damage(HostsRecord.Meta.table_name, host_key(bad.id), "HOST", inventory={"S": "{}"})
    world.time.advance(timedelta(seconds=20))
    sweep()
    (item,) = rows(provider.call("GET", "/v1/provider/hosts"))
    assert (item["id"], item["state"]) == (good.id, "suspect")


def test_a_damaged_provider_keeps_no_other_hosts_from_following_and_none_of_its_own_comes_back(world: World) -> None:
    operator, people = world.operator(), [world.join(f"{name}@example.org") for name in ("ada", "bob")]
    bad, good = sorted(people, key=lambda person: person.user_id)
    hosts = {person.user_id: person.add_host() for person in people}
    for person in people:
        hosts[person.user_id].heartbeat()
        path = f"/v1/admin/providers/{person.user_id}"
        assert operator.call("PATCH", path, {"draining": True, "reason": "a look"}).status == 200
    good_record = providers.find_provider(good.user_id)
    good_record.update([Provider.draining.set(False)])
    damage(HostsRecord.Meta.table_name, provider_key(bad.user_id), "PROVIDER", live_hosts={"N": "1.5"})
    assert risk_rules.watch()["enforced"] == 1
    states = [read_state(hosts[person.user_id].id)[0].state for person in (bad, good)]
    assert states == ["draining", "ready"]


def test_a_damaged_host_does_not_keep_others_from_being_scored(world: World, provider: Person) -> None:
    first, last = sorted((provider.add_host() for _ in range(2)), key=lambda host: host.id)
    for host in (first, last):
        HostRecord(host_key(host.id), "HOST").update([HostRecord.shard.set("0")])
    damage(HostsRecord.Meta.table_name, host_key(first.id), "CAPACITY", free_vcpus={"N": "1.5"})
    world.time.advance(timedelta(days=1))
    with pytest.raises(SomeFailed, match=first.id):
        history.rescore("0")
    scored = HostRecord.get(host_key(last.id), "HOST").reliability
    assert scored is not None


def test_api_keys(provider: Person) -> None:
    good, bad = (
        provider.call("POST", "/v1/auth/api-keys", {"name": name, "scopes": ["billing:read"]}).json["id"]
        for name in ("good", "bad")
    )
    key = stored(AccountsRecord.Meta.table_name, lambda item: item.get("id") == {"S": bad})
    damage(AccountsRecord.Meta.table_name, key["pk"]["S"], key["sk"]["S"], ends_at=FAR_MS)
    listed = provider.call("GET", "/v1/auth/api-keys")
    assert ([item["id"] for item in rows(listed)], listed.headers[OMITTED]) == ([good], "1")


def test_ledger(world: World, provider: Person) -> None:
    host = provider.add_host()
    host.heartbeat()
    vm_id = provider.rent().json["id"]
    world.carry_out(provider, host, vm_id, "running")
    world.time.advance(timedelta(seconds=60))
    host.heartbeat()
    world.accrue()
    before = rows(provider.call("GET", "/v1/billing/ledger"))
    assert len(before) >= 2
    entry = stored(
        BillingRecord.Meta.table_name,
        lambda item: item.get("id") == {"S": before[0]["id"]} and item["pk"]["S"].startswith("LEDGER"),
    )
    damage(BillingRecord.Meta.table_name, entry["pk"]["S"], entry["sk"]["S"], entries={"S": "[7]"})
    after = provider.call("GET", "/v1/billing/ledger")
    assert (rows(after), after.headers[OMITTED]) == (before[1:], "1")
    paged = provider.call("GET", "/v1/billing/ledger?limit=1")
    assert (rows(paged), paged.headers[OMITTED]) == (before[1:2], "1")


def test_events(world: World, provider: Person) -> None:
    host = provider.add_host()
    host.heartbeat()
    before = rows(provider.call("GET", "/v1/resources/events"))
    assert len(before) >= 2
    entry = stored(Event.Meta.table_name, lambda item: item.get("id") == {"S": before[0]["id"]})
    damage(Event.Meta.table_name, entry["pk"]["S"], entry["sk"]["S"], at=FAR_MS)
    for path in ("/v1/resources/events", f"/v1/provider/hosts/{host.id}/events"):
        after = provider.call("GET", path)
        assert before[0]["id"] not in [item["id"] for item in rows(after)]
        assert len(rows(after)) == len(before) - 1
        assert after.headers[OMITTED] == "1"


def test_a_row_that_cannot_be_built_is_left_out() -> None:
    boom = [ValueError("no"), OverflowError("no"), AttributeError("no"), KeyError("no")]

    def build(one: int) -> int:
        if one < len(boom):
            raise boom[one]
        return one

    assert unreadable.views(build, range(6)) == [4, 5]


def test_a_failure_of_storage_is_no_damaged_record() -> None:
    def build(one: int) -> int:
        raise RuntimeError("storage")

    with pytest.raises(RuntimeError):
        unreadable.views(build, [1])


class TestMoney:
    """What has to do with money is never shown without a part of it."""

    @pytest.fixture
    def renter(self, world: World) -> Person:
        return world.join("renter@example.org")

    @pytest.fixture
    def hosts(self, provider: Person) -> tuple[Host, Host]:
        hosts = provider.add_host(name="good"), provider.add_host(name="bad")
        for host in hosts:
            host.heartbeat()
        return hosts

    def run(self, world: World, renter: Person, host: Host) -> dict[str, Any]:
        ordered = renter.rent(host_id=host.id)
        assert ordered.status == 201, ordered.text
        world.carry_out(renter, host, ordered.json["id"], "running")
        return renter.vm(ordered.json["id"])

    def ids(self, answer: Answer) -> set[str]:
        return {item["id"] for item in rows(answer)}

    def spoil_lease(self, host: Host) -> None:
        damage(HostsRecord.Meta.table_name, host_key(host.id), LEASE, figures={"S": "7"})

    def damage_meter(self, vm: dict[str, Any]) -> None:
        damage(BillingRecord.Meta.table_name, allocation_key(vm["allocation_id"]), "METER", posted_until=FAR_MS)

    def test_of_a_host_that_cannot_be_read(self, world: World, renter: Person, hosts: tuple[Host, Host]) -> None:
        good, bad = hosts
        shown, first, second = (self.run(world, renter, host) for host in (good, bad, bad))
        self.spoil_lease(bad)
        listed = renter.call("GET", "/v1/resources/vms")
        assert (self.ids(listed), listed.headers[OMITTED]) == ({shown["id"]}, "2")
        assert rows(listed)[0]["rate_nanos_per_hour"] > 0
        assert renter.call("GET", f"/v1/resources/vms/{first['id']}").status == 500
        assert renter.call("GET", f"/v1/resources/vms/{second['id']}").status == 500
        assert renter.call("GET", "/v1/billing/balance").status == 500
        assert world.join("other@example.org").balance()["status"] == "ok"

    def test_of_a_meter(self, world: World, renter: Person, provider: Person, hosts: tuple[Host, Host]) -> None:
        good, bad = hosts
        shown, damaged = self.run(world, renter, good), self.run(world, renter, bad)
        self.damage_meter(damaged)
        listed = renter.call("GET", "/v1/resources/vms")
        assert (self.ids(listed), listed.headers[OMITTED]) == ({shown["id"]}, "1")
        assert renter.call("GET", "/v1/billing/balance").status == 500
        hosted = provider.call("GET", "/v1/provider/allocations")
        assert (self.ids(hosted), hosted.headers[OMITTED]) == ({shown["allocation_id"]}, "1")

    def test_of_a_meter_that_is_gone(self, world: World, renter: Person, hosts: tuple[Host, Host]) -> None:
        good, bad = hosts
        shown, damaged = self.run(world, renter, good), self.run(world, renter, bad)
        key = {"pk": {"S": allocation_key(damaged["allocation_id"])}, "sk": {"S": "METER"}}
        boto3.client("dynamodb").delete_item(TableName=BillingRecord.Meta.table_name, Key=key)
        listed = renter.call("GET", "/v1/resources/vms")
        assert (self.ids(listed), listed.headers[OMITTED]) == ({shown["id"]}, "1")

    @pytest.mark.parametrize("spoil", ["contact", "meter"])
    def test_the_others_of_its_message_are_posted(
        self, world: World, renter: Person, hosts: tuple[Host, Host], spoil: str
    ) -> None:
        good, bad = hosts
        damaged, posted = self.run(world, renter, bad), self.run(world, renter, good)
        world.time.advance(timedelta(seconds=60))
        for host in hosts:
            host.heartbeat()
        if spoil == "contact":
            self.spoil_lease(bad)
        else:
            self.damage_meter(damaged)
        body = json.dumps([damaged["allocation_id"], posted["allocation_id"]])
        record = {"messageId": "one", "body": body, "eventSource": "aws:sqs"}
        accruals = function("accruals")
        with pytest.raises(SomeFailed):
            accruals.handler({"Records": [record]}, None)
        assert meters.find(posted["allocation_id"]).posted_micros > 0

    def test_the_other_hosts_are_reconciled(self, world: World, renter: Person, hosts: tuple[Host, Host]) -> None:
        first, last = sorted(hosts, key=lambda host: host.id)
        damaged, gone = self.run(world, renter, first), self.run(world, renter, last)
        lost = self.run(world, renter, first)
        for host, left in ((first, [damaged]), (last, [])):
            host.workloads = [one for one in host.workloads if one["id"] in {vm["id"] for vm in left}]
            world.time.advance(timedelta(seconds=10))
            host.heartbeat()
        damage(Workload.Meta.table_name, workload_key(damaged["id"]), "WORKLOAD", settled_at=FAR_MS)
        with pytest.raises(SomeFailed, match=first.id):
            world.reconcile()
        assert [renter.vm(vm["id"])["status"] for vm in (gone, lost)] == ["lost", "lost"]
