"""Preferences of the console: the allowed values."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from zoneinfo import available_timezones

MAX_TIMEZONE_CHARS = 64


class Theme(StrEnum):
    """`system` follows the machine."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Density(StrEnum):
    """The spacing of the console."""

    COMPACT = "compact"
    COMFORTABLE = "comfortable"


class Language(StrEnum):
    """BCP 47 tags for the format of numbers, dates and times."""

    ENGLISH = "en"
    ENGLISH_GB = "en-GB"
    ENGLISH_US = "en-US"
    GERMAN = "de"
    SPANISH = "es"
    FRENCH = "fr"
    ITALIAN = "it"
    JAPANESE = "ja"
    DUTCH = "nl"
    POLISH = "pl"
    PORTUGUESE_BR = "pt-BR"
    CHINESE_CN = "zh-CN"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_timezone(name: str) -> str:
    """The name, if it is in the IANA database. Errors: `ValueError`."""
    if name not in _zones():
        raise ValueError("Give a time zone of the IANA database, such as Europe/Berlin.")
    return name
