"""Parses `Accept-Encoding` (RFC 9110, 12.5.3)."""

from __future__ import annotations


def takes_gzip(accepted: str) -> bool:
    """Whether gzip or `*` is named with a weight above zero."""
    weights = {}
    for part in accepted.lower().split(","):
        coding, *parameters = (text.strip() for text in part.split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        try:
            weights[coding] = float(quality)
        except ValueError:
            weights[coding] = 0.0
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0
