"""One embedded cloud for races through the real functions: many workers, one set of tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from infrastructure.local.cloud import EmbeddedCloud
from tests.reliability.remote import disconnect_all


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCloud]:
    """The cloud without its agent and console: hosts are played by the tests, with keys of their own."""
    # everybody comes from this one machine
    credits_for_all = {
        "SHAREMTC_STARTING_CREDITS_PER_DAY": "100000",
        "SHAREMTC_STARTING_CREDITS_PER_ADDRESS": "100000",
    }
    with EmbeddedCloud(
        tmp_path_factory.mktemp("races") / "s", agent=False, web=False, environment=credits_for_all
    ) as running:
        yield running
        disconnect_all()
