"""The write-ahead log keeps whole operations, and tells a torn end from damage."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from infrastructure.local.emulator import journal as journals
from infrastructure.local.emulator.journal import Journal, JournalDamaged, decode, encode

OPERATIONS = [
    [["put", "a", "r", "t", {"pk": {"S": f"{n}"}}], ["put", "a", "r", "t", {"pk": {"S": f"{n}-b"}}]] for n in range(5)
]

TABLES = [[["put", "a", "r", table, {"pk": {"S": f"{n}"}}] for n in range(900)] for table in ("hosts", "wallets")]


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

    def test_one_flipped_bit_is_damage_wherever_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        content = b"".join(encode([["put", number]]) for number in range(3))
        for at in range(len(content) * 8):
            flipped = bytearray(content)
            flipped[at // 8] ^= 1 << at % 8
            path.write_bytes(flipped)
            with pytest.raises(JournalDamaged):
                stored(path)
            assert path.read_bytes() == flipped

    def test_a_cut_is_told(self, tmp_path: Path) -> None:
        path = written(tmp_path / "j")
        path.write_bytes(path.read_bytes()[:-7])
        journal = Journal(path)
        journal.replay(lambda _: None)
        assert journal.cut_bytes == len(encode(OPERATIONS[4])) - 7
        journal.close()
        again = Journal(path)
        again.replay(lambda _: None)
        assert again.cut_bytes == 0
        again.close()

    def test_lines_from_before_there_were_lengths_are_read(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        body = b'[["put","a","r","t",{"pk":{"S":"1"}}]]'
        path.write_bytes(b"%08x %s\n" % (zlib.crc32(body), body))
        assert stored(path) == [["put", "a", "r", "t", {"pk": {"S": "1"}}]]


class TestDamage:
    """What a person is told to do never loses more than is said."""

    def compacted(self, tmp_path: Path) -> Path:
        """Two tables in a compacted part of four lines and its two marks, and five operations after it."""
        path = tmp_path / "j"
        journal = Journal(path)
        journal.replay(lambda _: None)
        journal.compact([record for table in TABLES for record in table])
        for operation in OPERATIONS:
            journal.append(operation)
        journal.close()
        assert len(path.read_bytes().splitlines()) == 6 + len(OPERATIONS)
        return path

    def said(self, path: Path) -> str:
        before = path.read_bytes()
        with pytest.raises(JournalDamaged) as told:
            stored(path)
        assert path.read_bytes() == before
        return str(told.value)

    def test_after_the_compacted_part_what_is_said_to_be_lost_is_lost_and_no_more(self, tmp_path: Path) -> None:
        path = self.compacted(tmp_path)
        path.write_bytes(path.read_bytes().replace(b'"2-b"', b'"2-c"'))
        said = self.said(path)
        found = re.search(r"line 9 is damaged, .* backup, or give up the last (\d+) writes, made between "
                          r"(20\S+Z) and (20\S+Z), with: (head .*)$", said)  # fmt: skip
        assert found is not None, said
        assert int(found[1]) == 3
        assert found[2] <= found[3]
        subprocess.run(found[4], shell=True, check=True, cwd=tmp_path)  # noqa: S602 - as a person would run it
        assert stored(path) == [*TABLES[0], *TABLES[1], *OPERATIONS[0], *OPERATIONS[1]]

    def test_of_the_last_write_too(self, tmp_path: Path) -> None:
        path = self.compacted(tmp_path)
        path.write_bytes(path.read_bytes().replace(b'"4-b"', b'"4-c"'))
        assert "give up the last write, made between" in self.said(path)

    @pytest.mark.parametrize("line", range(6))
    def test_in_the_compacted_part_nothing_is_offered_to_be_cut(self, tmp_path: Path, line: int) -> None:
        path = self.compacted(tmp_path)
        lines = path.read_bytes().splitlines(keepends=True)
        lines[line] = lines[line].replace(b"[[", b"[ ", 1)
        path.write_bytes(b"".join(lines))
        said = self.said(path)
        assert f"line {line + 1} is damaged, and nothing was changed: restore the state folder from a backup." in said
        assert "all accounts, wallets, hosts or machines" in said
        assert "head" not in said

    def test_a_log_that_ends_in_the_compacted_part_is_not_taken_for_a_torn_write(self, tmp_path: Path) -> None:
        path = self.compacted(tmp_path)
        lines = path.read_bytes().splitlines(keepends=True)
        for count in range(1, 6):
            for rest in (b"", lines[count][:1], lines[count][:-1]):
                path.write_bytes(b"".join(lines[:count]) + rest)
                said = self.said(path)
                assert "restore the state folder from a backup." in said
                assert "head" not in said

    def test_a_log_from_before_there_were_marks_is_read_and_offers_no_cut(self, tmp_path: Path) -> None:
        path = written(tmp_path / "j")
        assert len(stored(path)) == 10
        path.write_bytes(path.read_bytes().replace(b'"2-b"', b'"2-c"'))
        said = self.said(path)
        assert "line 3 is damaged" in said
        assert "head" not in said


class FullDisk:
    """A file on a disk with room for so many bytes more."""

    def __init__(self, file: Any, room_bytes: int) -> None:
        self._file, self.room_bytes = file, room_bytes

    def write(self, content: bytes) -> int:
        taken = content[: self.room_bytes]
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room_bytes -= len(taken)
        return int(self._file.write(taken))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class TestFullDisk:
    @pytest.mark.parametrize("room_bytes", [0, 1, 9, 30])
    def test_what_does_not_fit_leaves_nothing_and_later_operations_are_readable(
        self, tmp_path: Path, room_bytes: int
    ) -> None:
        path = written(tmp_path / "j")
        journal = Journal(path)
        journal.replay(lambda _: None)
        whole = path.read_bytes()
        file = journal._file
        journal._file = FullDisk(file, room_bytes)  # type: ignore[assignment]
        with pytest.raises(OSError, match="No space left"):
            journal.append(OPERATIONS[0])
        assert path.read_bytes() == whole
        journal._file = file
        journal.append(OPERATIONS[1])
        journal.close()
        assert stored(path)[-2:] == OPERATIONS[1]

    def test_a_compaction_without_room_leaves_the_log_and_is_not_tried_at_every_write(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(journals, "COMPACT_OVER_BYTES", 200)
        path = written(tmp_path / "j")
        journal = Journal(path)
        journal.replay(lambda _: None)
        for _ in range(40):
            journal.append(OPERATIONS[0])
        assert journal.wants_compaction

        def no_room(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", no_room)
            with pytest.raises(OSError, match="No space left"):
                journal.compact(OPERATIONS[0])
        assert not journal.wants_compaction
        assert not list(tmp_path.glob("*.compacting"))
        journal.append(OPERATIONS[1])
        journal.close()
        assert stored(path)[-2:] == OPERATIONS[1]


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
