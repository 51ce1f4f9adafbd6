"""Every field of every request, by reflection: times and texts from outside come in by one rule each."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from infrastructure.openapi import document
from pydantic import AwareDatetime, BaseModel, NaiveDatetime
from pydantic.fields import FieldInfo

from sharemtc import wire
from sharemtc.wire import GivenInstant, LenientText, TextRule, Wire
from sharemtc.wire.instants import bounded

ROOT = Path(__file__).parents[3]

# free texts that need no rule, and why
EXEMPT = {
    r".*\.(password|current_password)": "secret: hashed, never shown; any character may stand in one",
    r"(PasswordReset|EmailProof)\.token": "secret: compared by its hash, never shown",
    r"EnrollRequest\.code": "secret: compared by its hash, never shown",
    r"AgentClaims\.(sub|aud|jti|bsh)": "of a signed token: compared, never shown",
    r".*\.(cursor|after)": "signed, or digits only; read by the list and never shown",
    r".*\b\w*_ids?": "what is looked up by it decides: no record, no answer; never stored as it was given",
    r"GoogleCallback\.\w+": "only `state` and `code` are read: the one compared, the other sent to Google",
    r"SshKeyCreate\.public_key": "decoded and written anew by ssh_keys.parse",
    r".*\.email": "by the grammar of addresses (normalise_email)",
    r"SettingsBody\.timezone": "one of the IANA database (known_timezone)",
    r"Inventory\.connect_address": "by the grammar of addresses (ConnectAddress)",
}


@cache
def models() -> tuple[type[BaseModel], ...]:
    """The models of all bodies and queries, of all messages of agents, and those within them."""
    found: list[type[BaseModel]] = []

    def walk(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
            found.append(annotation)
            for field in annotation.model_fields.values():
                walk(field.annotation)
        for argument in typing.get_args(annotation):
            walk(argument)

    for operation in document.load_operations(ROOT / "functions"):
        walk(operation.body)
        walk(operation.query)
    for exported in vars(wire).values():
        if isinstance(exported, type) and issubclass(exported, Wire):
            walk(exported)
    return tuple(found)


def leaves(annotation: Any, rules: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The plain types within an annotation, each with what annotates it."""
    for rule in rules:
        if isinstance(rule, FieldInfo):
            rules += tuple(rule.metadata)
    arguments = typing.get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        yield from leaves(arguments[0], rules + annotation.__metadata__)
    elif not arguments and annotation is not ...:
        yield annotation, rules
    elif typing.get_origin(annotation) is not typing.Literal:
        union = typing.get_origin(annotation) not in (tuple, list, dict, set, frozenset)
        for argument in arguments:
            yield from leaves(argument, rules if union else ())


def fields() -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    for model in models():
        for name, field in model.model_fields.items():
            for kind, rules in leaves(field.annotation, tuple(field.metadata)):
                yield f"{model.__name__}.{name}", kind, rules


def is_instant(kind: Any) -> bool:
    # pydantic's own kinds of datetimes are no subclasses of it
    return isinstance(kind, type) and (issubclass(kind, date) or "date" in kind.__name__.lower())


def is_closed(rules: tuple[Any, ...]) -> bool:
    return any(isinstance(rule, TextRule | LenientText) or getattr(rule, "pattern", None) for rule in rules)


def test_all_requests_are_looked_at() -> None:
    names = {model.__name__ for model in models()}
    assert {"Figures", "LogLine", "AgentClaims", "ApiKeyCreate", "MetricsQuery", "MaintenanceSet"} <= names
    assert len(names) > 50


def test_every_instant_is_bounded() -> None:
    given = [(where, rules) for where, kind, rules in fields() if is_instant(kind)]
    assert {"Figures.captured_at", "ApiKeyCreate.expires_at", "MetricsQuery.from_"} <= {where for where, _ in given}
    assert [where for where, rules in given if bounded not in [getattr(rule, "func", None) for rule in rules]] == []


def test_every_text_has_a_rule_or_a_reason() -> None:
    texts = [(where, rules) for where, kind, rules in fields() if kind is str]
    free = {where for where, rules in texts if not is_closed(rules)}
    assert {where for where in free if not any(re.fullmatch(pattern, where) for pattern in EXEMPT)} == set()
    assert [pattern for pattern in EXEMPT if not any(re.fullmatch(pattern, where) for where in free)] == []


def test_nothing_is_taken_as_it_comes() -> None:
    assert [where for where, kind, _ in fields() if kind in (Any, object, bytes)] == []


class TestThisTest:
    @pytest.mark.parametrize(
        ("annotation", "closed"),
        [(str, False), (wire.Text, True), (tuple[wire.Text, ...], True), (dict[wire.HostId, str], False)],
    )
    def test_sees_a_text_without_a_rule(self, annotation: Any, closed: bool) -> None:
        assert all(is_closed(rules) for kind, rules in leaves(annotation, ())) is closed

    def test_sees_an_instant_without_bounds(self) -> None:
        ((_, rules),) = (leaf for leaf in leaves(GivenInstant | None, ()) if is_instant(leaf[0]))
        assert bounded in [getattr(rule, "func", None) for rule in rules]
        assert [is_instant(kind) for kind in (datetime, AwareDatetime, NaiveDatetime, str, int)] == [True] * 3 + [
            False
        ] * 2
        assert list(leaves(datetime, ())) == [(datetime, ())]
