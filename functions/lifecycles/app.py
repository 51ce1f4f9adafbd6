"""Tasks of the workload state machine (infrastructure/state-machines/workload.asl.json)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from sharemtc.observability import logger
from sharemtc.workloads import lifecycle


class _Task(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    workload_id: str
    generation: int
    attempt: int


class Dispatch(_Task):
    """Queue the command for its host; the host's result completes the task with `token`."""

    task: Literal["dispatch"]
    token: str


class Confirm(_Task):
    """Apply the host's proof."""

    task: Literal["confirm"]


class Recover(_Task):
    """Place the workload on another host, or give up."""

    task: Literal["recover"]
    error: dict[str, str]


TASKS: TypeAdapter[Dispatch | Confirm | Recover] = TypeAdapter(
    Annotated[Dispatch | Confirm | Recover, Field(discriminator="task")]
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Run one task. `Superseded` is raised by name: the state machine ends without an error on it."""
    task = TASKS.validate_python(event)
    logger().info("task", extra={"task": task.task, "workload_id": task.workload_id, "generation": task.generation})
    match task:
        case Dispatch():
            lifecycle.dispatch(task.workload_id, task.generation, task.attempt, task.token)
        case Confirm():
            lifecycle.confirm(task.workload_id, task.generation, task.attempt)
        case Recover():
            error, cause = task.error.get("Error", ""), task.error.get("Cause", "")
            attempt = lifecycle.recover(task.workload_id, task.generation, task.attempt, error, cause)
            return {"again": attempt is not None, "attempt": attempt or task.attempt}
    return {}
