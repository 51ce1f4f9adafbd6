"""Each method on each path of the API: undeclared ones are 405 with what is allowed, HEAD is GET without a body."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from infrastructure.openapi import document
from tests.support.clock import Time
from tests.support.events import call
from tests.support.world import World, function

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
DECLARED: dict[tuple[str, str], set[str]] = defaultdict(set)
for _operation in document.load_operations(Path(__file__).parents[3] / "functions"):
    DECLARED[_operation.group, _operation.path].add(_operation.method)


APPS = {group: function(group).app for group in {group for group, _ in DECLARED}}


def target(path: str) -> str:
    return "/".join("vm_1" if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.parametrize(("group", "path"), DECLARED)
def test_what_is_not_declared_is_405_and_names_what_is(group: str, path: str) -> None:
    declared = DECLARED[group, path]
    allowed = sorted({*declared, "OPTIONS", *(["HEAD"] if "GET" in declared else [])})
    app = APPS[group]
    for method in METHODS:
        if method not in allowed:
            answer = call(app, method, target(path))
            assert answer.status == 405, method
            assert answer.text == "" if method == "HEAD" else answer.code == "method_not_allowed", method
            assert answer.headers["Allow"] == ", ".join(allowed)
    told = call(app, "OPTIONS", target(path))
    assert (told.status, told.headers["Allow"]) == (204, ", ".join(allowed))


def test_head_is_answered_as_get_without_a_body(time: Time) -> None:
    World.start(time)
    for group, path in (key for key, methods in DECLARED.items() if "GET" in methods):
        read, told = (call(APPS[group], method, target(path)) for method in ("GET", "HEAD"))
        assert (told.status, told.text) == (read.status, ""), path
        assert set(told.headers) == set(read.headers), path
        assert told.headers.get("Content-Type") == read.headers.get("Content-Type"), path


@pytest.mark.parametrize("path", ["/v1/catalog/nothing", "/v1/catalog/hosts/x/y/z"])
def test_head_on_an_unknown_path_has_no_body_either(path: str) -> None:
    told = call(APPS["catalog"], "HEAD", path)
    assert (told.status, told.text, told.headers["Content-Type"]) == (404, "", "application/problem+json")
