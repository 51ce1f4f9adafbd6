"""What an owner may do with a host now: told with the host, and the same rules that the acts themselves go by."""

from __future__ import annotations

from sharemtc.hosts.capacity import offering
from sharemtc.hosts.kinds import HostAction
from sharemtc.hosts.service import HostStatus
from sharemtc.hosts.states import CLOSED, HELD, HostState


def of(at: HostStatus) -> list[HostAction]:
    """The acts that would not be refused."""
    if at.capacity.state in CLOSED:
        return []
    acts = [HostAction.CHANGE, HostAction.SET_PRICES]
    if at.capacity.state is not HostState.DRAINING:
        acts.append(HostAction.DRAIN)
    elif at.capacity.state_reason not in HELD:
        acts.append(HostAction.RESUME)
    window = at.host.maintenance
    if window is None or window.ends_at <= at.as_of:
        acts.append(HostAction.SET_MAINTENANCE)
    elif not window.by_operator:
        acts += [HostAction.SET_MAINTENANCE, HostAction.END_MAINTENANCE]
    if offering.offered(at.capacity, at.host) != offering.to_offer(at.capacity, at.host):
        acts.append(HostAction.OFFER_CAPACITY)
    if offering.leased(at.capacity, at.host).is_empty:
        acts.append(HostAction.RETIRE)
    return acts
