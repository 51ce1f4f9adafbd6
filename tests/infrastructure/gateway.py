"""A gateway's process before an upstream that keeps what it is asked."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from infrastructure.local.endpoints import Endpoints, EndpointsFile
from infrastructure.local.paths import CLOUD_PYTHON, StateFolder
from infrastructure.local.processes import Child, plain_environment

GATEWAY_TOKEN = "the-gateway-token"
API = "/restapis/a1b2c3d4e5/live/_user_request_"


@dataclass
class Seen:
    """One request as it reached the upstream."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass
class Upstream:
    """Answers everything with a small JSON document, or with what `answer` says."""

    seen: list[Seen] = field(default_factory=list)
    answer: bytes = b"{}"
    answer_headers: dict[str, str] = field(default_factory=dict)
    port: int = 0

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                method, target, _ = self.raw_requestline.decode("latin-1").split(" ", 2)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                upstream.seen.append(Seen(method, target, self.headers.items(), body))
                self.send_response(200)
                for name, value in {"content-type": "application/json", **upstream.answer_headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(upstream.answer)))
                self.end_headers()
                if method != "HEAD":
                    self.wfile.write(upstream.answer)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()


@dataclass
class Gateway:
    """The process, and what is behind it."""

    port: int
    upstream: Upstream
    child: Child

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


@contextlib.contextmanager
def running_gateway(folder: Path, web: Path | None = None, read_timeout_s: float = 30) -> Iterator[Gateway]:
    """The process as the launcher starts it, with the upstream in place of the emulator."""
    upstream, state = Upstream(), StateFolder(folder)
    state.create()
    with upstream.serving(), socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        endpoints = Endpoints(
            port, 1, cloud="ready", cloud_url=f"http://127.0.0.1:{upstream.port}", token="the-full-token",
            gateway_token=GATEWAY_TOKEN, api_id="a1b2c3d4e5", api_stage="live",
        )  # fmt: skip
        EndpointsFile(state.endpoints).write(endpoints)
        environment = {
            **plain_environment(), "SHAREMTC_ENDPOINTS": str(state.gateway_endpoints), "SHAREMTC_WEB": str(web or ""),
            "SHAREMTC_LISTENER": str(listener.fileno()), "SHAREMTC_READ_TIMEOUT_S": str(read_timeout_s),
            "SHAREMTC_FUNCTION_WORKERS": "4",
        }  # fmt: skip
        command = [str(CLOUD_PYTHON), "-m", "infrastructure.local.gateway"]
        child = Child("gateway", command, environment, state.logs / "gateway.log", pass_fds=(listener.fileno(),))
        child.start()
        try:
            _wait_for_answer(port, child)
            yield Gateway(port, upstream, child)
        finally:
            child.stop()


def _wait_for_answer(port: int, child: Child) -> None:
    """The socket listens before the process does, so a connection proves nothing."""
    while child.running:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        except OSError:
            continue
        finally:
            connection.close()
    pytest.fail("\n".join(child.last_lines))


def gateway_file(folder: Path) -> dict[str, object]:
    """What the gateway can read about the instance."""
    found: dict[str, object] = json.loads(StateFolder(folder).gateway_endpoints.read_text())
    return found
