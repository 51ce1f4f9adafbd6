"""One whole platform for the end-to-end tests: the launcher people run, its agent, real guests, the console."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
import httpx
import psutil
import pytest
from infrastructure.local.cloud import EmbeddedCloud

T = TypeVar("T")
PASSWORD = "correct horse battery staple"
BOOT_LIMIT_S = 120.0


def eventually(look: Callable[[], T | None], what: str, within_s: float = BOOT_LIMIT_S) -> T:
    """The first truthy answer; fails when none comes in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail(f"not within {within_s:.0f} s: {what}")


@dataclass
class SshKey:
    """A real key pair made with ssh-keygen."""

    path: Path

    @property
    def public(self) -> str:
        """The line for `authorized_keys`."""
        return self.path.with_suffix(".pub").read_text()

    def run(self, command: str, *remote: str) -> str:
        """What `command` (the console's connect command) prints when given `remote` to run."""
        options = ["-i", str(self.path), "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes"]
        options += ["-o", f"UserKnownHostsFile={self.path.with_name('known_hosts')}", "-o", "LogLevel=ERROR"]
        ssh, *rest = command.split()
        done = subprocess.run([ssh, *options, *rest, *remote], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@dataclass
class Person:
    """Someone with an account, talking to the one public port."""

    http: httpx.Client
    email: str
    ssh_key_id: str = ""
    user_id: str = ""
    made: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None, expect: int = 200, **headers: str) -> Any:
        """Send a request and check its status; the JSON answer."""
        answer = self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    def vm(self, vm_id: str) -> dict[str, Any]:
        """The VM as it is now."""
        return dict(self.call("GET", f"/v1/resources/vms/{vm_id}"))

    def rent(self, name: str = "web-1", **changes: Any) -> str:
        """Order a tiny VM; its id."""
        template = self.call("GET", "/v1/resources/vm-templates")["items"][0]
        order = {"name": name, "template_id": template["id"], "vcpus": 1, "memory_mib": 128, "disk_gib": 1}
        order |= {"ssh_key_ids": [self.ssh_key_id], **changes}
        vm_id = str(self.call("POST", "/v1/resources/vms", order, expect=201)["id"])
        self.made.append(vm_id)
        return vm_id

    def wait(self, vm_id: str, status: str) -> dict[str, Any]:
        """The VM when it has reached `status`."""

        def look() -> dict[str, Any] | None:
            vm = self.vm(vm_id)
            assert vm["status"] in (status, "terminated") or vm["status"] not in ("failed", "lost"), vm["failure"]
            return vm if vm["status"] == status else None

        return eventually(look, f"{vm_id} {status}")

    def act(self, vm_id: str, verb: str) -> dict[str, Any]:
        """Start, stop, reboot or terminate."""
        return dict(self.call("POST", f"/v1/resources/vms/{vm_id}/{verb}", expect=202))


@dataclass
class Platform:
    """The running system."""

    cloud: EmbeddedCloud
    key: SshKey
    people: list[Person] = field(default_factory=list)

    def join(self, email: str) -> Person:
        """A new person with an SSH key."""
        http = httpx.Client(base_url=self.cloud.url, timeout=30)
        person = Person(http, email)
        body = {"email": email, "password": PASSWORD, "name": "Someone"}
        tokens = person.call("POST", "/v1/auth/register", body, expect=201)
        http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        person.user_id = tokens["user"]["id"]
        added = person.call("POST", "/v1/auth/ssh-keys", {"name": "laptop", "public_key": self.key.public}, expect=201)
        person.ssh_key_id = added["id"]
        self.people.append(person)
        return person

    def host(self) -> dict[str, Any]:
        """This machine's offer."""
        items = httpx.get(f"{self.cloud.url}/v1/catalog/hosts", timeout=30).json()["items"]
        return dict(items[0]) if items else {}

    def accrue(self) -> None:
        """One accrual run, as the schedule starts it."""
        given = self.cloud.endpoints.environment()
        client = boto3.client(
            "lambda",
            endpoint_url=given["AWS_ENDPOINT_URL"],
            region_name=given["AWS_REGION"],
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=given["AWS_SESSION_TOKEN"],
        )
        client.invoke(FunctionName=self.cloud.outputs["AccrualsFunction"], Payload=b'{"source": "aws.events"}')
        client.close()

    def guests(self) -> list[int]:
        """The process ids of this platform's guests."""
        found = []
        for process in psutil.process_iter(["name", "cmdline"]):
            guest = (process.info["name"] or "").startswith("qemu-system")
            if guest and str(self.cloud.state_dir) in " ".join(process.info["cmdline"] or ()):
                found.append(process.pid)
        return found


@pytest.fixture(scope="session")
def ssh_key(tmp_path_factory: pytest.TempPathFactory) -> SshKey:
    path = tmp_path_factory.mktemp("ssh") / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return SshKey(path)


@contextmanager
def running_platform(state_dir: Path, ssh_key: SshKey) -> Iterator[Platform]:
    """The whole system, started as `make run` starts it, on ports and state of its own."""
    # everybody comes from this one machine
    credits_for_all = {
        "SHAREMTC_STARTING_CREDITS_PER_DAY": "100000",
        "SHAREMTC_STARTING_CREDITS_PER_ADDRESS": "100000",
    }
    cloud = EmbeddedCloud(state_dir, agent=True, web=True, environment=credits_for_all)
    cloud.start()
    platform = Platform(cloud, ssh_key)
    try:
        eventually(lambda: platform.host().get("unavailable_reason", "") is None, "this machine sells")
        yield platform
    finally:
        for person in platform.people:
            person.http.close()
        cloud.stop()
        for pid in platform.guests():
            subprocess.run(["kill", "-9", str(pid)], check=False)


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, ssh_key: SshKey) -> Iterator[Platform]:
    """The platform of all tests that leave it running."""
    with running_platform(tmp_path_factory.mktemp("e2e") / "s", ssh_key) as platform:
        yield platform
