"""Where VM ports listen: on the connect address if it is local, else (behind a NAT) on all addresses."""

from __future__ import annotations

import socket

import pytest
from pydantic import ValidationError

from sharemtc.wire import SelfTestCheck, Verdict
from sharemtc_agent import ports
from sharemtc_agent.config import Config
from sharemtc_agent.self_test.guest_ports import check_guest_ports

# for documentation (RFC 5737), so no machine's own
OUTSIDE = "203.0.113.7"


@pytest.mark.parametrize(
    ("told", "chosen", "listen", "local"),
    [
        ("127.0.0.1", None, "127.0.0.1", "127.0.0.1"),
        ("localhost", None, "127.0.0.1", "127.0.0.1"),
        (OUTSIDE, None, "0.0.0.0", "127.0.0.1"),
        ("box.example.com", None, "0.0.0.0", "127.0.0.1"),
        (OUTSIDE, "127.0.0.2", "127.0.0.2", "127.0.0.2"),
    ],
)
def test_listens_where_it_can_be_reached(told: str, chosen: str | None, listen: str, local: str) -> None:
    config = Config(name="box", connect_address=told, listen_address=chosen)
    assert config.connect_address == told
    assert config.guest_address == listen
    assert ports.local_address(listen) == local


def test_an_address_of_this_machine_is_opened_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "can_listen", lambda address, port=0: address == "192.0.2.5")
    assert ports.listen_address("192.0.2.5") == "192.0.2.5"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("connect_address", "0.0.0.0"),
        ("connect_address", "::1"),
        ("connect_address", "224.0.0.1"),
        ("connect_address", "127.0.0.1; touch x #"),
        ("listen_address", "box.example.com"),
        ("listen_address", ""),
    ],
)
def test_refused_by_field(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Config.model_validate({"name": "box", field: value})


def test_a_taken_port_cannot_be_opened() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        assert not ports.can_listen("127.0.0.1", holder.getsockname()[1])
        assert ports.can_listen("127.0.0.1")


def checked(told: str, chosen: str | None = None) -> SelfTestCheck:
    (found,) = check_guest_ports(Config(name="box", connect_address=told, listen_address=chosen))
    return found


class TestSelfTest:
    def test_loopback_serves_this_machine(self) -> None:
        found = checked("127.0.0.1")
        assert (found.verdict, "from this machine only" in found.detail) == (Verdict.OK, True)

    def test_behind_a_nat_it_says_what_is_not_checked(self) -> None:
        found = checked(OUTSIDE)
        assert found.verdict is Verdict.WARN
        assert "listen on 0.0.0.0; renters connect to 203.0.113.7" in found.detail
        assert "not tested" in found.detail

    def test_an_address_that_is_not_here_fails(self) -> None:
        found = checked(OUTSIDE, "198.51.100.9")
        assert (found.verdict, "198.51.100.9" in found.detail) == (Verdict.FAIL, True)
