"""/v1/auth, what is one's own: settings, sessions, audit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.clock import Time
from tests.support.someone import Someone
from tests.support.world import SSH_KEY

from sharemtc.audit import service as audit
from sharemtc.audit.origins import INTERNAL
from sharemtc.audit.schemas import AuditEvent
from sharemtc.audit.table import AuditHead, AuditRecord, record_key, subject_key

SETTINGS = {"theme": "dark", "language": "en-GB", "timezone": "Europe/Berlin", "density": "compact"}


class TestSettings:
    def test_come_with_defaults(self, ada: Someone) -> None:
        assert ada.send("GET", "settings").json == {
            "theme": "system",
            "language": "en",
            "timezone": "UTC",
            "density": "comfortable",
            "version": 0,
            "updated_at": None,
        }

    def test_are_kept(self, ada: Someone) -> None:
        given = ada.send("PUT", "settings", SETTINGS)
        assert given.status == 200
        assert given.json == {**SETTINGS, "version": 1, "updated_at": "2030-01-31T12:00:00.000Z"}
        assert ada.send("GET", "settings").json == given.json

    def test_change_decided_on_what_is_no_longer_there_is_refused(self, ada: Someone) -> None:
        assert ada.send("GET", "settings").headers["ETag"] == '"0"'
        first = ada.send("PUT", "settings", SETTINGS, headers={"If-Match": '"0"'})
        late = ada.send("PUT", "settings", {**SETTINGS, "theme": "light"}, headers={"If-Match": '"0"'})
        assert (first.status, late.status, late.code) == (200, 412, "precondition_failed")
        assert ada.send("GET", "settings").json["theme"] == "dark"
        again = ada.send("PUT", "settings", {**SETTINGS, "theme": "light"}, headers={"If-Match": '"1"'})
        assert (again.status, again.headers["ETag"]) == (200, '"2"')

    def test_are_each_persons_own(self, ada: Someone) -> None:
        ada.send("PUT", "settings", SETTINGS)
        assert Someone("eve@example.org").send("GET", "settings").json["theme"] == "system"

    @pytest.mark.parametrize(
        ("changed", "pointer"),
        [
            ({"theme": "sepia"}, "/theme"),
            ({"language": "xx"}, "/language"),
            ({"timezone": "Mars/Olympus"}, "/timezone"),
            ({"timezone": "../../etc/passwd"}, "/timezone"),
            ({"timezone": "x" * 65}, "/timezone"),
            ({"density": None}, "/density"),
            ({"colour": "red"}, "/colour"),
        ],
    )
    def test_wrong_field_is_named_and_nothing_kept(self, ada: Someone, changed: dict[str, Any], pointer: str) -> None:
        given = ada.send("PUT", "settings", {**SETTINGS, **changed})
        assert (given.status, given.pointers) == (422, [pointer])
        assert ada.send("GET", "settings").json["updated_at"] is None

    def test_whole_is_asked_for(self, ada: Someone) -> None:
        assert ada.send("PUT", "settings", {"theme": "dark"}).pointers == ["/language", "/timezone", "/density"]


class TestSessions:
    def test_say_where_and_which(self, time: Time, ada: Someone) -> None:
        time.advance(timedelta(minutes=1))
        ada.sign_in(headers={"User-Agent": "curl/8.5.0"}, source_ip="198.51.100.1")
        newest, oldest = ada.send("GET", "sessions").json["items"]
        assert (newest["agent"], newest["address"], newest["current"]) == ("curl/8.5.0", "198.51.100.1", True)
        assert (oldest["agent"], oldest["address"], oldest["current"]) == ("Firefox on Linux", "203.0.113.7", False)
        assert oldest["last_used_at"] == "2030-01-31T12:00:00.000Z"

    def test_use_is_noted(self, time: Time, ada: Someone) -> None:
        time.advance(timedelta(hours=1))
        ada.token = ada.refresh().json["access_token"]
        (session,) = ada.send("GET", "sessions").json["items"]
        assert session["created_at"] == "2030-01-31T12:00:00.000Z"
        assert session["last_used_at"] == "2030-01-31T13:00:00.000Z"

    def test_ended_one_cannot_go_on(self, ada: Someone) -> None:
        lost = ada.cookie
        session_id = ada.send("GET", "sessions").json["items"][0]["id"]
        ada.sign_in()
        assert ada.send("DELETE", f"sessions/{session_id}").status == 204
        assert ada.refresh(lost).code == "session_ended"
        assert ada.refresh().status == 200
        assert len(ada.send("GET", "sessions").json["items"]) == 1
        assert ada.send("DELETE", f"sessions/{session_id}").status == 404

    def test_token_of_an_ended_one_changes_no_credential(self, ada: Someone) -> None:
        stolen = ada.token
        session_id = ada.send("GET", "sessions").json["items"][0]["id"]
        ada.sign_in()
        assert ada.send("DELETE", f"sessions/{session_id}").status == 204
        assert ada.send("GET", "me", token=stolen).status == 200
        key = {"name": "ci", "scopes": ["resources:read"]}
        changes = [
            ("POST", "api-keys", key),
            ("POST", "ssh-keys", {"name": "laptop", "public_key": SSH_KEY}),
            ("DELETE", "api-keys/apk_00000000000000000000000000", None),
            ("DELETE", "ssh-keys/key_00000000000000000000000000", None),
            ("DELETE", "sessions/ses_00000000000000000000000000", None),
            ("POST", "password/change", {"current_password": ada.password, "password": "another horse battery"}),
            ("DELETE", "me", {"password": ada.password}),
        ]
        refused = [ada.send(method, path, body, token=stolen) for method, path, body in changes]
        assert [(answer.status, answer.code) for answer in refused] == [(401, "invalid_token")] * len(changes)
        assert ada.send("POST", "api-keys", key).status == 201

    def test_expired_one_is_not_listed(self, time: Time, ada: Someone) -> None:
        time.advance(timedelta(days=31))
        ada.sign_in()
        assert len(ada.send("GET", "sessions").json["items"]) == 1

    def test_another_persons_is_as_good_as_none(self, ada: Someone) -> None:
        session_id = ada.send("GET", "sessions").json["items"][0]["id"]
        eve = Someone("eve@example.org")
        foreign = eve.send("DELETE", f"sessions/{session_id}")
        missing = eve.send("DELETE", "sessions/ses_00000000000000000000000000")
        assert (foreign.status, foreign.text) == (404, missing.text)
        assert ada.refresh().status == 200


class TestAudit:
    def test_tells_what_happened_in_order(self, time: Time, ada: Someone) -> None:
        ada.sign_in("wrong password")
        ada.sign_in(source_ip="198.51.100.1")
        assert ada.events() == ["account.registered", "sign_in.failed", "sign_in.succeeded"]
        newest = ada.send("GET", "audit?limit=1").json["items"][0]
        assert (newest["seq"], newest["subject"]) == (3, ada.id)
        assert newest["origin"]["address"] == "198.51.100.1"
        assert newest["origin"]["agent"] == "Firefox on Linux"
        assert ada.send("GET", "audit/verify").json["head_hash"] == newest["hash"]
        assert ada.is_intact()

    def test_reuse_of_a_refresh_token_is_told(self, time: Time, ada: Someone) -> None:
        stolen = ada.cookie
        ada.go_on()
        ada.go_on()
        ada.refresh(stolen)
        assert ada.events()[-1] == "session.token_reused"

    def test_tries_at_an_address_that_nobody_has_are_kept_apart(self, ada: Someone) -> None:
        ada.send("POST", "login", {"email": "nobody@example.org", "password": "x"}, token=None)
        subject = audit.unknown_subject("nobody@example.org")
        assert [record.event for record in audit.read_chain(subject)] == ["sign_in.failed"]
        assert ada.events() == ["account.registered"]

    def test_one_does_not_see_anothers(self, ada: Someone) -> None:
        eve = Someone("eve@example.org")
        assert {item["subject"] for item in eve.send("GET", "audit").json["items"]} == {eve.id}

    def test_failed_writes_record_nothing(self, ada: Someone) -> None:
        ada.send("POST", "register", {"email": ada.email, "password": ada.password, "name": "Eve"}, token=None)
        ada.send("DELETE", "sessions/ses_none")
        assert ada.events() == ["account.registered"]

    @pytest.mark.parametrize("damage", ["change", "remove", "cut", "graft"])
    def test_damage_in_the_table_shows(self, ada: Someone, damage: str) -> None:
        for _ in range(2):
            ada.sign_in()
        assert ada.is_intact()
        pk = subject_key(ada.id)
        first, second, third = (AuditRecord.get(pk, record_key(seq)) for seq in (1, 2, 3))
        if damage == "change":
            second.update([AuditRecord.event.set("sign_in.failed")])
        elif damage == "remove":
            first.delete()
        elif damage == "cut":
            third.delete()
        else:
            third.sk, third.seq = record_key(4), 4
            third.save()
        verdict = ada.send("GET", "audit/verify").json
        expected = {"change": 2, "remove": 1, "cut": 3, "graft": 4}[damage]
        assert (verdict["intact"], verdict["first_broken_seq"]) == (False, expected)

    def test_events_at_once_are_all_kept(self, ada: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
        real, rivals = AuditHead.find, iter([1, 2])

        def overtaken(*key: Any) -> Any:
            head = real(*key)
            if next(rivals, None):
                audit.record_event(ada.id, AuditEvent.SIGN_IN_FAILED, INTERNAL)
            return head

        monkeypatch.setattr(AuditHead, "find", overtaken)
        assert ada.sign_in().status == 200
        monkeypatch.setattr(AuditHead, "find", real)
        assert ada.events() == ["account.registered", "sign_in.failed", "sign_in.failed", "sign_in.succeeded"]
        assert ada.is_intact()


class TestSshKeys:
    def test_one_idempotency_key_adds_one_key(self, ada: Someone) -> None:
        headers = {"Idempotency-Key": "laptop"}
        body = {"name": "laptop", "public_key": SSH_KEY}
        first, again = (ada.send("POST", "ssh-keys", body, headers=headers) for _ in range(2))
        assert (first.status, first.text) == (201, again.text)
        twice = ada.send("POST", "ssh-keys", body)
        assert (twice.status, twice.code) == (409, "ssh_key_taken")
