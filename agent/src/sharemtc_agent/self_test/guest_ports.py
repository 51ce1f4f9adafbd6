"""Whether the ports of guests can be opened, and whether renters are known to reach them."""

from __future__ import annotations

from sharemtc.wire import SelfTestCheck, Verdict, is_loopback
from sharemtc_agent import ports
from sharemtc_agent.config import Config
from sharemtc_agent.self_test.findings import finding


def check_guest_ports(config: Config) -> tuple[SelfTestCheck, ...]:
    """Opens a port where guests' are opened. Nobody connects from outside: that renters get through is not checked."""
    return (_checked(config.connect_address, config.guest_address),)


def _checked(told: str, listen: str) -> SelfTestCheck:
    problem = ports.listen_error(listen)
    if problem:
        return finding("guest_ports", Verdict.FAIL, f"no port can be opened at {listen}: {problem}")
    text = f"ports of guests open at {listen}; renters connect to {told}"
    if is_loopback(told):
        return finding("guest_ports", Verdict.OK, f"{text}, so from this machine only")
    if ports.is_ipv4(told) and ports.can_listen(told):
        return finding("guest_ports", Verdict.OK, f"{text}, an address of this machine; from outside: not checked")
    advice = "it is not this machine's own, so a NAT must forward to it the ports that the system gives out"
    return finding("guest_ports", Verdict.WARN, f"{text}: {advice}; from outside: not checked")
