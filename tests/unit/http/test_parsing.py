"""Whatever bytes come, they are read or refused; what they meant is not changed."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from sharemtc.http import parsing
from sharemtc.http.parsing import body_as, pointer, query_as
from sharemtc.problems import BadRequest, Invalid
from sharemtc.schemas import PageQuery, Schema

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)


class Anything(BaseModel):
    """A body of any members."""

    model_config = ConfigDict(extra="allow")


class Leaf(Schema):
    """A body that nests."""

    child: Leaf | None = None


@given(st.dictionaries(TEXT, JSON))
def test_json_objects_come_through_unchanged(body: dict[str, Any]) -> None:
    depth_given = json.dumps(body).count("[") + json.dumps(body).count("{")
    if depth_given <= parsing.MAX_DEPTH and not set(body) & {"model_config"}:
        assert body_as(Anything, json.dumps(body).encode()).model_extra == body


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with suppress(BadRequest, Invalid):
        assert isinstance(body_as(PageQuery, raw), PageQuery)


@given(st.dictionaries(st.text(), st.lists(st.text(), max_size=2)))
def test_any_query_is_read_or_refused(query: dict[str, list[str]]) -> None:
    with suppress(Invalid):
        assert isinstance(query_as(PageQuery, query), PageQuery)


@given(st.lists(st.text(max_size=5), max_size=5))
def test_pointer_can_be_read_back(location: list[str]) -> None:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer(location).split("/")[1:]]
    assert parts == location


def nested(depth: int) -> bytes:
    return b'{"child":' * depth + b"null" + b"}" * depth


def test_depth_is_allowed_up_to_the_limit() -> None:
    assert body_as(Leaf, nested(parsing.MAX_DEPTH)).child is not None
    with pytest.raises(BadRequest, match="deeper"):
        body_as(Leaf, nested(parsing.MAX_DEPTH + 1))


def test_errors_are_bounded_and_never_repeat_what_was_sent() -> None:
    raw = json.dumps({f"{'x' * 500}{index}": "hunter2" for index in range(100)}).encode()
    with pytest.raises(Invalid) as caught:
        body_as(PageQuery, raw)
    assert len(caught.value.errors) == parsing.MAX_ERRORS
    assert all(len(error.pointer) <= parsing.MAX_POINTER_CHARS for error in caught.value.errors)
    assert "hunter2" not in str(caught.value.errors)
