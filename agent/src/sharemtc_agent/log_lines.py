"""The agent's log as sent to the control plane: warnings, errors and lifecycle events.

Secrets are removed before a line is kept.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Literal

from sharemtc.wire import MAX_LOG_LINES, LogLine, clean_text

# Pass as `extra=` to send an info line too.
LIFECYCLE = {"lifecycle": True}
MAX_MESSAGE_CHARS = 1000
_NAMES = (
    r"(?:secret|token|passw(?:or)?d|passphrase|passcode|pwd|(?:api|access|account|private|secret|auth)[_-]?key"
    r"|credentials?|signature|code)"
)
_VALUE = r"(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\s\"',;&]+)"
_SECRETS = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL), "[key]"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "[token]"),
    # headers whose whole value is secret, up to the end of the line or quotation
    (re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(\"?'?\s*[=:]\s*\"?'?)[^\n\"']+"), r"\1\2[secret]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 [token]"),
    # name=value, "name": "value"; after a colon only long values, so that error messages stay readable
    (re.compile(rf"(?i)\b([\w.-]*{_NAMES})([\"']?\s*=\s*){_VALUE}"), r"\1\2[secret]"),
    (re.compile(rf"(?i)\b([\w.-]*{_NAMES})([\"']?\s*:\s*)(?:[\"'][^\"'\n]+[\"']?|[^\s\"',;&]{{6,}})"), r"\1\2[secret]"),
    # --name value, and curl's --user name:value
    (re.compile(rf"(?i)(?<![\w-])(--?[\w-]*{_NAMES}\s+)(?!--){_VALUE}"), r"\1[secret]"),
    (re.compile(r"(?<![\w-])(-u|--user)(\s+|=)[^\s:]+:\S+"), r"\1\2[credentials]"),
    (re.compile(r"://[^\s/]+@"), "://[credentials]@"),
)


def scrubbed(text: str) -> str:
    """`text` without what looks like a key, token, password or code."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class ScrubbingFormatter(logging.Formatter):
    """For the local log, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return scrubbed(super().format(record))


class LineKeeper(logging.Handler):
    """Keeps the most recent lines until they are taken."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[LogLine] = deque(maxlen=MAX_LOG_LINES)
        self.addFilter(_is_sent)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.append(_line(record))
        except Exception:
            self.handleError(record)

    def take(self, correction: timedelta = timedelta()) -> tuple[LogLine, ...]:
        """The lines since the last call, oldest first; `correction` is added to their times."""
        lines = []
        while self._lines:
            line = self._lines.popleft()
            lines.append(line.model_copy(update={"at": line.at + correction}) if correction else line)
        return tuple(lines)


def _is_sent(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or bool(getattr(record, "lifecycle", False))


def _line(record: logging.LogRecord) -> LogLine:
    text = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        text = f"{text}: {type(error).__name__}: {error}"
    return LogLine(
        at=datetime.fromtimestamp(record.created, UTC),
        level=_level(record.levelno),
        source=record.name.removeprefix("sharemtc_agent.")[:200],
        message=clean_text(" ".join(scrubbed(text).split()), MAX_MESSAGE_CHARS),
    )


def _level(number: int) -> Literal["info", "warning", "error"]:
    if number >= logging.ERROR:
        return "error"
    return "warning" if number >= logging.WARNING else "info"
