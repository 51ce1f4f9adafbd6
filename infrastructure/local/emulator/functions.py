"""Patch: functions run as in Lambda.

Upstream, every error becomes ``Runtime.HandlerError`` and kills the worker, so Retry and Catch by class never match; a
handler that prints nothing waits 50 ms for a log; workers inherit the emulator's interpreter, packages and environment,
and unpack every layer again. Here

- an error keeps its class, message and stack, and the worker survives;
- the end of an invocation's log is marked, so nothing waits and nothing is lost;
- a worker is a bare interpreter with the environment of a Lambda, and only the function and its layers are importable;
  layers are unpacked once per content;
- concurrent calls get a worker each, up to a limit; the others wait;
- output is kept in a file per function, not in the emulator's memory.
"""

from __future__ import annotations

import contextlib
import json
import queue
import shutil
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from infrastructure.local.emulator import function_process
from infrastructure.local.emulator.packages import PackageCache
from infrastructure.local.emulator.upstream import lambda_runtime, lambda_service, require
from infrastructure.local.rotating_log import RotatingLog

INIT_TIMEOUT_S = 30.0
LOG_MARK_TIMEOUT_S = 1.0
MAX_LOG_LINES = 10_000
PASSED_ON = ("PATH", "LANG")

Answer = dict[str, Any]


@dataclass(frozen=True)
class FunctionHost:
    """What the workers of one emulator share."""

    python: Path
    endpoint: str
    session_token: str
    region: str
    packages: PackageCache
    log_folder: Path
    workers_per_function: int
    path: str


class FunctionFailed(Exception):
    """The function raised, could not be imported, ended or timed out."""

    def __init__(self, description: dict[str, Any]) -> None:
        super().__init__(description.get("errorMessage", ""))
        self.description = description


