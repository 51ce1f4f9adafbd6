"""A host's reliability score: an open formula over public inputs, and a command that recomputes it.

    python -m sharemtc.hosts.reliability.score FILE

FILE holds the response of `GET /v1/catalog/hosts/{host_id}/reliability`. Prints every term; exits with 1 if the file
states another score. Over the window `[max(as_of − 30 days, observed_from), as_of]`, in milliseconds:

    down           time covered by downtimes, less maintenance announced at least an hour before it began
    uptime_percent 100 × (1 − down / window)
    interruptions  downtimes that count at least partly, each with weight 1 − age / 30 days, by when it ended
    penalty        1 point for each unit of weight, 20 at most
    score_percent  uptime_percent − penalty, never below 0, truncated to two digits

A score over less than seven days is provisional. See docs/reliability.md. Pure rules, no storage.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from sharemtc import clock

WINDOW_DAYS = 30
PROVISIONAL_DAYS = 7
MIN_NOTICE = timedelta(hours=1)
POINTS_PER_INTERRUPTION, MAX_PENALTY = 1, 20
DAY_MS = 86_400_000


class Downtime(NamedTuple):
    """An interval in which the host was offline; `ended_at` is None while it still is."""

    started_at: datetime
    ended_at: datetime | None
    reason: str


class Announced(NamedTuple):
    """A maintenance window; one that was withdrawn or replaced early ends there."""

    announced_at: datetime
    starts_at: datetime
    ends_at: datetime


class Inputs(NamedTuple):
    observed_from: datetime
    as_of: datetime
    downtimes: tuple[Downtime, ...]
    maintenance: tuple[Announced, ...]


class Term(NamedTuple):
    """What one downtime contributes: the milliseconds that count, and its weight as an interruption."""

    downtime: Downtime
    counted_ms: int
    weight: Fraction


class Score(NamedTuple):
    """The score with its terms. Percentages are truncated to two digits."""

    score_percent: float
    uptime_percent: float
    penalty: float
    window_ms: int
    down_ms: int
    interruptions: int
    provisional: bool
    terms: tuple[Term, ...]


def score(inputs: Inputs) -> Score:
    """Apply the formula; the order of the inputs does not matter."""
    end_ms = clock.to_ms(inputs.as_of)
    start_ms = max(end_ms - WINDOW_DAYS * DAY_MS, min(clock.to_ms(inputs.observed_from), end_ms))
    excused = _merged(
        (clock.to_ms(one.starts_at), clock.to_ms(one.ends_at))
        for one in inputs.maintenance
        if one.announced_at + MIN_NOTICE <= one.starts_at
    )
    terms, counted = [], []
    for downtime in sorted(
        inputs.downtimes,
        key=lambda one: (one.started_at, one.ended_at or inputs.as_of, one.ended_at is None, one.reason),
    ):
        ended_ms = clock.to_ms(downtime.ended_at) if downtime.ended_at is not None else end_ms
        clipped = max(start_ms, clock.to_ms(downtime.started_at)), min(end_ms, ended_ms)
        parts = _without(clipped, excused)
        if parts:
            weight = 1 - Fraction(end_ms - parts[-1][1], WINDOW_DAYS * DAY_MS)
            terms.append(Term(downtime, sum(to - since for since, to in parts), weight))
            counted += parts
    down_ms = sum(to - since for since, to in _merged(counted))
    uptime = 100 * (1 - Fraction(down_ms, end_ms - start_ms)) if end_ms > start_ms else Fraction(100)
    penalty = min(Fraction(MAX_PENALTY), POINTS_PER_INTERRUPTION * sum((term.weight for term in terms), Fraction()))
    return Score(
        score_percent=_truncate(max(Fraction(), uptime - penalty)),
        uptime_percent=_truncate(uptime),
        penalty=_truncate(penalty),
        window_ms=end_ms - start_ms,
        down_ms=down_ms,
        interruptions=len(terms),
        provisional=end_ms - start_ms < PROVISIONAL_DAYS * DAY_MS,
        terms=tuple(terms),
    )


def _truncate(number: Fraction) -> float:
    return (number * 100).__floor__() / 100


def _merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same time as intervals that neither overlap nor are empty, sorted."""
    found: list[tuple[int, int]] = []
    for since, to in sorted(intervals):
        if since >= to:
            continue
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], to)
        else:
            found.append((since, to))
    return found


def _without(interval: tuple[int, int], excused: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of an interval outside `excused`, which is sorted and does not overlap."""
    (since, to), left = interval, []
    for excused_since, excused_to in excused:
        if since < to and excused_since < to and excused_to > since:
            if since < excused_since:
                left.append((since, excused_since))
            since = excused_to
    return [*left, (since, to)] if since < to else left


def read(document: dict[str, Any]) -> Inputs:
    """The inputs in an API response. Errors: `KeyError`, `ValueError` if it is malformed."""
    instant = datetime.fromisoformat
    return Inputs(
        instant(document["observed_from"]),
        instant(document["as_of"]),
        tuple(
            Downtime(instant(one["started_at"]), instant(one["ended_at"]) if one["ended_at"] else None, one["reason"])
            for one in document["downtimes"]
        ),
        tuple(
            Announced(instant(one["announced_at"]), instant(one["starts_at"]), instant(one["ends_at"]))
            for one in document["maintenance"]
        ),
    )


def explain(found: Score) -> list[str]:
    lines = [f"window          {found.window_ms / DAY_MS:.3f} days{', provisional' if found.provisional else ''}"]
    for term in found.terms:
        since, to, reason = term.downtime
        until = to.isoformat() if to else "now"
        lines.append(
            f"downtime        {since.isoformat()} to {until}, {reason}: {term.counted_ms / 1000:.3f} s counted,"
        )
        lines.append(f"                weight as an interruption {float(term.weight):.4f}")
    lines += [
        f"down            {found.down_ms / 1000:.3f} s",
        f"uptime_percent  {found.uptime_percent:.2f}",
        f"interruptions   {found.interruptions}",
        f"penalty         {found.penalty:.2f}",
        f"score_percent   {found.score_percent:.2f}",
    ]
    return lines


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m sharemtc.hosts.reliability.score FILE", file=sys.stderr)
        return 2
    document = json.loads(Path(arguments[0]).read_text())
    found = score(read(document))
    print("\n".join(explain(found)))
    stated = document.get("score_percent", found.score_percent)
    if stated != found.score_percent:
        print(f"the file says   {stated:.2f}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
