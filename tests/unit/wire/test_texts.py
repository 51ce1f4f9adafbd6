"""The one rule for texts of people and machines, and the two ways to make any text fit it."""

from __future__ import annotations

import json
import unicodedata
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from sharemtc.http.parsing import body_as
from sharemtc.problems import Invalid
from sharemtc.wire import LenientText, TextRule, clean_text, holds_private_key
from sharemtc.wire.texts import PRIVATE_KEY_REMOVED, is_refused

Short = TypeAdapter(Annotated[str, TextRule(20, min_chars=1)])
Line = TypeAdapter(Annotated[str, LenientText(50)])
Lines = TypeAdapter(Annotated[str, LenientText(50, keep_lines=True)])
BAD = (
    "\x00\x07\x1b\x7f\x85\u00ad\u034f\u061c\u115f\u200b\u200d\u200e\u202e\u2028\u2066\u2800\u3164\ufeff\ue000\U000e0041"
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada\t\n", "Ada"),
        ("Ada\u00a0L", "Ada L"),
        ("e\u0301", "é"),
        ("\u212b", "Å"),
        ("李小龍", "李小龍"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("مرحبا", "مرحبا"),
        ("<b>'&\"", "<b>'&\""),
    ],
)
def test_text_is_kept_normalised_and_trimmed(text: str, kept: str) -> None:
    assert Short.validate_python(text) == kept


@pytest.mark.parametrize("character", BAD)
def test_what_cannot_be_seen_is_refused_and_named(character: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Short.validate_python(f"Ada{character}L")
    (error,) = caught.value.errors()
    assert error["type"] == "unprintable"
    assert f"U+{ord(character):04X}, character 4" in error["msg"]


def test_length_counts_what_is_kept() -> None:
    assert Short.validate_python("e\u0301" * 10) == "é" * 10
    for text, code in (
        ("x" * 21, "string_too_long"),
        ("\ufb2c" * 20, "string_too_long"),
        (" \u3000", "string_too_short"),
    ):
        with pytest.raises(ValidationError) as caught:
            Short.validate_python(text)
        assert [error["type"] for error in caught.value.errors()] == [code]


@given(st.text(alphabet=st.characters(), max_size=40))
def test_what_passes_the_rule_stays_as_it_is_and_shows_nothing_hidden(text: str) -> None:
    try:
        kept = Short.validate_python(text)
    except ValidationError:
        return
    assert Short.validate_python(kept) == kept == kept.strip() == unicodedata.normalize("NFC", kept)
    assert 1 <= len(kept) <= 20
    assert not any(is_refused(character) for character in kept)


@given(st.text(alphabet=st.characters() | st.sampled_from(BAD)), st.integers(1, 60))
def test_cleaned_text_passes_the_rule_as_it_is(text: str, max_chars: int) -> None:
    cleaned = clean_text(text, max_chars)
    assert TypeAdapter(Annotated[str, TextRule(max_chars)]).validate_python(cleaned) == cleaned
    assert clean_text(cleaned, max_chars) == cleaned
    lines = clean_text(text, max_chars, keep_lines=True)
    assert not any(is_refused(character) for character in lines if character != "\n")


def test_odd_bytes_of_a_machine_are_replaced_not_lost() -> None:
    assert clean_text("  Intel(R)\x00 Xeon\u202e \tE5\n") == "Intel(R)� Xeon�  E5"
    assert clean_text("x" * 300) == "x" * 200


def test_lenient_text_replaces() -> None:
    assert Line.validate_python("a\x1b[31m\r\nb\u202e") == "a�[31m b�"
    assert Lines.validate_python("a\r\nb\x00\n") == "a\nb�"
    with pytest.raises(ValidationError):
        Line.validate_python("x" * 51)


class Inner(BaseModel):
    name: Annotated[str, TextRule(3000)] = ""
    detail: Annotated[str, LenientText(3000)] = ""


class Outer(BaseModel):
    inner: tuple[Inner, ...] = ()
    labels: dict[str, str] | None = None
    secret: str = ""


PEM = "-----BEGIN OPENSSH PRIVATE KEY-----b3BlbnNzaC1rZXktdjEAAAAABG5vbmU-----END OPENSSH PRIVATE KEY-----"


class TestPrivateKeys:
    @pytest.mark.parametrize(
        "text",
        [
            PEM,
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----",
            "PuTTY-User-Key-File-3: ssh-ed25519",
            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE",
        ],
    )
    def test_is_refused_in_any_field_which_is_named(self, text: str) -> None:
        assert holds_private_key(text)
        for body, pointer in (
            ({"secret": text}, "/secret"),
            ({"inner": [{}, {"name": text}]}, "/inner/1/name"),
            ({"labels": {"a": text}}, "/labels/a"),
            ({"unknown": text}, "/unknown"),
        ):
            for raw in (json.dumps(body), json.dumps(body).replace(" KEY", "\\u0020KEY")):
                with pytest.raises(Invalid) as caught:
                    body_as(Outer, raw.encode())
                assert [(error.pointer, error.code) for error in caught.value.errors] == [(pointer, "private_key")]
                assert text not in str(caught.value.document("req"))

    def test_is_taken_out_of_a_lenient_text(self) -> None:
        taken = body_as(Outer, json.dumps({"inner": [{"detail": f"read {PEM} tail"}]}).encode())
        assert taken.inner[0].detail == f"read {PRIVATE_KEY_REMOVED}"
