"""The OpenAPI document: complete, in step with the code, and saying of every operation who may call it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from infrastructure.openapi import document as openapi
from infrastructure.openapi import python_client
from infrastructure.openapi.__main__ import main
from jsonschema import Draft202012Validator

from sharemtc.http.api import Api, Operation
from sharemtc.idempotency import Claim
from sharemtc.principals import ANYONE_SIGNED_IN, HOSTS, Principal, Role
from sharemtc.problems import Conflict
from sharemtc.schemas import INSTANT_JSON_SCHEMA, MAX_PAGE_SIZE, Instant, PageQuery, Schema, View

ROOT = Path(__file__).parents[3]


class Size(Schema):
    width: int = 1


class BoxCreate(Schema):
    name: str
    size: Size | None = None


class BoxView(View):
    name: str
    note: str | None = None
    made_at: Instant


class TooBig(Conflict):
    code, title = "too_big", "It does not fit"


class TooHeavy(Conflict):
    code, title = "too_heavy", "It breaks"


def boxes() -> Api:
    api = Api("boxes")

    @api.operation(
        "POST", "/v1/boxes/{room}", status=201, roles=ANYONE_SIGNED_IN, idempotent=True, errors=(TooBig, TooHeavy)
    )
    def post_box(caller: Principal, room: str, body: BoxCreate, claim: Claim) -> BoxView:
        """Put a box.

        Only one fits.
        """
        raise NotImplementedError

    @api.operation("GET", "/v1/boxes", public=True)
    def list_boxes(query: PageQuery) -> BoxView:
        """All boxes."""
        raise NotImplementedError

    return api


@pytest.fixture
def document() -> dict[str, Any]:
    return openapi.build(boxes().operations)


@pytest.fixture(scope="module")
def operations() -> list[Operation]:
    return openapi.load_operations(ROOT / "functions")


class TestDocument:
    def test_operation_says_all_that_was_declared(self, document: dict[str, Any]) -> None:
        post = document["paths"]["/v1/boxes/{room}"]["post"]
        assert (post["operationId"], post["summary"]) == ("boxes_post_box", "Put a box.")
        assert post["description"] == "Only one fits."
        assert post["security"] == [{"accessToken": []}]
        assert post["x-roles"] == ["admin", "ops-admin", "provider", "super-admin", "user"]
        assert [parameter["name"] for parameter in post["parameters"]] == ["room", "Idempotency-Key"]
        assert post["requestBody"]["content"]["application/json"]["schema"] == ref("BoxCreate")
        assert post["responses"]["201"]["content"]["application/json"]["schema"] == ref("BoxView")

    def test_every_error_is_there_and_those_of_one_status_stand_together(self, document: dict[str, Any]) -> None:
        responses = document["paths"]["/v1/boxes/{room}"]["post"]["responses"]
        statuses = ["201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503", "507"]
        assert sorted(responses) == statuses
        codes = re.findall(r"`(\w+)`", responses["409"]["description"])
        assert codes == ["idempotency_key_in_use", "idempotency_key_reused", "too_big", "too_heavy"]
        assert responses["409"]["content"] == {"application/problem+json": {"schema": ref("Problem")}}

    def test_query_becomes_parameters_and_no_schema(self, document: dict[str, Any]) -> None:
        limit, cursor = document["paths"]["/v1/boxes"]["get"]["parameters"]
        assert limit["schema"] == {"type": "integer", "default": 50, "minimum": 1, "maximum": 200}
        assert (cursor["name"], cursor["required"]) == ("cursor", False)
        assert document["paths"]["/v1/boxes"]["get"]["security"] == []
        assert set(document["components"]["schemas"]) == {"BoxCreate", "BoxView", "FieldError", "Problem", "Size"}

    def test_fields_of_answers_are_required_and_of_requests_as_declared(self, document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        assert schemas["BoxView"]["required"] == ["name", "note", "made_at"]
        assert schemas["BoxView"]["properties"]["note"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
        assert schemas["BoxCreate"]["required"] == ["name"]
        assert schemas["BoxCreate"]["additionalProperties"] is False

    def test_two_schemas_of_one_name_are_a_mistake(self) -> None:
        def view_named_like_another() -> type[View]:
            class BoxView(View):
                other: int

            return BoxView

        api = boxes()

        def get_box(room: str) -> View:
            """A box."""
            raise NotImplementedError

        api.operation("GET", "/v1/boxes/{room}", public=True, view=view_named_like_another())(get_box)
        with pytest.raises(openapi.DriftError, match="BoxView"):
            openapi.build(api.operations)


class TestOurs:
    def test_committed_document_is_what_the_code_declares(self) -> None:
        arguments = ["--functions", str(ROOT / "functions"), "--table", str(ROOT / "docs/roles.md")]
        arguments += ["--client", str(ROOT / python_client.PACKAGE)]
        assert main(["--check", *arguments, "--file", str(ROOT / "infrastructure/openapi.json")]) == 0

    def test_drift_is_found(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "openapi.json"
        table = tmp_path / "roles.md"
        client = tmp_path / "client"
        arguments = [
            "--functions",
            str(ROOT / "functions"),
            "--table",
            str(table),
            "--client",
            str(client),
            "--file",
            str(file),
        ]
        assert main(["--check", *arguments]) == 1
        assert "make openapi" in capsys.readouterr().err
        assert main(arguments) == 0
        file.write_text(file.read_text().replace('"Boot', '"boot').replace('"Sign', '"sign'))
        assert main(["--check", *arguments]) == 1
        assert main(arguments) == 0
        table.write_text(table.read_text().replace("yes", "all", 1))
        assert main(["--check", *arguments]) == 1
        assert main(arguments) == 0
        (client / "models" / "of_a_group_that_is_gone.py").write_text("")
        assert main(["--check", *arguments]) == 1
        assert main(arguments) == 0
        assert main(["--check", *arguments]) == 0

    def test_quick_start_calls_operations_that_exist(self, operations: list[Operation]) -> None:
        described = openapi.build(operations)
        (shell,) = re.findall(r"```sh\n(.*?)```", described["info"]["description"], re.DOTALL)
        assert subprocess.run(["bash", "-n"], input=shell, text=True, check=False).returncode == 0
        called = {re.sub(r"\$VM", "{vm_id}", path) for path in re.findall(r"\$BASE(/v1/[\w/$-]+)", shell)}
        assert "/v1/resources/vms/{vm_id}/stop" in called
        assert called <= set(described["paths"])

    def test_problem_codes_are_listed_with_their_meaning(self, operations: list[Operation]) -> None:
        listed = openapi.build(operations)["info"]["description"]
        for error in {error for operation in operations for error in openapi.errors_of(operation)}:
            assert f"| `{error.code}` |" in listed

    def test_every_schema_of_ours_has_an_example_of_its_own_shape(self, operations: list[Operation]) -> None:
        document = openapi.build(operations)
        schemas = document["components"]["schemas"]
        wrong = []
        for name, schema in schemas.items():
            for example in schema.get("examples", ()):
                root = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
                wrong += [f"{name}: {error.message}" for error in Draft202012Validator(root).iter_errors(example)]
        assert wrong == []
        assert all("examples" in schemas[operation.body.__name__] for operation in operations if operation.body)

    def test_every_operation_says_how_it_is_refused(self, operations: list[Operation]) -> None:
        for path in openapi.build(operations)["paths"].values():
            for described in path.values():
                assert {"400", "413", "422", "429", "500", "503"} <= set(described["responses"])
                assert "Retry-After" in described["responses"]["429"]["headers"]
                assert described["summary"].endswith(".")

    def test_every_time_in_an_answer_has_milliseconds(self, operations: list[Operation]) -> None:
        schemas = openapi.build(operations)["components"]["schemas"]
        answered = {
            operation.view.__name__ for operation in operations if operation.view and operation.group != "agent"
        }
        bare = [f"{name}.{field}" for name, field, given in fields(schemas, answered) if is_bare_time(given)]
        assert bare == []

    def test_every_operation_is_closed_or_public_on_purpose(self, operations: list[Operation]) -> None:
        public = {f"{operation.method} {operation.path}" for operation in operations if operation.public}
        assert public == PUBLIC
        closed = [operation for operation in operations if not operation.public]
        assert all((operation.roles == HOSTS) == (operation.group in {"agent", "ingest"}) for operation in closed)
        by_both = {operation.id for operation in closed if Role.AGENT in operation.roles and operation.roles - HOSTS}
        assert by_both == {"resources_create_metric", "resources_create_health_check"}

    def test_every_list_comes_in_pages_or_has_a_bound_that_is_named(self, operations: list[Operation]) -> None:
        lists = [
            one for one in operations if one.view is not None and {"items", "next_cursor"} & set(one.view.model_fields)
        ]
        assert len(lists) >= 20
        unbounded = set()
        for operation in lists:
            assert operation.view is not None
            query = operation.query.model_fields if operation.query is not None else {}
            limits = [rule.le for rule in getattr(query.get("limit"), "metadata", ()) if hasattr(rule, "le")]
            paged = "cursor" in query and "next_cursor" in operation.view.model_fields
            if not paged or not limits or limits[0] > MAX_PAGE_SIZE:
                unbounded.add(f"{operation.method} {operation.path}")
        assert unbounded == set(BOUNDED_OTHERWISE)


# lists that are no pages, and what bounds them
BOUNDED_OTHERWISE = {
    "GET /v1/admin/providers/{provider_id}/metrics": "500 points, by `limit`",
    "GET /v1/provider/market": "one item for each model that some of 960 hosts have for sale",
    "PATCH /v1/admin/providers/{provider_id}": "the first 20 hosts of the provider",
    "GET /v1/resources/events": "200 events, and the cursor from which to go on",
    "GET /v1/resources/metrics": "500 points a page",
    "GET /v1/resources/metrics/summary": "200 figures, by `limit`",
}
PUBLIC = {
    "GET /v1/auth/.well-known/jwks.json",
    "GET /v1/catalog/hosts",
    "GET /v1/catalog/hosts/{host_id}/reliability",
    "POST /v1/agent/enroll",
    "POST /v1/auth/email/confirm",
    "POST /v1/auth/login",
    "POST /v1/auth/password/reset",
    "POST /v1/auth/password/forgot",
    "GET /v1/auth/google/callback",
    "GET /v1/auth/google/start",
    "GET /v1/auth/providers",
    "POST /v1/auth/admin/direct",
    "POST /v1/auth/logout",
    "POST /v1/auth/refresh",
    "POST /v1/auth/register",
}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def is_bare_time(given: dict[str, Any]) -> bool:
    alternatives = given.get("anyOf", [given])
    return any(
        alternative.get("format") == "date-time" and "examples" not in {**given, **alternative}
        for alternative in alternatives
    )


def fields(schemas: dict[str, Any], names: set[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """Every field of these schemas and of those that they refer to."""
    assert INSTANT_JSON_SCHEMA["examples"]
    wanted, seen, found = list(names), set(), []
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        found += [(name, field, given) for field, given in schemas[name].get("properties", {}).items()]
        wanted += re.findall(r"#/components/schemas/(\w+)", str(schemas[name]))
    return found
