"""Detects a process that runs but does not answer; the launcher then kills and restarts it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from typing import Any

INTERVAL_S = 5.0
TIMEOUT_S = 10.0
MAX_FAILURES = 3


class Watchdog:
    """Probes on its own thread, so that a slow process does not block the launcher."""

    def __init__(self, name: str, answers: Callable[[], bool], max_failures: int = MAX_FAILURES) -> None:
        self.name = name
        self._answers = answers
        self._max_failures = max_failures
        self._failures = 0
        self._ended = threading.Event()

    @property
    def hung(self) -> bool:
        """Whether too many probes in a row failed."""
        return self._failures >= self._max_failures

    def start(self) -> None:
        threading.Thread(target=self._watch, daemon=True, name=f"watchdog-{self.name}").start()

    def end(self) -> None:
        self._ended.set()

    def forgive(self) -> None:
        """Resets the count after a restart."""
        self._failures = 0

    def ask(self) -> None:
        self._failures = 0 if self._answers() else self._failures + 1

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL_S):
            self.ask()


def ask_for_json(
    port: int, path: str, headers: dict[str, str] | None = None, *, timeout_s: float = TIMEOUT_S
) -> dict[str, Any] | None:
    """The response of a local port, whatever its status; None if it does not come in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException):
        return None
    except ValueError:
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}
