"""/v1/admin/providers: what operators see of them, and codes that make machines join them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.events import call
from tests.support.town import Town
from tests.support.world import function

CODES = "/v1/admin/agent/enrollment-codes"


class TestProviders:
    def test_row_says_what_its_hosts_come_to(self, town: Town) -> None:
        (row,) = town.ops.call("GET", "/v1/admin/providers/").json["items"]
        assert (row["id"], row["email"], row["tier"]) == (town.ada.user_id, "ada@example.com", "community")
        assert (row["hosts"], row["hosts_ready"], row["vcpus_used"], row["vcpus_total"]) == (2, 2, 1, 8)
        town.ada.call("POST", f"/v1/provider/hosts/{town.idle.id}/retire")
        (row,) = town.ops.call("GET", "/v1/admin/providers/").json["items"]
        assert (row["hosts"], row["hosts_ready"], row["vcpus_used"], row["vcpus_total"]) == (1, 1, 1, 4)
        assert town.ada.call("GET", "/v1/provider/overview").json["hosts"] == {
            "total": 1,
            "available": 1,
            "by_state": {"ready": 1},
        }
        assert town.ops.call("GET", "/v1/admin/stats").json["hosts"] == {
            "total": 1,
            "available": 1,
            "by_state": {"ready": 1},
        }

    def test_path_works_without_its_slash_too(self, town: Town) -> None:
        with_slash, without = (town.ops.call("GET", f"/v1/admin/providers{end}") for end in ("/", ""))
        assert (with_slash.status, with_slash.text) == (200, without.text)

    def test_detail_has_hosts_and_sums(self, town: Town) -> None:
        town.time.advance(timedelta(hours=1))
        town.busy.heartbeat()
        town.world.accrue()
        told = town.ops.call("GET", f"/v1/admin/providers/{town.ada.user_id}").json
        assert sorted(host["name"] for host in told["hosts"]) == ["busy", "idle"]
        assert told["counts"] == {"total": 2, "available": 1, "by_state": {"ready": 1, "offline": 1}}
        assert told["live_allocations"] == 1
        earned = town.ada.call("GET", "/v1/provider/earnings").json
        assert told["thirty_days_micros"] == earned["thirty_days_micros"] > 0

    def test_made_of_a_user_once(self, town: Town) -> None:
        body = {"email": "eve@example.com", "display_name": "Eve's barn", "tier": "verified"}
        made = town.admin.call("POST", "/v1/admin/providers/", body, headers={"Idempotency-Key": "k1"})
        assert (made.status, made.json["id"], made.json["tier"]) == (201, town.eve.user_id, "verified")
        again = town.admin.call("POST", "/v1/admin/providers/", body, headers={"Idempotency-Key": "k1"})
        assert (again.status, again.text) == (201, made.text)
        assert town.admin.call("POST", "/v1/admin/providers", body).code == "provider_known"
        assert [act["event"] for act in town.acts()] == ["provider.created"]

    def test_nobody_with_that_address_is_named(self, town: Town) -> None:
        body = {"email": "nobody@example.com", "tier": "community"}
        answer = town.admin.call("POST", "/v1/admin/providers/", body)
        assert (answer.status, answer.pointers) == (422, ["/email"])

    def test_pages_newest_first_and_filters(self, town: Town) -> None:
        for n in range(4):
            town.time.advance(timedelta(seconds=1))
            person = town.world.join(f"p{n}@example.com")
            body = {"email": f"p{n}@example.com", "display_name": f"Barn {n}", "tier": "verified"}
            assert town.admin.call("POST", "/v1/admin/providers/", body).json["id"] == person.user_id
        names, cursor = [], ""
        for _ in range(3):
            page = town.ops.call("GET", f"/v1/admin/providers/?limit=2{cursor}").json
            names += [row["display_name"] for row in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"
        assert names == ["Barn 3", "Barn 2", "Barn 1", "Barn 0", "Someone"]
        assert page["next_cursor"] is None
        for query, wanted in (
            ("search=barn%202", ["Barn 2"]),
            ("search=p1@example.com", ["Barn 1"]),
            ("search=nobody@example.com", []),
            (f"search={town.ada.user_id}", ["Someone"]),
            ("tier=community", ["Someone"]),
            ("state=banned", []),
        ):
            rows = town.ops.call("GET", f"/v1/admin/providers/?{query}").json["items"]
            assert [row["display_name"] for row in rows] == wanted, query

    @pytest.mark.parametrize("query", ["state=gone", "tier=gold", "name=x", "search="])
    def test_unknown_filter_is_refused_by_name(self, town: Town, query: str) -> None:
        answer = town.ops.call("GET", f"/v1/admin/providers/?{query}")
        assert (answer.status, answer.pointers) == (422, [f"/{query.partition('=')[0]}"])

    def test_deleted_account_has_no_address(self, town: Town) -> None:
        body = {"email": "bob@example.com", "tier": "community"}
        bob = town.world.join("bob@example.com")
        town.admin.call("POST", "/v1/admin/providers/", body)
        town.world.leave(bob)
        assert town.ops.call("GET", f"/v1/admin/providers/{bob.user_id}").json["email"] is None


class TestEnrollmentCode:
    def test_makes_a_machine_join_that_provider_once(self, town: Town) -> None:
        told = town.ops.call("POST", CODES, {"provider_id": town.ada.user_id}).json
        assert told["provider_id"] == town.ada.user_id
        assert town.acts()[0]["event"] == "enrollment_code.issued"
        assert told["install_command"] not in town.admin.call("GET", "/v1/admin/audit").text
        state = town.ada.call("GET", f"/v1/provider/enrollment-codes/{told['code_id']}").json
        assert (state["state"], state["host_id"]) == ("waiting", None)

    def test_is_for_the_operators_own_unless_named(self, town: Town) -> None:
        assert town.ops.call("POST", CODES, {}).json["provider_id"] == town.ops.user_id

    def test_one_idempotency_key_makes_one_code_and_one_record(self, town: Town) -> None:
        headers, body = {"Idempotency-Key": "one"}, {"provider_id": town.ada.user_id}
        first, again = (town.ops.call("POST", CODES, body, headers=headers) for _ in range(2))
        assert (first.status, first.text) == (201, again.text)
        assert [act["event"] for act in town.acts()].count("enrollment_code.issued") == 1

    def test_cannot_be_made_by_a_key_that_only_reads(self, town: Town) -> None:
        key = town.ops.call("POST", "/v1/auth/api-keys", {"name": "watch", "scopes": ["admin:read"]}).json["key"]
        path, app = "/v1/admin/agent/install-command", function("admin").app
        assert call(app, "GET", path, token=key).status == 200
        assert call(app, "POST", CODES, body={}, token=key).code == "scope_missing"

    def test_for_someone_who_is_no_provider_is_not_found(self, town: Town) -> None:
        assert town.ops.call("POST", CODES, {"provider_id": town.eve.user_id}).status == 404
