"""Every operation × every role × own, foreign and missing ids: who is let in, and that nobody sees another's things."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from infrastructure.openapi import document
from tests.support.events import Answer, call
from tests.support.world import Host, Person, World, function, give_role

from sharemtc import access_tokens, clock
from sharemtc.http.operations import Operation, parameter_names
from sharemtc.principals import HOSTS, OPERATORS, Role
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, Severity
from sharemtc.risks.table import risk_id
from sharemtc.settings import settings

FUNCTIONS = Path(__file__).parents[3] / "functions"
OPERATIONS = document.load_operations(FUNCTIONS)
PEOPLE = [role for role in Role if role is not Role.AGENT]
WITH_ID = [operation for operation in OPERATIONS if "{" in operation.path]
FOR_EVERYBODY = [operation for operation in WITH_ID if operation.public]
FOR_OPERATORS = [operation for operation in WITH_ID if operation.roles and operation.roles <= OPERATORS]
FOR_OWNERS = [operation for operation in WITH_ID if operation not in FOR_OPERATORS + FOR_EVERYBODY]
BODIES: dict[str, Any] = {
    "admin_acknowledge_risk": {"note": "seen"},
    "admin_change_provider": {"tier": "verified"},
    "admin_declare_host_lost": {"reason": "burnt down"},
    "admin_decide_for_host": {"draining": True, "reason": "disks fail"},
    "agent_report_progress": {"phase": "booting"},
    "agent_report_result": {"generation": 1, "proof": {"kind": "vm", "state": "gone"}},
    "provider_change_own_host": {"draining": True},
    "provider_publish_prices": {
        "vcpu_nanos_per_hour": 1,
        "memory_gib_nanos_per_hour": 1,
        "disk_gib_nanos_per_hour": 1,
    },
}
QUERIES = {"admin_read_provider_metrics": "?metric_type=cpu_used_percent"}


class Estate:
    """One person with a machine, and one thing of every kind that has an id in some path."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.person = world.join(f"{name}@example.com")
        self.host: Host = self.person.add_host(name=name)
        assert self.host.heartbeat().status == 200

    def thing_in(self, collection: str) -> str:
        """The id of something of this person's in that collection."""
        return _MAKERS[collection](self)


def _rent(estate: Estate) -> str:
    answer = estate.person.rent(host_id=estate.host.id)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def _command(estate: Estate) -> str:
    vm = estate.person.vm(_rent(estate))
    estate.world.task("dispatch", vm, token="t" * 20)
    (command,) = estate.host.commands()
    return str(command["id"])


def _host(estate: Estate) -> str:
    return estate.host.id


def _provider(estate: Estate) -> str:
    return estate.person.user_id


def _enrollment_code(estate: Estate) -> str:
    answer = estate.person.call("POST", "/v1/provider/enrollment-codes", {})
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def _ssh_key(estate: Estate) -> str:
    return str(estate.person.call("GET", "/v1/auth/ssh-keys").json["items"][0]["id"])


def _session(estate: Estate) -> str:
    return str(estate.person.call("GET", "/v1/auth/sessions").json["items"][0]["id"])


def _api_key(estate: Estate) -> str:
    body = {"name": "ci", "scopes": ["resources:read"]}
    answer = estate.person.call("POST", "/v1/auth/api-keys", body)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def _risk(estate: Estate) -> str:
    about = (RiskKind.HOST_SILENT, estate.host.id)
    risks.report(*about, severity=Severity.WARNING, owner_id=estate.person.user_id, detail="Silent.")
    return risk_id(*about)


_MAKERS: dict[str, Callable[[Estate], str]] = {
    "/v1/admin/hosts": _host,
    "/v1/admin/providers": _provider,
    "/v1/admin/risks": _risk,
    "/v1/agent/commands": _command,
    "/v1/auth/api-keys": _api_key,
    "/v1/auth/sessions": _session,
    "/v1/auth/ssh-keys": _ssh_key,
    "/v1/catalog/hosts": _host,
    "/v1/provider/enrollment-codes": _enrollment_code,
    "/v1/provider/hosts": _host,
    "/v1/resources/vms": _rent,
}


def _fall_silent(estate: Estate) -> None:
    estate.world.time.advance(timedelta(seconds=settings().host_offline_after_s + 1))


# what must be so before an operation can be carried out
STATES: dict[str, Callable[[Estate], None]] = {"admin_declare_host_lost": _fall_silent}


def collection_of(operation: Operation) -> str:
    return operation.path.split("/{")[0]


def missing_like(thing_id: str) -> str:
    """An id of the same form that nothing has."""
    return thing_id[:-6] + ("000000" if thing_id[-6:] != "000000" else "111111")


def send(estate: Estate, operation: Operation, thing_id: str, role: Role = Role.USER) -> Answer:
    (name,) = parameter_names(operation.path)
    path = operation.path.replace(f"{{{name}}}", thing_id)
    if operation.roles == HOSTS:
        return estate.host.send(operation.method, path, BODIES.get(operation.id))
    return as_role(estate.person, role, operation, path)


