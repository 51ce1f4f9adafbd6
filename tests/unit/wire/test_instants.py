"""Instants from outside: aware, in UTC, in bounds within which no later calculation can fail."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from sharemtc import clock
from sharemtc.http.parsing import body_as
from sharemtc.problems import Invalid
from sharemtc.schemas import rfc3339
from sharemtc.wire import GivenInstant
from sharemtc.wire.instants import EARLIEST, LATEST


class Note(BaseModel):
    at: GivenInstant


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=OFFSETS))
def test_what_passes_is_utc_in_bounds_and_can_be_told_and_stored(given: datetime) -> None:
    inside = EARLIEST <= given <= LATEST
    body = json.dumps({"at": given.isoformat()})
    if not inside:
        with pytest.raises(ValidationError, match="instant_out_of_range"):
            Note.model_validate_json(body)
        return
    at = Note.model_validate_json(body).at
    assert at.tzinfo is UTC
    assert timedelta() <= given - at < timedelta(milliseconds=1)
    assert clock.from_ms(clock.to_ms(at)) == at
    assert datetime.fromisoformat(rfc3339(at)) == at


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "1999-12-31T23:59:59.999Z",
        "2000-01-01T00:00:00+00:01",
        "2199-12-31T23:59:59-00:01",
        "2030-01-31T12:00:00",
        "2030-01-31",
        "now",
    ],
)
def test_others_are_refused_by_the_field(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        body_as(Note, json.dumps({"at": text}).encode())
    assert [error.pointer for error in caught.value.errors] == ["/at"]
    assert caught.value.errors[0].message


def test_the_bounds_themselves_pass() -> None:
    for at in (EARLIEST, LATEST):
        assert Note(at=at).at == at
