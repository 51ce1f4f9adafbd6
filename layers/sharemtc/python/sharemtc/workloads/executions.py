"""Starting and looking at executions of the workload state machine."""

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


# a result that was reported at the command's deadline still reaches the task that waits for it
ANSWERED_WITHIN = timedelta(seconds=15)


@cache
def client() -> SFNClient:
    """The Step Functions client of this process."""
    return aws.client("stepfunctions")


def name(workload: Workload) -> str:
    """One name for one drive of one operation: starting it twice starts it once."""
    return f"{workload.id}-{workload.generation}-{workload.drive}"


def start(workload: Workload) -> None:
    """Start the execution that carries out the workload's present operation. Known already: nothing happens."""
    assert workload.operation is not None
    time_limit = kinds.of(workload).time_limits[workload.operation] + ANSWERED_WITHIN
    given = {
        "workload_id": workload.id,
        "generation": workload.generation,
        "attempt": workload.attempt,
        "time_limit_s": time_limit // timedelta(seconds=1),
    }
    try:
        client().start_execution(
            stateMachineArn=require("workload_state_machine_arn"), name=name(workload), input=json.dumps(given)
        )
    except client().exceptions.ExecutionAlreadyExists:
        return


def is_running(workload: Workload) -> bool:
    """Whether the execution of the workload's present operation is still under way."""
    machine = require("workload_state_machine_arn")
    arn = f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name(workload)}"
    try:
        return client().describe_execution(executionArn=arn)["status"] == "RUNNING"
    except client().exceptions.ExecutionDoesNotExist:
        return False


def succeed(task_token: str, output: dict[str, object]) -> bool:
    """Wake the execution that waits with this token. False when none waits any more."""
    try:
        client().send_task_success(taskToken=task_token, output=json.dumps(output))
    except (client().exceptions.TaskTimedOut, client().exceptions.TaskDoesNotExist, client().exceptions.InvalidToken):
        return False
    return True


def fail(task_token: str, error: str, cause: str) -> bool:
    """Fail the task that waits with this token. False when none waits any more."""
    try:
        client().send_task_failure(taskToken=task_token, error=error, cause=cause[:2000])
    except (client().exceptions.TaskTimedOut, client().exceptions.TaskDoesNotExist, client().exceptions.InvalidToken):
        return False
    return True
