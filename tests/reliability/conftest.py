"""One embedded cloud for races through the real functions: many workers, one set of tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from infrastructure.local.cloud import EmbeddedCloud
from tests.reliability.remote import disconnect_all


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCloud]:
    """The cloud without its agent and console: hosts are played by the tests, with keys of their own."""
    with EmbeddedCloud(tmp_path_factory.mktemp("races") / "s", agent=False, web=False) as running:
        yield running
        disconnect_all()
