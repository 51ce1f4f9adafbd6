"""Lists, item after item: the next page is fetched when the one before is used up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Page(Protocol[T_co]):
    """What every list answers."""

    @property
    def items(self) -> tuple[T_co, ...]: ...

    @property
    def next_cursor(self) -> str | None: ...


def every(fetch: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """The items of every page; `fetch` gets the page that begins at a cursor, None for the first."""
    page = fetch(None)
    yield from page.items
    while page.next_cursor is not None:
        page = fetch(page.next_cursor)
        yield from page.items


async def every_async(fetch: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """The items of every page, for asyncio."""
    page = await fetch(None)
    for item in page.items:
        yield item
    while page.next_cursor is not None:
        page = await fetch(page.next_cursor)
        for item in page.items:
            yield item
