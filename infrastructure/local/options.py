"""The options of a run, from flags and the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from infrastructure.local.failures import LocalCloudError
from infrastructure.local.paths import REPOSITORY, TEMPLATE, WEB_DIST

DEFAULT_PORT = 8420
# values for one machine: an operator, play money, short poll intervals, no CDN
LOCAL_PARAMETERS = {
    "OperatorEmail": "operator@sharemtc.local",
    "StartingCreditMicros": "10000000",
    # nobody here waits for an e-mail, so only the daily limits protect the credit
    "StartingCreditNeedsProof": "false",
    "StartingCreditsPerDay": "50",
    "StartingCreditsPerAddress": "50",
    "AccrualSchedule": "rate(1 minute)",
    "AgentCommandPollS": "1",
    "CookieSecure": "false",
    "EdgeDistribution": "false",
}
WORKERS_PER_FUNCTION = 4
# variables of this prefix that are not template parameters
OWN_VARIABLES = ("SHAREMTC_PORT", "SHAREMTC_STATE_DIR")


@dataclass(frozen=True)
class Options:
    """``parameters`` are template parameters beyond those that the launcher sets."""

    port: int = DEFAULT_PORT
    state_dir: Path = REPOSITORY / ".state"
    agent: bool = True
    web: bool = True
    watch: bool = True
    template: Path = TEMPLATE
    web_dist: Path = WEB_DIST
    workers_per_function: int = WORKERS_PER_FUNCTION
    fsync: bool = False
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def from_environment() -> Options:
    """Raises LocalCloudError naming the variable that is invalid."""
    parameters = {**LOCAL_PARAMETERS, **_template_parameters()}
    return Options(
        port=_number("SHAREMTC_PORT", DEFAULT_PORT, 1, 65535),
        state_dir=Path(os.environ.get("SHAREMTC_STATE_DIR") or REPOSITORY / ".state").expanduser().resolve(),
        workers_per_function=_number("SHAREMTC_FUNCTION_WORKERS", WORKERS_PER_FUNCTION, 1, 64),
        fsync=os.environ.get("SHAREMTC_FSYNC", "") not in ("", "0"),
        parameters=parameters,
    )


def _template_parameters() -> dict[str, str]:
    """``SHAREMTC_STARTING_CREDIT_MICROS=5`` sets the template parameter ``StartingCreditMicros``."""
    found = {}
    for name, value in os.environ.items():
        if name.startswith("SHAREMTC_") and name not in OWN_VARIABLES and value:
            words = re.split(r"_+", name.removeprefix("SHAREMTC_").lower())
            found["".join(word.capitalize() for word in words)] = value
    return found


def _number(name: str, default: int, low: int, high: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise LocalCloudError(f"{name}={text}", f"a number from {low} to {high} is wanted")
    return int(text)
