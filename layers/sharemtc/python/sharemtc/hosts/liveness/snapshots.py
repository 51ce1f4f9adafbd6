"""A host's snapshot: the records that a heartbeat needs, read by one query."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from sharemtc.hosts.commands.table import Waiting
from sharemtc.hosts.liveness.heartbeat_batches import LastHeartbeat
from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import LEASE, SNAPSHOT_PREFIX, Capacity, HostsRecord, Lease, host_key
from sharemtc.problems import NotFound
from sharemtc.wire import Workload


class HostSnapshot:
    """The records of a host that a heartbeat needs, deserialized only as far as they are used."""

    def __init__(self, host_id: str, items: list[dict[str, Any]]) -> None:
        by_key = {item["sk"]["S"]: item for item in items}
        counters = by_key.pop("CAPACITY", None)
        if counters is None:
            raise NotFound
        self._counters = counters
        self._lease_item = by_key.pop(LEASE, {"pk": {"S": host_key(host_id)}, "sk": {"S": LEASE}, "seq": {"N": "0"}})
        self.waiting = tuple(Waiting.from_raw_data(item) for item in by_key.values())
        self.state = HostState(counters["state"]["S"])
        self.instance: str | None = self._text("instance")

    @cached_property
    def capacity(self) -> Capacity:
        return Capacity.from_raw_data(self._counters)

    @cached_property
    def lease(self) -> Lease:
        """The lease as stored, without heartbeats in batches."""
        return Lease.from_raw_data(self._lease_item)

    @property
    def last_heartbeat(self) -> LastHeartbeat:
        return LastHeartbeat(self.number("seq") or 0, self.number("last_seen_at") or 0)

    def number(self, name: str) -> int | None:
        value = self._lease_item.get(name)
        return int(value["N"]) if value is not None and "N" in value else None

    def _text(self, name: str) -> str | None:
        value = self._lease_item.get(name)
        return None if value is None else value.get("S")

    @cached_property
    def uptime_starts_ms(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self._text("uptime_starts_ms") or "{}")
        return found

    def workloads_differ(self, workloads: tuple[Workload, ...]) -> bool:
        """Whether `workloads` differ from the stored list."""
        return (self._text("workloads") or "[]") != Lease.workloads.serialize(stored_list(workloads))

    def replaced_s(self, instance: str) -> int | None:
        """When another instance of the agent replaced this one, in seconds by the host's clock."""
        found: int | None = (
            self.lease.superseded.get(instance) if instance in (self._text("superseded") or "") else None
        )
        return found


def read_snapshot(host_id: str, *, consistent: bool = False) -> HostSnapshot:
    """Counters, lease and waiting commands of a host in one read. Errors: `NotFound`."""
    table = HostsRecord._get_connection()
    # the model's own query would build the same expression for every heartbeat
    answer = table.connection.dispatch(
        "Query",
        {
            "TableName": table.table_name,
            "KeyConditionExpression": "#0 = :0 AND begins_with (#1, :1)",
            "ExpressionAttributeNames": {"#0": "pk", "#1": "sk"},
            "ExpressionAttributeValues": {":0": {"S": host_key(host_id)}, ":1": {"S": SNAPSHOT_PREFIX}},
            "ConsistentRead": consistent,
        },
    )
    return HostSnapshot(host_id, answer["Items"])


def stored_list(workloads: tuple[Workload, ...]) -> tuple[Workload, ...]:
    """The list as it is stored and compared: in order, and without uptimes, which never stay the same."""
    plain = (workload.model_copy(update={"uptime_ms": None}) for workload in workloads)
    return tuple(sorted(plain, key=lambda workload: workload.id))
