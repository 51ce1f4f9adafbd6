"""The starting credit: once for an address, on proof that it is theirs, so many a day; never again after deletion."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from functions.auth.app import app
from tests.support.accounts import post
from tests.support.clock import Time
from tests.support.events import call
from tests.support.mailbox import Mailbox
from tests.support.someone import Someone
from tests.support.world import World

from sharemtc.accounts import starting_credit
from sharemtc.accounts.starting_credit import mailbox_of
from sharemtc.accounts.table import CreditGiven
from sharemtc.billing.table import Wallet, wallet_key
from sharemtc.principals import Role
from sharemtc.settings import Settings, settings

CREDIT_MICROS = 5_000_000


@pytest.fixture
def box(time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    return Mailbox(tmp_path / "outbox", monkeypatch)


def set_up(monkeypatch: pytest.MonkeyPatch, **given: Any) -> None:
    """What the deployment gives; the template's defaults but for the amount, unless said."""
    here = settings().model_copy(update={"starting_credit_micros": CREDIT_MICROS, **given})
    monkeypatch.setattr(starting_credit, "settings", lambda: here)


def money_of(someone: Someone) -> int:
    return Wallet.get(wallet_key(someone.id), "WALLET").available_micros


def confirm(token: str) -> Any:
    return post("email/confirm", {"token": token})


