"""Gzipped bodies: one whole member within a bound, and no memory for what is beyond it."""

from __future__ import annotations

import base64
import contextlib
import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.events import Answer, answer, event

from sharemtc import wire
from sharemtc.http import gzip_bodies
from sharemtc.http.api import Api
from sharemtc.http.gzip_bodies import gunzip
from sharemtc.problems import BadRequest, TooLarge
from sharemtc.schemas import Schema, View

LIMIT = 64 * 1024


class Note(Schema):
    text: str


class NoteView(View):
    text: str


def notes() -> Api:
    api = Api("notes")

    @api.operation("POST", "/v1/notes", public=True, max_body_bytes=1024, max_unpacked_bytes=LIMIT)
    def post_note(body: Note) -> NoteView:
        """Keep a note."""
        return NoteView(text=body.text)

    @api.operation("PUT", "/v1/notes", public=True)
    def put_note(body: Note) -> NoteView:
        """Keep a note that comes as it is."""
        return NoteView(text=body.text)

    return api


def send(method: str, content: bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = event(method, "/v1/notes", raw=base64.b64encode(content).decode(), headers=named)
    return answer(notes()(sent | {"isBase64Encoded": True}, None))


@given(st.binary(max_size=LIMIT))
def test_what_was_packed_comes_out(content: bytes) -> None:
    assert gunzip(gzip.compress(content), LIMIT) == content


@given(st.binary(max_size=200), st.data())
def test_whatever_is_damaged_is_refused_or_whole(content: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(content, mtime=0)
    at = data.draw(st.integers(0, len(packed) - 1))
    damaged = packed[:at] + bytes([packed[at] ^ data.draw(st.integers(1, 255))]) + packed[at + 1 :]
    with contextlib.suppress(BadRequest):
        assert gunzip(damaged, LIMIT) == content  # a time in the head may change without harm


def test_a_bomb_costs_no_memory() -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024))
    assert len(bomb) < 256 * 1024
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            gunzip(bomb, wire.MAX_UNPACKED_BYTES)
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_the_limit_itself_is_taken_and_a_byte_more_is_not() -> None:
    assert len(gunzip(gzip.compress(bytes(LIMIT)), LIMIT)) == LIMIT
    with pytest.raises(TooLarge):
        gunzip(gzip.compress(bytes(LIMIT + 1)), LIMIT)


def test_a_declared_operation_reads_packed_and_plain_bodies() -> None:
    body = b'{"text":"hi"}'
    for content, headers in [
        (body, {"Content_Type": "application/json"}),
        (body, {"Content_Type": "application/json", "Content_Encoding": "identity"}),
        (gzip.compress(body), {"Content_Type": "application/gzip"}),
        (gzip.compress(body), {"Content_Type": "application/json", "Content_Encoding": "gzip"}),
    ]:
        assert send("POST", content, **headers).json == {"text": "hi"}


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "GZIP2", ""])
def test_another_coding_is_not_guessed_at(method: str, coding: str) -> None:
    given = send(method, b"{}", Content_Type="application/json", Content_Encoding=coding)
    assert (given.status, given.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "headers",
    [{"Content_Type": "application/gzip"}, {"Content_Type": "application/json", "Content_Encoding": "gzip"}],
)
def test_an_operation_that_declares_nothing_takes_no_packed_body(headers: dict[str, str]) -> None:
    assert send("PUT", gzip.compress(b'{"text":"hi"}'), **headers).status == 415


def test_both_sides_name_the_type_alike() -> None:
    assert gzip_bodies.GZIP_TYPE == wire.GZIP_TYPE
