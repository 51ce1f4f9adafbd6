"""Unit tests have no tables: what is counted there is counted nowhere."""

from __future__ import annotations

import pytest

from sharemtc.http import rate_limits


@pytest.fixture(autouse=True)
def no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rate limits hold within the process only."""
    monkeypatch.delenv("LIMITS_TABLE", raising=False)
    rate_limits.forget()
