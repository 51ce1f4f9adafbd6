from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharemtc_agent.database import Database
from sharemtc_agent.sequence import BLOCK, Sequence


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "agent.db")) as opened:
        yield opened


def reserved(database: Database) -> int:
    ((found,),) = database.read("SELECT reserved FROM sequence")
    return int(found)


class TestTake:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 2**42), st.integers(0, 2 * BLOCK + 1)), min_size=1, max_size=6))
    def test_grows_over_restarts_and_clock_steps(self, lives: list[tuple[int, int]]) -> None:
        with TemporaryDirectory() as folder:
            taken = [0]
            for clock_ms, count in lives:
                with closing(Database(Path(folder, "agent.db"))) as database:
                    sequence = Sequence(database, lambda now=clock_ms: now)  # type: ignore[misc]
                    taken += [sequence.take() for _ in range(count)]
        assert all(later > earlier for earlier, later in pairwise(taken))

    def test_begins_at_the_time_in_milliseconds(self, database: Database) -> None:
        assert Sequence(database, lambda: 1_700_000_000_000).take() == 1_700_000_000_000

    def test_writes_once_per_block(self, database: Database) -> None:
        sequence = Sequence(database, lambda: 5)
        sequence.take()
        first = reserved(database)
        for _ in range(BLOCK - 1):
            sequence.take()
        assert reserved(database) == first
        sequence.take()
        assert reserved(database) == first + BLOCK

    @pytest.mark.parametrize("content", [b"", b"many", b"\xff\xfe", b"9" * 5000, b"SQLite format 3\0" + b"\0" * 4080])
    def test_of_a_damaged_file_no_number_is_used_twice(self, tmp_path: Path, content: bytes) -> None:
        """The clock may have been set back since."""
        file = tmp_path / "agent.db"
        with closing(Database(file)) as database:
            before = Sequence(database)
            used = [before.take() for _ in range(BLOCK)]
        file.write_bytes(content)
        with closing(Database(file)) as database:
            mended = Sequence(database, lambda: used[0] - 10**9)
            following = [mended.take() for _ in range(3)]
            assert reserved(database) > following[-1]
        assert following == sorted(set(following))
        assert following[0] > used[-1]
        assert all(0 < each < 2**53 for each in following)
        assert (tmp_path / "agent.db.damaged").read_bytes() == content

    def test_nothing_is_handed_out_that_is_not_reserved(self, database: Database) -> None:
        sequence = Sequence(database, lambda: 5)
        database._connection.execute("PRAGMA max_page_count = 1")  # as on a full disk
        database._connection.execute("PRAGMA query_only = ON")
        for _ in range(3):
            with pytest.raises(OSError, match=r"agent\.db"):
                sequence.take()
        database._connection.execute("PRAGMA query_only = OFF")
        assert sequence.take() == 5
        assert reserved(database) == 5 + BLOCK

    def test_leaps_behind_what_is_known_and_reserves_it(self, database: Database) -> None:
        sequence = Sequence(database, lambda: 5)
        sequence.take()
        for known in (3, 10 * BLOCK, 2**60):
            sequence.advance_past(known)
        assert sequence.take() == 10 * BLOCK + 1
        assert reserved(database) > 10 * BLOCK + 1
