"""Patch: callback tasks of state machines fail, retry and time out as on AWS.

Upstream, an error of the function in a ``.waitForTaskToken`` task is swallowed and the task waits for its timeout;
every retry has the token of the first attempt, which is used up; and ``TimeoutSecondsPath`` is ignored. Here the error
reaches Retry and Catch, each attempt has its own token, and the timeout is read from the state's input.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from infrastructure.local.emulator.upstream import require, step_functions

CALLBACK = ".waitForTaskToken"
TIMEOUT_PATH = "TimeoutSecondsPath"


def apply() -> None:
    require(
        step_functions, "_invoke_with_callback", "_call_lambda", "_task_tokens", "_apply_parameters",
        "_apply_jsonata_arguments", "_resolve_path", "_ExecutionError", "new_uuid",
    )  # fmt: skip
    _raise_function_errors()
    _read_timeouts()
    step_functions._apply_parameters = _with_own_token(step_functions._apply_parameters)
    step_functions._apply_jsonata_arguments = _with_own_token(step_functions._apply_jsonata_arguments)


class _FunctionFailed(Exception):
    """Carries the function's error past the upstream handler, which swallows only `_ExecutionError`."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _raise_function_errors() -> None:
    stock_invoke, stock_call = step_functions._invoke_with_callback, step_functions._call_lambda
    inside_callback = threading.local()

    def call(reference: str, event: Any) -> Any:
        try:
            return stock_call(reference, event)
        except step_functions._ExecutionError as error:
            if getattr(inside_callback, "yes", False):
                raise _FunctionFailed(error) from error
            raise

    def invoke(resource: str, input_data: Any, token: str, state: dict[str, Any]) -> Any:
        inside_callback.yes = True
        try:
            return stock_invoke(resource, input_data, token, state)
        except _FunctionFailed as failure:
            step_functions._task_tokens.pop(token, None)
            raise failure.error from None
        finally:
            inside_callback.yes = False

    step_functions._call_lambda, step_functions._invoke_with_callback = call, invoke


def _read_timeouts() -> None:
    stock_invoke, stock_input = step_functions._invoke_with_callback, step_functions._apply_parameters
    # one thread makes an attempt's input and then runs it
    attempt = threading.local()

    def make_input(state: dict[str, Any], data: Any, context: dict[str, Any] | None = None) -> Any:
        if TIMEOUT_PATH in state:
            attempt.timeout_s = step_functions._resolve_path(state[TIMEOUT_PATH], data)
        return stock_input(state, data, context)

    def invoke(resource: str, input_data: Any, token: str, state: dict[str, Any]) -> Any:
        if TIMEOUT_PATH in state:
            state = {**state, "TimeoutSeconds": attempt.timeout_s}
        return stock_invoke(resource, input_data, token, state)

    step_functions._apply_parameters, step_functions._invoke_with_callback = make_input, invoke


def _with_own_token(upstream: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a retry a new token before its input is built."""

    def make_input(state: dict[str, Any], data: Any, context: dict[str, Any] | None = None) -> Any:
        if context and CALLBACK in state.get("Resource", "") and context.get("State", {}).get("RetryCount", 0) > 0:
            context["Task"] = {"Token": step_functions.new_uuid()}
        return upstream(state, data, context)

    return make_input
