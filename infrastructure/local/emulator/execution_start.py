"""Patch: an execution of a state machine starts at once.

Upstream, each one sleeps 150 ms before its first state.
"""

from __future__ import annotations

from infrastructure.local.emulator.settings import PatchMismatch
from infrastructure.local.emulator.upstream import require, step_functions

START_DELAY_S = 0.15


def apply() -> None:
    require(step_functions, "_run_execution")
    code = step_functions._run_execution.__code__
    if code.co_consts.count(START_DELAY_S) != 1:
        raise PatchMismatch("the start of an execution does not sleep where it used to")
    constants = tuple(0.0 if constant == START_DELAY_S else constant for constant in code.co_consts)
    step_functions._run_execution.__code__ = code.replace(co_consts=constants)
