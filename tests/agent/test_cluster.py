"""The Kubernetes sensor: the real client library against a fake API server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sharemtc_agent.sensors.cluster import find_cluster

TOKEN = "a-token-that-nobody-may-read"
VERSION = {
    "major": "1", "minor": "32", "gitVersion": "v1.32.2", "gitCommit": "c", "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z", "goVersion": "go1.24", "compiler": "gc", "platform": "linux/amd64",
}  # fmt: skip


def node(name: str, ready: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "status": {"conditions": [{"type": "Ready", "status": ready}]}}


class ApiServer(ThreadingHTTPServer):
    """A fake API server that checks the token."""

    nodes: list[dict[str, Any]]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.nodes = [node("one", "True"), node("two", "False")]


class _Handler(BaseHTTPRequestHandler):
    server: ApiServer

    def do_GET(self) -> None:
        status: int
        body: dict[str, Any]
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            status, body = 401, {"kind": "Status", "status": "Failure", "code": 401}
        elif self.path.startswith("/version"):
            status, body = 200, VERSION
        else:
            status, body = 200, {"kind": "NodeList", "apiVersion": "v1", "metadata": {}, "items": self.server.nodes}
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """No log output."""


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def name_cluster(file: Path, port: int, token: str = TOKEN) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "agent"}}],
        "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "agent", "user": {"token": token}}],
    }
    file.write_text(json.dumps(config))


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(file))
    return file


def test_without_a_kubeconfig_nothing_is_asked(kubeconfig: Path) -> None:
    assert find_cluster() == (False, "no kubeconfig found")


def test_counts_the_nodes_that_are_ready(kubeconfig: Path, server: ApiServer) -> None:
    name_cluster(kubeconfig, server.server_port)
    assert find_cluster() == (True, "Kubernetes v1.32.2, 1 of 2 nodes ready")


def test_cluster_without_a_ready_node_is_none(kubeconfig: Path, server: ApiServer) -> None:
    server.nodes = [node("one", "Unknown")]
    name_cluster(kubeconfig, server.server_port)
    assert find_cluster() == (False, "Kubernetes v1.32.2, 0 of 1 nodes ready")


def test_refusal_is_told_without_the_token(kubeconfig: Path, server: ApiServer) -> None:
    name_cluster(kubeconfig, server.server_port, token="another-secret")
    found = find_cluster()
    assert found == (False, "the cluster's API server returned 401 Unauthorized")


def test_damaged_file_and_absent_server_are_told(kubeconfig: Path, server: ApiServer) -> None:
    kubeconfig.write_text("users: [{token: another-secret")
    assert not find_cluster().available
    assert "another-secret" not in find_cluster().detail
    name_cluster(kubeconfig, server.server_port)
    server.server_close()
    assert find_cluster() == (False, "the cluster does not respond: MaxRetryError")
