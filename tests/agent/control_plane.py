"""A control plane for tests: an HTTP server on loopback that verifies every signature, hash and sequence number."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ValidationError

from sharemtc.wire import (
    AGENT_AUDIENCE,
    ENROLL_SUBJECT,
    PROTOCOL_VERSION,
    AgentClaims,
    Command,
    CommandResult,
    EnrollRequest,
    Farewell,
    Heartbeat,
    Inventory,
    Progress,
    SelfTest,
    TelemetryBatch,
    VmSpec,
    Workload,
    WorkloadKind,
)

ModelT = TypeVar("ModelT", bound=BaseModel)
HOST_ID = "hst_01ARZ3NDEKTSV4RRFFQ69G5FAV"
OTHER_HOST_ID = "hst_01BX5ZZKBKACTAV9WEVGEMMVRZ"
CODE = "enrollment-code-for-one-machine"


class Refusal(Exception):
    def __init__(self, status: int, code: str, detail: str = "no", *pointers: str, **extra: object) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.pointers, self.extra = status, code, detail, pointers, extra


class ControlPlane:
    """Records all requests and serves the given commands. Use as a context manager."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.keys: dict[str, Ed25519PublicKey] = {}
        self.codes = {CODE: HOST_ID}
        self.last_seq: defaultdict[str, int] = defaultdict(int)
        self.requests: list[tuple[str, str, int]] = []
        self.heartbeats: list[Heartbeat] = []
        self.inventories: list[Inventory] = []
        self.queue: dict[str, Command] = {}
        self.results: defaultdict[str, list[CommandResult]] = defaultdict(list)
        self.phases: defaultdict[str, list[str]] = defaultdict(list)
        self.orphans: tuple[str, ...] = ()
        self.unknown: tuple[str, ...] = ()
        self.paid_for_s = 600.0
        self.more: dict[str, object] = {}  # in place of, or beside, what a heartbeat is answered
        self.raw_commands: dict[str, dict[str, object]] = {}  # of a newer platform
        self.skew_s = 0.0
        self.refusals: list[Refusal] = []  # answered to the next requests, first to last
        self.refused: dict[str, Refusal] = {}  # answered to every request to a path
        self.batches: list[TelemetryBatch] = []
        self.heartbeat_interval_s, self.command_poll_s, self.telemetry_interval_s = 1, 1, 60
        self.self_tests: list[SelfTest] = []
        self.farewells: list[tuple[str, str]] = []
        self.speakers: list[str] = []
        self.files: Path | None = None  # served below /install/
        self.after_result: Callable[[], None] = lambda: None
        self._count = 0
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.prefix = ""  # before the API's own path, as a stage or a reverse proxy has it

    def __enter__(self) -> ControlPlane:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def public_key(self) -> Ed25519PublicKey | None:
        """The first host's key."""
        return self.keys.get(HOST_ID)

    @public_key.setter
    def public_key(self, key: Ed25519PublicKey) -> None:
        self.keys[HOST_ID] = key

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    def open(self) -> None:
        """Listens; after `close`, on the same port again."""
        plane = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                plane.serve(self)

            do_POST = do_GET  # noqa: N815 the server looks for this name

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string(time.time() + plane.skew_s)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # an agent that was killed hangs up

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def order(self, vm_id: str, verb: str, generation: int, spec: VmSpec | None = None, limit_s: float = 120) -> str:
        """Queues a command until its result arrives. Returns its id."""
        self._count += 1
        command_id = f"cmd_{self._count:032x}"
        end = datetime.now(UTC) + timedelta(seconds=limit_s)
        command = Command(
            id=command_id,
            workload_id=vm_id,
            kind=WorkloadKind.VM,
            verb=verb,
            generation=generation,
            spec=spec,
            lease_until=end,
            deadline=end,
        )
        with self.lock:
            self.queue[command_id] = command
        return command_id

    def result(self, command_id: str, limit_s: float = 90) -> CommandResult:
        """Waits for the command's result."""
        self.wait(lambda: bool(self.results[command_id]), f"the result of {command_id}", limit_s)
        return self.results[command_id][0]

    def seen(self, vm_id: str) -> Workload | None:
        """The VM in the last heartbeat."""
        with self.lock:
            last = self.heartbeats[-1].workloads if self.heartbeats else ()
        return next((workload for workload in last if workload.id == vm_id), None)

    def wait(self, condition: Callable[[], bool], what: str, limit_s: float = 30) -> None:
        end = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come within {limit_s} s")
            threading.Event().wait(0.05)

    # --- serving ----------------------------------------------------------------------------------------------------

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        if self._server is None:
            handler.close_connection = True  # one that was kept open
            return
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        handler.path = handler.path.removeprefix(self.prefix)
        if self.files is not None and handler.path.startswith("/install/"):
            content = (self.files / handler.path.removeprefix("/install/")).read_bytes()
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)
            return
        try:
            with self.lock:
                self._verify(handler, body)
                if self.refusals:
                    raise self.refusals.pop(0)
                path = handler.path.removeprefix("/v1/agent/")
                if path in self.refused:
                    raise self.refused[path]
                if handler.headers.get("Content-Type") == "application/gzip":
                    body = gzip.decompress(body)
                status, answer = self._answer(handler.command, path, body)
        except Refusal as refusal:
            errors = [{"pointer": each, "code": "invalid", "message": "no"} for each in refusal.pointers]
            status, answer = (
                refusal.status,
                {"code": refusal.code, "detail": refusal.detail, "errors": errors, **refusal.extra},
            )
        raw = json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    def _verify(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        path = handler.path.removeprefix("/v1/agent/")
        token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
        try:
            speaker = str(jwt.decode(token, options={"verify_signature": False})["sub"])
        except (jwt.PyJWTError, KeyError):
            raise Refusal(401, "token_refused") from None
        key = self.keys.get(speaker)
        if path == "enroll":
            raw = json.loads(body)["public_key"]
            key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(raw + "="))
        if key is None:
            raise Refusal(401, "host_unknown")
        options: Any = {"verify_iat": False, "verify_exp": False}
        try:
            claims = AgentClaims.model_validate(
                jwt.decode(token, key, algorithms=["EdDSA"], audience=AGENT_AUDIENCE, options=options)
            )
        except (jwt.PyJWTError, ValidationError) as error:
            raise Refusal(401, "token_refused", str(error)) from None
        now = time.time() + self.skew_s
        if not (claims.iat - 5 <= now <= claims.exp and claims.exp - claims.iat <= 60):
            raise Refusal(401, "clock_skewed")
        hashed = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
        if (claims.htm, claims.htp, claims.bsh) != (handler.command, handler.path, hashed):
            raise Refusal(401, "token_refused", "method, path or body")
        if (claims.sub == ENROLL_SUBJECT) != (path == "enroll"):
            raise Refusal(401, "token_refused", "subject")
        if claims.sub != ENROLL_SUBJECT:
            if claims.seq <= self.last_seq[claims.sub]:
                raise Refusal(409, "sequence_replayed", f"{claims.seq} <= {self.last_seq[claims.sub]}")
            self.last_seq[claims.sub] = claims.seq
            self.speakers.append(claims.sub)
        self.requests.append((handler.command, path, claims.seq))

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, object]]:
        now = datetime.now(UTC) + timedelta(seconds=self.skew_s)
        pace: dict[str, object] = {
            "protocol_version": PROTOCOL_VERSION,
            "heartbeat_interval_s": self.heartbeat_interval_s,
            "command_poll_s": self.command_poll_s,
            "telemetry_interval_s": self.telemetry_interval_s,
            "server_time": now.isoformat(),
        }
        match [method, *path.split("/")]:
            case ["POST", "enroll"]:
                return self._enroll(_parse(EnrollRequest, body), pace)
            case ["POST", "heartbeat"]:
                beat = _parse(Heartbeat, body)
                self.heartbeats.append(beat)
                if beat.inventory is not None:
                    self.inventories.append(beat.inventory)
                paid = (now + timedelta(seconds=self.paid_for_s)).isoformat()
                paid_for = [{"id": each.id, "paid_until": paid} for each in beat.workloads]
                named = {"orphans": self.orphans, "unknown": self.unknown}
                return 200, {**pace, "commands": self._waiting(), "workloads": paid_for, **named, **self.more}
            case ["GET", "commands"]:
                return 200, {"commands": self._waiting()}
            case ["POST", "commands", command_id, "progress"]:
                self.phases[command_id].append(_parse(Progress, body).phase)
                return 200, {"applied": True}
            case ["POST", "commands", command_id, "result"]:
                self.results[command_id].append(_parse(CommandResult, body))
                self.queue.pop(command_id, None)
                self.raw_commands.pop(command_id, None)
                self.after_result()
                return 200, {"applied": len(self.results[command_id]) == 1}
        return self._report(path, body, now)

    def _report(self, path: str, body: bytes, now: datetime) -> tuple[int, dict[str, object]]:
        match path:
            case "telemetry":
                batch = _parse(TelemetryBatch, body)
                self.batches.append(batch)
                points = len(batch.metrics)
                return 202, {"accepted_points": points, "telemetry_interval_s": self.telemetry_interval_s}
            case "self-test":
                self.self_tests.append(_parse(SelfTest, body))
                return 200, {"applied": True}
            case "drain" | "retire":
                self.farewells.append((path, _parse(Farewell, body).reason))
                receipt: dict[str, object] = {
                    "host_id": self.speakers[-1],
                    "retired_at": now.isoformat(),
                    "state": "retired",
                }
                return 200, {"state": "draining"} if path == "drain" else receipt
        raise Refusal(404, "not_found", path)

    def _enroll(self, request: EnrollRequest, pace: dict[str, object]) -> tuple[int, dict[str, object]]:
        host_id = self.codes.pop(request.code, None)
        if host_id is None:
            raise Refusal(403, "code_refused", "the code is unknown, used or expired")
        self.keys[host_id] = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(request.public_key + "="))
        self.inventories.append(request.inventory)
        return 201, {**pace, "host_id": host_id}

    def _waiting(self) -> list[dict[str, object]]:
        known = (command.model_dump(mode="json") for command in self.queue.values())
        return [*self.raw_commands.values(), *known]


def _parse(model: type[ModelT], body: bytes) -> ModelT:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise Refusal(422, "invalid", str(error)) from None
