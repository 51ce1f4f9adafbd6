"""Scheduled: applies the risk rules to all hosts, and decisions about providers to their hosts."""

from typing import Any

from sharemtc.admin import risk_rules
from sharemtc.observability import logger


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    counts = risk_rules.watch()
    logger().info("watched", extra=counts)
    return counts
