"""Checks of the connection to the control plane: latency, throughput and clock offset."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from sharemtc.wire import SelfTestCheck, Verdict
from sharemtc_agent.self_test.findings import finding
from sharemtc_agent.transport import HttpAnswer, NoAnswer, Transport

TRIES = 5
LATENCY_WARN_MS = 500.0
TRANSFER_BYTES = 2 * 1024 * 1024
TRANSFER_LIMIT_S = 3.0
THROUGHPUT_WARN_MBIT = 5.0
CLOCK_WARN_S, CLOCK_FAIL_S = 2.0, 30.0
# files large enough to measure with; the second exists on every platform that serves the installer
_FILES = ("/v1/openapi.json", "/install/requirements.txt")


def check_control_plane(url: str, wall_s: Callable[[], float] = time.time) -> tuple[SelfTestCheck, ...]:
    """Checks `control_plane`, `throughput` and `clock`; only the first if nothing answers.

    Any HTTP status counts as an answer.
    """
    http = Transport(url)
    latencies_ms, offsets_s = [], []
    try:
        http.request("GET", "/v1/health")  # opens the connection for the measured requests
        for _ in range(TRIES):
            sent, sent_wall_s = time.monotonic(), wall_s()
            answer = http.request("GET", "/v1/health")
            latencies_ms.append((time.monotonic() - sent) * 1000)
            offsets_s += _offset(answer, (sent_wall_s + wall_s()) / 2)
        transfer = _throughput(http)
    except NoAnswer as error:
        return (finding("control_plane", Verdict.FAIL, f"{url} does not respond: {error}"),)
    finally:
        http.close()
    latency_ms = statistics.median(latencies_ms)
    verdict = Verdict.WARN if latency_ms > LATENCY_WARN_MS else Verdict.OK
    text = f"{url} responds in {latency_ms:.0f} ms"
    return (
        finding("control_plane", verdict, text, value=latency_ms, unit="ms"),
        *transfer,
        check_clock(statistics.median(offsets_s) if offsets_s else None),
    )


def check_clock(offset_s: float | None) -> SelfTestCheck:
    """`offset_s` is how far this machine's clock is behind."""
    if offset_s is None:
        return finding("clock", Verdict.WARN, "the platform sends no Date header")
    text = f"{abs(offset_s):.1f} s {'behind' if offset_s > 0 else 'ahead of'} the platform's clock"
    far = abs(offset_s)
    verdict = Verdict.FAIL if far > CLOCK_FAIL_S else Verdict.WARN if far > CLOCK_WARN_S else Verdict.OK
    if verdict is not Verdict.OK:
        text += ": set it (timedatectl set-ntp true)"
    return finding("clock", verdict, text, value=offset_s, unit="s")


def _offset(answer: HttpAnswer, our_s: float) -> list[float]:
    """The header has whole seconds, rounded down: add half a second."""
    try:
        return [parsedate_to_datetime(answer.headers["Date"]).timestamp() + 0.5 - our_s]
    except (TypeError, ValueError):
        return []


def _throughput(http: Transport) -> tuple[SelfTestCheck, ...]:
    """Downloads for a few seconds. Empty if the platform serves no file to measure with."""
    path = next((each for each in _FILES if http.request("GET", each).is_success), None)
    if path is None:
        return ()
    received, begun = 0, time.monotonic()
    while received < TRANSFER_BYTES and time.monotonic() - begun < TRANSFER_LIMIT_S:
        received += max(1, len(http.request("GET", path).content))
    elapsed_s = time.monotonic() - begun
    mbit = received * 8 / max(elapsed_s, 1e-6) / 1e6
    verdict = Verdict.OK if mbit >= THROUGHPUT_WARN_MBIT else Verdict.WARN
    text = f"{mbit:.0f} Mbit/s from the platform ({received / 1e6:.1f} MB in {elapsed_s:.2f} s)"
    return (finding("throughput", verdict, text, value=mbit, unit="Mbit/s"),)
