"""The HTTP core, and the only module that knows the router: a view declares what it takes, and gets it checked.

    api = Api("resources")

    @api.operation("POST", "/v1/resources/vms", status=201, roles=ANYONE_SIGNED_IN, idempotent=True)
    def post_vm(caller: Principal, body: VmCreate, claim: Claim) -> VmView:
        \"\"\"Rent a VM.\"\"\"
        return workloads.service.open_vm(caller, body, claim)

A view may take its path's parameters (`str`), `body` and `query` (pydantic models), `caller` (a Principal), `claim`
(with `idempotent=True`) and `request` (the raw Request). It returns a model, anything whose attributes its declared
view reads (`view=VmView` where the annotation says something else), a `Reply` with headers and cookies, or None: 204.

In this order: the route exists, the size is bearable, the caller is known, the role is enough, the body is JSON of the
declared shape, the query too. An operation is closed unless it names its roles or says `public=True`.
"""

from __future__ import annotations

import base64
import binascii
import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from chalice.app import Chalice, Response
from pydantic import BaseModel
from pydantic_core import to_json

from sharemtc import clock, identity, observe
from sharemtc.exchange import Reply, Request
from sharemtc.idempotency import Claim, Stored
from sharemtc.identity import Principal, Role
from sharemtc.parsing import body_as, no_body, query_as
from sharemtc.problems import BadRequest, Forbidden, NotFound, Problem, TooLarge, Unauthenticated, Unsupported

__all__ = ["Api", "MethodNotAllowed", "Operation", "Reply", "Request"]

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_PATH_PARAMETER_CHARS: Final = 200

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_SUPPLIED: Final = {"body", "query", "caller", "claim", "request"}
_JSON: Final = re.compile(r'application/json\s*(;\s*charset="?utf-8"?\s*)?', re.IGNORECASE)

V = TypeVar("V", bound=Callable[..., Any])
Authenticate = Callable[[Request], Principal]


class MethodNotAllowed(Problem):
    """The path exists, the method on it does not."""

    status, code, title = 405, "method_not_allowed", "This method is not known here"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"Use {' or '.join(sorted(allowed))}.", allow=sorted(allowed))


@dataclass(frozen=True)
class Operation:
    """What a view declared: the source of its checks, of OpenAPI and of the table of operations and roles."""

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
    takes_caller: bool
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    view: type[BaseModel] | None
    errors: tuple[type[Problem], ...]
    max_body_bytes: int


