"""People and a signed host that talk to a running platform over HTTP, from many threads at once."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support.world import SSH_KEY, TEMPLATE_ID, inventory

from sharemtc import wire
from sharemtc_client import Bearer, Client
from sharemtc_client.models.auth import RegisterBody, SshKeyCreate
from sharemtc_client.models.provider import EnrollmentCodeCreate
from sharemtc_client.operations import auth, provider
from sharemtc_client.over_httpx import HttpxTransport

PASSWORD = "correct horse battery staple"
T = TypeVar("T")


_clients: list[httpx.Client] = []


def connect(url: str) -> httpx.Client:
    """A client of the platform, to be closed by `disconnect_all`."""
    _clients.append(httpx.Client(base_url=url, timeout=60))
    return _clients[-1]


def disconnect_all() -> None:
    """Close every client."""
    while _clients:
        _clients.pop().close()


def eventually(look: Callable[[], T], what: str, within_s: float = 60.0) -> T:
    """The first truthy answer; fails when none comes in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail(f"not within {within_s:.0f} s: {what}")


@dataclass
class Person:
    """Someone with an account, an SSH key and the platform's starting credit; `http` is for what a client hides."""

    http: httpx.Client
    api: Client
    ssh_key_id: str

    @classmethod
    def join(cls, url: str, email: str) -> Person:
        """Register and add a key."""
        http = connect(url)
        token = (
            Client(url, transport=HttpxTransport(url, http))
            .send(auth.register(RegisterBody(email=email, password=PASSWORD, name="Someone")))
            .access_token
        )
        http.headers["Authorization"] = f"Bearer {token}"
        api = Client(url, Bearer(token), transport=HttpxTransport(url, http))
        key = api.send(auth.add_ssh_key(SshKeyCreate(name="laptop", public_key=SSH_KEY)))
        return cls(http, api, key.id)

    def order(self, **changes: Any) -> dict[str, Any]:
        """The body of an order for a tiny VM."""
        size = {"vcpus": 1, "memory_mib": 256, "disk_gib": 1}
        return {"name": "web", "template_id": TEMPLATE_ID, **size, "ssh_key_ids": [self.ssh_key_id], **changes}

    def rent(self, key: str | None = None, **changes: Any) -> httpx.Response:
        """Order a tiny VM."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.http.post("/v1/resources/vms", json=self.order(**changes), headers=headers)

    def vms(self) -> list[dict[str, Any]]:
        """Every VM of this person."""
        answer = self.http.get("/v1/resources/vms?limit=200")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


@dataclass
class RemoteHost:
    """A machine with its own key, that proves at once whatever it is asked for."""

    http: httpx.Client
    id: str = ""
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    seq: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    workloads: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def enroll(cls, owner: Person, url: str, **capacity: int) -> RemoteHost:
        """Join with a code of `owner`, and say that it lives."""
        code = owner.api.send(provider.create_enrollment_code(EnrollmentCodeCreate())).code
        host = cls(connect(url))
        raw = host.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        public_key = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        told = inventory(total=capacity, sellable=capacity)
        body = {"protocol_version": 1, "code": code, "public_key": public_key, "inventory": told}
        answer = host.send("POST", "/v1/agent/enroll", body, subject="enroll")
        assert answer.status_code == 201, answer.text
        host.id = answer.json()["host_id"]
        host.heartbeat()
        return host

    def send(self, method: str, path: str, body: Any = None, *, subject: str = "") -> httpx.Response:
        """A signed request."""
        raw = b"" if body is None else json.dumps(body).encode()
        return self.send_bytes(method, path, raw, "application/json", subject=subject)

    def send_bytes(self, method: str, path: str, raw: bytes, kind: str, *, subject: str = "") -> httpx.Response:
        """A signed request with that body, byte for byte."""
        self.seq, now_s = self.seq + 1, int(time.time())
        claims = {
            "sub": subject or self.id,
            "aud": wire.AGENT_AUDIENCE,
            "iat": now_s,
            "exp": now_s + 60,
            "jti": f"{self.seq:032d}",
            "seq": self.seq,
            "htm": method,
            "htp": path,
            "bsh": wire.body_hash(raw),
        }
        headers = {"Authorization": f"Bearer {jwt.encode(claims, self.key, algorithm='EdDSA')}"}
        if raw:
            headers["Content-Type"] = kind
        return self.http.request(method, path, content=raw, headers=headers)

    def tell(self, inventory: dict[str, Any]) -> None:
        """A heartbeat that describes the machine anew."""
        self._beat({"inventory": inventory})

    def heartbeat(self) -> None:
        """Say that it lives and what it runs; do what it is asked for."""
        for command in self._beat({})["commands"]:
            self._carry_out(command)

    def _beat(self, more: dict[str, Any]) -> dict[str, Any]:
        figures = {
            "captured_at": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())}Z",
            "cpu_used_percent": 1.0,
            "load_1m": 0.1,
            "memory_used_mib": 1,
            "disk_used_gib": 1,
            "network_rx_bytes": 1,
            "network_tx_bytes": 1,
        }
        body = {
            "protocol_version": 1,
            "instance": "0" * 32,
            "figures": figures,
            "workloads": list(self.workloads.values()),
            **more,
        }
        answer = self.send("POST", "/v1/agent/heartbeat", body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def _carry_out(self, command: dict[str, Any]) -> None:
        states = {"stop": "stopped", "terminate": "gone"}
        state, vm_id = states.get(command["verb"], "running"), command["workload_id"]
        reached = {"ssh_port": 2222} if state == "running" else {}
        if state == "gone":
            self.workloads.pop(vm_id, None)
        else:
            seen = {"id": vm_id, "generation": command["generation"], "state": state}
            self.workloads[vm_id] = seen | reached
        proof = {"kind": "vm", "state": state} | reached | ({"ssh_banner": "SSH-2.0-x"} if reached else {})
        body = {"generation": command["generation"], "proof": proof}
        answer = self.send("POST", f"/v1/agent/commands/{command['id']}/result", body)
        assert answer.status_code == 200, answer.text

    def free(self) -> dict[str, int]:
        """What the catalog says is free on this host."""
        offers = self.http.get("/v1/catalog/hosts").json()["items"]
        (mine,) = [offer for offer in offers if offer["id"] == self.id]
        return {name: mine["free"][name] for name in ("vcpus", "memory_mib", "disk_gib")}
