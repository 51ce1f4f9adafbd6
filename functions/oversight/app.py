"""The oversight: on schedule, the rules that look over the whole fleet, and hosts that follow their providers."""

from typing import Any

from sharemtc.fleet import oversight
from sharemtc.observability import logger


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """One pass over the fleet; what it came to."""
    came_to = oversight.watch()
    logger().info("watched", extra=came_to)
    return came_to
