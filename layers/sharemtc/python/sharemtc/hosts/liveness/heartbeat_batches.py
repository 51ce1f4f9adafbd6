"""Who was heard: under load a process writes down many hosts at once, in a roll, instead of each host's own lease.

A roll holds what one process heard within `WINDOW_MS`, 25 bytes for a host, so that one write unit of DynamoDB carries
`ROLL_HOSTS` of them. Rolls stand in partitions of ten seconds, in the order in which they were written, and expire
after minutes. They say only that a host spoke and told nothing new; whatever changes something is written to the
host's `Lease`, and so is everything while a process hears few hosts (`is_loaded`).

What can be lost: the roll that a process has not yet written when it dies, one word each of at most `ROLL_HOSTS`
hosts. Such a host looks silent for two intervals. That is more than the 15 seconds after which it is suspect and less
than the 30 after which it would be offline; and the next word of a suspect host is a change, which is written at once.
So losing one word never costs a host its place, however often processes die (`tests/benchmarks/fleet.py`).

Nothing here makes a host look alive later than it was: an instant is bound to the token that was signed for it
(`beats`), the highest sequence counts, and of one sequence heard twice the earlier instant.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from sharemtc import clock
from sharemtc.hosts.liveness.table import Roll
from sharemtc.ids import id_bytes
from sharemtc.storage.unreadable import skip_unreadable

ROLL_HOSTS = 36
WINDOW_MS = 2_000
BUCKET_MS = 10_000
KEPT = timedelta(minutes=15)
# a process that heard this many words within ten seconds is under load
LOADED_WORDS, LOADED_MS = 32, 10_000
# silence longer than this is judged by the lease, into which the sweep has written the last word by then
LOOK_BACK_MS = 45_000
# a roll that was written so long ago can be read: clocks of processes differ, and reads lag behind writes
SETTLED_MS = 3_000
REMEMBERED_MS = 600_000
_WORD = struct.Struct(">16s7sH")


class Word(NamedTuple):
    """A host's last word: its sequence, and when it was spoken, in milliseconds since the epoch."""

    seq: int
    at_ms: int


def later(one: Word | None, other: Word) -> Word:
    """The word that counts: the higher sequence's; of the same, the earlier instant, so that no replay refreshes it."""
    if one is None or other.seq > one.seq:
        return other
    return other if other.seq == one.seq and other.at_ms < one.at_ms else one


class Ear:
    """What one process has heard itself and not yet written, and what it has read of the others' rolls."""

    def __init__(self) -> None:
        self.known: dict[bytes, Word] = {}
        self._unwritten: dict[bytes, Word] = {}
        self._unwritten_since_ms = 0
        self._last_words_ms: deque[int] = deque(maxlen=LOADED_WORDS)
        self._read_from_ms: int | None = None
        self._read_until_ms = 0
        self._refreshed_at_ms = 0
        self._pruned_at_ms = 0

    def is_loaded(self, now_ms: int) -> bool:
        """Whether so many words come in that writing each for itself would cost too much. Counts this one."""
        words = self._last_words_ms
        words.append(now_ms)
        return len(words) == LOADED_WORDS and now_ms - words[0] <= LOADED_MS

    def note(self, host: bytes, word: Word, now_ms: int) -> None:
        """Take down a word, and write the roll when it is full or its oldest word has waited."""
        if not self._unwritten:
            self._unwritten_since_ms = now_ms
        self._unwritten[host] = later(self._unwritten.get(host), word)
        self.write_due(now_ms)

    def write_due(self, now_ms: int) -> None:
        """Write the roll if it is due. A process that is asked anything at all writes what it was late with."""
        if not self._unwritten:
            return
        if len(self._unwritten) >= ROLL_HOSTS or now_ms - self._unwritten_since_ms >= WINDOW_MS:
            self._write(now_ms)

    def _write(self, now_ms: int) -> None:
        words = self._unwritten
        packed = b"".join(
            _WORD.pack(host, word.seq.to_bytes(7, "big"), min(max(0, now_ms - word.at_ms), 0xFFFF))
            for host, word in words.items()
        )
        roll = Roll(
            _bucket(now_ms),
            f"{now_ms:013d}#{clock.choose_index(1 << 32):08x}",
            heard=packed,
            expires_at=clock.from_ms(now_ms) + KEPT,
        )
        roll.save()
        # only now: what could not be written waits for the next request
        self._unwritten = {}
        for host, word in words.items():
            self.known[host] = later(self.known.get(host), word)

    def word_of(self, host: bytes) -> Word | None:
        """The best word that this process knows of a host, without reading."""
        unwritten, known = self._unwritten.get(host), self.known.get(host)
        return known if unwritten is None else later(known, unwritten)

    def read(self, now_ms: int, *, look_back_ms: int = LOOK_BACK_MS, at_most_every_ms: int = 0) -> None:
        """Read the rolls that others wrote since the last time, or in the last `look_back_ms`."""
        if at_most_every_ms and 0 <= now_ms - self._refreshed_at_ms < at_most_every_ms:
            return
        start_ms = now_ms - look_back_ms
        gapless = self._read_from_ms is not None and self._read_from_ms <= start_ms <= self._read_until_ms
        if gapless:
            start_ms = self._read_until_ms - SETTLED_MS
        else:
            self._read_from_ms = start_ms
        for roll in _rolls(start_ms, now_ms):
            written_ms = int(roll.sk[:13])
            for host, seq, age_ms in _WORD.iter_unpack(roll.heard):
                word = Word(int.from_bytes(seq, "big"), written_ms - age_ms)
                best = self.known.get(host)
                if best is None or word.seq >= best.seq:
                    self.known[host] = later(best, word)
        self._read_until_ms = self._refreshed_at_ms = now_ms
        self._prune(now_ms)

    def _prune(self, now_ms: int) -> None:
        if now_ms - self._pruned_at_ms < REMEMBERED_MS // 10:
            return
        self._pruned_at_ms = now_ms
        oldest_ms = now_ms - REMEMBERED_MS
        self.known = {host: word for host, word in self.known.items() if word.at_ms >= oldest_ms}
        # what was forgotten may be asked for again, and is then read again
        self._read_from_ms = max(self._read_from_ms or 0, oldest_ms)


def _bucket(at_ms: int) -> str:
    return f"HEARD#{at_ms // BUCKET_MS}"


def _rolls(start_ms: int, end_ms: int) -> Iterator[Roll]:
    """Every roll written since `start_ms`. A partition holds some hundred of them at ten thousand hosts."""
    # a writer whose clock is ahead may be in the next bucket already
    for bucket in range(start_ms // BUCKET_MS, (end_ms + SETTLED_MS) // BUCKET_MS + 1):
        yield from skip_unreadable(Roll.query(_bucket(bucket * BUCKET_MS), Roll.sk >= f"{start_ms:013d}"))


_ear = Ear()


def ear() -> Ear:
    """This process' own."""
    return _ear


def lend(other: Ear) -> Ear:
    """Let this process stand for another from now on; what it was before. For simulations and tests."""
    global _ear
    before, _ear = _ear, other
    return before


def key_of(host_id: str) -> bytes:
    """A host as rolls name it."""
    return id_bytes(host_id)


def last_word(host_id: str, *, at_most_every_ms: int = 0) -> Word | None:
    """The best word of a host in what this process and others have taken down lately."""
    now_ms = clock.to_ms(clock.now())
    here = ear()
    here.read(now_ms, at_most_every_ms=at_most_every_ms)
    return here.word_of(key_of(host_id))
