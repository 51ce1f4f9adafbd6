"""Patch: what a template declares as binary reaches a function byte for byte.

CloudFormation writes a media type's slash as ``~1`` (``BinaryMediaTypes: [application~1gzip]``). Upstream, the type is
compared as it was written and never matches, so a binary body arrives as text with its bytes replaced.
"""

from __future__ import annotations

from infrastructure.local.emulator.upstream import api_gateway, require


def apply() -> None:
    """Read ``~1`` in declared media types as a slash."""
    require(api_gateway, "_media_type_matches")
    matches = api_gateway._media_type_matches

    def matches_unescaped(media_type: str | None, declared: list[str] | None) -> bool:
        return bool(matches(media_type, [pattern.replace("~1", "/") for pattern in declared or ()]))

    api_gateway._media_type_matches = matches_unescaped
