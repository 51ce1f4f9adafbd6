"""Structured logs. One logger a process; it never gets a body, a header or a token."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger


@cache
def logger() -> Logger:
    """The process's logger: JSON lines on standard output, with the function's name."""
    # a tenth of a function's import time, which only a process that has something to say should pay
    from aws_lambda_powertools import Logger

    return Logger(service=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "sharemtc"), utc=True)
