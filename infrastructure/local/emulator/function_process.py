"""One execution environment of a Python function: reads invocations from stdin, answers on what was stdout.

Run by the function's own interpreter in isolated mode, with only the function and its layers on the path; standard
library only. The protocol is one JSON object a line. What the handler prints goes to stderr, which the emulator keeps
as the function's log; a line starting with ``END_OF_LOG`` ends the log of an invocation.

The process ends with stdin, even while a handler runs, so it never outlives the emulator.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

END_OF_LOG = "\x1eend"
MAX_WAITING_LINES = 16


class Context:
    """The context that AWS passes to a handler."""

    identity = None
    client_context = None

    def __init__(self, request_id: str, arn: str, deadline: float) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def describe(error: BaseException, request_id: str = "") -> dict[str, Any]:
    """An exception as AWS reports it: class, message and stack, so that Retry and Catch match the class."""
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def load_handler() -> Callable[[Any, Context], Any]:
    """Imports ``_HANDLER``, with the function's folder before its layers, as AWS does."""
    layers = [path for path in os.environ.get("SHAREMTC_LAYERS", "").split(os.pathsep) if path]
    sys.path[:0] = [os.environ["LAMBDA_TASK_ROOT"], *layers]
    module, _, name = os.environ["_HANDLER"].replace("/", ".").rpartition(".")
    handler: Callable[[Any, Context], Any] = getattr(importlib.import_module(module), name)
    return handler


def lines_from(stream: Any) -> queue.Queue[str]:
    """Reads on a thread that ends the process with the stream."""
    waiting: queue.Queue[str] = queue.Queue(MAX_WAITING_LINES)

    def read() -> None:
        for line in stream:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True, name="invocations").start()
    return waiting


def invoke(handler: Callable[[Any, Context], Any], message: dict[str, Any]) -> dict[str, Any]:
    """A failing handler is an answer; the process continues."""
    request_id = message["request_id"]
    os.environ["_X_AMZN_TRACE_ID"] = message.get("trace_id") or ""
    context = Context(request_id, message["arn"], time.monotonic() + message["timeout_s"])
    try:
        # serialised inside the try: a result that is not JSON is the function's failure
        return {"result": json.dumps(handler(message["event"], context))}
    except Exception as error:
        traceback.print_exc()
        return {"error": describe(error, request_id)}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    invocations = lines_from(sys.stdin)
    try:
        handler = load_handler()
    except BaseException as error:
        traceback.print_exc()
        failure = describe(error)
        if isinstance(error, ImportError):
            failure["errorType"] = "Runtime.ImportModuleError"
        answers.write(json.dumps({"error": failure}) + "\n")
        return
    answers.write(json.dumps({"ready": True}) + "\n")
    while True:
        message = json.loads(invocations.get())
        answer = invoke(handler, message)
        sys.stdout.flush()
        sys.stderr.write(f"{END_OF_LOG} {message['request_id']}\n")
        sys.stderr.flush()
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
