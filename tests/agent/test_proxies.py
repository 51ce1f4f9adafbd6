"""The proxy named by the environment, chosen as curl does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from sharemtc_agent.proxies import UnusableProxy, is_direct, proxy_for
from sharemtc_agent.transport import NoAnswer, Transport


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)


class TestIsDirect:
    @pytest.mark.parametrize(
        ("host", "no_proxy", "direct"),
        [
            ("10.1.2.3", "10.0.0.0/8", True),
            ("10.1.2.3", "192.168.0.0/16, 10.0.0.0/8", True),
            ("11.1.2.3", "10.0.0.0/8", False),
            ("10.1.2.3", "10.1.2.3", True),
            ("10.1.2.30", "10.1.2.3", False),
            ("fd00::5", "fd00::/8", True),
            ("fd00::5", "[fd00::5]", True),
            ("sharemtc.example", "example", True),
            ("sharemtc.example", ".sharemtc.example", True),
            ("a.sharemtc.example", "sharemtc.example", True),
            ("othersharemtc.example", "sharemtc.example", False),
            ("ShareMTC.Example.", "sharemtc.EXAMPLE", True),
            ("sharemtc.example", "*", True),
            ("10.1.2.3", "a *", True),
            ("10.1.2.3", "10.0.0.0/99,nonsense//,", False),
            ("sharemtc.example", "10.0.0.0/8", False),
            ("sharemtc.example", ", .", False),
        ],
    )
    def test_as_curl_reads_it(self, host: str, no_proxy: str, *, direct: bool) -> None:
        assert is_direct(host, no_proxy) is direct


class TestProxyFor:
    @pytest.mark.parametrize(
        ("environment", "url", "proxy"),
        [
            ({"https_proxy": "http://proxy:3128"}, "https://sharemtc.example", "proxy:3128"),
            ({"https_proxy": "proxy:3128"}, "https://sharemtc.example", "proxy:3128"),
            ({"all_proxy": "http://proxy:3128"}, "https://sharemtc.example", "proxy:3128"),
            ({"ALL_PROXY": "http://proxy:3128"}, "http://sharemtc.example", "proxy:3128"),
            ({"all_proxy": "http://all", "http_proxy": "http://one:1"}, "http://sharemtc.example", "one:1"),
            ({"all_proxy": "http://me:word@proxy"}, "https://sharemtc.example", "me:word@proxy:1080"),
            ({"http_proxy": "http://proxy:3128"}, "https://sharemtc.example", None),
            ({"all_proxy": "http://proxy:1", "no_proxy": "10.0.0.0/8"}, "https://10.1.2.3:8420", None),
            ({"all_proxy": "http://proxy:1", "NO_PROXY": "example"}, "https://sharemtc.example", None),
            ({}, "https://sharemtc.example", None),
        ],
    )
    def test_as_the_environment_says(
        self, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, proxy: str | None
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        found = proxy_for(urlsplit(url))
        assert (found.netloc if found else None) == proxy

    @pytest.mark.parametrize("named", ["socks5://proxy:1080", "https://proxy:3128", "http://proxy:99999", "http://"])
    def test_one_that_cannot_be_used_is_said_and_never_passed_by(
        self, monkeypatch: pytest.MonkeyPatch, named: str
    ) -> None:
        monkeypatch.setenv("all_proxy", named)
        with pytest.raises(UnusableProxy):
            proxy_for(urlsplit("http://203.0.113.9:9"))
        with pytest.raises(NoAnswer, match="proxy"):
            Transport("http://203.0.113.9:9").request("GET", "/v1/health")


@contextmanager
def proxy(seen: list[bytes]) -> Iterator[int]:
    """A proxy for one request."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                seen.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_requests_go_through_all_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    with proxy(seen) as port:
        monkeypatch.setenv("all_proxy", f"http://127.0.0.1:{port}")
        transport = Transport("http://203.0.113.9:9/stage")
        assert transport.request("GET", "/v1/health").content == b"ok"
        transport.close()
    assert seen[0].startswith(b"GET http://203.0.113.9:9/stage/v1/health HTTP/1.1\r\n")