def as_role(person: Person, role: Role, operation: Operation, path: str) -> Answer:
    give_role(person, role)
    token = access_tokens.issue_access_token(person.user_id, role, person.session_id)
    headers = {"X-Request-Id": "same-in-both"}
    app = function(operation.group).app
    target = path + QUERIES.get(operation.id, "")
    return call(app, operation.method, target, body=BODIES.get(operation.id), token=token, headers=headers)


def ids(operations: list[Operation]) -> list[str]:
    return [operation.id for operation in operations]


def test_every_kind_of_id_is_tried_here() -> None:
    assert {collection_of(operation) for operation in WITH_ID} == set(_MAKERS)


@pytest.mark.parametrize("operation", FOR_OWNERS, ids=ids(FOR_OWNERS))
def test_another_persons_thing_and_none_give_the_same_bytes(world: World, operation: Operation) -> None:
    mine, theirs = Estate(world, "mine"), Estate(world, "theirs")
    foreign = theirs.thing_in(collection_of(operation))
    for role in [Role.USER] if operation.roles == HOSTS else PEOPLE:
        answers = [send(mine, operation, thing_id, role) for thing_id in (foreign, missing_like(foreign))]
        assert [answer.status for answer in answers] == [404, 404], (role, answers[0].text)
        assert answers[0].text.replace(foreign, "") == answers[1].text.replace(missing_like(foreign), "")
        assert answers[0].headers == answers[1].headers
    own = send(theirs, operation, foreign)
    assert own.status not in (401, 403, 404), own.text


@pytest.mark.parametrize("operation", FOR_OPERATORS, ids=ids(FOR_OPERATORS))
def test_operators_reach_everyones_things_and_nobody_else_learns_of_them(world: World, operation: Operation) -> None:
    estate = Estate(world, "theirs")
    thing = estate.thing_in(collection_of(operation))
    if operation.id in STATES:
        STATES[operation.id](estate)
    for role in PEOPLE:
        there, missing = (send(estate, operation, thing_id, role) for thing_id in (thing, missing_like(thing)))
        if role in operation.roles:
            assert there.status < 300, (role, there.text)
            assert (missing.status, missing.code) == (404, "not_found"), (role, missing.text)
        else:
            assert (there.status, there.code) == (403, "forbidden"), (role, there.text)
            assert (there.text, there.headers) == (missing.text, missing.headers)


@pytest.mark.parametrize("operation", FOR_EVERYBODY, ids=ids(FOR_EVERYBODY))
def test_everybody_gets_what_is_public_and_a_missing_one_is_missing(world: World, operation: Operation) -> None:
    estate = Estate(world, "theirs")
    thing = estate.thing_in(collection_of(operation))
    for role in PEOPLE:
        there, missing = (send(estate, operation, thing_id, role) for thing_id in (thing, missing_like(thing)))
        assert (there.status, missing.status) == (200, 404), (role, there.text)
        assert estate.person.user_id not in there.text


def test_only_the_roles_of_the_table_are_let_in(world: World) -> None:
    for operation in OPERATIONS:
        person = world.join(f"{operation.id}@example.com")
        path = operation.path
        for name in parameter_names(path):
            path = path.replace(f"{{{name}}}", "none")
        for role in PEOPLE:
            answer = as_role(person, role, operation, path)
            where = f"{operation.id} as {role}: {answer.text}"
            assert answer.status < 500, where
            if operation.public:
                assert answer.status != 403, where
            elif operation.roles == HOSTS:
                assert answer.status == 401, where
            elif role in operation.roles:
                assert answer.status not in (401, 403), where
            else:
                assert (answer.status, answer.code) == (403, "forbidden"), where
        if not operation.public:
            without = call(function(operation.group).app, operation.method, path, body=BODIES.get(operation.id))
            assert (without.status, without.headers["WWW-Authenticate"]) == (401, "Bearer"), operation.id


def test_a_hosts_signature_opens_nothing_of_a_persons(world: World) -> None:
    host = Estate(world, "provider").host
    closed = [
        operation for operation in OPERATIONS if not operation.public and operation.group not in ("agent", "ingest")
    ]
    for operation in closed:
        path = operation.path.replace("{", "").replace("}", "")
        answer = call(function(operation.group).app, operation.method, path, token=_signed_by(host))
        assert (answer.status, answer.code) == (401, "invalid_token"), operation.id


def _signed_by(host: Host) -> str:
    now_s = clock.to_ms(clock.now()) // 1000
    claims = {"sub": host.id, "aud": "sharemtc", "iss": settings().public_url, "exp": now_s + 60, "iat": now_s}
    return jwt.encode(claims, host.key, algorithm="EdDSA", headers={"kid": host.id, "typ": access_tokens.TOKEN_TYPE})
