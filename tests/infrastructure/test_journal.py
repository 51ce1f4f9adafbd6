"""The write-ahead log keeps whole operations, and tells a torn end from damage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from infrastructure.local.emulator.journal import Journal, JournalDamaged, decode, encode

OPERATIONS = [
    [["put", "a", "r", "t", {"pk": {"S": f"{n}"}}], ["put", "a", "r", "t", {"pk": {"S": f"{n}-b"}}]] for n in range(5)
]


def stored(path: Path) -> list[Any]:
    """Every record a fresh journal replays."""
    records: list[Any] = []
    journal = Journal(path)
    journal.replay(records.append)
    journal.close()
    return records


def written(path: Path) -> Path:
    journal = Journal(path)
    journal.replay(lambda _: None)
    for operation in OPERATIONS:
        journal.append(operation)
    journal.close()
    return path


class TestReplay:
    def test_returns_every_operation_in_order(self, tmp_path: Path) -> None:
        assert stored(written(tmp_path / "j")) == [record for operation in OPERATIONS for record in operation]

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(cut=st.integers(min_value=0))
    def test_a_log_cut_at_any_byte_holds_whole_operations_only(self, tmp_path: Path, cut: int) -> None:
        path = written_once(tmp_path)
        whole = path.read_bytes()
        torn = tmp_path / "torn"
        torn.write_bytes(whole[: cut % (len(whole) + 1)])
        records = stored(torn)
        assert records == [record for operation in OPERATIONS for record in operation][: len(records)]
        assert len(records) % 2 == 0, "half an operation was replayed"

    def test_a_torn_end_is_cut_off_so_that_later_operations_are_readable(self, tmp_path: Path) -> None:
        path = written(tmp_path / "j")
        path.write_bytes(path.read_bytes()[:-7])
        journal = Journal(path)
        assert journal.replay(lambda _: None) == 4
        journal.append(OPERATIONS[0])
        journal.close()
        assert len(stored(path)) == 10

    def test_damage_before_the_end_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        path = written(tmp_path / "j")
        damaged = path.read_bytes().replace(b'"2-b"', b'"2-c"')
        path.write_bytes(damaged)
        with pytest.raises(JournalDamaged, match="line 3"):
            stored(path)
        assert path.read_bytes() == damaged


class TestCompact:
    def test_replaces_the_log_and_goes_on(self, tmp_path: Path) -> None:
        path = written(tmp_path / "j")
        journal = Journal(path)
        journal.replay(lambda _: None)
        journal.compact(OPERATIONS[0])
        journal.append(OPERATIONS[1])
        journal.close()
        assert stored(path) == [*OPERATIONS[0], *OPERATIONS[1]]
        assert path.stat().st_mode & 0o077 == 0

    def test_a_leftover_of_an_interrupted_compaction_changes_nothing(self, tmp_path: Path) -> None:
        path = written(tmp_path / "j")
        path.with_suffix(".compacting").write_bytes(b"half")
        assert len(stored(path)) == 10


class TestDecode:
    @given(st.lists(st.lists(st.text() | st.integers() | st.booleans())))
    def test_reads_what_was_encoded(self, records: list[Any]) -> None:
        assert decode(encode(records)) == records

    @pytest.mark.parametrize("line", [b"", b"\n", b"00000000 []\n", b"zzzzzzzz []\n", b"[1]\n", encode([])[:-1]])
    def test_refuses_anything_else(self, line: bytes) -> None:
        assert decode(line) is None


def written_once(tmp_path: Path) -> Path:
    path = tmp_path / "whole"
    return path if path.exists() else written(path)
