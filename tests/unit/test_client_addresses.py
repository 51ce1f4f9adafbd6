"""Whose address is believed: never what a caller writes, and what a proxy says only of a proxy that proves itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sharemtc.client_addresses import caller_address, counted_as
from sharemtc.settings import settings

EDGE, VIEWER, LIE = "198.51.100.9", "203.0.113.7", "192.0.2.66"
PROOF = {"x-sharemtc-proxy": "a-secret"}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def behind_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "1")
    monkeypatch.setenv("TRUSTED_PROXY_PROOF", "a-secret")


class TestByDefault:
    @pytest.mark.parametrize("claimed", [LIE, f"{LIE}, {EDGE}", "", "::1"])
    def test_nothing_that_is_claimed_is_believed(self, claimed: str) -> None:
        assert caller_address(VIEWER, {"x-forwarded-for": claimed, **PROOF}) == VIEWER


@pytest.mark.usefixtures("behind_one")
class TestBehindAProxy:
    @pytest.mark.parametrize("listed", [f"{VIEWER}, {EDGE}", f" {VIEWER} ,{EDGE} ", VIEWER])
    def test_its_caller_is_the_caller(self, listed: str) -> None:
        # whether the gateway has added its own caller or not
        assert caller_address(EDGE, {"x-forwarded-for": listed, **PROOF}) == VIEWER

    @pytest.mark.parametrize("claimed", [LIE, f"{LIE}, {LIE}", f"{EDGE}, {LIE}", "unknown", ", ,"])
    def test_what_the_caller_wrote_before_it_is_not_looked_at(self, claimed: str) -> None:
        assert caller_address(EDGE, {"x-forwarded-for": f"{claimed}, {VIEWER}, {EDGE}", **PROOF}) == VIEWER

    @pytest.mark.parametrize("proof", [{}, {"x-sharemtc-proxy": ""}, {"x-sharemtc-proxy": "guess"}])
    def test_who_goes_round_it_is_taken_for_what_they_are(self, proof: dict[str, str]) -> None:
        assert caller_address(VIEWER, {"x-forwarded-for": f"{LIE}, {VIEWER}", **proof}) == VIEWER

    @pytest.mark.parametrize("listed", ["", EDGE, f"not-an-address, {EDGE}", f"{VIEWER}:4711, {EDGE}"])
    def test_list_that_does_not_say_leaves_the_proxys_address(self, listed: str) -> None:
        assert caller_address(EDGE, {"x-forwarded-for": listed, **PROOF}) == EDGE

    def test_two_proxies_are_two_places(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRUSTED_PROXIES", "2")
        settings.cache_clear()
        listed = f"{LIE}, {VIEWER}, 198.51.100.1, {EDGE}"
        assert caller_address(EDGE, {"x-forwarded-for": listed, **PROOF}) == VIEWER


class TestCounting:
    def test_an_ipv6_caller_is_its_64(self) -> None:
        assert counted_as("2001:db8:1:2:aaaa::1") == counted_as("2001:db8:1:2:bbbb::2") == "2001:db8:1:2::/64"
        assert counted_as("2001:db8:1:3::1") != counted_as("2001:db8:1:2::1")

    def test_an_ipv4_caller_is_its_address_however_it_is_written(self) -> None:
        assert counted_as("203.0.113.7") == counted_as("::ffff:203.0.113.7") == "203.0.113.7"

    def test_what_is_no_address_is_counted_as_it_is(self) -> None:
        assert counted_as("") == ""
