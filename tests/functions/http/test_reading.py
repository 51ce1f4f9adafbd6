"""A GET changes nothing: every GET operation against a client that notes what it is asked to write."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient
from tests.functions.http.test_operations import OPERATIONS, QUERIES, Estate, collection_of
from tests.support.events import call
from tests.support.world import Person, World, function, give_role

from sharemtc.api_keys import Scope
from sharemtc.http.operations import Operation, parameter_names
from sharemtc.principals import HOSTS, Role

READING = [operation for operation in OPERATIONS if operation.method == "GET"]
READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "GetSecretValue", "DescribeExecution"})
# what a GET may write after all, and why; nothing else is let through
EXCEPTIONS = {
    "agent_list_commands": "Hands a machine its orders, each leased so that none is handed out twice at once. No page "
    "and no link can make this request: it is signed by the machine's key.",
    "auth_finish_google": "The browser comes back from Google by a redirect, which is a GET. State, nonce and PKCE "
    "bind it to the sign-in that this browser began.",
}
OWN_QUERIES = {
    "billing_list_accruals": "?allocation_id={allocation_id}",
    "resources_list_agent_logs": "?host_id={host_id}",
    "resources_list_health_checks": "?resource_type=host&resource_id={host_id}",
    "resources_list_metrics": "?resource_type=host&resource_id={host_id}&metric_type=cpu_used_percent",
    "resources_summarize_metrics": "?resource_type=host&resource_id={host_id}",
}


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every request to the cloud that is not known to read, as it is made."""
    seen: list[str] = []
    real = BaseClient._make_api_call  # type: ignore[attr-defined]  # every client calls through it

    def note(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation not in READS:
            seen.append(f"{operation} {arguments}")
        return real(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", note)
    return seen


def target_of(operation: Operation, estate: Estate, vm: dict[str, Any]) -> str:
    path = operation.path
    for name in parameter_names(path):
        path = path.replace(f"{{{name}}}", _thing(estate, collection_of(operation), vm))
    query = OWN_QUERIES.get(operation.id) or QUERIES.get(operation.id, "")
    return path + query.format(host_id=estate.host.id, allocation_id=vm["allocation_id"])


def _thing(estate: Estate, collection: str, vm: dict[str, Any]) -> str:
    return str(vm["id"]) if collection == "/v1/resources/vms" else estate.thing_in(collection)


def rented(estate: Estate) -> dict[str, Any]:
    answer = estate.person.rent(host_id=estate.host.id)
    assert answer.status == 201, answer.text
    estate.world.carry_out(estate.person, estate.host, answer.json["id"], "running")
    return estate.person.vm(answer.json["id"])


def test_every_exception_is_an_operation() -> None:
    assert set(EXCEPTIONS) <= {operation.id for operation in READING}


def test_no_get_writes(world: World, writes: list[str]) -> None:
    estate = Estate(world, "ada")
    vm = rented(estate)
    for operation in READING:
        if operation.id in EXCEPTIONS:
            continue
        target = target_of(operation, estate, vm)
        role = Role.SUPER_ADMIN if Role.USER not in operation.roles else Role.USER
        give_role(estate.person, role)
        person = Person(estate.person.user_id, world, role, estate.person.session_id)
        token = None if operation.public else person.token
        writes.clear()
        answer = call(function(operation.group).app, "GET", target, token=token)
        assert answer.status in (200, 302) or operation.id == "auth_start_google", (operation.id, answer.text)
        assert writes == [], operation.id
        give_role(estate.person, Role.USER)


def test_by_an_api_key_only_its_use_is_noted(world: World, writes: list[str]) -> None:
    estate = Estate(world, "ada")
    body = {"name": "ci", "scopes": [scope.value for scope in Scope]}
    key = estate.person.call("POST", "/v1/auth/api-keys", body).json["key"]
    writes.clear()
    for path in ("/v1/provider/hosts", "/v1/billing/balance", "/v1/resources/vms", "/v1/provider/profile"):
        assert call(function(path.split("/")[2]).app, "GET", path, token=key).status == 200
    (noted,) = writes
    assert noted.startswith("TransactWriteItems")
    assert "last_used_at" in noted


def test_an_install_command_is_read_without_a_code(world: World, writes: list[str]) -> None:
    operator = world.operator(Role.OPS_ADMIN)
    writes.clear()
    given = operator.call("GET", "/v1/admin/agent/install-command").json
    assert f"SHAREMTC_ENROLLMENT_CODE={given['placeholder']} " in given["install_command"]
    assert writes == []


def test_operations_of_hosts_are_read_by_hosts() -> None:
    assert [operation.id for operation in READING if operation.roles == HOSTS] == ["agent_list_commands"]
