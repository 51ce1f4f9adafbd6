"""One key, one effect: the answer of the first call is the answer of every call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pydantic import field_serializer
from pydantic_core import PydanticSerializationError
from tests.support.clock import Time
from tests.support.events import Answer, call

from sharemtc import clock
from sharemtc.accounts.table import Email
from sharemtc.http.api import Api, Request
from sharemtc.idempotency import Claim, ClaimRecord
from sharemtc.ids import IdKind, new_id
from sharemtc.principals import ANYONE_SIGNED_IN, Principal, Role
from sharemtc.problems import Conflict
from sharemtc.schemas import Instant, Schema, View
from sharemtc.storage.transactions import Transaction


class SeatCreate(Schema):
    row: int


class SeatView(View):
    id: str
    row: int
    at: Instant


class SoldOut(Conflict):
    code, title = "sold_out", "No seat is left"


class Theatre:
    """Sells one seat a row; `before_commit` runs once, in the middle of the next sale."""

    def __init__(self) -> None:
        self.sold: list[str] = []
        self.before_commit: Callable[[], object] | None = None
        self.app = Api("seats", authenticate=lambda request: Principal(Role.USER, request.headers["authorization"][7:]))
        self.app.operation("POST", "/v1/seats", status=201, roles=ANYONE_SIGNED_IN, idempotent=True)(self.post_seat)

    def post_seat(self, caller: Principal, body: SeatCreate, claim: Claim) -> SeatView:
        """Buy a seat."""
        view = SeatView(id=new_id(IdKind.EVENT), row=body.row, at=clock.now())
        transaction = Transaction()
        claim.record(transaction, view)
        transaction.create(Email(f"ROW#{body.row}", "SEAT", user_id=caller.id), refused=SoldOut())
        if self.before_commit is not None:
            interlude, self.before_commit = self.before_commit, None
            interlude()
        transaction.commit()
        self.sold.append(view.id)
        return view

    def buy(self, row: int = 1, key: str | None = "k1", user_id: str = "usr_1") -> Answer:
        headers = {} if key is None else {"Idempotency-Key": key}
        return call(self.app, "POST", "/v1/seats", body={"row": row}, token=user_id, headers=headers)


@pytest.fixture
def theatre() -> Theatre:
    return Theatre()


def test_repeated_call_gets_the_same_bytes_and_sells_once(theatre: Theatre, time: Time) -> None:
    first = theatre.buy()
    time.advance(timedelta(hours=23))
    second = theatre.buy()
    assert (first.status, second.status, second.text) == (201, 201, first.text)
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    assert len(theatre.sold) == 1


def test_without_a_key_every_call_is_its_own(theatre: Theatre) -> None:
    assert [theatre.buy(row, key=None).status for row in (1, 2, 2)] == [201, 201, 409]
    assert list(ClaimRecord.scan()) == []


def test_other_body_under_the_key_is_409(theatre: Theatre) -> None:
    theatre.buy(row=1)
    given = theatre.buy(row=2)
    assert (given.status, given.code) == (409, "idempotency_key_reused")
    assert len(theatre.sold) == 1


def test_other_operation_under_the_key_is_409(theatre: Theatre) -> None:
    theatre.buy()

    def post_seat(caller: Principal, body: SeatCreate, claim: Claim, hall: str) -> SeatView:
        """Buy a seat in another hall."""
        raise NotImplementedError

    theatre.app.operation("POST", "/v1/seats/{hall}", status=201, roles=ANYONE_SIGNED_IN, idempotent=True)(post_seat)
    headers = {"Idempotency-Key": "k1"}
    given = call(theatre.app, "POST", "/v1/seats/big", body={"row": 1}, token="usr_1", headers=headers)
    assert (given.status, given.code) == (409, "idempotency_key_reused")


def test_key_is_its_users_own(theatre: Theatre) -> None:
    mine = theatre.buy(row=1, user_id="usr_1")
    theirs = theatre.buy(row=2, user_id="usr_2")
    assert (theirs.status, theirs.text == mine.text) == (201, False)


def test_loser_of_a_race_gets_the_winners_bytes(theatre: Theatre) -> None:
    winner: list[Answer] = []
    theatre.before_commit = lambda: winner.append(theatre.buy())
    loser = theatre.buy()
    assert (loser.status, loser.text) == (201, winner[0].text)
    assert len(theatre.sold) == 1


def test_loser_that_was_refused_for_what_the_winner_took_gets_the_winners_bytes(theatre: Theatre) -> None:
    winner: list[Answer] = []

    def win_then_find_it_gone() -> None:
        winner.append(theatre.buy())
        raise SoldOut

    theatre.before_commit = win_then_find_it_gone
    loser = theatre.buy()
    assert (loser.status, loser.text) == (201, winner[0].text)


def test_loser_of_a_race_with_another_body_is_409(theatre: Theatre) -> None:
    theatre.before_commit = lambda: theatre.buy(row=2)
    given = theatre.buy(row=1)
    assert (given.status, given.code) == (409, "idempotency_key_reused")
    assert len(theatre.sold) == 1


def test_refusal_is_not_kept_so_that_the_key_can_be_tried_again(theatre: Theatre) -> None:
    theatre.buy(row=1, key="other")
    assert theatre.buy(row=1).code == "sold_out"
    Email.get("ROW#1", "SEAT").delete()
    assert theatre.buy(row=1).status == 201


def test_key_is_free_again_after_a_day_though_the_record_still_stands(theatre: Theatre, time: Time) -> None:
    first = theatre.buy(row=1)
    time.advance(timedelta(hours=24))
    second = theatre.buy(row=2)
    assert (second.status, second.text == first.text) == (201, False)


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "a\x7f"])
def test_malformed_key_is_400(theatre: Theatre, key: str) -> None:
    given = theatre.buy(key=key)
    assert (given.status, given.code) == (400, "malformed_idempotency_key")
    assert theatre.sold == []


def test_longest_key_is_taken(theatre: Theatre) -> None:
    assert theatre.buy(key="~" * 255).status == 201


def test_claim_on_nothing_records_nothing() -> None:
    claim = Claim.none()
    claim.record(Transaction(), SeatView(id="seat_1", row=1, at=clock.now()))
    assert claim.stored() is None


def test_what_cannot_be_answered_is_not_done() -> None:
    class Told(View):
        at: datetime

        @field_serializer("at")
        def _fail(self, at: datetime) -> str:
            raise OverflowError

    for key in (None, "key"):
        claim, transaction = Claim.make("usr_1", key, "POST /", b"", 201), Transaction()
        with pytest.raises(PydanticSerializationError):
            claim.record(transaction, Told(at=clock.now()))


def test_request_shows_its_cookies() -> None:
    request = Request("GET", "/", {"cookie": "a=1; b=2=3;c; d="}, {}, b"", "", "")
    assert [request.cookie(name) for name in "abcde"] == ["1", "2=3", None, "", None]
