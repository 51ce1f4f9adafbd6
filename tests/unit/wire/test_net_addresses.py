"""Addresses that hosts tell: one IP address or host name, which cannot be anything else in a command either."""

from __future__ import annotations

import shlex
from ipaddress import ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sharemtc.wire import connect_address, is_loopback


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "127.0.0.1"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("::1", "::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fd00::1", "fd00::1"),
        ("node-7.Example.org", "node-7.example.org"),
        ("localhost", "localhost"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_address_of_one_host_is_kept_in_one_spelling(given: str, kept: str) -> None:
    assert connect_address(given) == kept


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1; touch x #",
        "$(touch x)",
        "`id`",
        "-oProxyCommand=touch",
        "fe80::1%eth0;touch x",
        "2001:db8::7%1",
        "a b",
        "example.org\n",
        "example.org.",
        "ex..org",
        "-x.example.org",
        "bücher.example",
        "user@example.org",
        "example.org:22",
        "[::1]",
        "",
        ".",
        "127.1",
        "2130706433",
        "0x7f000001",
        "example.0x7f",
        "010.0.0.1",
        f"{'a' * 64}.org",
        ".".join(["a" * 50] * 6),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="IP address or a host name"):
        connect_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "255.255.255.255",
        "240.0.0.1",
        "169.254.169.254",
        "fe80::1",
        "::ffff:169.254.169.254",
        "::ffff:224.0.0.1",
    ],
)
def test_address_of_no_single_reachable_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        connect_address(text)


@pytest.mark.parametrize("text", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost", "::ffff:127.0.0.1"])
def test_loopback_is_known(text: str) -> None:
    assert is_loopback(connect_address(text))
    assert not is_loopback("10.0.0.1")
    assert not is_loopback("localhost.example.org")


@given(st.text() | st.ip_addresses().map(str) | st.from_regex(r"[a-z0-9.:;$%`' -]{1,40}", fullmatch=True))
@example("1.1.1.1")
def test_what_passes_is_one_plain_word_and_stays_as_it_is(text: str) -> None:
    try:
        kept = connect_address(text)
    except ValueError:
        return
    assert connect_address(kept) == kept
    assert shlex.quote(kept) == kept
    assert not kept.startswith("-")
    try:
        assert not ip_address(kept).is_multicast
    except ValueError:
        assert any(character.isalpha() for character in kept)
