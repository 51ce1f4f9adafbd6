"""Work on several things that have nothing to do with each other: one that fails does not keep the others waiting.

    with independent() as each:
        for allocation_id in ids:
            with each.one(allocation_id):
                post(allocation_id)

What fails is logged under its name. When all had their turn, `SomeFailed` makes the caller's run fail too, so that it
is repeated and seen. Done again, the work must do no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sharemtc import observability


class SomeFailed(Exception):
    """Some of several independent things failed; each was logged."""


class Each:
    """Several things that are worked on; the names of those that failed."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        """Work on one of them."""
        try:
            yield
        except Exception:
            observability.logger().exception("one_failed", extra={"about": name})
            self.failed.append(name)


@contextmanager
def independent() -> Iterator[Each]:
    """Errors: `SomeFailed`, at the end, when work on one of them failed."""
    each = Each()
    yield each
    if each.failed:
        raise SomeFailed(", ".join(each.failed))
