"""What a page of a list may cost and weigh, however much there is: counted in queries, records and bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.support.clock import Time
from tests.support.events import call
from tests.support.world import Host, Person, World, function

from sharemtc.billing.table import Wallet, wallet_key
from sharemtc.hosts.table import SHARDS, Capacity, host_key
from sharemtc.hosts.table import Host as StoredHost
from sharemtc.http import responses
from sharemtc.ids import IdKind, new_id
from sharemtc.settings import settings
from sharemtc.storage import pages, records
from sharemtc.wire.kinds import WorkloadKind
from sharemtc.workloads.states import Observed, Status
from sharemtc.workloads.table import Workload, user_status, workload_key

# machines of one provider in these tests
HOSTS = 60
ENDED = 250
MANY_ENDED = 2_100


class Reads:
    """What was asked of the tables since it was made."""

    def __init__(self) -> None:
        self.queries = self.records = 0

    def note(self, parsed: dict[str, Any], **_: Any) -> None:
        """One answer of a query."""
        self.queries += 1
        self.records += parsed["ScannedCount"]


@pytest.fixture
def reads(time: Time) -> Iterator[Callable[[], Reads]]:
    """Counts what is read from the call on."""
    events = records.connection().client.meta.events
    counting: list[Reads] = []

    def begin() -> Reads:
        counting.append(Reads())
        events.register("after-call.dynamodb.Query", counting[-1].note)
        return counting[-1]

    yield begin
    for one in counting:
        events.unregister("after-call.dynamodb.Query", one.note)


@pytest.fixture
def vm_id(world: World, renter: Person, host: Host, monkeypatch: pytest.MonkeyPatch) -> str:
    """A machine that runs, older than many that have ended, and pages that may read less than these."""
    monkeypatch.setattr(pages, "MAX_RECORDS_READ", 100)
    return run_before(ENDED, world, renter, host)


def run_before(number: int, world: World, renter: Person, host: Host) -> str:
    """A machine that runs, and so many that came after it and have ended."""
    vm_id = str(renter.rent().json["id"])
    world.carry_out(renter, host, vm_id, "running")
    old = Workload.find(workload_key(vm_id), "WORKLOAD")
    assert old is not None
    values = {name: value for name, value in old.attribute_values.items() if name not in ("pk", "sk", "id")}
    world.time.advance(timedelta(seconds=1))
    store([Workload(id=new_id(WorkloadKind.VM), **values | {"observed": Observed.TERMINATED}) for _ in range(number)])
    return vm_id


def store(workloads: list[Workload]) -> None:
    """Write them as they are."""
    with Workload.batch_write() as batch:
        for one in workloads:
            one.pk, one.sk, one.user_status = workload_key(one.id), "WORKLOAD", user_status(one.user_id, one.status)
            batch.save(one)


class TestWork:
    def test_vms_of_a_status_are_found_among_thousands_of_others(
        self, world: World, renter: Person, host: Host, reads: Callable[[], Reads]
    ) -> None:
        vm_id = run_before(MANY_ENDED, world, renter, host)
        read = reads()
        answer = renter.call("GET", "/v1/resources/vms?status=running")
        assert [vm["id"] for vm in answer.json["items"]] == [vm_id]
        assert answer.json["next_cursor"] is None
        assert (read.queries, read.records) == (1, 1)
        read = reads()
        page = renter.call("GET", "/v1/resources/vms?status=terminated&limit=3").json
        assert (len(page["items"]), read.queries, read.records) == (3, 1, 3)
        assert page["next_cursor"] is not None

    def test_of_workloads_of_several_kinds_only_those_of_the_listed_kind_are_read(
        self, world: World, renter: Person, host: Host, reads: Callable[[], Reads]
    ) -> None:
        vm_id = str(renter.rent().json["id"])
        known = Workload.get(workload_key(vm_id), "WORKLOAD")
        values = {name: value for name, value in known.attribute_values.items() if name not in ("pk", "sk", "id")}
        ulid = vm_id.partition("_")[2]
        store([Workload(id=f"{prefix}_{ulid}", **values) for prefix in ("node", "pod", "vmx", "zone")])
        for path in ("/v1/resources/vms", "/v1/resources/vms?status=pending"):
            read = reads()
            assert [vm["id"] for vm in renter.call("GET", path).json["items"]] == [vm_id]
            assert (read.queries, read.records) == (1, 1)

    def test_a_status_follows_every_change(self, world: World, renter: Person, host: Host) -> None:
        vm_id = str(renter.rent().json["id"])

        def listed() -> list[str]:
            statuses = ("pending", "provisioning", "running", "terminating", "terminated")
            return [s for s in statuses if renter.call("GET", f"/v1/resources/vms?status={s}").json["items"]]

        assert listed() == ["pending"]
        world.carry_out(renter, host, vm_id, "running")
        assert listed() == ["running"]
        renter.act(vm_id, "terminate")
        assert listed() == ["terminating"]
        world.carry_out(renter, host, vm_id, "gone")
        assert listed() == ["terminated"]

    def test_a_filter_that_keeps_little_reads_a_bounded_page_and_goes_on(
        self, renter: Person, vm_id: str, reads: Callable[[], Reads]
    ) -> None:
        found: list[str] = []
        cursor, asked = None, 0
        while True:
            read = reads()
            part = pages.page(
                Workload.by_user,
                renter.user_id,
                limit=5,
                cursor=cursor,
                keep=lambda vm: vm.observed is Observed.RUNNING,
            )
            assert read.records <= pages.MAX_RECORDS_READ
            found += [vm.id for vm in part.items]
            cursor, asked = part.next_cursor, asked + 1
            if cursor is None:
                break
        assert (found, asked) == ([vm_id], 1 + ENDED // pages.MAX_RECORDS_READ)

    def test_a_filtered_page_that_is_full_goes_on_behind_its_last_record(self, renter: Person, vm_id: str) -> None:
        kept = [vm.id for vm in Workload.by_user.query(renter.user_id, scan_index_forward=False, limit=300)][::7]
        found: list[str] = []
        wanted, cursor = frozenset(kept), None
        while len(found) < len(kept):
            part = pages.page(Workload.by_user, renter.user_id, limit=4, cursor=cursor, keep=lambda vm: vm.id in wanted)
            found += [vm.id for vm in part.items]
            cursor = part.next_cursor
            assert cursor is not None
        assert found == kept

    def test_merged_shards_read_a_bounded_page_and_go_on(
        self, renter: Person, vm_id: str, reads: Callable[[], Reads]
    ) -> None:
        shards = [user_status(renter.user_id, status) for status in (Status.RUNNING, Status.TERMINATED)]
        found: list[str] = []
        cursor = None
        for _ in range(1 + ENDED // pages.MAX_RECORDS_READ):
            read = reads()
            part = pages.page_shards(
                Workload.by_user_status, shards, Workload.id, limit=5, cursor=cursor, keep=lambda vm: vm.id == vm_id
            )
            assert read.records <= pages.MAX_RECORDS_READ + 2 * pages.FILTERED_BATCH
            found += [vm.id for vm in part.items]
            cursor = part.next_cursor
        assert (found, cursor) == ([vm_id], None)

    def test_years_without_a_posting_are_passed_a_bounded_number_of_days_a_page(
        self, world: World, renter: Person, reads: Callable[[], Reads]
    ) -> None:
        world.time.advance(timedelta(days=250))
        found: list[str] = []
        path, cursor, asked = "/v1/billing/ledger", "", 0
        while True:
            read = reads()
            page = renter.call("GET", f"{path}{cursor}").json
            assert read.queries <= pages.MAX_QUERIES
            found += [item["kind"] for item in page["items"]]
            asked += 1
            if page["next_cursor"] is None:
                break
            cursor = f"?cursor={page['next_cursor']}"
        assert (found, asked) == (["starting_credit"], 3)
        assert Wallet.find(wallet_key(renter.user_id), "WALLET") is not None


def fat(number: int) -> dict[str, Any]:
    """The most that a machine may say of itself."""
    text = "m" * 90
    return {
        "name": f"box-{number}",
        "cpu_model": "c" * 200,
        "gpus": [
            {"uuid": f"GPU-{number:04d}-{index:04d}-{'u' * 40}", "model": f"{text}{index:05d}", "vram_mib": 1024}
            for index in range(32)
        ],
        "images": [f"{index:04d}{'i' * 60}" for index in range(16)],
    }


class TestWeight:
    @pytest.fixture
    def fleet(self, world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[Person, list[str]]:
        """A provider with many machines, each of which says as much as it may."""
        monkeypatch.setenv("UNVERIFIED_PROVIDER_HOSTS", "0")
        settings.cache_clear()
        provider, ids = world.join("many@example.com"), []
        first = provider.add_host(**fat(0))
        known = StoredHost.find(host_key(first.id), "HOST")
        capacity = Capacity.find(host_key(first.id), "CAPACITY")
        assert known is not None
        assert capacity is not None
        for number in range(HOSTS):
            id = new_id(IdKind.HOST)
            for record in (known, capacity):
                record.pk = host_key(id)
            known.id, known.shard = id, str(number % SHARDS)
            known.save()
            capacity.save()
            ids.append(id)
        return provider, [first.id, *ids]

    def test_the_catalog_comes_in_pages_of_bounded_weight(
        self, fleet: tuple[Person, list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(responses, "MAX_ANSWER_BYTES", 200_000)
        path, found, cursor, pages_seen = "/v1/catalog/hosts?limit=200", [], "", 0
        while True:
            answer = call(function("catalog").app, "GET", f"{path}{cursor}")
            assert answer.status == 200
            assert len(answer.text.encode()) <= 200_000
            found += [offer["id"] for offer in answer.json["items"]]
            pages_seen += 1
            if answer.json["next_cursor"] is None:
                break
            cursor = f"&cursor={answer.json['next_cursor']}"
        assert found == sorted(fleet[1])
        assert pages_seen > 1

    def test_a_providers_own_machines_too(
        self, fleet: tuple[Person, list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(responses, "MAX_ANSWER_BYTES", 200_000)
        answer = fleet[0].call("GET", "/v1/provider/hosts?limit=200")
        assert len(answer.text.encode()) <= 200_000
        assert len(answer.json["items"]) < HOSTS
        assert answer.json["next_cursor"] is not None

    def test_a_machine_says_so_much_and_no_more(self, world: World) -> None:
        provider = world.join("provider@example.com")
        code = provider.call("POST", "/v1/provider/enrollment-codes", {}).json["code"]
        host, most = Host(world), fat(0)
        for more, pointer in (
            ({"images": [*most["images"], "one more"]}, "/inventory/images"),
            ({"images": ["i" * 65]}, "/inventory/images/0"),
            ({"gpus": [*most["gpus"], {"uuid": "GPU-x", "model": "m", "vram_mib": 1}]}, "/inventory/gpus"),
            ({"gpus": [{"uuid": "GPU-x", "model": "m" * 101, "vram_mib": 1}]}, "/inventory/gpus/0/model"),
        ):
            answer = host.send("POST", "/v1/agent/enroll", host.enrollment(code, **more), subject="enroll")
            assert (answer.status, answer.pointers) == (422, [pointer])


class TestNewProviders:
    @pytest.fixture(autouse=True)
    def few(self, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("UNVERIFIED_PROVIDER_HOSTS", "2")
        settings.cache_clear()

    def test_have_few_machines_until_an_operator_verifies_them(self, world: World) -> None:
        provider, operator = world.join("new@example.com"), world.operator()
        left = provider.call("POST", "/v1/provider/enrollment-codes", {}).json["code"]
        first = provider.add_host()
        provider.add_host()
        refused = provider.call("POST", "/v1/provider/enrollment-codes", {})
        assert (refused.status, refused.code, refused.json["limit"]) == (409, "too_many_hosts", 2)
        host = Host(world)
        refused = host.send("POST", "/v1/agent/enroll", host.enrollment(left), subject="enroll")
        assert (refused.status, refused.code) == (409, "too_many_hosts")
        assert provider.call("POST", f"/v1/provider/hosts/{first.id}/retire").status == 200
        provider.add_host()
        assert provider.call("POST", "/v1/provider/enrollment-codes", {}).code == "too_many_hosts"
        path = f"/v1/admin/providers/{provider.user_id}"
        assert operator.call("PATCH", path, {"tier": "verified"}).status == 200
        provider.add_host()
        assert len(provider.call("GET", "/v1/provider/hosts").json["items"]) == 4
