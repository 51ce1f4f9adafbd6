"""Sessions: refresh tokens that are replaced at each use, and show a thief."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from functions.auth.app import app
from tests.support.accounts import PASSWORD, login, me, post, refresh_cookie, register
from tests.support.clock import Time
from tests.support.events import call

from sharemtc import access_tokens
from sharemtc.accounts import jobs, sessions
from sharemtc.accounts.table import User, user_key
from sharemtc.principals import Role


class TestSessions:
    def test_refresh_replaces_the_cookie_and_goes_on(self, time: Time) -> None:
        first = register()
        second = post("refresh", cookie=refresh_cookie(first))
        assert second.status == 200
        assert refresh_cookie(second) != refresh_cookie(first)
        assert me(second).json == first.json["user"]
        time.advance(timedelta(days=29))
        assert post("refresh", cookie=refresh_cookie(second)).status == 200

    def test_a_lost_answer_does_not_end_the_session(self, time: Time) -> None:
        cookie = refresh_cookie(register())
        for wait in (timedelta(seconds=12), timedelta(hours=1), timedelta(days=20)):
            assert post("refresh", cookie=cookie).status == 200  # and nobody gets this answer
            time.advance(wait)
        again = post("refresh", cookie=cookie)
        assert again.status == 200
        assert post("refresh", cookie=refresh_cookie(again)).status == 200

    def test_reuse_of_a_token_whose_successor_was_used_ends_the_session_for_both(self, time: Time) -> None:
        stolen = refresh_cookie(register())
        renewed = refresh_cookie(post("refresh", cookie=refresh_cookie(post("refresh", cookie=stolen))))
        given = post("refresh", cookie=stolen)
        assert (given.status, given.code, given.json["reason"]) == (401, "session_ended", "reused")
        late = post("refresh", cookie=renewed)
        assert (late.status, late.json["reason"]) == (401, "reused")

    def test_a_thief_and_the_owner_cannot_both_go_on(self, time: Time) -> None:
        shared = refresh_cookie(register())
        owner, thief = (refresh_cookie(post("refresh", cookie=shared)) for _ in range(2))
        assert owner != thief
        goes_on = refresh_cookie(post("refresh", cookie=thief))
        assert post("refresh", cookie=owner).status == 401
        assert post("refresh", cookie=goes_on).status == 401

    def test_two_tabs_that_refresh_at_once_stay_signed_in(self, time: Time) -> None:
        shared = refresh_cookie(register())
        first, second = post("refresh", cookie=shared), post("refresh", cookie=shared)
        assert (first.status, second.status) == (200, 200)
        assert me(second).status == 200
        # whichever answer's cookie the browser kept
        assert post("refresh", cookie=refresh_cookie(first)).status == 200

    def test_answers_may_be_lost_any_number_of_times(self, time: Time) -> None:
        cookie = refresh_cookie(register())
        answers = [post("refresh", cookie=cookie) for _ in range(3 * sessions.MAX_SIBLINGS)]
        assert {answer.status for answer in answers} == {200}
        assert post("refresh", cookie=refresh_cookie(answers[-2])).status == 200

    def test_loser_of_a_race_on_the_same_token_keeps_the_session(self, monkeypatch: pytest.MonkeyPatch) -> None:
        shared = refresh_cookie(register())
        real, winner = sessions._replace, []

        def lose(*given: Any) -> Any:
            monkeypatch.setattr(sessions, "_replace", real)
            winner.append(post("refresh", cookie=shared))
            return real(*given)

        monkeypatch.setattr(sessions, "_replace", lose)
        loser = post("refresh", cookie=shared)
        assert (winner[0].status, loser.status) == (200, 200)
        assert post("refresh", cookie=refresh_cookie(winner[0])).status == 200

    def test_other_sessions_are_untouched_by_a_stolen_one(self, time: Time) -> None:
        stolen, other = refresh_cookie(register()), refresh_cookie(login())
        post("refresh", cookie=refresh_cookie(post("refresh", cookie=stolen)))
        assert post("refresh", cookie=stolen).status == 401
        assert post("refresh", cookie=other).status == 200

    def test_idle_session_ends(self, time: Time) -> None:
        cookie = refresh_cookie(register())
        time.advance(timedelta(days=30))
        given = post("refresh", cookie=cookie)
        assert (given.status, given.json["reason"]) == (401, "expired")

    @pytest.mark.parametrize("value", ["", "a", "a.b", "a.b.c", "..", "usr_1.ses_1.x", "x" * 5000, "é.é.é"])
    def test_made_up_cookie_is_401(self, value: str) -> None:
        given = post("refresh", cookie=f"sharemtc_refresh={value}")
        assert (given.status, given.code, given.json["reason"]) == (401, "session_ended", "unknown")

    def test_no_cookie_is_401(self) -> None:
        assert post("refresh").status == 401

    def test_one_ended_from_elsewhere_says_so(self, time: Time) -> None:
        lost, here = register(), login()
        session_id = access_tokens.verify_access_token(lost.json["access_token"])[0].session_id
        token = here.json["access_token"]
        assert call(app, "DELETE", f"/v1/auth/sessions/{session_id}", token=token).status == 204
        assert post("refresh", cookie=refresh_cookie(lost)).json["reason"] == "signed_out"

    def test_one_ended_by_a_new_password_says_so(self, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
        lost, here = register(), login()
        body = {"current_password": PASSWORD, "password": "another horse battery staple"}
        monkeypatch.setattr(jobs, "enqueue", lambda job: None)
        changed = call(app, "POST", "/v1/auth/password/change", body=body, token=here.json["access_token"])
        assert changed.status == 204
        assert post("refresh", cookie=refresh_cookie(lost)).json["reason"] == "password_changed"

    def test_logout_ends_the_session_and_deletes_the_cookie(self) -> None:
        cookie = refresh_cookie(register())
        given = post("logout", cookie=cookie)
        assert (given.status, given.text) == (204, "")
        assert "sharemtc_refresh=; Path=/v1/auth; Max-Age=0" in given.cookies[0]
        assert post("refresh", cookie=cookie).status == 401
        assert post("logout", cookie=cookie).status == 204

    def test_logout_needs_the_secret(self) -> None:
        cookie = refresh_cookie(register())
        assert post("logout", cookie=cookie[:-4] + "AAAA").status == 204
        assert post("refresh", cookie=cookie).status == 200

    def test_logout_by_the_access_token_alone_ends_its_session(self) -> None:
        left, other = register(), login()
        token = left.json["access_token"]
        assert post("logout", token=token).status == 204
        assert post("refresh", cookie=refresh_cookie(left)).status == 401
        assert call(app, "POST", "/v1/auth/email/confirmation", token=token).status == 401
        assert post("refresh", cookie=refresh_cookie(other)).status == 200
        assert post("logout", token=token).status == 204

    def test_logout_with_a_cookie_that_is_not_good_ends_the_session_of_the_access_token(self) -> None:
        left = register()
        cookie = refresh_cookie(left)
        assert post("logout", cookie=cookie[:-4] + "AAAA", token=left.json["access_token"]).status == 204
        assert post("refresh", cookie=cookie).status == 401

    @pytest.mark.parametrize("token", ["a.b.c", "smtc_key", "expired"])
    def test_logout_by_a_token_that_is_not_good_is_no_success(self, token: str, time: Time) -> None:
        left = register()
        time.advance(timedelta(hours=1))
        given = post("logout", token=left.json["access_token"] if token == "expired" else token)
        assert (given.status, given.code) == (401, "invalid_token")
        assert post("refresh", cookie=refresh_cookie(left)).status == 200

    def test_logout_by_the_cookie_needs_no_good_access_token(self, time: Time) -> None:
        left = register()
        time.advance(timedelta(hours=1))
        assert post("logout", cookie=refresh_cookie(left), token=left.json["access_token"]).status == 204
        assert post("refresh", cookie=refresh_cookie(left)).status == 401

    def test_role_is_read_again_at_refresh(self) -> None:
        given = register()
        user = User.get(user_key(given.json["user"]["id"]), "USER")
        user.update(actions=[User.role.set(Role.ADMIN)])
        assert post("refresh", cookie=refresh_cookie(given)).json["user"]["role"] == "admin"
