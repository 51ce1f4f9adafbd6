"""The whole API against its own description: whatever is sent, no 5xx, no undeclared status, no undeclared shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from infrastructure.local.cloud import EmbeddedCloud
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.reliability.remote import Person

pytestmark = [
    pytest.mark.slow,
    # what the library itself does with the libraries that it stands on
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::pytest.PytestWarning"),
]

DESCRIPTION = json.loads((Path(__file__).parents[2] / "infrastructure" / "openapi.json").read_text())
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# what would end the session that the other requests are made with
NOT_CALLED = {("POST", "/v1/auth/logout"), ("DELETE", "/v1/auth/me")}
OPERATIONS = sorted(
    (method.upper(), path)
    for path, methods in DESCRIPTION["paths"].items()
    for method in methods
    if method in ("get", "post", "put", "patch", "delete") and (method.upper(), path) not in NOT_CALLED
)
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.fixture(scope="module")
def caller(cloud: EmbeddedCloud) -> Person:
    """Someone signed in, whose token the requests carry."""
    return Person.join(cloud.url, "contract@example.com")


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_as_it_says(cloud: EmbeddedCloud, caller: Person, method: str, path: str) -> None:
    signed_in = {"Authorization": caller.http.headers["Authorization"]}
    operation = SCHEMA[path][method]
    strategy = st.one_of(
        operation.as_strategy(), operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    )

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def check(case: Any) -> None:
        case.call_and_validate(base_url=cloud.url, headers=signed_in, checks=CHECKS)

    check()
