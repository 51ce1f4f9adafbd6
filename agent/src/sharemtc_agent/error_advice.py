"""What the control plane's refusals of a host mean, and what its owner can do about each."""

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
_CLOCK = "the clock here is wrong: set it (timedatectl set-ntp true)"
_CHANGED = (
    "something between this machine and the platform changes requests: look at the proxies on the way, and at the "
    "address that was given to `enroll --url`"
)
_REMEDIES = {
    "enrollment_code_refused": "this enrollment code is used up, too old or wrong: make a new one in the console",
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
            "uninstall here and enroll this machine anew with a code of its own",
            CLOSED_PAUSE_S,
        )
    if error.code == HOST_CLOSED:
        return Advice(
            f"the platform has closed this host ({error.detail}): nothing is sold here. If that is wrong, ask the "
            "platform's operator; to leave, or to join again with a new code, run `sharemtc-agent uninstall`",
            CLOSED_PAUSE_S,
        )
    if error.code == PROTOCOL_UNSUPPORTED:
        return Advice(f"{error.detail} Machines run on as long as they are paid for", CLOSED_PAUSE_S)
    if error.status == 401 and error.code in _UNKNOWN_KEY:
        return Advice(
            "the platform does not accept this host's signature: it does not know the host, or the clock here is "
            "wrong. Run `sharemtc-agent doctor`",
            UNKNOWN_PAUSE_S,
        )
    remedy = _REMEDIES.get(error.code)
    return Advice(f"{remedy} ({error.detail})", 0.0) if remedy else None


def keep_closed(file: Path, error: ApiError | None) -> None:
    """Keep, for `status` and `uninstall`, that the platform has closed this host; `None`: it was heard as usual."""
    if error is None:
        file.unlink(missing_ok=True)
    elif error.code == HOST_CLOSED:
        # a full disk must not keep a refusal from being told
        with suppress(OSError):
            write_whole(file, f"{error.detail}\n".encode())


def read_closed(file: Path) -> str | None:
    """Why the platform closed this host, as far as it has told; None while it takes part."""
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return None
