"""The agent's own log as the control plane gets it: warnings and worse, and what happened to the agent itself.

Secrets are taken out before a line is kept: it leaves the machine.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Literal

from sharemtc.wire import MAX_LOG_LINES, LogLine

# Give as `extra=`: an info that is sent, too.
LIFECYCLE = {"lifecycle": True}
MAX_MESSAGE_CHARS = 1000
_SECRETS = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL), "[key]"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 [token]"),
    (re.compile(r"(?i)\b([\w-]*(?:code|secret|token|password|passwd|api[_-]?key))(\"?\s*[=:]\s*\"?)[^\s\",;&]{6,}"),
     r"\1\2[secret]"),
    (re.compile(r"://[^\s/@:]+:[^\s/@]+@"), "://[credentials]@"),
)  # fmt: skip


def scrubbed(text: str) -> str:
    """`text` without what looks like a key, a token, a password or a code."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class LineKeeper(logging.Handler):
    """Keeps the last lines until they are taken; bounded, the oldest go first."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[LogLine] = deque(maxlen=MAX_LOG_LINES)
        self.addFilter(_is_told)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.append(_line(record))
        except Exception:
            self.handleError(record)

    def take(self, correction: timedelta = timedelta()) -> tuple[LogLine, ...]:
        """The lines since the last call, oldest first; `correction` is what this machine's clock lacks."""
        lines = []
        while self._lines:
            line = self._lines.popleft()
            lines.append(line.model_copy(update={"at": line.at + correction}) if correction else line)
        return tuple(lines)


def _is_told(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or bool(getattr(record, "lifecycle", False))


def _line(record: logging.LogRecord) -> LogLine:
    text = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        text = f"{text}: {type(error).__name__}: {error}"
    plain = " ".join("".join(c if c.isprintable() else " " for c in scrubbed(text)).split())
    return LogLine(
        at=datetime.fromtimestamp(record.created, UTC),
        level=_level(record.levelno),
        source=record.name.removeprefix("sharemtc_agent.")[:200],
        message=plain[:MAX_MESSAGE_CHARS],
    )


def _level(number: int) -> Literal["info", "warning", "error"]:
    if number >= logging.ERROR:
        return "error"
    return "warning" if number >= logging.WARNING else "info"
