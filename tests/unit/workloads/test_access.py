"""What each relation to a workload allows, exhaustively."""

from __future__ import annotations

from itertools import product

import pytest

from sharemtc.principals import OPERATORS, Principal, Role
from sharemtc.workloads.access import ALLOWED, Access, Relation, may, relations
from sharemtc.workloads.table import Workload

OWNER, HOST = "usr_owner", "hst_own"
WORKLOAD = Workload(id="vm_1", user_id=OWNER, host_id=HOST)

MAY = {
    Relation.OWNER: {Access.READ, Access.WRITE, Access.ADMIN, Access.MEASURES_READ},
    Relation.OPERATOR: {Access.MEASURES_READ, Access.MEASURES_WRITE},
    Relation.HOST: {Access.MEASURES_WRITE},
}
PEOPLE = [
    Principal(role, user_id=user_id) for role, user_id in product(Role, (OWNER, "usr_other")) if role is not Role.AGENT
]
HOSTS = [Principal(Role.AGENT, host_id=host_id) for host_id in (HOST, "hst_other")]


@pytest.mark.parametrize(("relation", "needs"), list(product(Relation, Access)))
def test_each_relation_allows_what_it_says(relation: Relation, needs: Access) -> None:
    assert (needs in ALLOWED[relation]) == (needs in MAY[relation])


@pytest.mark.parametrize("caller", PEOPLE + HOSTS, ids=lambda caller: f"{caller.role} {caller.id}")
def test_a_caller_is_what_role_and_ids_say(caller: Principal) -> None:
    expected = set()
    if caller.id == OWNER:
        expected.add(Relation.OWNER)
    if caller.role in OPERATORS:
        expected.add(Relation.OPERATOR)
    if caller.id == HOST:
        expected.add(Relation.HOST)
    assert relations(caller, WORKLOAD) == expected
    for needs in Access:
        assert may(caller, WORKLOAD, needs) == any(needs in MAY[relation] for relation in expected)


def test_a_stranger_may_do_nothing() -> None:
    strangers = [Principal(Role.USER, user_id="usr_other"), Principal(Role.AGENT, host_id="hst_other")]
    assert not any(may(caller, WORKLOAD, needs) for caller, needs in product(strangers, Access))
