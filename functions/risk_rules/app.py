"""On schedule: the risk rules over all hosts, and hosts that follow decisions on their providers."""

from typing import Any

from sharemtc.admin import risk_rules
from sharemtc.observability import logger


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """One pass over the fleet; what it came to."""
    came_to = risk_rules.watch()
    logger().info("watched", extra=came_to)
    return came_to
