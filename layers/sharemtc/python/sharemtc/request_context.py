"""The call that this process serves at the moment: its ids, what it does and for whom.

Set by the HTTP core. What it says reaches logs, cursors and commands without passing through every signature.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(slots=True)
class Call:
    """One request on its way: `request_id` follows it from the click to the host's agent.

    `filters` is its query as it came, but for where in a list it reads.
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
    """A call has come in; it is the current one until the next."""
    call = Call(request_id, path)
    _current.set(call)
    return call


def current() -> Call | None:
    """The call that is being served; None in tasks, schedules and queues."""
    return _current.get()


def count_transaction() -> None:
    """A transaction is attempted for the current call."""
    call = _current.get()
    if call is not None:
        call.transaction_attempts += 1


def count_omitted() -> None:
    """The current call's answer goes without a record that cannot be shown."""
    call = _current.get()
    if call is not None:
        call.omitted_records += 1


def request_id() -> str | None:
    """The current call's request id, to be kept with what it sets in motion."""
    call = _current.get()
    return call.request_id if call is not None else None
