"""Patch: a route with ``Method: ANY`` answers every method.

SAM writes it as ``x-amazon-apigateway-any-method``. Upstream, an API imported from such a description has no method on
that path.
"""

from __future__ import annotations

from typing import Any

from infrastructure.local.emulator.upstream import api_gateway, require

ANY = "x-amazon-apigateway-any-method"


def apply() -> None:
    """Reads the extension as a method, which the gateway falls back to already."""
    require(api_gateway, "_import_path_item", "_OPENAPI_HTTP_METHODS")
    import_path_item = api_gateway._import_path_item
    api_gateway._OPENAPI_HTTP_METHODS.add("any")

    def import_any(api_id: str, path: str, item: dict[str, Any], *rest: Any) -> None:
        import_path_item(api_id, path, {"any" if key == ANY else key: value for key, value in item.items()}, *rest)

    api_gateway._import_path_item = import_any
