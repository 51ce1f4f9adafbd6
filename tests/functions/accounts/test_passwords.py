"""/v1/auth/password: change, forget, reset."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.clock import Time
from tests.support.events import Answer
from tests.support.mailbox import Mailbox, part, token_in
from tests.support.someone import PASSWORD, Someone

from sharemtc import mail
from sharemtc.accounts.table import AccountsRecord, User, user_key
from sharemtc.settings import settings

NEW = "another horse battery staple"


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    return Mailbox(tmp_path / "outbox", monkeypatch)


@pytest.fixture
def ada(time: Time, box: Mailbox) -> Someone:
    return Someone()


def change(someone: Someone, current: str = PASSWORD, new: str = NEW) -> Answer:
    return someone.send("POST", "password/change", {"current_password": current, "password": new})


def forget(someone: Someone, email: str | None = None, **given: Any) -> Answer:
    return someone.send("POST", "password/forgot", {"email": email or someone.email}, token=None, **given)


def reset(someone: Someone, token: str, new: str = NEW) -> Answer:
    return someone.send("POST", "password/reset", {"token": token, "password": new}, token=None)


class TestChange:
    def test_ends_every_session_but_this_one(self, ada: Someone) -> None:
        elsewhere = ada.cookie
        ada.sign_in()
        assert change(ada).status == 204
        assert ada.refresh(elsewhere).code == "session_ended"
        assert ada.refresh().status == 200
        assert len(ada.send("GET", "sessions").json["items"]) == 1
        assert ada.sign_in(PASSWORD).status == 401
        assert ada.sign_in(NEW).status == 200

    def test_tokens_from_before_change_no_credential_elsewhere(self, ada: Someone) -> None:
        elsewhere, key = ada.token, {"name": "ci", "scopes": ["resources:read"]}
        ada.sign_in()
        assert change(ada).status == 204
        assert ada.send("POST", "api-keys", key, token=elsewhere).code == "invalid_token"
        assert ada.send("POST", "api-keys", key).status == 201

    def test_is_told_by_email_and_audited(self, ada: Someone, box: Mailbox) -> None:
        change(ada)
        (email,) = box.deliver()
        assert (email["To"], email["Subject"]) == (ada.email, "Your password was changed")
        assert ada.events()[-1] == "password.changed"

    def test_wrong_present_password_changes_nothing(self, ada: Someone) -> None:
        given = change(ada, "wrong password")
        assert (given.status, given.code, given.pointers) == (422, "wrong_password", ["/current_password"])
        assert ada.sign_in(PASSWORD).status == 200

    def test_present_password_cannot_be_guessed_with_a_stolen_token(self, ada: Someone) -> None:
        assert [change(ada, f"wrong {n}").status for n in range(12)] == [422] * 10 + [429] * 2

    @pytest.mark.parametrize("weak", ["short", "ADA@example.org"])
    def test_weak_one_is_refused(self, ada: Someone, weak: str) -> None:
        assert change(ada, new=weak).pointers == ["/password"]

    def test_session_opened_with_the_old_password_meanwhile_is_over(self, ada: Someone) -> None:
        ada.sign_in()
        late = ada.cookie
        Someone.sign_in(ada)
        change(ada)
        assert ada.refresh(late).status == 401


class TestForgot:
    def test_email_opens_the_account_once(self, ada: Someone, box: Mailbox) -> None:
        assert forget(ada).status == 202
        token = box.reset_token()
        assert reset(ada, token).status == 204
        assert ada.sign_in(PASSWORD).status == 401
        assert ada.sign_in(NEW).status == 200
        assert reset(ada, token, "one more horse battery").code == "reset_link_gone"
        assert ada.events()[1:4] == ["password.reset_asked", "password.reset", "sign_in.failed"]
        assert ada.is_intact()

    def test_every_session_ends(self, ada: Someone, box: Mailbox) -> None:
        first = ada.cookie
        ada.sign_in()
        forget(ada)
        reset(ada, box.reset_token())
        assert [ada.refresh(cookie).status for cookie in (first, ada.cookie)] == [401, 401]

    def test_unknown_address_answers_alike_and_gets_no_email(self, ada: Someone, box: Mailbox) -> None:
        known, unknown = forget(ada), forget(ada, "nobody@example.org")
        assert (unknown.status, unknown.text) == (known.status, known.text)
        assert [email["To"] for email in box.deliver()] == [ada.email]

    def test_request_touches_no_account(self, ada: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise AssertionError("the answer's time would tell who exists")

        monkeypatch.setattr(User, "get", fail)
        monkeypatch.setattr(AccountsRecord, "get", fail)
        assert [forget(ada).status, forget(ada, "nobody@example.org").status] == [202, 202]

    def test_email_dies_after_half_an_hour(self, time: Time, ada: Someone, box: Mailbox) -> None:
        forget(ada)
        token = box.reset_token()
        time.advance(timedelta(minutes=30))
        assert reset(ada, token).code == "reset_link_gone"
        assert ada.sign_in(PASSWORD).status == 200

    def test_change_makes_emails_before_it_worthless(self, ada: Someone, box: Mailbox) -> None:
        forget(ada)
        forget(ada)
        used, left = (token_in(email) for email in box.deliver())
        assert reset(ada, used).status == 204
        assert reset(ada, left, "one more horse battery").code == "reset_link_gone"

    @pytest.mark.parametrize("token", ["x", "A" * 43, "../../RESET", "#", " "])
    def test_made_up_token_is_refused(self, ada: Someone, token: str) -> None:
        assert reset(ada, token).code == "reset_link_gone"

    def test_weak_password_keeps_the_email_good(self, ada: Someone, box: Mailbox) -> None:
        forget(ada)
        token = box.reset_token()
        assert reset(ada, token, ada.email).pointers == ["/password"]
        assert reset(ada, token).status == 204

    def test_token_is_stored_as_a_hash_only(self, ada: Someone, box: Mailbox) -> None:
        forget(ada)
        token = box.reset_token()
        assert token not in str([record.to_simple_dict() for record in AccountsRecord.scan()])

    def test_email_box_is_not_flooded(self, ada: Someone, box: Mailbox) -> None:
        answers = [forget(ada, source_ip=f"198.51.100.{n}").status for n in range(6)]
        assert set(answers) == {202}
        assert len(box.deliver()) == 3

    def test_one_network_address_cannot_ask_for_everyone(self, ada: Someone) -> None:
        answers = [forget(ada, f"user{n}@example.org").status for n in range(22)]
        assert answers == [202] * 20 + [429] * 2

    def test_keys_made_before_the_address_was_proven_are_revoked(self, ada: Someone, box: Mailbox) -> None:
        made = ada.send("POST", "api-keys", {"name": "squatter", "scopes": ["auth:read"]}).json["key"]
        forget(ada)
        reset(ada, box.reset_token())
        assert ada.send("GET", "me", token=made).status == 401
        assert User.get(user_key(ada.id), "USER").email_proven_at is not None
        ada.sign_in(NEW)
        kept = ada.send("POST", "api-keys", {"name": "mine", "scopes": ["auth:read"]}).json["key"]
        forget(ada)
        reset(ada, box.reset_token(), PASSWORD)
        assert ada.send("GET", "me", token=kept).status == 200


class TestEmails:
    def test_say_the_same_as_text_and_html(self, ada: Someone, box: Mailbox) -> None:
        forget(ada)
        (email,) = box.deliver()
        token = token_in(email)
        assert email["From"] == "ShareMTC <no-reply@sharemtc.local>"
        assert f"{settings().public_url}/reset-password#token={token}" in part(email, "html")
        assert "within 30 minutes" in part(email, "plain")
        assert "within 30 minutes" in part(email, "html")

    @pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "Origin", "Referer"])
    def test_link_leads_here_whatever_the_request_says(self, ada: Someone, box: Mailbox, header: str) -> None:
        forget(ada, headers={header: "evil.example"})
        (email,) = box.deliver()
        assert "evil.example" not in email.as_string()
        assert f"{settings().public_url}/reset-password#token=" in part(email, "plain")

    @pytest.mark.parametrize(
        "email", ["ada@example.org\r\nBcc: eve@example.org", "ada@example.org,eve@example.org", "<ada@example.org>"]
    )
    def test_address_carries_no_header_and_no_second_address(self, ada: Someone, box: Mailbox, email: str) -> None:
        assert forget(ada, email).pointers == ["/email"]
        assert box.deliver() == []

    def test_a_name_is_not_quoted(self, box: Mailbox, ada: Someone) -> None:
        eve = "eve@example.org"
        name = "<img src=x onerror=alert(1)>"
        ada.send("POST", "register", {"email": eve, "password": PASSWORD, "name": name}, token=None)
        forget(ada, eve)
        (email,) = box.deliver()
        assert "onerror" not in part(email, "html") + part(email, "plain")

    def test_outbox_is_private(self, ada: Someone, box: Mailbox) -> None:
        forget(ada)
        box.deliver()
        modes = {path.stat().st_mode & 0o777 for path in box.folder.glob("*.eml")}
        assert (modes, box.folder.stat().st_mode & 0o777) == ({0o600}, 0o700)

    def test_go_through_ses_without_an_outbox(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sent: list[dict[str, Any]] = []

        class Ses:
            def send_email(self, **request: Any) -> None:
                sent.append(request)

        cloud = settings().model_copy(update={"mail_from": "ShareMTC <mail@example.org>"})
        monkeypatch.setattr(mail, "settings", lambda: cloud)
        monkeypatch.setattr(mail, "require", lambda name: getattr(cloud, name))
        monkeypatch.setattr(mail, "_ses", Ses)
        mail.send(mail.Email("ada@example.org", "Subject", "text", "<p>text</p>"))
        (request,) = sent
        assert request["FromEmailAddress"] == "ShareMTC <mail@example.org>"
        assert request["Destination"] == {"ToAddresses": ["ada@example.org"]}
        assert request["Content"]["Simple"]["Body"]["Html"]["Data"] == "<p>text</p>"
