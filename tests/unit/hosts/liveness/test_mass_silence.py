"""When silence is shared, and that nothing else holds a host back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sharemtc.hosts.liveness.mass_silence import MASS_HOSTS, MASS_PERCENT, MAX_PAUSE_MS, SAME_OUTAGE_MS, Silences

NOW_MS = 1_900_000_000_000
SUSPECT_MS = 15_000
AGES = st.lists(st.integers(0, 400_000), min_size=1, max_size=60)


def shared(ages_ms: list[int], age_ms: int) -> bool:
    """Whether a group whose hosts were last heard so long ago shares the silence of one of them."""
    silences = Silences((("g",), NOW_MS - age) for age in ages_ms)
    return bool(silences.shared_by(("g",), NOW_MS - age_ms, NOW_MS, SUSPECT_MS))


class TestShared:
    @given(AGES)
    def test_is_what_the_rule_says(self, ages_ms: list[int]) -> None:
        for age_ms in ages_ms:
            near = [one for one in ages_ms if abs(one - age_ms) <= SAME_OUTAGE_MS and one > SUSPECT_MS]
            alive_then = [one for one in ages_ms if one <= age_ms + SAME_OUTAGE_MS]
            expected = (
                age_ms <= MAX_PAUSE_MS and len(near) >= MASS_HOSTS and len(near) * 100 >= len(alive_then) * MASS_PERCENT
            )
            assert shared(ages_ms, age_ms) == expected

    @given(st.integers(10, 200), st.integers(31_000, MAX_PAUSE_MS))
    def test_sixty_percent_at_once_are_held(self, hosts: int, age_ms: int) -> None:
        silent = -(-hosts * 6 // 10)
        assert shared([age_ms] * silent + [5_000] * (hosts - silent), age_ms)

    @given(AGES, st.integers(MAX_PAUSE_MS + 1, 10**7))
    def test_nobody_is_held_for_longer_than_the_limit(self, ages_ms: list[int], age_ms: int) -> None:
        assert not shared([*ages_ms, *([age_ms] * 50)], age_ms)

    @given(st.integers(0, MASS_HOSTS - 1), st.integers(0, 50))
    def test_few_hosts_are_never_held(self, silent: int, live: int) -> None:
        assert not shared([40_000] * silent + [1_000] * live, 40_000)

    @given(st.integers(30, 100))
    def test_failures_apart_in_time_are_not_shared(self, hosts: int) -> None:
        ages_ms = [SAME_OUTAGE_MS * 2 * number + 40_000 for number in range(3)] * 4
        assert not shared([*ages_ms, *([2_000] * hosts)], 40_000)
