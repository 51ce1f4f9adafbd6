"""Ids: ULIDs by the specification, in order of time, as many bits as they promise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharemtc import clock

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def number_of(ulid: str) -> int:
    """The 128 bits of a ULID."""
    number = 0
    for character in ulid:
        number = number * 32 + CROCKFORD.index(character)
    return number


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_id_holds_its_time_and_its_randomness(milliseconds: int, randomness: bytes) -> None:
    with clock.set_for_test(now_ms=lambda: milliseconds, entropy=lambda size: randomness[:size]):
        prefix, _, ulid = clock.new_id("vm").partition("_")
    assert (prefix, len(ulid)) == ("vm", 26)
    assert number_of(ulid) == milliseconds << 80 | int.from_bytes(randomness, "big")


def test_id_of_the_specifications_example() -> None:
    # https://github.com/ulid/spec
    with clock.set_for_test(now_ms=lambda: 1469922850259):
        assert clock.new_id("x").startswith("x_01ARZ3NDEK")


@given(st.integers(0, 2**48 - 2))
def test_later_ids_sort_later_and_the_floor_below_them(milliseconds: int) -> None:
    def made_at(at_ms: int) -> str:
        with clock.set_for_test(now_ms=lambda: at_ms):
            return clock.new_id("evt")

    assert made_at(milliseconds) < made_at(milliseconds + 1)
    if milliseconds < 2**47:
        assert clock.id_floor("evt", clock.from_ms(milliseconds)) <= made_at(milliseconds)


def test_time_before_the_epoch_has_no_id() -> None:
    with pytest.raises(AssertionError):
        clock.id_floor("evt", datetime(1969, 12, 31, tzinfo=UTC))


def test_secret_has_the_entropy_that_was_asked_for() -> None:
    assert len(clock.new_secret(24)) == 32
    assert len({clock.new_secret() for _ in range(100)}) == 100