class Api(Chalice):
    """The operations of one function; the object itself is the Lambda handler."""

    def __init__(self, group: str, *, authenticate: Authenticate = identity.authenticate) -> None:
        super().__init__(group, configure_logs=False)
        self.api.binary_types = []  # every answer is text; Chalice need not look for others
        self.group = group
        self.operations: list[Operation] = []
        self._authenticate = authenticate
        self._tree: dict[str | None, Any] = {}

    def operation(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        roles: frozenset[Role] = frozenset(),
        public: bool = False,
        idempotent: bool = False,
        view: type[BaseModel] | None = None,
        errors: tuple[type[Problem], ...] = (),
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> Callable[[V], V]:
        """Declare the function below as the view of `method path`. Errors: `TypeError` at import when it cannot be."""

        def register(function: V) -> V:
            hints = typing.get_type_hints(function)
            summary, _, description = inspect.cleandoc(function.__doc__ or "").partition("\n\n")
            operation = Operation(
                group=self.group,
                method=method,
                path=path,
                name=function.__name__,
                summary=" ".join(summary.split()),
                description=description,
                status=status,
                roles=roles,
                public=public,
                idempotent=idempotent,
                takes_caller="caller" in hints,
                body=hints.get("body"),
                query=hints.get("query"),
                view=view or _view_of(hints.get("return")),
                errors=errors,
                max_body_bytes=max_body_bytes,
            )
            _refuse_undeclarable(operation, set(inspect.signature(function).parameters))
            self.operations.append(operation)
            self._add_route(operation, _Endpoint(self, operation, function))
            return function

        return register

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer an API Gateway proxy event, whether its resource is exact or a greedy `{proxy+}`."""
        context_given = event.get("requestContext") or {}
        request_id = context_given.get("requestId") or clock.new_id("req")
        method = context_given.get("httpMethod") or event["httpMethod"]
        try:
            route, parameters = self._resolve(event["path"])
            if method not in self.routes[route]:
                raise MethodNotAllowed(list(self.routes[route]))
        except Problem as problem:
            return _finish(_refusal(problem, request_id).to_dict())
        response = super().__call__(
            {
                "headers": event.get("headers"),
                "multiValueQueryStringParameters": event.get("multiValueQueryStringParameters")
                or {name: [value] for name, value in (event.get("queryStringParameters") or {}).items()},
                "pathParameters": parameters,
                "stageVariables": None,
                "body": event.get("body"),
                "isBase64Encoded": event.get("isBase64Encoded", False),
                "requestContext": {
                    "httpMethod": method,
                    "resourcePath": route,
                    "path": event["path"],
                    "requestId": request_id,
                    "identity": context_given.get("identity") or {},
                },
            },
            context,
        )
        return _finish(response)

    def authenticate(self, request: Request) -> Principal:
        """The caller. Errors: `Unauthenticated` and its kinds."""
        return self._authenticate(request)

    def _add_route(self, operation: Operation, endpoint: _Endpoint) -> None:
        # content types are judged by the endpoint, which knows whether it reads a body
        self.route(operation.path, methods=[operation.method], name=operation.name, content_types=[])(endpoint)
        node = self._tree
        for segment in operation.path.strip("/").split("/"):
            node = node.setdefault(None if segment.startswith("{") else segment, {})
        node[""] = operation.path, tuple(_parameter_names(operation.path))

    def _resolve(self, path: str) -> tuple[str, dict[str, str]]:
        node, values = self._tree, []
        for segment in path.strip("/").split("/"):
            if segment and segment in node:
                node = node[segment]
            elif segment and None in node:
                node = node[None]
                values.append(_path_parameter(segment))
            else:
                raise NotFound("There is nothing at this path.")
        if "" not in node:
            raise NotFound("There is nothing at this path.")
        route, names = node[""]
        return route, dict(zip(names, values, strict=True))


class _Endpoint:
    """One view with all that happens before and after it."""

    def __init__(self, api: Api, operation: Operation, function: Callable[..., Any]) -> None:
        self.api = api
        self.operation = operation
        self.function = function
        self.takes = frozenset(inspect.signature(function).parameters)
        self.__name__ = operation.name

    def __call__(self, **arguments: Any) -> Response:
        given = self.api.current_request
        assert given is not None
        request_id = given.context["requestId"]
        try:
            return self._serve(given, arguments)
        except Problem as problem:
            return _refusal(problem, request_id)
        except Exception:
            observe.logger().exception("unexpected", extra={"operation": self.operation.name, "request_id": request_id})
            return _refusal(_internal(), request_id)

    def _serve(self, given: Any, arguments: dict[str, Any]) -> Response:
        request, claim = self._read(given), None
        if not self.operation.public:
            caller = self._admit(request)
            if "caller" in self.takes:
                arguments["caller"] = caller
            if self.operation.idempotent:
                arguments["claim"] = claim = self._claim(request, caller)
                if (stored := claim.stored()) is not None:
                    return _replay(stored, request.request_id)
        try:
            return self._answer(request, arguments, claim)
        except Problem:
            # whoever lost a race on the key may have been refused for anything, say the capacity that the winner took
            if claim is None or (stored := claim.stored()) is None:
                raise
            return _replay(stored, request.request_id)

    def _read(self, given: Any) -> Request:
        return Request(
            method=self.operation.method,
            path=given.context["path"],
            headers=given.headers._dict,  # the plain dict under Chalice's read-only mapping; names are lower-cased
            query=given.query_params._dict,
            body=_body(given._body, given._is_base64_encoded, self.operation.max_body_bytes),
            source_ip=given.context["identity"].get("sourceIp") or "",
            request_id=given.context["requestId"],
        )

    def _admit(self, request: Request) -> Principal:
        caller = self.api.authenticate(request)
        if caller.role not in self.operation.roles:
            raise Forbidden(f"This takes one of these roles: {', '.join(sorted(self.operation.roles))}.")
        return caller

    def _claim(self, request: Request, caller: Principal) -> Claim:
        key = request.headers.get("idempotency-key")
        operation = f"{request.method} {request.path}"
        return Claim.make(caller.id, key, operation, request.body, self.operation.status)

    def _answer(self, request: Request, arguments: dict[str, Any], claim: Claim | None) -> Response:
        operation = self.operation
        if operation.body is None:
            no_body(request.body)
        else:
            _demand_json(request)
            arguments["body"] = body_as(operation.body, request.body)
        if operation.query is not None:
            arguments["query"] = query_as(operation.query, request.query)
        elif request.query:
            query_as(None, request.query)
        if "request" in self.takes:
            arguments["request"] = request
        result = self.function(**arguments)
        if claim is not None and claim.recorded is not None:
            return _response(claim.recorded.status, claim.recorded.body, request.request_id)
        return _dump(operation, result, request.request_id)


def _view_of(annotation: Any) -> type[BaseModel] | None:
    if typing.get_origin(annotation) is Reply:
        (annotation,) = typing.get_args(annotation)
    if annotation is None or annotation is type(None):
        return None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    raise TypeError(f"{annotation!r} is no view: annotate a pydantic model, or give view=")


def _parameter_names(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _refuse_undeclarable(operation: Operation, parameters: set[str]) -> None:
    where = f"{operation.method} {operation.path}"
    if bool(operation.roles) == operation.public:
        raise TypeError(f"{where}: name its roles, or say public=True")
    if operation.public and ("caller" in parameters or operation.idempotent):
        raise TypeError(f"{where}: a public operation has no caller")
    if ("claim" in parameters) != operation.idempotent:
        raise TypeError(f"{where}: idempotent=True and a claim go together")
    if parameters - _SUPPLIED != set(_parameter_names(operation.path)):
        raise TypeError(f"{where}: its path and its arguments name different parameters")
    if (operation.view is None) != (operation.status == 204):
        raise TypeError(f"{where}: 204, and only 204, answers nothing")
    if not operation.summary:
        raise TypeError(f"{where}: its docstring is its summary")


def _path_parameter(segment: str) -> str:
    value = unquote(segment)
    if not value.isprintable() or len(value) > MAX_PATH_PARAMETER_CHARS:
        raise NotFound("There is nothing at this path.")
    return value


def _body(body: str | bytes | None, is_base64: bool, max_bytes: int) -> bytes:
    if not body:
        return b""
    # four characters of base64 carry three bytes
    if len(body) > (max_bytes * 4 // 3 + 4 if is_base64 else max_bytes):
        raise TooLarge(f"At most {max_bytes} bytes.")
    try:
        raw = base64.b64decode(body, validate=True) if is_base64 else body
        raw = raw.encode() if isinstance(raw, str) else raw
    except (binascii.Error, ValueError) as error:
        raise BadRequest("The body cannot be decoded.") from error
    if len(raw) > max_bytes:
        raise TooLarge(f"At most {max_bytes} bytes.")
    return raw


def _demand_json(request: Request) -> None:
    content_type = request.headers.get("content-type", "")
    if content_type != "application/json" and not _JSON.fullmatch(content_type.strip()):
        raise Unsupported("Send Content-Type: application/json.")
    if not request.body:
        raise BadRequest("The body is empty.")


def _dump(operation: Operation, result: Any, request_id: str) -> Response:
    reply = result if isinstance(result, Reply) else None
    value = reply.value if reply is not None else result
    body = ""
    if operation.view is not None:
        model = operation.view
        if not isinstance(value, model):
            value = model.model_validate(value, from_attributes=True)
        body = model.__pydantic_serializer__.to_json(value).decode()
    response = _response(operation.status, body, request_id)
    if reply is not None:
        response.headers.update(reply.headers or {})
        if reply.cookies:
            response.headers["Set-Cookie"] = list(reply.cookies)
    return response


def _response(status: int, body: str, request_id: str, content_type: str = "application/json") -> Response:
    headers: dict[str, str | list[str]] = {"X-Request-Id": request_id}
    if body:
        headers["Content-Type"] = content_type
    return Response(body, headers, status)


def _finish(response: dict[str, Any]) -> dict[str, Any]:
    response["headers"] = {**_HEADERS, **response["headers"]}
    return response


def _replay(stored: Stored, request_id: str) -> Response:
    response = _response(stored.status, stored.body, request_id)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _refusal(problem: Problem, request_id: str) -> Response:
    body = to_json(problem.document(request_id)).decode()
    response = _response(problem.status, body, request_id, "application/problem+json")
    extra: Mapping[str, Any] = problem.extra
    if "retry_after_s" in extra:
        response.headers["Retry-After"] = str(extra["retry_after_s"])
    if "allow" in extra:
        response.headers["Allow"] = ", ".join(extra["allow"])
    if isinstance(problem, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _internal() -> Problem:
    return Problem("Something went wrong on our side. It was logged under this request id.")
