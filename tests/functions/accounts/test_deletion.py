"""DELETE /v1/auth/me: refused while in use; then nothing names the person, and money and evidence stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from tests.support.accounts import CREDIT, public_key
from tests.support.clock import Time
from tests.support.events import Answer
from tests.support.mailbox import Mailbox
from tests.support.someone import PASSWORD, Someone

from sharemtc import clock
from sharemtc.accounts import deletion, job_handlers, jobs, service
from sharemtc.accounts.table import AccountsRecord, SshKey
from sharemtc.audit import service as audit
from sharemtc.audit.table import AuditRecord
from sharemtc.billing import wallet_closure
from sharemtc.billing.service import open_wallet
from sharemtc.billing.table import BillingRecord, LedgerTransaction, Wallet, wallet_key
from sharemtc.hosts import service as hosts
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction


@pytest.fixture
def ada(time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Someone:
    Mailbox(tmp_path / "outbox", monkeypatch)
    credit = settings().model_copy(update=CREDIT)
    monkeypatch.setattr("sharemtc.accounts.starting_credit.settings", lambda: credit)
    return Someone()


def delete(someone: Someone, password: str | None = PASSWORD) -> Answer:
    return someone.send("DELETE", "me", {} if password is None else {"password": password})


def stored(*models: Any) -> str:
    """All that the tables of these records hold, as text."""
    tables = boto3.client("dynamodb")
    return json.dumps([tables.scan(TableName=model.Meta.table_name)["Items"] for model in models], default=str)


def full_account(ada: Someone) -> str:
    ada.send("POST", "ssh-keys", {"name": "Ada's laptop", "public_key": public_key()})
    ada.send("PUT", "settings", {"theme": "dark", "language": "en", "timezone": "UTC", "density": "compact"})
    ada.sign_in(source_ip="198.51.100.77")
    return str(ada.send("POST", "api-keys", {"name": "Ada's script", "scopes": ["auth:read"]}).json["key"])


def test_nothing_is_left_that_names_the_person(ada: Someone) -> None:
    key = full_account(ada)
    assert delete(ada).status == 204
    left = stored(AccountsRecord)
    assert ada.id not in left.replace("GUESSES", "")
    everything = left + stored(AuditRecord) + stored(BillingRecord)
    for personal in (ada.email, "laptop", "script", "198.51.100.77", "203.0.113.7", "Firefox", public_key()):
        assert personal not in everything
    assert ada.send("GET", "me").status == 401
    assert ada.send("GET", "me", token=key).status == 401
    assert ada.refresh().status == 401
    assert ada.sign_in().status == 401


def test_ledger_and_audit_stay_under_the_id(ada: Someone) -> None:
    full_account(ada)
    delete(ada)
    assert audit.verify(ada.id).intact
    assert [record.event for record in audit.read_chain(ada.id)][-1] == "account.deleted"
    entries = [entry for one in LedgerTransaction.scan(LedgerTransaction.id.exists()) for entry in one.entries]
    assert sum(entry.amount_micros for entry in entries) == 0
    assert sum(entry.amount_micros for entry in entries if entry.account == wallet_closure.UNCLAIMED) == 5_000_000
    assert Wallet.get(wallet_key(ada.id), "WALLET").available_micros == 0


def test_address_can_be_registered_again_as_someone_else(ada: Someone) -> None:
    delete(ada)
    assert Someone(ada.email).id != ada.id


@pytest.mark.parametrize(("password", "status"), [("wrong password", 422), (None, 422)])
def test_password_is_asked_for(ada: Someone, password: str | None, status: int) -> None:
    given = delete(ada, password)
    assert (given.status, given.pointers) == (status, ["/password"])
    assert ada.send("GET", "me").status == 200


def test_is_refused_with_every_reason(ada: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = Wallet.get(wallet_key(ada.id), "WALLET")
    wallet.update([Wallet.held_micros.set(7), Wallet.available_micros.add(-7)])
    monkeypatch.setattr(wallet_closure, "count_open_meters", lambda user_id: 2 if user_id == ada.id else 0)
    monkeypatch.setattr(hosts, "provides", lambda user_id: user_id == ada.id)
    given = delete(ada)
    assert (given.status, given.code) == (409, "account_in_use")
    assert [reason["code"] for reason in given.json["reasons"]] == ["live_allocations", "money_held", "hosts"]
    assert ada.send("GET", "me").status == 200
    assert "account.deleted" not in ada.events()


def test_money_held_at_the_last_moment_keeps_the_account(ada: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    real = wallet_closure.close_wallet

    def overtaken(transaction: Transaction, user_id: str, at: Any) -> None:
        real(transaction, user_id, at)
        wallet = Wallet.get(wallet_key(user_id), "WALLET")
        wallet.update([Wallet.held_micros.set(7), Wallet.available_micros.add(-7)])

    monkeypatch.setattr(wallet_closure, "close_wallet", overtaken)
    assert delete(ada).code == "wallet_in_use"
    assert ada.send("GET", "me").status == 200
    assert ada.sign_in().status == 200


def test_last_operator_stays(ada: Someone) -> None:
    service.ensure_operator(
        "operator@sharemtc.local",
        PASSWORD,
        lambda transaction, user: open_wallet(transaction, user.id, 0, clock.now()),
    )
    ada.email = "operator@sharemtc.local"
    ada.sign_in()
    assert [reason["code"] for reason in delete(ada).json["reasons"]] == ["super_admin"]


def test_what_a_crash_left_is_erased_by_the_queue(ada: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    full_account(ada)
    erase = jobs.Erase(user_id=ada.id).model_dump_json()
    job_handlers.do(erase)
    assert ada.send("GET", "settings").json["theme"] == "dark"

    def crash(_: str) -> None:
        raise RuntimeError("killed")

    real = deletion.erase_if_deleted
    monkeypatch.setattr(deletion, "erase_if_deleted", crash)
    assert delete(ada).status == 500
    assert "laptop" in stored(SshKey)
    monkeypatch.setattr(deletion, "erase_if_deleted", real)
    job_handlers.do(erase)
    job_handlers.do(erase)
    assert ada.id not in stored(AccountsRecord)
    assert audit.verify(ada.id).intact
