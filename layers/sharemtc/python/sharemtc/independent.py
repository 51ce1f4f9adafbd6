"""Work on independent items: one that fails does not stop the others.

    with independent() as each:
        for allocation_id in ids:
            with each.one(allocation_id):
                post(allocation_id)

Failures are logged with the item's name. At the end `SomeFailed` makes the caller's run fail, so that it is retried and
alarms. The work must be idempotent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sharemtc import observability


class SomeFailed(Exception):
    """Some items failed; each was logged."""


class Each:
    """The items of one run, with the names of those that failed."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            observability.logger().exception("one_failed", extra={"about": name})
            self.failed.append(name)


@contextmanager
def independent() -> Iterator[Each]:
    """Errors: `SomeFailed` at the end, when an item failed."""
    each = Each()
    yield each
    if each.failed:
        raise SomeFailed(", ".join(each.failed))
