"""What the control plane's refusals of a host mean, and what its owner can do about each."""

from __future__ import annotations

from dataclasses import dataclass

from sharemtc_agent.client import ApiError

KEY_COPIED = "key_copied"
HOST_CLOSED = "host_closed"
_UNKNOWN_KEY = ("invalid_signature", "host_unknown")
_CLOCK = "the clock here is wrong: set it (timedatectl set-ntp true)"
_CHANGED = (
    "something between this machine and the platform changes requests: look at the proxies on the way, and at the "
    "address that was given to `enroll --url`"
)
_REMEDIES = {
    "enrollment_code_refused": "this enrolment code is used up, too old or wrong: make a new one in the console",
    "clock_skew": _CLOCK,
    "token_expired": _CLOCK,
    "request_mismatch": _CHANGED,
    "body_mismatch": _CHANGED,
    "http_404": "there is no platform at this address: give it as in the browser",
}
CLOSED_PAUSE_S = 300.0
UNKNOWN_PAUSE_S = 60.0


@dataclass(frozen=True)
class Advice:
    """What to tell, once, and how long to leave the control plane alone before the next try."""

    text: str
    pause_s: float


def advice_on(error: ApiError) -> Advice | None:
    """None for refusals that need nobody's help: they pass, or concern one request only."""
    if error.code == KEY_COPIED:
        return Advice(
            "another machine speaks with this host's key: this agent takes no more commands. End the other one, or "
            "uninstall here and enrol this machine anew with a code of its own",
            CLOSED_PAUSE_S,
        )
    if error.code == HOST_CLOSED:
        return Advice(
            f"the platform has closed this host ({error.detail}): nothing is sold here. If that is wrong, ask the "
            "platform's operator; to join again, uninstall and enrol with a new code",
            CLOSED_PAUSE_S,
        )
    if error.status == 401 and error.code in _UNKNOWN_KEY:
        return Advice(
            "the platform does not accept this host's signature: it does not know the host, or the clock here is "
            "wrong. Run `sharemtc-agent doctor`",
            UNKNOWN_PAUSE_S,
        )
    remedy = _REMEDIES.get(error.code)
    return Advice(f"{remedy} ({error.detail})", 0.0) if remedy else None
