"""A small world for tests of whole threads: people, signed hosts, and the state machine's tasks done one by one.

Every request is a proxy event to the real function on real tables; only Step Functions' own stepping is done here.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support.clock import Time
from tests.support.events import Answer, answer, call, event

from sharemtc import access_tokens, clock, wire
from sharemtc.accounts import sessions
from sharemtc.accounts.table import SESSION_PREFIX, Session, User, user_key
from sharemtc.principals import Role
from sharemtc.settings import settings

FUNCTIONS = Path(__file__).parents[2] / "functions"
TEMPLATE_ID = "tpl_00000000000000000000000001"
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ me@example"
ROLE = {"Version": "2012-10-17", "Statement": []}


@cache
def function(name: str) -> ModuleType:
    """The module `functions/<name>/app.py`."""
    spec = importlib.util.spec_from_file_location(f"functions_{name}", FUNCTIONS / name / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def inventory(name: str = "box", **changes: Any) -> dict[str, Any]:
    """What a modest machine says of itself."""
    capacity = {"vcpus": 4, "memory_mib": 8192, "disk_gib": 100}
    return {
        "name": name,
        "agent_version": "0.1.0",
        "os": "Linux",
        "kernel": "6.1.0",
        "cpu_model": "Test CPU",
        "total": capacity,
        "sellable": capacity,
        "gpus": [],
        "accelerator": "tcg",
        "images": ["tiny"],
        "connect_address": "127.0.0.1",
        **changes,
    }


def give_role(person: Person, role: Role) -> None:
    """The role that this person's account has from now on."""
    User(user_key(person.user_id), "USER").update([User.role.set(role)])


def stay_signed_in(person: Person) -> None:
    """What refreshing now and then does: the session lasts another month from now."""
    session = Session(user_key(person.user_id), f"{SESSION_PREFIX}{person.session_id}")
    session.update([Session.expires_at.set(clock.now() + sessions.LIFETIME)])


def _group_of(path: str) -> str:
    """The function that answers that path."""
    return "ingest" if path == "/v1/agent/telemetry" else path.split("/")[2].split("?")[0]


