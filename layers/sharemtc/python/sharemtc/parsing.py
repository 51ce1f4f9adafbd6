"""Bytes and strings from outside into pydantic models, strictly; mistakes come back as JSON pointers and sentences.

Python's `json` reads a body once to see what pydantic's own reader cannot say (a name given twice, depth, NUL), then
pydantic reads the bytes in strict mode: `"5"` is no number and `true` is no count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sharemtc.problems import BadRequest, FieldError, Invalid

M = TypeVar("M", bound=BaseModel)

MAX_DEPTH = 32
MAX_ERRORS = 20
MAX_POINTER_CHARS = 200

_SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "This field is not known here.",
    "string_type": "Give a text.",
    "int_type": "Give a whole number.",
    "int_parsing": "Give a whole number.",
    "int_from_float": "Give a whole number.",
    "float_type": "Give a number.",
    "float_parsing": "Give a number.",
    "finite_number": "Give a finite number.",
    "bool_type": "Give true or false.",
    "bool_parsing": "Give true or false.",
    "list_type": "Give a list.",
    "tuple_type": "Give a list.",
    "dict_type": "Give an object.",
    "model_type": "Give an object.",
    "model_attributes_type": "Give an object.",
    "string_too_short": "Give at least {min_length} characters.",
    "string_too_long": "Give at most {max_length} characters.",
    "string_pattern_mismatch": "This does not have the form that is asked for: {pattern}",
    "too_short": "Give at least {min_length} items.",
    "too_long": "Give at most {max_length} items.",
    "greater_than": "Give more than {gt}.",
    "greater_than_equal": "Give at least {ge}.",
    "less_than": "Give less than {lt}.",
    "less_than_equal": "Give at most {le}.",
    "multiple_of": "Give a multiple of {multiple_of}.",
    "enum": "Give one of {expected}.",
    "literal_error": "Give one of {expected}.",
    "value_error": "{error}",
}


def pointer(location: Sequence[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a place in a document."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return "".join(f"/{part}" for part in parts)[:MAX_POINTER_CHARS]


def body_as(model: type[M], raw: bytes) -> M:
    """The body as `model`. Errors: `BadRequest` when it is no JSON text, `Invalid` when it is not of that shape."""
    _refuse_unreadable(raw)
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise _problem(error) from None


def query_as(model: type[M] | None, query: Mapping[str, Sequence[str]]) -> M | None:
    """The query as `model`; without a model no parameter is known. Errors: `Invalid` naming the parameter."""
    fields = {field.alias or name for name, field in model.model_fields.items()} if model is not None else set()
    given, errors = {}, []
    for name, values in query.items():
        if name not in fields:
            errors.append(FieldError(pointer((name,)), "extra_forbidden", "This parameter is not known here."))
        elif len(values) != 1:
            errors.append(FieldError(pointer((name,)), "repeated", "Give this parameter once."))
        elif "\x00" in values[0]:
            errors.append(FieldError(pointer((name,)), "nul", "This must not hold the NUL character."))
        else:
            given[name] = values[0]
    if errors:
        raise Invalid(errors=tuple(errors[:MAX_ERRORS]))
    if model is None:
        return None
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _problem(error) from None


def no_body(raw: bytes) -> None:
    """Refuse a body where none is read, so that nothing sent is silently ignored; an empty object is nothing."""
    if raw and raw.strip() != b"{}":
        raise Invalid(errors=(FieldError("", "extra_forbidden", "This operation takes no body."),))


def _refuse_unreadable(raw: bytes) -> None:
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8.") from error
    except RecursionError as error:
        raise BadRequest(f"The body is nested deeper than {MAX_DEPTH} levels.") from error
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise BadRequest(f"The body is not JSON: {reason}.") from error
    # fewer openings than the limit cannot nest deeper than it
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth_exceeds(value, MAX_DEPTH):
        raise BadRequest(f"The body is nested deeper than {MAX_DEPTH} levels.")
    if b"\\u0000" in raw:
        errors = tuple(
            FieldError(pointer(place), "nul", "This must not hold the NUL character.") for place in _nul_places(value)
        )
        if errors:
            raise Invalid(errors=errors[:MAX_ERRORS])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest(f"The name {twice[:80]!r} is given twice in one object.")
    return found


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def _children(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _nul_places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str):
        if "\x00" in value:
            yield place
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nul_places(item, (*place, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            if "\x00" in name:
                yield place
            yield from _nul_places(item, (*place, name))


def _problem(error: ValidationError) -> BadRequest | Invalid:
    details = error.errors(include_url=False, include_input=False)
    if details[0]["type"] == "json_invalid":
        return BadRequest(f"The body is not JSON: {details[0].get('ctx', {}).get('error', 'unreadable')}.")
    return Invalid(
        errors=tuple(
            FieldError(pointer(detail["loc"]), detail["type"], _sentence(detail)) for detail in details[:MAX_ERRORS]
        )
    )


def _sentence(detail: ErrorDetails) -> str:
    template = _SENTENCES.get(detail["type"])
    return template.format(**detail.get("ctx", {})) if template else detail["msg"]
