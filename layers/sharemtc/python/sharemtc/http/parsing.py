"""Parses bodies and queries into pydantic models. Errors are JSON pointers with a sentence each.

Python's `json` reads a body first, for what pydantic's parser does not detect (duplicate names, depth, NUL). Then
pydantic validates the bytes in strict mode: `"5"` and `true` are not numbers.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sharemtc.problems import BadRequest, FieldError, Invalid
from sharemtc.wire.texts import LenientText, holds_private_key

M = TypeVar("M", bound=BaseModel)
# the path to a value in a document: names and indices from the root
Place = tuple[str | int, ...]

MAX_DEPTH = 32
MAX_ERRORS = 20
MAX_POINTER_CHARS = 200
_NUL = "This must not contain the NUL character."
_PRIVATE_KEY = "This contains a private key. Never share it: send the public key, the .pub file beside it."

_SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "Unknown field.",
    "string_type": "Give a string.",
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
    "string_pattern_mismatch": "This does not match the pattern {pattern}",
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
    """The JSON pointer (RFC 6901) of a path, cut to `MAX_POINTER_CHARS`."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return "".join(f"/{part}" for part in parts)[:MAX_POINTER_CHARS]


def body_as(model: type[M], raw: bytes, salvage: Callable[[Any], M] | None = None) -> M:
    """Errors: `BadRequest` when the body is not JSON, `Invalid` when it does not match `model`.

    `salvage` is called with the JSON value of a body that does not match, see `without_refused`.
    """
    text = _decoded(raw)
    value = _read(text)
    wrong = tuple(error for _, error in _wrong_texts(model, value)) if _may_be_wrong(text) else ()
    if wrong and salvage is None:
        raise Invalid(errors=wrong[:MAX_ERRORS])
    try:
        if not wrong:
            return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        problem = _problem(error)
        if salvage is None or isinstance(problem, BadRequest):
            raise problem from None
    assert salvage is not None
    return salvage(value)


def without_refused(
    model: type[M], value: Any, separable: Callable[[Place, str], Place | None]
) -> tuple[M | None, list[tuple[Place, FieldError]]]:
    """Remove the invalid parts of `value`; returns the rest as `model`, and the parts with the errors.

    `separable` maps the place and the code of an error to the part to remove; None when the whole body is invalid. The
    model is None when the only errors left are missing parts. Errors: `Invalid`.
    """
    refused: list[tuple[Place, FieldError]] = []
    for _ in range(MAX_DEPTH):
        faults = list(_wrong_texts(model, value))
        try:
            found = model.model_validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            # pydantic counts only valid items: a list that is too short because of an invalid one is not an error
            found_in = {detail["loc"][:end] for detail in details for end in range(len(detail["loc"]))}
            real = (each for each in details if each["type"] != "too_short" or each["loc"] not in found_in)
            faults += [(detail["loc"], _field_error(detail)) for detail in real]
        else:
            if not faults:
                return found, refused
        invalid = {separable(place, error.code): error for place, error in reversed(faults)}
        if None in invalid:
            essential = [error for place, error in faults if separable(place, error.code) is None]
            raise Invalid(errors=tuple(essential[:MAX_ERRORS]))
        present = [(part, error) for part, error in invalid.items() if part is not None and _exists(value, part)]
        if not present:
            known = {part for part, _ in refused}
            return None, refused + [(part, error) for part, error in invalid.items() if part and part not in known]
        refused += sorted(present, key=lambda one: _sortable(one[0]))
        # from the end of each list, so that the other indices stay valid
        for part, _ in sorted(present, key=lambda one: _sortable(one[0]), reverse=True):
            _remove(value, part)
    raise BadRequest("The body has too many errors.")


