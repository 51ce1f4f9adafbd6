"""Transactions: the problem that is raised is that of the write that was refused, whatever pynamodb sends first."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from pynamodb.exceptions import UpdateError

from sharemtc.accounts.table import Email
from sharemtc.problems import Conflict
from sharemtc.storage.transactions import Transaction


class Refused(Conflict):
    """Names the write by its detail."""


def check(transaction: Transaction) -> None:
    transaction.check(Email("check", "EMAIL"), Email.pk.does_not_exist(), refused=Refused("check"))


def delete(transaction: Transaction) -> None:
    transaction.delete(Email("delete", "EMAIL"), Email.pk.does_not_exist(), refused=Refused("delete"))


def create(transaction: Transaction) -> None:
    transaction.create(Email("create", "EMAIL", user_id="usr_1"), refused=Refused("create"))


def update(transaction: Transaction) -> None:
    record, actions = Email("update", "EMAIL"), [Email.user_id.set("usr_1")]
    transaction.update(record, [*actions], Email.pk.does_not_exist(), refused=Refused("update"))


WRITES: list[Callable[[Transaction], None]] = [update, create, delete, check]


@pytest.mark.parametrize(
    "order", list(itertools.permutations(WRITES)), ids=lambda order: "-".join(write.__name__ for write in order)
)
def test_refused_write_is_told_by_its_own_problem(order: tuple[Callable[[Transaction], None], ...]) -> None:
    for stands in WRITES:
        record = Email(stands.__name__, "EMAIL", user_id="usr_0")
        record.save()
        transaction = Transaction()
        for write in order:
            write(transaction)
        with pytest.raises(Refused, match=stands.__name__):
            transaction.commit()
        record.delete()


def test_first_of_several_refused_writes_in_the_order_of_the_calls() -> None:
    for stands in WRITES:
        Email(stands.__name__, "EMAIL", user_id="usr_0").save()
    transaction = Transaction()
    for write in (update, check, create):
        write(transaction)
    with pytest.raises(Refused, match="update"):
        transaction.commit()


class TestUpdateIf:
    def test_says_whether_the_condition_held(self) -> None:
        record = Email("one", "EMAIL", user_id="usr_0")
        assert not record.update_if([Email.user_id.set("usr_1")], Email.pk.exists())
        record.save()
        assert record.update_if([Email.user_id.set("usr_1")], Email.user_id == "usr_0")
        assert not record.update_if([Email.user_id.set("usr_2")], Email.user_id == "usr_0")
        assert Email.get("one", "EMAIL").user_id == "usr_1"

    def test_another_failure_is_none_of_the_conditions(self) -> None:
        with pytest.raises(UpdateError):
            Email("one", "EMAIL").update_if([Email.pk.set("two")], Email.pk.does_not_exist())
