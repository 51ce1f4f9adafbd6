"""Executions of the workload state machine."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from sharemtc import aws
from sharemtc.settings import require
from sharemtc.workloads import kinds
from sharemtc.workloads.table import Workload

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


# a result reported at the command's deadline still reaches the waiting task
RESULT_GRACE = timedelta(seconds=15)


@cache
def client() -> SFNClient:
    return aws.client("stepfunctions")


def name(workload: Workload) -> str:
    """One name for each drive of an operation, so that starting it twice starts it once."""
    return f"{workload.id}-{workload.generation}-{workload.drive}"


def start(workload: Workload) -> None:
    """Start the execution of the workload's current operation. Idempotent."""
    assert workload.operation is not None
    time_limit = kinds.of(workload).time_limits[workload.operation] + RESULT_GRACE
    task_input = {
        "workload_id": workload.id,
        "generation": workload.generation,
        "attempt": workload.attempt,
        "time_limit_s": time_limit // timedelta(seconds=1),
    }
    try:
        client().start_execution(
            stateMachineArn=require("workload_state_machine_arn"), name=name(workload), input=json.dumps(task_input)
        )
    except client().exceptions.ExecutionAlreadyExists:
        return


def is_running(workload: Workload) -> bool:
    """Whether the execution of the workload's current operation runs."""
    machine = require("workload_state_machine_arn")
    arn = f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name(workload)}"
    try:
        return client().describe_execution(executionArn=arn)["status"] == "RUNNING"
    except client().exceptions.ExecutionDoesNotExist:
        return False


def succeed(task_token: str, output: dict[str, object]) -> bool:
    """Complete the task that waits with this token. False if none waits."""
    try:
        client().send_task_success(taskToken=task_token, output=json.dumps(output))
    except (client().exceptions.TaskTimedOut, client().exceptions.TaskDoesNotExist, client().exceptions.InvalidToken):
        return False
    return True


def fail(task_token: str, error: str, cause: str) -> bool:
    """Fail the task that waits with this token. False if none waits."""
    try:
        client().send_task_failure(taskToken=task_token, error=error, cause=cause[:2000])
    except (client().exceptions.TaskTimedOut, client().exceptions.TaskDoesNotExist, client().exceptions.InvalidToken):
        return False
    return True
