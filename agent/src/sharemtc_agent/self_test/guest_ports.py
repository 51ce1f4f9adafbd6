"""Checks whether VM ports can be opened and where renters reach them."""

from __future__ import annotations

from sharemtc.wire import SelfTestCheck, Verdict, is_loopback
from sharemtc_agent import ports
from sharemtc_agent.config import Config
from sharemtc_agent.self_test.findings import finding


def check_guest_ports(config: Config) -> tuple[SelfTestCheck, ...]:
    """Opens a port on the listen address. Reachability from outside is not tested."""
    return (_checked(config.connect_address, config.guest_address),)


def _checked(connect: str, listen: str) -> SelfTestCheck:
    problem = ports.listen_error(listen)
    if problem:
        return finding("guest_ports", Verdict.FAIL, f"ports cannot be opened on {listen}: {problem}")
    text = f"VM ports listen on {listen}; renters connect to {connect}"
    if is_loopback(connect):
        return finding("guest_ports", Verdict.OK, f"{text}, reachable from this machine only")
    if ports.is_ipv4(connect) and ports.can_listen(connect):
        return finding(
            "guest_ports", Verdict.OK, f"{text}, an address of this machine; access from outside was not tested"
        )
    advice = "not an address of this machine, so a NAT must forward the ephemeral ports to it"
    return finding("guest_ports", Verdict.WARN, f"{text}: {advice}; access from outside was not tested")