class TestProof:
    def test_is_nothing_unless_the_deployment_says_so(self) -> None:
        fresh = Settings()
        assert (fresh.starting_credit_micros, fresh.starting_credit_needs_proof) == (0, True)

    def test_credit_comes_with_the_proof_and_not_before(self, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(monkeypatch)
        ada = Someone()
        assert money_of(ada) == 0
        assert ada.send("GET", "me").json["email_proven_at"] is None
        token = box.proof_token()
        assert (confirm(token).status, money_of(ada)) == (200, CREDIT_MICROS)
        assert ada.send("GET", "me").json["email_proven_at"] == "2030-01-31T12:00:00.000Z"
        assert "email.proven" in ada.events()
        again = confirm(token)
        assert (again.status, again.code, money_of(ada)) == (409, "proof_link_gone", CREDIT_MICROS)

    def test_a_password_set_by_email_is_proof_too(self, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(monkeypatch)
        ada = Someone()
        post("password/forgot", {"email": ada.email})
        body = {"token": box.reset_token(), "password": "another horse battery staple"}
        assert post("password/reset", body).status == 204
        assert money_of(ada) == CREDIT_MICROS

    def test_a_link_works_for_a_day(self, time: Time, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(monkeypatch)
        ada = Someone()
        token = box.proof_token()
        time.advance(timedelta(days=1))
        assert (confirm(token).code, money_of(ada)) == ("proof_link_gone", 0)

    def test_another_email_can_be_asked_for_until_it_is_proven(self, box: Mailbox) -> None:
        ada = Someone()
        box.deliver()
        asked = ada.send("POST", "email/confirmation")
        assert (asked.status, "make emails" in asked.json["detail"]) == (202, True)
        assert confirm(box.proof_token()).status == 200
        assert ada.send("POST", "email/confirmation").code == "email_already_proven"

    def test_emails_to_one_address_are_few(self, box: Mailbox) -> None:
        ada = Someone()
        for _ in range(5):
            ada.send("POST", "email/confirmation")
        assert len([email for email in box._deliver() if "confirm-email" in str(email)]) == 3

    @pytest.mark.parametrize("token", ["x", "é", "A" * 43])
    def test_a_made_up_link_proves_nothing(self, token: str) -> None:
        assert confirm(token).code == "proof_link_gone"


class TestOnce:
    def test_a_hundred_and_twenty_spellings_of_one_mailbox_get_it_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(monkeypatch, starting_credit_needs_proof=False, starting_credits_per_address=1000)
        spellings = ["ada.lovelace@gmail.com", "AdaLovelace@googlemail.com", "a.d.a.lovelace+x@gmail.com"]
        spellings += [f"adalovelace+{number}@gmail.com" for number in range(3)]
        people = [Someone(email) for email in spellings]
        assert [money_of(person) for person in people] == [CREDIT_MICROS, 0, 0, 0, 0, 0]

    def test_not_again_after_deletion(self, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(monkeypatch)
        ada = Someone()
        confirm(box.proof_token())
        assert ada.send("DELETE", "me", {"password": ada.password}).status == 204
        back = Someone()
        assert confirm(box.proof_token()).status == 200
        assert money_of(back) == 0

    def test_what_is_kept_does_not_say_whose_it_was(self, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(monkeypatch)
        ada = Someone()
        confirm(box.proof_token())
        ada.send("DELETE", "me", {"password": ada.password})
        left = boto3.client("dynamodb").scan(TableName=CreditGiven.Meta.table_name)["Items"]
        (kept,) = [record for record in left if record["sk"] == {"S": "CREDIT"}]
        assert set(kept) == {"pk", "sk", "given_at"}
        assert ada.email not in str(left)
        assert ada.id not in str(left)

    def test_an_account_that_was_credited_gets_nothing_more_by_proof(
        self, box: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_up(monkeypatch, starting_credit_needs_proof=False)
        ada = Someone()
        confirm(box.proof_token())
        assert money_of(ada) == CREDIT_MICROS

    def test_two_at_once_are_one_credit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(monkeypatch, starting_credit_needs_proof=False)
        first: list[Any] = []
        real = starting_credit.due

        def overtaken(*given: Any) -> Any:
            credit = real(*given)
            if not first:
                first.append(None)
                first.append(Someone("ada+2@example.org"))
            return credit

        monkeypatch.setattr(starting_credit, "due", overtaken)
        second = Someone("ada+1@example.org")
        assert (money_of(first[1]), money_of(second)) == (CREDIT_MICROS, 0)

    @pytest.mark.parametrize(
        ("email", "mailbox"),
        [
            ("Ada@Example.org", "ada@example.org"),
            ("ada+news@example.org", "ada@example.org"),
            ("a.da@example.org", "a.da@example.org"),
            ("a.da+x@googlemail.com", "ada@gmail.com"),
            ("+x@example.org", "+x@example.org"),
        ],
    )
    def test_the_rule_for_spellings(self, email: str, mailbox: str) -> None:
        assert mailbox_of(email) == mailbox


class TestLimits:
    def people(self, number: int, source_ips: list[str]) -> list[int]:
        money = []
        for index in range(number):
            body = {"email": f"p{index}@example.org", "password": "correct horse battery", "name": "P"}
            given = post("register", body, source_ip=source_ips[index % len(source_ips)])
            assert given.status == 201
            money.append(Wallet.get(wallet_key(given.json["user"]["id"]), "WALLET").available_micros)
        return money

    def test_so_many_from_one_network(self, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(monkeypatch, starting_credit_needs_proof=False, starting_credits_per_address=2)
        one_network = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"]
        assert self.people(4, one_network) == [CREDIT_MICROS, CREDIT_MICROS, 0, 0]

    def test_so_many_a_day_over_all_and_anew_on_the_next(self, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
        set_up(monkeypatch, starting_credit_needs_proof=False, starting_credits_per_day=2)
        assert self.people(3, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) == [CREDIT_MICROS, CREDIT_MICROS, 0]
        assert starting_credit.given_today() == 2
        time.advance(timedelta(days=1))
        assert money_of(Someone("late@example.org")) == CREDIT_MICROS

    def test_operators_see_it(self, time: Time) -> None:
        world = World.start(time)
        operator = world.operator(Role.OPS_ADMIN)
        seen = operator.call("GET", "/v1/admin/stats").json["starting_credits"]
        assert seen == {"amount_micros": 10_000_000, "needs_proof": False, "given_today": 1, "per_day": 100_000}


class TestWithoutEmail:
    """Where no mail is set up, nobody is told that an email is on its way."""

    def test_a_forgotten_password_is_refused_with_what_to_do(self) -> None:
        given = post("password/forgot", {"email": "ada@example.org"})
        assert (given.status, given.code) == (409, "no_email")

    def test_everybody_can_see_where_emails_go(self, box: Mailbox) -> None:
        assert post("password/forgot", {"email": "ada@example.org"}).json["detail"].endswith("`make emails` shows it.")
        assert call(app, "GET", "/v1/auth/providers").json["emails"] == "outbox"

    def test_registering_waits_for_no_email(self) -> None:
        ada = Someone()
        assert ada.send("POST", "email/confirmation").code == "no_email"
        assert call(app, "GET", "/v1/auth/providers").json["emails"] == "none"
