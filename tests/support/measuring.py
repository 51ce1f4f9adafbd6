"""What hosts measure, as tests write and read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.support.events import Answer
from tests.support.world import Host, Person, World, give_role

from sharemtc import clock
from sharemtc.ids import IdKind, new_id
from sharemtc.principals import Role
from sharemtc.schemas import rfc3339

GPU: dict[str, Any] = {"uuid": "GPU-11111111-aaaa", "model": "A100", "vram_mib": 40_000}
PATH = "/v1/agent/telemetry"


def ago(**by: float) -> str:
    """So long ago, as it is written."""
    return rfc3339(clock.now() - timedelta(**by))


def point(resource_id: str, value: Any, at: str | None = None, metric: str = "cpu_used_percent") -> dict[str, Any]:
    """One measurement, of now unless said."""
    return {"resource_id": resource_id, "metric_type": metric, "value": value, "captured_at": at or ago()}


def check(resource_id: str, status: str = "ok", at: str | None = None, **more: str) -> dict[str, Any]:
    """The outcome of one check, of now unless said."""
    return {"resource_id": resource_id, "check_type": "disk", "status": status, "checked_at": at or ago(), **more}


def line(message: str, level: str = "info", at: str | None = None) -> dict[str, Any]:
    """One line of a log."""
    return {"at": at or ago(), "level": level, "source": "daemon", "message": message}


def batch(**parts: Any) -> dict[str, Any]:
    """A batch of its own id."""
    return {"batch_id": new_id(IdKind.TELEMETRY_BATCH), **parts}


def send(host: Host, **parts: Any) -> Answer:
    """Send a new batch."""
    return host.send("POST", PATH, batch(**parts))


def read(person: Person, type: str, id: str, *, metric: str = "cpu_used_percent", more: str = "") -> Answer:
    """Ask for a series."""
    query = f"resource_type={type}&resource_id={id}&metric_type={metric}{more}"
    return person.call("GET", f"/v1/resources/metrics?{query}")


def values(answer: Answer) -> list[float]:
    """The values of a series."""
    assert answer.status == 200, answer.text
    return [item["value"] for item in answer.json["items"]]


def as_operator(person: Person, method: str, path: str, body: Any = None) -> Answer:
    """Send a request as this person, with an operator's role meanwhile."""
    give_role(person, Role.OPS_ADMIN)
    answer = replace(person, role=Role.OPS_ADMIN).call(method, path, body)
    give_role(person, person.role)
    return answer


def measure(world: World, host: Host, **parts: Any) -> None:
    """Send a new batch and have it kept."""
    assert send(host, **parts).status == 202
    world.keep_telemetry()
