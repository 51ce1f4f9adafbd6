"""Texts from people and hosts that are shown to other people.

`TextRule` rejects characters that are invisible or change how their surroundings are displayed (control, bidirectional
and zero-width characters, unassigned and private ones); accepted text is in normal form C, trimmed, with plain spaces.
`LenientText` accepts any text and replaces what the rule rejects: for log lines and details, which must never block
their message. `clean_text` makes any text pass the rule: an agent applies it to what it reads from its machine.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

MAX_TEXT_CHARS = 200
# control, format (bidirectional and zero-width ones), surrogate, private use, unassigned, line and paragraph separator
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# invisible letters, marks and symbols: the combining grapheme joiner, fillers, inherent vowels, variation selectors
# (except the two that choose between an emoji and its text form), the blank braille pattern
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)
_REPLACEMENT = "�"
# how private keys begin: PEM of any kind, PuTTY's format, and the text of an OpenSSH key without its first line
_PRIVATE_KEY_MARKS = ("PRIVATE KEY", "PuTTY-User-Key-File-", "b3BlbnNzaC1rZXktdjE")
_FROM_PRIVATE_KEY_ON = re.compile(rf"(?:-----BEGIN [A-Z0-9 ]*)?(?:{'|'.join(_PRIVATE_KEY_MARKS)}).*", re.DOTALL)
PRIVATE_KEY_REMOVED = "[private key removed]"


def is_refused(character: str) -> bool:
    return unicodedata.category(character) in _REFUSED_CATEGORIES or _INVISIBLE.fullmatch(character) is not None


def holds_private_key(text: str) -> bool:
    """Whether `text` contains a private key or a part of one."""
    # every body is searched: one plain search for each of them takes a tenth of a regular expression's time
    return any(mark in text for mark in _PRIVATE_KEY_MARKS)


def normalised(text: str) -> str:
    """`text` in normal form C, with plain spaces, trimmed."""
    if not text.isascii():
        composed = unicodedata.normalize("NFC", text)
        text = "".join(" " if unicodedata.category(one) == "Zs" else one for one in composed)
    return text.strip()


def clean_text(text: str, max_chars: int = MAX_TEXT_CHARS, *, keep_lines: bool = False) -> str:
    """`text` made to pass the rule, cut to length.

    Line breaks and tabs become spaces (or stay), rejected characters become `�`.
    """
    kept = "\n" if keep_lines else ""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if not plain.isascii() or not plain.isprintable():
        plain = "".join(_cleaned(one, kept) for one in unicodedata.normalize("NFC", plain))
    plain = _FROM_PRIVATE_KEY_ON.sub(PRIVATE_KEY_REMOVED, plain)
    return plain.strip(" \n")[:max_chars].strip(" \n")


def _cleaned(character: str, kept: str) -> str:
    if character in kept:
        return character
    if character in "\n\t\v\f" or unicodedata.category(character) in {"Zs", "Zl", "Zp"}:
        return " "
    return _REPLACEMENT if is_refused(character) else character


@dataclass(frozen=True, slots=True)
class TextRule:
    """Annotates a text of people or hosts; the limits apply after normalisation."""

    max_chars: int
    min_chars: int = 0

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        given = core_schema.str_schema(min_length=self.min_chars or None, max_length=self.max_chars)
        return core_schema.no_info_after_validator_function(self.apply, given)

    def apply(self, text: str) -> str:
        """The normalised text. Errors: `unprintable`, `string_too_long`, `string_too_short`."""
        plain = normalised(text)
        if not (plain.isascii() and plain.isprintable()):
            for place, character in enumerate(plain):
                if is_refused(character):
                    raise PydanticCustomError(
                        "unprintable",
                        "Control and invisible characters are not allowed: remove {code}, character {place}.",
                        {"code": f"U+{ord(character):04X}", "place": place + 1},
                    )
        if len(plain) > self.max_chars:
            raise PydanticKnownError("string_too_long", {"max_length": self.max_chars})
        if len(plain) < self.min_chars:
            raise PydanticKnownError("string_too_short", {"min_length": self.min_chars})
        return plain


@dataclass(frozen=True, slots=True)
class LenientText:
    """Annotates a text of hosts in which rejected characters are replaced; `keep_lines` where lines are shown."""

    max_chars: int
    keep_lines: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        given = core_schema.str_schema(max_length=self.max_chars)
        return core_schema.no_info_after_validator_function(self.apply, given)

    def apply(self, text: str) -> str:
        return clean_text(text, self.max_chars, keep_lines=self.keep_lines)