@dataclass
class Person:
    """Someone signed in."""

    user_id: str
    world: World
    role: Role = Role.USER
    session_id: str = ""

    @property
    def token(self) -> str:
        """A fresh access token: tests let hours pass."""
        return access_tokens.issue_access_token(self.user_id, self.role, self.session_id)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Send a request as this person."""
        app = function(path.split("/")[2].split("?")[0]).app
        return call(app, method, path, body=body, token=self.token, **options)

    def rent(self, **changes: Any) -> Answer:
        """Order a tiny VM."""
        return self.call("POST", "/v1/resources/vms", self.order(**changes))

    def order(self, **changes: Any) -> dict[str, Any]:
        """The body of an order for a tiny VM."""
        keys = self.call("GET", "/v1/auth/ssh-keys").json["items"]
        return {
            "name": "web-1",
            "template_id": TEMPLATE_ID,
            "vcpus": 1,
            "memory_mib": 256,
            "disk_gib": 1,
            "ssh_key_ids": [key["id"] for key in keys],
            **changes,
        }

    def vm(self, vm_id: str) -> dict[str, Any]:
        """The VM as this person sees it."""
        answer = self.call("GET", f"/v1/resources/vms/{vm_id}")
        assert answer.status == 200, answer.text
        return dict(answer.json)

    def act(self, vm_id: str, verb: str) -> Answer:
        """Start, stop, reboot or terminate."""
        return self.call("POST", f"/v1/resources/vms/{vm_id}/{verb}")

    def balance(self) -> dict[str, Any]:
        """The wallet."""
        return dict(self.call("GET", "/v1/billing/balance").json)

    def add_host(self, **changes: Any) -> Host:
        """Enroll a machine of this person."""
        code = self.call("POST", "/v1/provider/enrollment-codes", {}).json["code"]
        host = Host(self.world)
        answer = host.send("POST", "/v1/agent/enroll", host.enrollment(code, **changes), subject="enroll")
        assert answer.status == 201, answer.text
        host.id = answer.json["host_id"]
        return host


def boot_id(began_at: datetime) -> str:
    """What names a boot that began then."""
    return f"boot-{clock.to_ms(began_at)}"


@dataclass
class Host:
    """A machine with its own key."""

    world: World
    id: str = ""
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    seq: int = 1
    workloads: list[dict[str, Any]] = field(default_factory=list)
    boots: dict[str, datetime] = field(default_factory=dict)
    proves_uptime: bool = True

    @property
    def public_key(self) -> str:
        """Raw, base64url, no padding."""
        return base64.urlsafe_b64encode(self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))[
            :-1
        ].decode()

    def enrollment(self, code: str, **changes: Any) -> dict[str, Any]:
        """The body that exchanges a code."""
        known = {"protocol_version": wire.PROTOCOL_VERSION, "public_key": self.public_key}
        return {**known, "code": code, "inventory": inventory(**changes)}

    def _claims(self, method: str, path: str, content: bytes, **claims: Any) -> dict[str, Any]:
        now_s = clock.to_ms(clock.now()) // 1000
        return {
            "sub": self.id,
            "aud": wire.AGENT_AUDIENCE,
            "iat": now_s,
            "exp": now_s + 60,
            "jti": f"{self.seq:032d}",
            "seq": self.seq,
            "htm": method,
            "htp": path.partition("?")[0],
            "bsh": wire.body_hash(content),
            **claims,
        }

    def send(self, method: str, path: str, body: Any = None, *, subject: str = "", **claims: Any) -> Answer:
        """A signed request; `claims` overrides what is signed."""
        raw, token = self.signed(method, path, body, subject=subject, **claims)
        return call(function(_group_of(path)).app, method, path, raw=raw, token=token)

    def signed(self, method: str, path: str, body: Any, *, subject: str = "", **claims: Any) -> tuple[str | None, str]:
        """The body as it is sent, and the token for it."""
        raw = json.dumps(body) if body is not None else None
        self.seq += 1
        signed = self._claims(method, path, (raw or "").encode(), **{"sub": subject or self.id, **claims})
        return raw, jwt.encode(signed, self.key, algorithm="EdDSA")

    def token_for(self, path: str, content: bytes, **claims: Any) -> str:
        """The token for a POST of these bytes."""
        self.seq += 1
        return jwt.encode(self._claims("POST", path, content, **claims), self.key, algorithm="EdDSA")

    def send_bytes(self, path: str, content: bytes, content_type: str, **claims: Any) -> Answer:
        """A signed POST of any bytes, as API Gateway hands binary bodies on."""
        headers = {"Content-Type": content_type}
        token = self.token_for(path, content, **claims)
        given = event("POST", path, raw=base64.b64encode(content).decode(), token=token, headers=headers)
        return answer(function(_group_of(path)).app(given | {"isBase64Encoded": True}, None))

    def heartbeat(self, **claims: Any) -> Answer:
        """Say that it lives and what it runs."""
        return self.heartbeat_with({}, **claims)

    def heartbeat_with(self, more: dict[str, Any], **claims: Any) -> Answer:
        """A heartbeat with more in its body; `claims` overrides what is signed."""
        figures = {
            "captured_at": clock.now().isoformat(),
            "cpu_used_percent": 3.5,
            "load_1m": 0.1,
            "memory_used_mib": 512,
            "disk_used_gib": 10,
            "network_rx_bytes": 1,
            "network_tx_bytes": 2,
        }
        workloads = [{**self._uptime(one), **one} for one in self.workloads]
        body = {
            "protocol_version": wire.PROTOCOL_VERSION,
            "instance": "0" * 32,
            "figures": figures,
            "workloads": workloads,
            **more,
        }
        return self.send("POST", "/v1/agent/heartbeat", body, **claims)

    def _uptime(self, workload: dict[str, Any]) -> dict[str, Any]:
        began_at = self.boots.get(workload["id"]) if self.proves_uptime and workload["state"] == "running" else None
        if began_at is None:
            return {}
        return {"boot_id": boot_id(began_at), "uptime_ms": clock.elapsed_ms(began_at, clock.now())}

    def commands(self) -> list[dict[str, Any]]:
        """The orders that wait."""
        return list(self.send("GET", "/v1/agent/commands").json["commands"])

    def prove(self, command: dict[str, Any], state: str) -> Answer:
        """Report success; the list of workloads follows."""
        vm_id = command["workload_id"]
        before = next((one for one in self.workloads if one["id"] == vm_id), None)
        ended = self._uptime(before) if before is not None else {}
        self.workloads = [one for one in self.workloads if one["id"] != vm_id]
        if state != "gone":
            seen = {"id": vm_id, "generation": command["generation"], "state": state}
            self.workloads.append(seen | ({"ssh_port": 2222} if state == "running" else {}))
        if state != "running":
            self.boots.pop(vm_id, None)
            return self.result(command, proof={"state": state, **ended})
        began_at = self.boots[vm_id] = clock.now()
        booted = {"ssh_port": 2222, "ssh_banner": "SSH-2.0-x", "boot_id": boot_id(began_at)}
        return self.result(command, proof={"state": state, **booted})

    def result(self, command: dict[str, Any], **outcome: Any) -> Answer:
        """Report how an order ended."""
        proof = {"proof": {"kind": "vm", **outcome["proof"]}} if "proof" in outcome else {}
        body = {"generation": command["generation"], **outcome, **proof}
        return self.send("POST", f"/v1/agent/commands/{command['id']}/result", body)


@dataclass
class World:
    """Everything that a thread needs."""

    time: Time

    @classmethod
    def start(cls, time: Time) -> World:
        """Queues, the state machine and the platform's templates."""
        sqs, states = boto3.client("sqs"), boto3.client("stepfunctions")
        definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
        role = "arn:aws:iam::123456789012:role/test"
        machine = states.create_state_machine(name="test-workload", definition=definition, roleArn=role)
        secret = json.dumps({"email": "operator@example.com", "password": "correct horse battery"})
        boto3.client("secretsmanager").create_secret(Name="test-operator", SecretString=secret)
        os.environ.update(
            RECONCILE_QUEUE_URL=sqs.create_queue(QueueName="reconcile")["QueueUrl"],
            TELEMETRY_QUEUE_URL=sqs.create_queue(QueueName="telemetry")["QueueUrl"],
            ACCRUAL_QUEUE_URL=sqs.create_queue(QueueName="accrual")["QueueUrl"],
            ACCOUNT_JOBS_QUEUE_URL=sqs.create_queue(QueueName="account-jobs")["QueueUrl"],
            WORKLOAD_STATE_MACHINE_ARN=machine["stateMachineArn"],
            OPERATOR_SECRET_ID="test-operator",
            STARTING_CREDIT_MICROS="10000000",
            STARTING_CREDIT_NEEDS_PROOF="false",
            STARTING_CREDITS_PER_DAY="100000",
            STARTING_CREDITS_PER_ADDRESS="100000",
        )
        settings.cache_clear()
        function("bootstrap").handler({}, None)
        return cls(time)

    def operator(self, role: Role = Role.SUPER_ADMIN) -> Person:
        """Someone who operates the platform."""
        person = self.join(f"{role}@example.com")
        give_role(person, role)
        return replace(person, role=role)

    def join(self, email: str) -> Person:
        """A new person with an SSH key."""
        body = {"email": email, "password": "correct horse battery staple", "name": "Someone"}
        answer = call(function("auth").app, "POST", "/v1/auth/register", body=body)
        assert answer.status == 201, answer.text
        signed_in, _ = access_tokens.verify_access_token(answer.json["access_token"])
        person = Person(signed_in.user_id, self, session_id=signed_in.session_id)
        added = person.call("POST", "/v1/auth/ssh-keys", {"name": "laptop", "public_key": SSH_KEY})
        assert added.status == 201, added.text
        return person

    def leave(self, person: Person) -> None:
        """Delete the person's account."""
        body = {"password": "correct horse battery staple"}
        answer = person.call("DELETE", "/v1/auth/me", body)
        assert answer.status == 204, answer.text

    def task(self, task: str, vm: dict[str, Any], attempt: int = 1, **extra: Any) -> dict[str, Any]:
        """Do one task of the state machine for the VM's present order."""
        event = {"task": task, "workload_id": vm["id"], "generation": vm["generation"], "attempt": attempt, **extra}
        return dict(function("lifecycles").handler(event, None))

    def carry_out(self, person: Person, host: Host, vm_id: str, state: str) -> None:
        """Carry the VM's present order through: dispatched, proved by its host, confirmed."""
        vm = person.vm(vm_id)
        self.task("dispatch", vm, token="t" * 20)
        (command,) = host.commands()
        assert host.prove(command, state).json == {"applied": True}
        self.task("confirm", vm)
        assert host.heartbeat().status == 200

    def lose_executions(self) -> None:
        """What a restart does to executions under way."""
        states, machine = boto3.client("stepfunctions"), os.environ["WORKLOAD_STATE_MACHINE_ARN"]
        for execution in states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]:
            states.stop_execution(executionArn=execution["executionArn"])

    def accrue(self) -> int:
        """One run of the accrual schedule and its queue; the number of messages."""
        accruals, sqs = function("accruals"), boto3.client("sqs")
        accruals.handler({"source": "aws.events"}, None)
        queue = os.environ["ACCRUAL_QUEUE_URL"]
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        records = [{"messageId": one["MessageId"], "body": one["Body"], "eventSource": "aws:sqs"} for one in messages]
        if records:
            assert accruals.handler({"Records": records}, None) == {"batchItemFailures": []}
        return len(records)

    def keep_telemetry(self, times: int = 1) -> int:
        """Hand what waits in the telemetry queue to its function, each message so often; the number of messages."""
        sqs, queue = boto3.client("sqs"), os.environ["TELEMETRY_QUEUE_URL"]
        kept = 0
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            for one in messages:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
            records = [
                {"messageId": one["MessageId"], "body": one["Body"], "eventSource": "aws:sqs"} for one in messages
            ]
            assert function("telemetry").handler({"Records": records * times}, None) == {"batchItemFailures": []}
            kept += len(records)
        return kept

    def reconcile(self) -> dict[str, int]:
        """One run of the reconciler's schedule."""
        return dict(function("reconciler").handler({}, None))
