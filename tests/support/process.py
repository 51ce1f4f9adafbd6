"""What one process of the platform remembers between requests, and how to start again without it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import _lru_cache_wrapper, cache
from types import ModuleType
from typing import Any

from sharemtc import access_tokens
from sharemtc.hosts import signatures
from sharemtc.hosts.liveness import heartbeat_batches, sweep
from sharemtc.http import rate_limits
from sharemtc.telemetry import ingest

PRODUCT = ("sharemtc.", "functions_", "functions.")


def product_modules() -> Iterator[ModuleType]:
    """The platform's own modules, those that are loaded."""
    return (module for name, module in list(sys.modules.items()) if name.startswith(PRODUCT))


@cache
def _caches(module: ModuleType) -> list[_lru_cache_wrapper[Any]]:
    found = [value for value in vars(module).values() if isinstance(value, _lru_cache_wrapper)]
    return [one for one in found if one.__module__ == module.__name__]


def forget() -> None:
    """Remember no more than a process that has just started."""
    for module in product_modules():
        for one in _caches(module):
            one.cache_clear()
    access_tokens.forget_tokens()
    rate_limits.forget()
    heartbeat_batches.replace_buffer(heartbeat_batches.HeartbeatBuffer())
    signatures._hosts.clear()
    sweep.reset()
    ingest.forget()
