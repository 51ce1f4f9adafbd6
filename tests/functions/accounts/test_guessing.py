"""Guessing passwords: few tries, none of them at the expense of the owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.accounts import ELSEWHERE, HOME, THIRD, device_cookie, login, register
from tests.support.clock import Time

from sharemtc.accounts import login_throttle


class TestGuessing:
    def test_one_address_gets_five_tries_and_the_right_password_none_after(self, time: Time) -> None:
        register()
        statuses = [login(f"wrong password {n}").status for n in range(12)]
        assert statuses == [401] * 5 + [429] * 7
        given = login()
        assert (given.status, given.code) == (429, "too_many_guesses")
        assert given.headers["Retry-After"] == str(15 * 60 + 1)

    def test_many_addresses_get_ten_together(self, time: Time) -> None:
        register()
        statuses = [login("wrong password", source_ip=f"198.51.100.{n}").status for n in range(40)]
        assert statuses.count(401) == 10
        assert statuses.count(429) == 30

    def test_never_more_than_ten_in_any_fifteen_minutes(self, time: Time) -> None:
        register()
        wrong_at_s: list[int] = []
        for second in range(0, 1800, 60):
            for address in (ELSEWHERE, THIRD, HOME):
                if login("wrong password", source_ip=address).status == 401:
                    wrong_at_s.append(second)
            time.advance(timedelta(minutes=1))
        assert len(wrong_at_s) == 20
        assert all(len([at for at in wrong_at_s if start <= at < start + 900]) <= 10 for start in wrong_at_s)

    def test_owner_gets_in_on_a_device_that_signed_in_before(self, time: Time) -> None:
        known = device_cookie(register())
        for n in range(12):
            login("wrong password", source_ip=f"198.51.100.{n}")
        assert login(source_ip=HOME).status == 429
        assert login(source_ip=HOME, cookie=known).status == 200
        assert login(source_ip=THIRD, cookie=known).status == 200

    def test_owner_gets_in_from_another_address_while_one_guesses(self, time: Time) -> None:
        register()
        for _ in range(12):
            login("wrong password", source_ip=ELSEWHERE)
        assert login(source_ip=HOME).status == 200

    def test_device_has_its_own_limit(self, time: Time) -> None:
        known = device_cookie(register())
        statuses = [login("wrong password", cookie=known).status for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2

    def test_device_of_one_account_is_no_device_of_another(self, time: Time) -> None:
        register()
        other = device_cookie(register("eve@example.org"))
        assert [login("wrong password", cookie=other).status for _ in range(6)].count(401) == 5

    @pytest.mark.parametrize("forged", ["sharemtc_device=x", "sharemtc_device=", "sharemtc_device=e30.e30.e30"])
    def test_forged_device_is_a_stranger(self, time: Time, forged: str) -> None:
        register()
        assert [login("wrong password", cookie=forged).status for _ in range(6)].count(401) == 5

    def test_access_token_is_no_device_token(self, time: Time) -> None:
        token = register().json["access_token"]
        cookie = f"sharemtc_device={token}"
        assert [login("wrong password", cookie=cookie).status for _ in range(6)].count(401) == 5

    def test_right_passwords_use_nothing_up(self, time: Time) -> None:
        register()
        assert [login().status for _ in range(12)] == [200] * 12

    def test_tries_come_back_after_fifteen_minutes(self, time: Time) -> None:
        register()
        for _ in range(6):
            login("wrong password")
        time.advance(login_throttle.WINDOW - timedelta(seconds=1))
        assert login().status == 429
        time.advance(timedelta(seconds=1))
        assert login().status == 200

    def test_unknown_address_is_limited_alike(self, time: Time) -> None:
        statuses = [login("wrong password", email="nobody@example.org").status for _ in range(6)]
        assert statuses == [401] * 5 + [429]

    def test_one_address_cannot_try_one_password_on_everyone(self, time: Time) -> None:
        statuses = [
            login("wrong password", email=f"user{n}@example.org").status for n in range(login_throttle.ADDRESS_LIMIT)
        ]
        assert set(statuses) == {401}
        assert login("wrong password", email="next@example.org").status == 429
