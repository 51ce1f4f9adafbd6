"""A stored record that cannot be read spoils its own row: every list goes on without it, and says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from tests.functions.conftest import Time
from tests.functions.events import Answer, call
from tests.functions.world import Person, World, function

from sharemtc import unreadable
from sharemtc.accounts.table import AccountsRecord
from sharemtc.billing.table import BillingRecord
from sharemtc.events.table import Event
from sharemtc.hosts.sweeping import sweep
from sharemtc.hosts.table import CONTACT, HostsRecord, host_key

OMITTED = "X-Omitted-Records"
FAR_MS = {"N": str(10**18)}


@pytest.fixture
def world(time: Time) -> World:
    return World.start(time)


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
    damage(HostsRecord.Meta.table_name, host_key(bad.id), CONTACT, figures={"S": figures})
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