class FunctionProcess:
    """One execution environment. Name and methods are those of the upstream worker, which it replaces."""

    def __init__(self, host: FunctionHost, config: dict[str, Any], code_zip: bytes) -> None:
        self.config = config
        self.in_use = False
        self.last_used = time.time()
        self._proc: subprocess.Popen[str] | None = None
        self._host = host
        self._code_zip = code_zip
        self._folder: Path | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._log: queue.Queue[str] = queue.Queue(MAX_LOG_LINES)
        self._file = RotatingLog(host.log_folder / f"{log_name(config['FunctionName'])}.log")

    def call(self, event: Any, request_id: str, trace_id: str | None) -> tuple[Any, str]:
        """Returns the result and the log. Raises FunctionFailed."""
        timeout_s = float(self.config.get("Timeout", 3))
        if self._proc is None or self._proc.poll() is not None:
            self._start()
        assert self._proc is not None
        assert self._proc.stdin is not None
        message = {
            "event": event,
            "request_id": request_id,
            "arn": self.config["FunctionArn"],
            "timeout_s": timeout_s,
            "trace_id": trace_id,
        }
        try:
            self._proc.stdin.write(json.dumps(message) + "\n")
            self._proc.stdin.flush()
        except OSError:
            raise self._ended("Runtime.ExitError", "The function's process ended") from None
        answer = self._answer(timeout_s, f"Task timed out after {timeout_s:.2f} seconds")
        log = self._read_log(request_id)
        if "error" in answer:
            raise FunctionFailed({**answer["error"], "log": log})
        return json.loads(answer["result"]), log

    def _start(self) -> None:
        self._discard_tmpdir()
        self._folder = Path(tempfile.mkdtemp(prefix="function-"))
        task_root = self._folder / "task"
        self._host.packages.unpack(self._code_zip, task_root)
        (self._folder / "tmp").mkdir()
        self._answers, self._log = queue.Queue(), queue.Queue(MAX_LOG_LINES)
        self._proc = subprocess.Popen(
            [str(self._host.python), "-I", function_process.__file__],
            cwd=task_root, env=self._environment(task_root), text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._read(self._proc.stdout, self._answer_reader(self._answers))
        self._read(self._proc.stderr, self._log_reader(self._log))
        ready = self._answer(INIT_TIMEOUT_S, "The function did not finish its import")
        if "error" in ready:
            raise FunctionFailed({**ready["error"], "log": ""})

    def _environment(self, task_root: Path) -> dict[str, str]:
        host, config = self._host, self.config
        name = config["FunctionName"]
        layers = [host.packages.layer(ref) / "python" for ref in reversed(config.get("Layers") or [])]
        assert self._folder is not None
        return {
            "PATH": host.path,
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TMPDIR": str(self._folder / "tmp"),
            **config.get("Environment", {}).get("Variables", {}),
            "AWS_ENDPOINT_URL": host.endpoint,
            "AWS_REGION": host.region,
            "AWS_DEFAULT_REGION": host.region,
            "AWS_ACCESS_KEY_ID": config["FunctionArn"].split(":")[4],
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": host.session_token,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_TASK_ROOT": str(task_root),
            "_HANDLER": config["Handler"],
            "SHAREMTC_LAYERS": ":".join(str(layer) for layer in layers),
        }

    def _read(self, stream: IO[str] | None, keep: Callable[[str | None], None]) -> None:
        """Passes each line, and None at the end, to ``keep``, on its own thread."""
        assert stream is not None

        def read() -> None:
            with stream, contextlib.suppress(ValueError, OSError):
                for line in stream:
                    keep(line)
            keep(None)

        threading.Thread(target=read, daemon=True, name=f"function-{self.config['FunctionName']}").start()

    @staticmethod
    def _answer_reader(answers: queue.Queue[str | None]) -> Callable[[str | None], None]:
        # bound to the queue of this start: a late line of an earlier process must not answer a later call
        return answers.put

    def _log_reader(self, log: queue.Queue[str]) -> Callable[[str | None], None]:
        def keep(line: str | None) -> None:
            if line is None:
                return
            if not line.startswith(function_process.END_OF_LOG):
                self._file.write(line)
            with contextlib.suppress(queue.Full):
                log.put_nowait(line)

        return keep

    def _answer(self, timeout_s: float, on_timeout: str) -> Answer:
        try:
            line = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            raise self._ended("Sandbox.Timedout", on_timeout) from None
        if line is None:
            raise self._ended("Runtime.ExitError", "The function's process ended")
        answer: Answer = json.loads(line)
        return answer

    def _ended(self, error_type: str, message: str) -> FunctionFailed:
        process, self._proc = self._proc, None
        if process is not None:
            process.kill()
            process.wait()
        lines = [line for line in _drain(self._log) if not line.startswith(function_process.END_OF_LOG)]
        return FunctionFailed({"errorMessage": message, "errorType": error_type, "log": "".join(lines)})

    def _read_log(self, request_id: str) -> str:
        """The mark is written before the answer, so the log is here or about to be."""
        mark = f"{function_process.END_OF_LOG} {request_id}\n"
        lines: list[str] = []
        deadline = time.monotonic() + LOG_MARK_TIMEOUT_S
        while True:
            try:
                line = self._log.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if line == mark:
                break
            lines.append(line)
        return "".join(lines)

    def _discard_tmpdir(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def log_name(function_name: str) -> str:
    """The logical part of a function's name: ``sharemtc-AuthFunction-1A2B…`` → ``AuthFunction``."""
    parts = function_name.split("-")
    return parts[1] if len(parts) == 3 else function_name


def _drain(lines: queue.Queue[str]) -> Iterator[str]:
    with contextlib.suppress(queue.Empty):
        while True:
            yield lines.get_nowait()


class FunctionPool:
    """At most so many workers per function; a call waits for one at most as long as the function may run."""

    def __init__(self, host: FunctionHost) -> None:
        self._host = host
        self._limits: dict[str, threading.BoundedSemaphore] = {}
        self._lock = threading.Lock()

    def execute(self, function: dict[str, Any], event: Any, request_id: str) -> Answer:
        """The upstream contract for running a function: ``body``, ``error``, ``log``, ``throttle``."""
        config = function.get("config") or function
        name, version = config["FunctionName"], config.get("Version", "$LATEST")
        limit = self._limit(config["FunctionArn"])
        if not limit.acquire(timeout=float(config.get("Timeout", 3))):
            throttled: Answer = lambda_service._throttle_response(
                reason_code="ConcurrentInvocationLimitExceeded", msg=f"every worker of {name} is busy"
            )
            return throttled
        lambda_service._ensure_reaper_thread()
        worker, _ = lambda_runtime.acquire_worker(name, config, function.get("code_zip"), qualifier=version)
        try:
            result, log = worker.call(event, request_id, lambda_service._xray_trace_id_for_invocation(config))
        except FunctionFailed as failure:
            log = failure.description.pop("log", "")
            return {"body": failure.description, "error": True, "log": log}
        except OSError as error:
            # no disk space or no process: this call fails, and the next one tries again
            told = {"errorMessage": f"The function could not be started: {error}", "errorType": "Runtime.StartFailed"}
            return {"body": told, "error": True, "log": ""}
        finally:
            worker.last_used = time.time()
            lambda_runtime.release_worker(worker)
            limit.release()
        return {"body": result, "log": log}

    def _limit(self, arn: str) -> threading.BoundedSemaphore:
        with self._lock:
            return self._limits.setdefault(arn, threading.BoundedSemaphore(self._host.workers_per_function))


def apply(host: FunctionHost) -> None:
    require(lambda_runtime, "acquire_worker", "release_worker", "_worker_class_for", "kill_workers")
    require(
        lambda_service, "_emit_lambda_logs", "_execute_function_warm", "_throttle_response", "_ensure_reaper_thread"
    )

    def worker(name: str, config: dict[str, Any], code_zip: bytes) -> FunctionProcess:
        del name
        return FunctionProcess(host, config, code_zip)

    def nowhere(*_: object, **__: object) -> None:
        """Upstream, every call adds a log stream in memory that is never removed; the logs are in files."""

    lambda_runtime._worker_class_for = lambda config: worker
    lambda_service._emit_lambda_logs = nowhere
    lambda_service._execute_function_warm = FunctionPool(host).execute
