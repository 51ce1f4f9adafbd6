from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharemtc_agent.sequence import BLOCK, Sequence


class TestTake:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 2**42), st.integers(0, 2 * BLOCK + 1)), min_size=1, max_size=6))
    def test_grows_over_restarts_and_clock_steps(self, lives: list[tuple[int, int]]) -> None:
        with TemporaryDirectory() as folder:
            taken = [0]
            for clock_ms, count in lives:
                sequence = Sequence(Path(folder, "sequence"), lambda now=clock_ms: now)  # type: ignore[misc]
                taken += [sequence.take() for _ in range(count)]
        assert all(later > earlier for earlier, later in pairwise(taken))

    def test_begins_at_the_time_in_milliseconds(self, tmp_path: Path) -> None:
        assert Sequence(tmp_path / "sequence", lambda: 1_700_000_000_000).take() == 1_700_000_000_000

    def test_writes_once_per_block(self, tmp_path: Path) -> None:
        file = tmp_path / "sequence"
        sequence = Sequence(file, lambda: 5)
        sequence.take()
        reserved = file.read_text()
        for _ in range(BLOCK - 1):
            sequence.take()
        assert file.read_text() == reserved
        sequence.take()
        assert int(file.read_text()) == int(reserved) + BLOCK

    @pytest.mark.parametrize("content", [b"", b"many", b"\xff\xfe", b"-5", b"9" * 30, b"9" * 5000, b"\0" * 14])
    def test_of_a_damaged_file_no_number_is_used_twice(self, tmp_path: Path, content: bytes) -> None:
        """Its clock may have been set back since."""
        file = tmp_path / "sequence"
        before = Sequence(file)
        used = [before.take() for _ in range(BLOCK)]
        file.write_bytes(content)
        mended = Sequence(file, lambda: used[0] - 10**9)
        following = [mended.take() for _ in range(3)]
        assert following == sorted(set(following))
        assert following[0] > used[-1]
        assert all(0 < each < 2**53 for each in following)
        assert int(file.read_bytes()) > following[-1]

    def test_nothing_is_handed_out_that_is_not_reserved(self, tmp_path: Path) -> None:
        folder = tmp_path / "state"
        folder.write_text("a file where the folder should be: nothing can be written")
        sequence = Sequence(tmp_path / "sequence", lambda: 5)
        sequence._file = folder / "sequence"
        for _ in range(3):
            with pytest.raises(OSError, match="state"):
                sequence.take()
        sequence._file = tmp_path / "sequence"
        assert sequence.take() == 5
        assert int((tmp_path / "sequence").read_bytes()) == 5 + BLOCK

    def test_leaps_behind_what_is_known_and_reserves_it(self, tmp_path: Path) -> None:
        file = tmp_path / "sequence"
        sequence = Sequence(file, lambda: 5)
        sequence.take()
        for known in (3, 10 * BLOCK, 2**60):
            sequence.leap(known)
        assert sequence.take() == 10 * BLOCK + 1
        assert int(file.read_bytes()) > 10 * BLOCK + 1
