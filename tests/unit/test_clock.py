"""Time and randomness from one place."""

from __future__ import annotations

from sharemtc import clock


def test_secret_has_the_entropy_that_was_asked_for() -> None:
    assert len(clock.new_secret(24)) == 32
    assert len({clock.new_secret() for _ in range(100)}) == 100
