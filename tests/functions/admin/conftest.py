from __future__ import annotations

import pytest
from tests.support.clock import Time
from tests.support.town import Town


@pytest.fixture
def town(time: Time) -> Town:
    return Town(time)
