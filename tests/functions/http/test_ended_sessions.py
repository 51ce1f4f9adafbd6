"""What an access token can do whose session is over: read until it ends, and change nothing. Over every operation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from infrastructure.openapi import document
from tests.support.events import Answer, call
from tests.support.world import Person, World, function, give_role

from sharemtc import access_tokens
from sharemtc.http.operations import Operation, parameter_names
from sharemtc.principals import HOSTS, Role

OPERATIONS = document.load_operations(Path(__file__).parents[3] / "functions")
PASSWORD = "correct horse battery staple"
# whoever calls these shows something else than an access token, which the operation looks at itself
WITHOUT_TOKEN = {
    "agent_enroll": "a code that works once, and the key that the machine signs with from then on",
    "auth_confirm_email": "the token of an email, which works once",
    "auth_forget_password": "nothing: it only asks for an email to the account's own address",
    "auth_login": "the password",
    "auth_logout": "the refresh cookie, or an access token, whose own session it ends",
    "auth_refresh": "the refresh cookie",
    "auth_register": "nothing: the account is new",
    "auth_reset_password": "the token of an email, which works once",
    "auth_sign_in_operator": "an operator's password",
}


def by_a_person(operation: Operation) -> bool:
    return operation.method != "GET" and not operation.public and operation.roles != HOSTS


CHANGING = [operation for operation in OPERATIONS if by_a_person(operation)]


def send(operation: Operation, person: Person, role: Role) -> Answer:
    path = operation.path
    for name in parameter_names(path):
        path = path.replace(f"{{{name}}}", "none")
    token = access_tokens.issue_access_token(person.user_id, role, person.session_id)
    return call(function(operation.group).app, operation.method, path, token=token)


def sign_out(world: World, person: Person) -> None:
    assert person.call("DELETE", f"/v1/auth/sessions/{person.session_id}").status == 204


def change_the_password_elsewhere(world: World, person: Person) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD}
    signed_in, _ = access_tokens.verify_access_token(
        call(function("auth").app, "POST", "/v1/auth/login", body=body).json["access_token"]
    )
    elsewhere = Person(person.user_id, world, session_id=signed_in.session_id)
    change = {"current_password": PASSWORD, "password": "another horse battery staple"}
    assert elsewhere.call("POST", "/v1/auth/password/change", change).status == 204


def delete_the_account(world: World, person: Person) -> None:
    world.leave(person)


def let_it_run_out(world: World, person: Person) -> None:
    world.time.advance(timedelta(days=31))


ENDS: list[Callable[[World, Person], None]] = [
    sign_out,
    change_the_password_elsewhere,
    delete_the_account,
    let_it_run_out,
]


def test_whatever_changes_something_without_a_token_is_named_here_with_what_it_takes_instead() -> None:
    public = {operation.id for operation in OPERATIONS if operation.public and operation.method != "GET"}
    assert public == set(WITHOUT_TOKEN)


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_changed_by_the_token_of_a_session_that_is_over(
    world: World, end: Callable[[World, Person], None]
) -> None:
    ada = world.join("ada@example.com")
    end(world, ada)
    for operation in CHANGING:
        for role in operation.roles - {Role.AGENT}:
            if end is not delete_the_account:
                give_role(ada, role)
            answer = send(operation, ada, role)
            assert (answer.status, answer.code) == (401, "invalid_token"), (operation.id, role)
    assert ada.call("GET", "/v1/provider/hosts").status == 200


def test_nothing_is_changed_by_a_token_that_says_a_role_which_was_taken(world: World) -> None:
    ada = world.join("ada@example.com")
    for operation in CHANGING:
        for role in operation.roles - {Role.AGENT, Role.USER}:
            answer = send(operation, ada, role)
            assert (answer.status, answer.code) == (401, "invalid_token"), operation.id


def test_a_live_session_is_let_through_everywhere(world: World) -> None:
    for operation in CHANGING:
        person = world.join(f"{operation.id}@example.com")
        role = max(operation.roles - {Role.AGENT})
        give_role(person, role)
        assert send(operation, person, role).status not in (401, 403), operation.id


def test_an_answer_that_is_stored_under_a_key_is_not_given_again(world: World) -> None:
    ada = world.join("ada@example.com")
    body = {"name": "ci", "scopes": ["auth:read"]}
    headers = {"Idempotency-Key": "make-ci"}
    assert ada.call("POST", "/v1/auth/api-keys", body, headers=headers).status == 201
    sign_out(world, ada)
    assert ada.call("POST", "/v1/auth/api-keys", body, headers=headers).code == "invalid_token"
