"""Schedules of the template fire."""

from __future__ import annotations

import pytest
from infrastructure.local.cloud import EmbeddedCloud
from tests.infrastructure.conftest import eventually


@pytest.mark.slow
def test_a_schedule_fires_within_a_minute(cloud: EmbeddedCloud) -> None:
    # the shortest schedule AWS knows is a minute; the tests before this one have used up most of it
    eventually(lambda: "tick from aws.events" in cloud.log("Ticker"), "the first minute", within_s=75)
