"""Patch: media types that a template declares as binary reach a function byte for byte.

CloudFormation writes the slash as ``~1`` (``BinaryMediaTypes: [application~1gzip]``). Upstream, the type is compared
unchanged and never matches, so a binary body arrives as damaged text.
"""

from __future__ import annotations

from infrastructure.local.emulator.upstream import api_gateway, require


def apply() -> None:
    require(api_gateway, "_media_type_matches")
    matches = api_gateway._media_type_matches

    def matches_unescaped(media_type: str | None, declared: list[str] | None) -> bool:
        return bool(matches(media_type, [pattern.replace("~1", "/") for pattern in declared or ()]))

    api_gateway._media_type_matches = matches_unescaped
