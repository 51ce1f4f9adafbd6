"""The page made from the OpenAPI document."""

from __future__ import annotations

import html
import json

from infrastructure.local.front.api_docs import render
from infrastructure.local.paths import OPENAPI

DOCUMENT = {
    "info": {"title": "Things & <b>more</b>", "version": "1"},
    "paths": {
        "/v1/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "post": {
                "summary": "Make <script>alert(1)</script>",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"201": {"description": "Made"}, "409": {"description": "`taken` Somebody has it"}},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 20},
                    "parent": {"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                },
            }
        }
    },
}


def test_shows_operations_fields_and_problems() -> None:
    page = render(DOCUMENT)
    for text in ("/v1/things/{id}", "path · string", "at most 20 characters", "list of object", '<tr id="taken">'):
        assert text in page


def test_escapes_what_the_document_says() -> None:
    page = render(DOCUMENT)
    assert "<script" not in page
    assert "<b>" not in page


def test_shows_who_may_call_what_headers_say_and_an_example() -> None:
    document = json.loads(OPENAPI.read_text())
    page = render(document)
    assert "For the roles admin, ops-admin, provider, super-admin, user, with their token." in page
    assert "For everybody, without a token." in page
    assert "Makes a repeated request harmless" in page
    assert page.count("<summary>Example</summary>") > 20
    assert "&quot;vcpus&quot;: 2" in page
    assert "<code>POST /v1/auth/login</code>" in page


def test_shows_every_operation_of_this_project() -> None:
    document = json.loads(OPENAPI.read_text())
    page = render(document)
    assert document["paths"]
    assert all(html.escape(path) in page for path in document["paths"])
    assert "http://" not in page
    assert "https://" not in page
