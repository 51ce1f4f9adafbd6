"""The declaration of an operation: the source of its checks, of OpenAPI and of the table of operations and roles."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Final

from pydantic import BaseModel

from sharemtc.principals import Role
from sharemtc.problems import Problem
from sharemtc.requests import Reply

MAX_BODY_BYTES: Final = 1024 * 1024
_SUPPLIED: Final = {"body", "query", "caller", "claim", "if_match", "request"}


@dataclass(frozen=True)
class Operation:
    """One operation of the API. `quiet`: called so often that only its errors are logged.

    `max_unpacked_bytes`: limit of a decompressed gzip body; 0 rejects gzip. `salvage` builds the body
    from the valid parts of a JSON value that is not valid as a whole.
    """

    group: str
    method: str
    path: str
    name: str
    summary: str
    description: str
    status: int
    roles: frozenset[Role]
    public: bool
    idempotent: bool
    quiet: bool
    takes_caller: bool
    takes_if_match: bool
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    view: type[BaseModel] | None
    errors: tuple[type[Problem], ...]
    max_body_bytes: int
    max_unpacked_bytes: int
    salvage: Callable[[Any], Any] | None

    @cached_property
    def id(self) -> str:
        """The name in logs, metrics and OpenAPI."""
        return f"{self.group}_{self.name}"

    @cached_property
    def changes(self) -> bool:
        """Every method but GET is assumed to change something."""
        return self.method != "GET"

    @cached_property
    def versioned(self) -> bool:
        """Whether the response carries an `ETag`: the view's `version`, which grows with every stored change."""
        return self.view is not None and "version" in self.view.model_fields


def declare(
    function: Callable[..., Any],
    *,
    group: str,
    method: str,
    path: str,
    view: type[BaseModel] | None,
    status: int,
    roles: frozenset[Role],
    public: bool,
    idempotent: bool,
    quiet: bool,
    errors: tuple[type[Problem], ...],
    max_body_bytes: int,
    max_unpacked_bytes: int,
    salvage: Callable[[Any], Any] | None,
) -> Operation:
    """Errors: `TypeError` when the declaration contradicts itself or the function's signature."""
    hints = _hints_of(function, with_return=view is None)
    summary, _, description = inspect.cleandoc(function.__doc__ or "").partition("\n\n")
    operation = Operation(
        group=group,
        method=method,
        path=path,
        name=function.__name__,
        summary=" ".join(summary.split()),
        description=description,
        status=status,
        roles=roles,
        public=public,
        idempotent=idempotent,
        quiet=quiet,
        takes_caller="caller" in hints,
        takes_if_match="if_match" in hints,
        body=hints.get("body"),
        query=hints.get("query"),
        view=view or _view_of(hints.get("return")),
        errors=errors,
        max_body_bytes=max_body_bytes,
        max_unpacked_bytes=max_unpacked_bytes,
        salvage=salvage,
    )
    _check_declaration(operation, set(inspect.signature(function).parameters))
    return operation


def parameter_names(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _hints_of(function: Callable[..., Any], *, with_return: bool) -> dict[str, Any]:
    """The types of its arguments, and of what it returns: that may be a record that only type checkers import."""
    given = {name: type for name, type in inspect.get_annotations(function).items() if with_return or name != "return"}
    return typing.get_type_hints(SimpleNamespace(__annotations__=given), function.__globals__)


def _view_of(annotation: Any) -> type[BaseModel] | None:
    if typing.get_origin(annotation) is Reply:
        (annotation,) = typing.get_args(annotation)
    if annotation is None or annotation is type(None):
        return None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    raise TypeError(f"{annotation!r} is not a view: annotate a pydantic model, or pass view=")


def _check_declaration(operation: Operation, parameters: set[str]) -> None:
    where = f"{operation.method} {operation.path}"
    if bool(operation.roles) == operation.public:
        raise TypeError(f"{where}: name its roles, or set public=True")
    if operation.public and ("caller" in parameters or operation.idempotent):
        raise TypeError(f"{where}: a public operation has no caller")
    if ("claim" in parameters) != operation.idempotent:
        raise TypeError(f"{where}: idempotent=True and a claim go together")
    if parameters - _SUPPLIED != set(parameter_names(operation.path)):
        raise TypeError(f"{where}: the path and the function have different parameters")
    if (operation.view is None) != (operation.status == 204):
        raise TypeError(f"{where}: status 204 and an empty response go together")
    if not operation.summary:
        raise TypeError(f"{where}: add a docstring, the summary in OpenAPI")
