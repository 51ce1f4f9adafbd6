"""Structured logs. One logger a process; it never gets a body, a header or a token."""

from __future__ import annotations

import os
from functools import cache

from aws_lambda_powertools import Logger


@cache
def logger() -> Logger:
    """The process's logger: JSON lines on standard output, with the function's name."""
    return Logger(service=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "sharemtc"), utc=True)
