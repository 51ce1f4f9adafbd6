"""Ids: ULIDs by the specification, in order of time, as many bits as they promise."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sharemtc import clock, wire
from sharemtc.ids import IdKind, id_bytes, id_floor, id_from_bytes, kind_of, new_id, pattern
from sharemtc.wire.kinds import WorkloadKind

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
        prefix, _, ulid = new_id(WorkloadKind.VM).partition("_")
    assert (prefix, len(ulid)) == ("vm", 26)
    assert number_of(ulid) == milliseconds << 80 | int.from_bytes(randomness, "big")


def test_id_of_the_specifications_example() -> None:
    # https://github.com/ulid/spec
    with clock.set_for_test(now_ms=lambda: 1469922850259):
        assert new_id(IdKind.EVENT).startswith("evt_01ARZ3NDEK")


@given(st.integers(0, 2**48 - 2))
def test_later_ids_sort_later_and_the_floor_below_them(milliseconds: int) -> None:
    def made_at(at_ms: int) -> str:
        with clock.set_for_test(now_ms=lambda: at_ms):
            return new_id(IdKind.EVENT)

    assert made_at(milliseconds) < made_at(milliseconds + 1)
    if milliseconds < 2**47:
        assert id_floor(IdKind.EVENT, clock.from_ms(milliseconds)) <= made_at(milliseconds)


def test_time_before_the_epoch_has_no_id() -> None:
    with pytest.raises(AssertionError):
        id_floor(IdKind.EVENT, datetime(1969, 12, 31, tzinfo=UTC))


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_id_is_its_bytes(milliseconds: int, randomness: bytes) -> None:
    with clock.set_for_test(now_ms=lambda: milliseconds, entropy=lambda size: randomness[:size]):
        id = new_id(IdKind.HOST)
    assert id_from_bytes(IdKind.HOST, id_bytes(id)) == id


@pytest.mark.parametrize("kind", [*(kind for kind in IdKind if kind is not IdKind.GPU), *WorkloadKind])
def test_id_tells_its_kind_and_matches_its_pattern(kind: IdKind | WorkloadKind) -> None:
    id = new_id(kind)
    assert kind_of(id) is kind
    assert re.fullmatch(pattern(kind), id)
    assert not re.fullmatch(pattern(kind), f"x{id}")


@pytest.mark.parametrize("text", ["", "hst", "zzz_1", "region:eu", "someone@example.com", "GPU_1"])
def test_other_text_has_no_kind(text: str) -> None:
    assert kind_of(text) is None


def test_gpus_are_known_by_their_makers_uuid() -> None:
    assert kind_of("GPU-5c1e7a90-2b4d-4f6e-8a0c-1d3f5b7e9a2c") is IdKind.GPU


def test_the_wire_takes_these_ids() -> None:
    assert TypeAdapter(wire.HostId).validate_python(host_id := new_id(IdKind.HOST)) == host_id
    for kind in WorkloadKind:
        assert TypeAdapter(wire.WorkloadId).validate_python(workload_id := new_id(kind)) == workload_id
