"""Providers with hosts, renters on them, and the operators who decide about them."""

from __future__ import annotations

from typing import Any

from tests.support.clock import Time
from tests.support.events import Answer
from tests.support.world import Host, Person, World, function

from sharemtc.principals import Role


class Town:
    """A provider with two machines, one of which carries a renter's VM, and operators of each role."""

    def __init__(self, time: Time) -> None:
        self.time, self.world = time, World.start(time)
        self.ada, self.eve = self.world.join("ada@example.com"), self.world.join("eve@example.com")
        self.busy, self.idle = self.ada.add_host(name="busy"), self.ada.add_host(name="idle")
        self.busy.heartbeat()
        self.idle.heartbeat()
        self.vm_id = str(self.eve.rent(host_id=self.busy.id).json["id"])
        self.world.carry_out(self.eve, self.busy, self.vm_id, "running")
        self.admin, self.ops = self.world.operator(Role.ADMIN), self.world.operator(Role.OPS_ADMIN)

    def decide(self, body: dict[str, Any], operator: Person | None = None, **options: Any) -> Answer:
        """Decide something of the provider."""
        path = f"/v1/admin/providers/{self.ada.user_id}"
        return (operator or self.admin).call("PATCH", path, body, **options)

    def decide_host(self, host: Host, body: dict[str, Any], operator: Person | None = None, **options: Any) -> Answer:
        """Decide something of a host."""
        return (operator or self.ops).call("PATCH", f"/v1/admin/hosts/{host.id}", body, **options)

    def states(self) -> dict[str, tuple[str, str]]:
        """State and reason of each machine as its owner sees them."""
        found = self.ada.call("GET", "/v1/provider/hosts").json["items"]
        return {host["name"]: (host["state"], host["state_reason"]) for host in found}

    def events(self, person: Person, resource_id: str) -> list[dict[str, Any]]:
        """What the person was told of a resource, oldest first."""
        items = person.call("GET", "/v1/resources/events").json["items"]
        return [event for event in items if event["resource_id"] == resource_id]

    def watch(self) -> dict[str, int]:
        """One run of the risk rules."""
        return dict(function("risk_rules").handler({}, None))

    def acts(self) -> list[dict[str, Any]]:
        """What operators did, newest first."""
        return list(self.admin.call("GET", "/v1/admin/audit").json["items"])
