"""API keys: made once, scoped, revoked at once."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from infrastructure.openapi import document
from tests.support.clock import Time
from tests.support.events import Answer, call
from tests.support.someone import Someone
from tests.support.world import Person, World, function

from sharemtc import api_keys, clock
from sharemtc.accounts.api_keys import MAX_API_KEYS
from sharemtc.accounts.table import AccountsRecord, User, user_key
from sharemtc.api_keys import ApiKey, CapReached
from sharemtc.audit.origins import INTERNAL
from sharemtc.billing import meters
from sharemtc.billing.kinds import SegmentKind
from sharemtc.billing.ledger import InsufficientFunds
from sharemtc.billing.meters import NextSegment
from sharemtc.principals import Role
from sharemtc.storage.transactions import Transaction
from sharemtc.wire import Verb
from sharemtc.workloads import operations
from sharemtc.workloads.kinds import VM
from sharemtc.workloads.table import Workload, workload_key

SCOPES = ["auth:read", "billing:read"]


def make(someone: Someone, **changed: Any) -> Answer:
    return someone.send("POST", "api-keys", {"name": "ci", "scopes": SCOPES, **changed})


def balance(token: str, method: str = "GET") -> Answer:
    return call(function("billing").app, method, "/v1/billing/balance", token=token)


class TestMaking:
    def test_one_idempotency_key_makes_one_api_key(self, ada: Someone) -> None:
        headers = {"Idempotency-Key": "make-ci"}
        body = {"name": "ci", "scopes": SCOPES}
        first, again = (ada.send("POST", "api-keys", body, headers=headers) for _ in range(2))
        assert (first.status, first.text) == (201, again.text)
        assert len(ada.send("GET", "api-keys").json["items"]) == 1
        other = ada.send("POST", "api-keys", {**body, "name": "cd"}, headers=headers)
        assert (other.status, other.code) == (409, "idempotency_key_reused")

    def test_shows_the_key_once(self, ada: Someone) -> None:
        given = make(ada, spend_cap_micros=5_000_000, expires_at="2031-01-31T12:00:00Z")
        assert given.status == 201
        key = given.json["key"]
        assert key.startswith(given.json["prefix"])
        assert len(given.json["prefix"]) == 17
        listed = ada.send("GET", "api-keys")
        assert key.rpartition("_")[2] not in listed.text
        (shown,) = listed.json["items"]
        assert shown == {name: value for name, value in given.json.items() if name != "key"}
        assert (shown["scopes"], shown["spend_cap_micros"]) == (SCOPES, 5_000_000)
        assert (shown["expires_at"], shown["last_used_at"]) == ("2031-01-31T12:00:00.000Z", None)

    def test_secret_is_stored_as_a_hash_only(self, ada: Someone) -> None:
        secret = make(ada).json["key"].split("_", 2)[2]
        assert secret not in str([record.to_simple_dict() for record in ApiKey.scan()])
        assert secret not in str([record.to_simple_dict() for record in AccountsRecord.scan()])

    @pytest.mark.parametrize(
        ("changed", "pointer"),
        [
            ({"scopes": []}, "/scopes"),
            ({"scopes": ["auth:write"]}, "/scopes/0"),
            ({"scopes": ["everything"]}, "/scopes/0"),
            ({"expires_at": "2030-01-31T12:00:00Z"}, "/expires_at"),
            ({"expires_at": "2031-01-31T12:00:00"}, "/expires_at"),
            ({"spend_cap_micros": -1}, "/spend_cap_micros"),
            ({"name": "a\nb"}, "/name"),
        ],
    )
    def test_wrong_field_is_named(self, ada: Someone, changed: dict[str, Any], pointer: str) -> None:
        given = make(ada, **changed)
        assert (given.status, given.pointers[0]) == (422, pointer)

    def test_at_most_fifty(self, ada: Someone) -> None:
        User(user_key(ada.id), "USER").update([User.api_key_count.set(MAX_API_KEYS)])
        assert make(ada).code == "too_many_api_keys"


class TestUse:
    def test_opens_what_its_scopes_name(self, ada: Someone) -> None:
        key = make(ada).json["key"]
        assert ada.send("GET", "me", token=key).json["id"] == ada.id
        assert balance(key).json["available_micros"] == 0

    def test_opens_nothing_else(self, ada: Someone) -> None:
        key = make(ada, scopes=["billing:write"]).json["key"]
        for given in (balance(key), ada.send("GET", "me", token=key)):
            assert (given.status, given.code) == (403, "scope_missing")

    @pytest.mark.parametrize(
        ("method", "path"), [("POST", "api-keys"), ("DELETE", "me"), ("POST", "password/change"), ("PUT", "settings")]
    )
    def test_changes_no_credentials_whatever_its_scopes(self, ada: Someone, method: str, path: str) -> None:
        key = make(ada, scopes=[scope.value for scope in api_keys.Scope]).json["key"]
        assert ada.send(method, path, {}, token=key).code == "scope_missing"

    def test_is_noted_and_its_first_time_audited(self, time: Time, ada: Someone) -> None:
        key = make(ada).json["key"]
        for _ in range(3):
            balance(key)
            time.advance(timedelta(seconds=40))
        (shown,) = ada.send("GET", "api-keys").json["items"]
        assert shown["last_used_at"] == "2030-01-31T12:01:20.000Z"
        assert ada.events() == ["account.registered", "api_key.created", "api_key.first_used"]

    def test_revoked_one_is_refused_at_once(self, ada: Someone) -> None:
        made = make(ada).json
        assert balance(made["key"]).status == 200
        assert ada.send("DELETE", f"api-keys/{made['id']}").status == 204
        assert balance(made["key"]).code == "invalid_token"
        assert ada.send("DELETE", f"api-keys/{made['id']}").status == 404
        assert ada.events()[-1] == "api_key.revoked"
        assert ada.is_intact()

    def test_expired_one_is_refused_and_still_listed(self, time: Time, ada: Someone) -> None:
        key = make(ada, expires_at="2030-01-31T12:10:00Z").json["key"]
        time.advance(timedelta(minutes=10))
        assert balance(key).status == 401
        assert len(ada.send("GET", "api-keys").json["items"]) == 1

    def test_goes_by_the_role_that_its_owner_has_now(self, ada: Someone) -> None:
        key = make(ada).json["key"]
        User(user_key(ada.id), "USER").update([User.role.set(Role.OPS_ADMIN)])
        bearer = api_keys.verify(key, INTERNAL)
        assert bearer is not None
        assert bearer.role == "ops-admin"

    @pytest.mark.parametrize("spoil", ["last", "id", "short", "long", "unknown"])
    def test_wrong_one_is_refused(self, ada: Someone, spoil: str) -> None:
        key = str(make(ada).json["key"])
        other = str(make(ada).json["key"])
        wrong = {
            "last": key[:-1] + ("A" if key[-1] != "A" else "B"),
            "id": other[:32] + key[32:-2] + "xx",
            "short": key[:-10],
            "long": key + "x" * 5000,
            "unknown": "smtc_" + "0" * 26 + key[31:],
        }[spoil]
        assert balance(wrong).code == "invalid_token"

    def test_another_persons_is_as_good_as_none(self, ada: Someone) -> None:
        key_id = make(ada).json["id"]
        eve = Someone("eve@example.org")
        foreign = eve.send("DELETE", f"api-keys/{key_id}")
        missing = eve.send("DELETE", "api-keys/apk_00000000000000000000000000")
        assert (foreign.status, foreign.text) == (404, missing.text)
        assert eve.send("GET", "api-keys").json["items"] == []


class TestSpendCap:
    def spend(self, key_id: str, amount_micros: int) -> None:
        transaction = Transaction()
        transaction.put(AccountsRecord("ORDER", "ORDER"))
        api_keys.commit_spending(transaction, key_id, amount_micros)
        transaction.commit()

    def test_is_never_passed(self, ada: Someone) -> None:
        key_id = make(ada, spend_cap_micros=100).json["id"]
        self.spend(key_id, 60)
        self.spend(key_id, 40)
        with pytest.raises(CapReached):
            self.spend(key_id, 1)
        with pytest.raises(CapReached):
            self.spend(key_id, 101)
        (shown,) = ada.send("GET", "api-keys").json["items"]
        assert shown["committed_micros"] == 100

    def test_counts_all_that_one_transaction_holds(self, ada: Someone) -> None:
        key_id = make(ada, spend_cap_micros=100).json["id"]
        for amount, committed in ((50, True), (20, True), (40, False)):
            transaction = Transaction()
            transaction.put(AccountsRecord("ORDER", "ORDER"))
            for _ in range(2):
                api_keys.commit_spending(transaction, key_id, amount // 2)
            with nullcontext() if committed else pytest.raises(CapReached):
                transaction.commit()
        assert api_keys.ApiKey.get(*api_keys.api_key_of(key_id)).committed_micros == 70

    def test_without_one_nothing_is_counted(self, ada: Someone) -> None:
        key_id = make(ada).json["id"]
        self.spend(key_id, 10**12)
        assert ada.send("GET", "api-keys").json["items"][0]["committed_micros"] == 0


class TestCapOverOrders:
    """The cap holds wherever money is held, and every operation that can be refused for money says so."""

    def stopped_vm(self, world: World) -> tuple[Person, str]:
        host = world.join("provider@example.com").add_host()
        host.heartbeat()
        renter = world.join("renter@example.com")
        vm_id = str(renter.rent().json["id"])
        world.carry_out(renter, host, vm_id, "running")
        assert renter.act(vm_id, "stop").status == 202
        world.carry_out(renter, host, vm_id, "stopped")
        host.heartbeat()
        return renter, vm_id

    def key_of(self, renter: Person, cap_micros: int | None) -> tuple[str, str]:
        body = {"name": "ci", "scopes": ["resources:write", "resources:read"], "spend_cap_micros": cap_micros}
        made = renter.call("POST", "/v1/auth/api-keys", body).json
        return str(made["id"]), str(made["key"])

    def order(self, key: str, path: str, body: Any = None) -> Answer:
        return call(function("resources").app, "POST", f"/v1/resources/{path}", body=body, token=key)

    def test_a_cap_of_nothing_orders_nothing(self, world: World) -> None:
        renter, vm_id = self.stopped_vm(world)
        _, key = self.key_of(renter, 0)
        held = renter.balance()["held_micros"]
        for given in (self.order(key, "vms", renter.order()), self.order(key, f"vms/{vm_id}/start")):
            assert (given.status, given.code) == (402, "api_key_cap_reached")
        assert renter.balance()["held_micros"] == held
        assert renter.vm(vm_id)["status"] == "stopped"

    def test_a_start_counts_what_it_holds_more(self, world: World) -> None:
        renter, vm_id = self.stopped_vm(world)
        key_id, key = self.key_of(renter, 10_000_000)
        before = renter.balance()["held_micros"]
        assert self.order(key, f"vms/{vm_id}/start").status == 202
        more = renter.balance()["held_micros"] - before
        assert more > 0
        assert api_keys.ApiKey.get(*api_keys.api_key_of(key_id)).committed_micros == more

    def test_the_owner_starts_what_a_key_may_not(self, world: World) -> None:
        renter, vm_id = self.stopped_vm(world)
        self.key_of(renter, 0)
        assert renter.act(vm_id, "start").status == 202

    def test_every_operation_that_takes_money_can_be_refused_by_the_cap(self) -> None:
        operations = document.load_operations(Path(__file__).parents[3] / "functions")
        taking = {operation.id for operation in operations if InsufficientFunds in operation.errors}
        capped = {operation.id for operation in operations if CapReached in operation.errors}
        assert taking == capped == {"resources_create_vm", "resources_start_vm"}

    def test_no_hold_is_raised_without_saying_on_whose_word(self, world: World) -> None:
        _, vm_id = self.stopped_vm(world)
        vm = Workload.get(workload_key(vm_id), "WORKLOAD")
        meter = meters.find(vm.allocation_id)
        rate = meter.hold_rate_nanos_per_hour + 1
        with pytest.raises(AssertionError, match="only raise_hold raises it"):
            meters.change_rate(
                Transaction(), meter, NextSegment(SegmentKind.RUNNING, rate, clock.now()), ended_at=clock.now(),
                hold_rate_nanos_per_hour=rate, evidence="a forgotten order",
            )  # fmt: skip
        with pytest.raises(AssertionError, match="holds money"):
            operations.request(VM, vm, Verb.START, by="billing")
