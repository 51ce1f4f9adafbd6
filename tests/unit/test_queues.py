"""Messages of a queue: each is done by itself, and only those that failed come again."""

from __future__ import annotations

import pytest

from sharemtc import queues
from sharemtc.independent import SomeFailed


def event(*bodies: str) -> dict[str, object]:
    return {"Records": [{"messageId": f"id-{body}", "body": body, "eventSource": "aws:sqs"} for body in bodies]}


def test_one_that_fails_keeps_no_other_and_comes_again() -> None:
    done: list[str] = []

    def do(body: str) -> None:
        if body.startswith("bad"):
            raise ValueError
        done.append(body)

    answer = queues.do_each(event("one", "bad", "two", "bad-2"), do)
    assert done == ["one", "two"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "id-bad"}, {"itemIdentifier": "id-bad-2"}]}


def test_all_done_none_comes_again() -> None:
    assert queues.do_each(event("one"), lambda body: None) == {"batchItemFailures": []}


def test_that_all_failed_fails_the_function() -> None:
    with pytest.raises(SomeFailed):
        queues.do_each(event("one", "two"), lambda body: [][0])
