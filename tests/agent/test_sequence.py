from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharemtc_agent.config import ConfigError
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

    def test_damaged_file_is_not_taken_for_none(self, tmp_path: Path) -> None:
        (tmp_path / "sequence").write_text("many")
        with pytest.raises(ConfigError, match="damaged"):
            Sequence(tmp_path / "sequence")
