"""What the control plane's errors mean for a host, and what its owner can do about each."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sharemtc_agent.client import ApiError
from sharemtc_agent.files import write_whole

KEY_COPIED = "key_copied"
HOST_CLOSED = "host_closed"
PROTOCOL_UNSUPPORTED = "protocol_unsupported"
_UNKNOWN_KEY = ("invalid_signature", "host_unknown")
_CLOCK = "this machine's clock is wrong: set it (timedatectl set-ntp true)"
_CHANGED = (
    "something between this machine and the platform changes requests: check the proxies in between and the "
    "address given to `enroll --url`"
)
_REMEDIES = {
    "enrollment_code_refused": "this enrollment code is used, expired or wrong: create a new one in the console",
    "clock_skew": _CLOCK,
    "token_expired": _CLOCK,
    "request_mismatch": _CHANGED,
    "body_mismatch": _CHANGED,
    "http_404": "there is no platform at this address: use the address shown in the browser",
}
CLOSED_PAUSE_S = 300.0
UNKNOWN_PAUSE_S = 60.0


@dataclass(frozen=True)
class Advice:
    """What to log, once, and how long to pause before the next attempt."""

    text: str
    pause_s: float


def advice_on(error: ApiError) -> Advice | None:
    """None for errors that pass by themselves or concern one request only."""
    if error.code == KEY_COPIED:
        return Advice(
            "another machine uses this host's key: this agent accepts no more commands. Stop the other one, or "
            "uninstall here and enroll this machine again with its own code",
            CLOSED_PAUSE_S,
        )
    if error.code == HOST_CLOSED:
        return Advice(
            f"the platform has closed this host ({error.detail}): it offers nothing. If that is wrong, ask the "
            "platform's operator; to leave or to enroll again with a new code, run `sharemtc-agent uninstall`",
            CLOSED_PAUSE_S,
        )
    if error.code == PROTOCOL_UNSUPPORTED:
        return Advice(f"{error.detail} VMs keep running as long as they are paid for", CLOSED_PAUSE_S)
    if error.status == 401 and error.code in _UNKNOWN_KEY:
        return Advice(
            "the platform does not accept this host's signature: it does not know the host, or this machine's clock is "
            "wrong. Run `sharemtc-agent doctor`",
            UNKNOWN_PAUSE_S,
        )
    remedy = _REMEDIES.get(error.code)
    return Advice(f"{remedy} ({error.detail})", 0.0) if remedy else None


def save_closed_reason(file: Path, error: ApiError | None) -> None:
    """Records for `status` and `uninstall` that the platform closed this host; `None` clears it."""
    if error is None:
        file.unlink(missing_ok=True)
    elif error.code == HOST_CLOSED:
        # a full disk must not hide the refusal
        with suppress(OSError):
            write_whole(file, f"{error.detail}\n".encode())


def read_closed_reason(file: Path) -> str | None:
    """Why the platform closed this host; None while it is open."""
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return None
