"""SSH keys of an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from functions.auth.app import app
from tests.support.accounts import post, public_key, register
from tests.support.clock import Time
from tests.support.events import Answer, call

from sharemtc import clock
from sharemtc.accounts import authorized_keys, service
from sharemtc.problems import Invalid


class TestSshKeys:
    @pytest.fixture
    def token(self) -> str:
        return str(register().json["access_token"])

    @staticmethod
    def add(token: str, text: str, name: str = "laptop") -> Answer:
        return post("ssh-keys", {"name": name, "public_key": text}, token=token)

    @staticmethod
    def names(token: str, query: str = "") -> list[str]:
        answer = call(app, "GET", f"/v1/auth/ssh-keys{query}", token=token)
        return [item["name"] for item in answer.json["items"]]

    def test_added_key_is_listed_as_it_was_answered(self, time: Time, token: str) -> None:
        given = self.add(token, f"{public_key()} ada@laptop\n")
        assert given.status == 201
        assert given.json["public_key"] == public_key()
        assert (given.json["type"], given.json["bits"], given.json["last_used_at"]) == ("ssh-ed25519", 256, None)
        listed = call(app, "GET", "/v1/auth/ssh-keys", token=token)
        assert listed.json == {"items": [given.json], "next_cursor": None}

    def test_same_key_twice_is_409_under_any_name_or_comment(self, token: str) -> None:
        self.add(token, public_key())
        given = self.add(token, f"{public_key()} another comment", "desktop")
        assert (given.status, given.code) == (409, "ssh_key_taken")
        assert self.names(token) == ["laptop"]

    def test_removed_key_may_be_added_again(self, token: str) -> None:
        key_id = self.add(token, public_key()).json["id"]
        assert call(app, "DELETE", f"/v1/auth/ssh-keys/{key_id}", token=token).status == 204
        assert self.names(token) == []
        assert call(app, "DELETE", f"/v1/auth/ssh-keys/{key_id}", token=token).status == 404
        assert self.add(token, public_key()).status == 201

    def test_another_persons_key_is_as_good_as_none(self, token: str) -> None:
        key_id = self.add(token, public_key()).json["id"]
        stranger = str(register("eve@example.org").json["access_token"])
        foreign = call(app, "DELETE", f"/v1/auth/ssh-keys/{key_id}", token=stranger)
        missing = call(app, "DELETE", "/v1/auth/ssh-keys/key_00000000000000000000000000", token=stranger)
        assert (foreign.status, foreign.text) == (404, missing.text)
        assert self.names(token) == ["laptop"]
        assert self.add(stranger, public_key()).status == 201

    @pytest.mark.parametrize("text", ["", "hello", f'command="sh" {public_key()}', f"{public_key()}\n{public_key(2)}"])
    def test_key_that_could_carry_more_is_422(self, token: str, text: str) -> None:
        given = self.add(token, text)
        assert (given.status, given.pointers) == (422, ["/public_key"])
        assert self.names(token) == []

    def test_at_most_fifty(self, token: str) -> None:
        for seed in range(service.MAX_SSH_KEYS):
            assert self.add(token, public_key(seed), f"key {seed}").status == 201
        given = self.add(token, public_key(99))
        assert (given.status, given.code) == (409, "too_many_ssh_keys")

    def test_list_comes_in_pages_the_newest_first(self, time: Time, token: str) -> None:
        for seed in range(5):
            time.advance(timedelta(seconds=1))
            self.add(token, public_key(seed), f"key {seed}")
        seen, cursor = [], ""
        for _ in range(3):
            answer = call(app, "GET", f"/v1/auth/ssh-keys?limit=2{cursor}", token=token)
            seen += [item["name"] for item in answer.json["items"]]
            cursor = f"&cursor={answer.json['next_cursor']}"
        assert seen == ["key 4", "key 3", "key 2", "key 1", "key 0"]
        assert answer.json["next_cursor"] is None

    def test_cursor_of_another_list_is_refused(self, time: Time, token: str) -> None:
        for seed in range(2):
            self.add(token, public_key(seed), f"key {seed}")
        cursor = call(app, "GET", "/v1/auth/ssh-keys?limit=1", token=token).json["next_cursor"]
        stranger = str(register("eve@example.org").json["access_token"])
        for wrong in (cursor, "x", "%00"):
            given = call(app, "GET", f"/v1/auth/ssh-keys?cursor={wrong}", token=stranger)
            assert (given.status, given.pointers) == (422, ["/cursor"])

    def test_lines_for_a_machine_in_the_order_asked_for(self, token: str) -> None:
        user_id = call(app, "GET", "/v1/auth/me", token=token).json["id"]
        ids = [self.add(token, public_key(seed)).json["id"] for seed in (1, 2)]
        assert authorized_keys.public_keys(user_id, ids[::-1]) == (public_key(2), public_key(1))
        assert authorized_keys.public_keys(user_id, []) == ()
        foreign = self.add(str(register("eve@example.org").json["access_token"]), public_key(3)).json["id"]
        with pytest.raises(Invalid) as caught:
            authorized_keys.public_keys(user_id, [ids[0], foreign, "key_none", "x" * 5000])
        assert [error.pointer for error in caught.value.errors] == [f"/ssh_key_ids/{index}" for index in (1, 2, 3)]

    def test_use_is_noted(self, time: Time, token: str) -> None:
        user_id = call(app, "GET", "/v1/auth/me", token=token).json["id"]
        key_id = self.add(token, public_key()).json["id"]
        authorized_keys.mark_used(user_id, [key_id], clock.now())
        authorized_keys.mark_used(user_id, [key_id, "key_gone"], clock.now())
        listed = call(app, "GET", "/v1/auth/ssh-keys", token=token)
        assert listed.json["items"][0]["last_used_at"] == "2030-01-31T12:00:00.000Z"
