"""The request that this process is serving: its ids, operation and caller.

The HTTP core sets it, and logs, cursors and commands read it, so that it is not in every signature.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(slots=True)
class Call:
    """One request. `request_id` follows it from the console to the host agent.

    `filters` is the query without the parameters that choose the page.
    """

    request_id: str
    path: str = ""
    operation: str = ""
    principal_id: str = ""
    role: str = ""
    code: str = ""
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    transaction_attempts: int = 0
    omitted_records: int = 0


_current: ContextVar[Call | None] = ContextVar("call", default=None)


def begin(request_id: str, path: str) -> Call:
    call = Call(request_id, path)
    _current.set(call)
    return call


def current() -> Call | None:
    """None in functions that a schedule, queue or state machine invokes."""
    return _current.get()


def count_transaction() -> None:
    call = _current.get()
    if call is not None:
        call.transaction_attempts += 1


def count_omitted() -> None:
    call = _current.get()
    if call is not None:
        call.omitted_records += 1


def request_id() -> str | None:
    call = _current.get()
    return call.request_id if call is not None else None