def query_as(model: type[M] | None, query: Mapping[str, Sequence[str]]) -> M | None:
    """The query as `model`; None allows no parameter. Errors: `Invalid` naming the parameter."""
    fields = _parameters(model) if model is not None else frozenset()
    given, errors = {}, []
    for name, values in query.items():
        if name not in fields:
            errors.append(FieldError(pointer((name,)), "extra_forbidden", "Unknown parameter."))
        elif len(values) != 1:
            errors.append(FieldError(pointer((name,)), "repeated", "Give this parameter once."))
        elif "\x00" in values[0]:
            errors.append(FieldError(pointer((name,)), "nul", _NUL))
        elif holds_private_key(values[0]):
            errors.append(FieldError(pointer((name,)), "private_key", _PRIVATE_KEY))
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


@cache
def _parameters(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in model.model_fields.items())


def no_body(raw: bytes) -> None:
    """Reject a body that would be ignored; an empty object passes. Errors: `Invalid`."""
    if raw and raw.strip() != b"{}":
        raise Invalid(errors=(FieldError("", "extra_forbidden", "This operation does not accept a body."),))


def _sortable(place: Place) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, one, "") if isinstance(one, int) else (1, 0, one) for one in place)


def _exists(value: Any, place: Place) -> bool:
    for one in place:
        known = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
        if one not in known:
            return False
        value = value[one]
    return True


def _remove(value: Any, place: Place) -> None:
    *above, last = place
    for one in above:
        value = value[one]
    del value[last]


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8.") from error


def _read(text: str) -> Any:
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        raise BadRequest(f"The body is nested deeper than {MAX_DEPTH} levels.") from error
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise BadRequest(f"The body is not JSON: {reason}.") from error
    # fewer openings than the limit cannot nest deeper than it
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth_exceeds(value, MAX_DEPTH):
        raise BadRequest(f"The body is nested deeper than {MAX_DEPTH} levels.")
    return value


def _may_be_wrong(text: str) -> bool:
    """Whether to check each text: a JSON escape may hide a NUL or a key from a search of the whole."""
    return "\\u" in text or holds_private_key(text)


def _wrong_texts(model: type[BaseModel], value: Any) -> Iterator[tuple[Place, FieldError]]:
    """NUL characters and pasted private keys. `LenientText` fields redact keys themselves."""
    for place in _places(value, lambda text: "\x00" in text):
        yield place, FieldError(pointer(place), "nul", _NUL)
    for place in _places(value, holds_private_key):
        if not _is_lenient(model, place):
            yield place, FieldError(pointer(place), "private_key", _PRIVATE_KEY)


def _is_lenient(model: Any, place: Place) -> bool:
    field = None
    for part in place:
        candidates = [model, *typing.get_args(model)]
        if isinstance(part, int):
            model = next((args[0] for one in candidates if (args := typing.get_args(one))), None)
            continue
        holder = next((one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None)
        field = holder.model_fields.get(part) if holder is not None else None
        model = field.annotation if field is not None else None
    return field is not None and any(isinstance(one, LenientText) for one in field.metadata)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest(f"The name {twice[:80]!r} appears twice in one object.")
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


def _places(
    value: Any, wrong: Callable[[str], bool], place: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str):
        if wrong(value):
            yield place
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, wrong, (*place, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            if wrong(name):
                yield place
            yield from _places(item, wrong, (*place, name))


def _problem(error: ValidationError) -> BadRequest | Invalid:
    details = error.errors(include_url=False, include_input=False)
    if details[0]["type"] == "json_invalid":
        return BadRequest(f"The body is not JSON: {details[0].get('ctx', {}).get('error', 'unreadable')}.")
    return Invalid(errors=tuple(_field_error(detail) for detail in details[:MAX_ERRORS]))


def _field_error(detail: ErrorDetails) -> FieldError:
    return FieldError(pointer(detail["loc"]), detail["type"], _sentence(detail))


def _sentence(detail: ErrorDetails) -> str:
    template = _SENTENCES.get(detail["type"])
    return template.format(**detail.get("ctx", {})) if template else detail["msg"]
