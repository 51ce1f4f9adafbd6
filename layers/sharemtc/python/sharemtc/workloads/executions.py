"""Starting and looking at executions of the workload state machine."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from sharemtc import aws
from sharemtc.settings import require
from sharemtc.workloads.states import TIME_LIMITS
from sharemtc.workloads.table import Vm

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


# a result that was reported at the command's deadline still reaches the task that waits for it
ANSWERED_WITHIN = timedelta(seconds=15)


@cache
def client() -> SFNClient:
    """The Step Functions client of this process."""
    return aws.client("stepfunctions")


def name(vm: Vm) -> str:
    """One name for one drive of one order: starting it twice starts it once."""
    return f"{vm.id}-{vm.generation}-{vm.drive}"


def start(vm: Vm) -> None:
    """Start the execution that carries out the VM's present order. Known already: nothing happens."""
    assert vm.operation is not None
    time_limit = TIME_LIMITS[vm.operation] + ANSWERED_WITHIN
    order = {
        "workload_id": vm.id,
        "generation": vm.generation,
        "attempt": vm.attempt,
        "time_limit_s": time_limit // timedelta(seconds=1),
    }
    try:
        client().start_execution(
            stateMachineArn=require("workload_state_machine_arn"), name=name(vm), input=json.dumps(order)
        )
    except client().exceptions.ExecutionAlreadyExists:
        return


def is_running(vm: Vm) -> bool:
    """Whether the execution of the VM's present order is still under way."""
    machine = require("workload_state_machine_arn")
    arn = f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name(vm)}"
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
