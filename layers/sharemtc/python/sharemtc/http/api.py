"""The HTTP core, and the only module that imports the router. A view declares its inputs and gets them validated.

    api = Api("resources")

    @api.operation("POST", "/v1/resources/vms", status=201, roles=ANYONE_SIGNED_IN, idempotent=True)
    def post_vm(caller: Principal, body: VmCreate, claim: Claim) -> VmView:
        \"\"\"Rent a VM.\"\"\"
        return workloads.service.create(VM, Spender.of(caller), body, claim)

A view may take its path parameters (`str`), `body` and `query` (pydantic models), `caller` (a Principal), `claim`
(with `idempotent=True`), `if_match` (an IfMatch) and `request` (the raw Request). It returns a model, an object whose
attributes the declared view reads (`view=VmView` when the annotation is another type), a `Reply` with headers and
cookies, or None for 204. If the view has a `version`, the response carries it as `ETag`.

Checks, in order: route, body size, cross-site cookies, failed logins from the address, credentials, rate limit, role,
live session (operations that change something), body, query. An operation must name its roles or set `public=True`.

Chalice holds the routes and rejects duplicates. Its own handling of an event (request object, header matching, content
types: none used here) would cost as much as all the checks above, so views are called from its route table directly.
"""

from __future__ import annotations

import base64
import binascii
import inspect
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from chalice.app import Chalice
from pydantic import BaseModel

from sharemtc import access_tokens, live_sessions, observability, request_context
from sharemtc.client_addresses import caller_address
from sharemtc.http import rate_limits
from sharemtc.http.cross_origin import reject_cross_origin
from sharemtc.http.gzip_bodies import GZIP_TYPE, gunzip
from sharemtc.http.operations import MAX_BODY_BYTES, Operation, declare, parameter_names
from sharemtc.http.parsing import body_as, no_body, query_as
from sharemtc.http.responses import Answer, done, dump, is_too_large, origin_headers, preflight, refuse, replay
from sharemtc.idempotency import Claim
from sharemtc.ids import IdKind, new_id
from sharemtc.principals import Principal, Role
from sharemtc.problems import BadRequest, Forbidden, NotFound, Problem, TooLarge, Unauthenticated, Unsupported
from sharemtc.request_context import Call
from sharemtc.requests import IfMatch, Reply, Request
from sharemtc.storage.failures import outage_of

__all__ = ["Api", "MethodNotAllowed", "Operation", "Reply", "Request"]

MAX_PATH_PARAMETER_CHARS: Final = 200

# parameters that choose the page, not the contents of the list
_PAGING: Final = frozenset({"limit", "cursor"})
_ETAGS: Final = re.compile(r'\s*(W/)?"[\x21\x23-\x7e]*"(\s*,\s*(W/)?"[\x21\x23-\x7e]*")*\s*')
_JSON: Final = re.compile(r'application/json\s*(;\s*charset="?utf-8"?\s*)?', re.IGNORECASE)

V = TypeVar("V", bound=Callable[..., Any])
Authenticate = Callable[[Request], Principal]


class MethodNotAllowed(Problem):
    status, code, title = 405, "method_not_allowed", "Method not allowed"

    def __init__(self, declared: Iterable[str]) -> None:
        super().__init__(f"Use {' or '.join(sorted(declared))}.", allow=allowed_methods(declared))


def allowed_methods(declared: Iterable[str]) -> list[str]:
    """The `declared` methods of a path, HEAD if it has GET, and OPTIONS."""
    methods = {*declared, "OPTIONS"}
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


class Api(Chalice):
    """The operations of one function; the object itself is the Lambda handler."""

    def __init__(self, group: str, *, authenticate: Authenticate = access_tokens.authenticate) -> None:
        super().__init__(group, configure_logs=False)
        self.api.binary_types = []  # every response is text; Chalice need not look for others
        self.group = group
        self.operations: list[Operation] = []
        self._by_id: dict[str, Operation] = {}
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
        quiet: bool = False,
        view: type[BaseModel] | None = None,
        errors: tuple[type[Problem], ...] = (),
        max_body_bytes: int = MAX_BODY_BYTES,
        max_unpacked_bytes: int = 0,
        salvage: Callable[[Any], BaseModel] | None = None,
    ) -> Callable[[V], V]:
        """Declare the decorated function as the view of `method path`. Errors: `TypeError` at import if invalid."""

        def register(function: V) -> V:
            operation = declare(
                function,
                group=self.group,
                method=method,
                path=path,
                view=view,
                status=status,
                roles=roles,
                public=public,
                idempotent=idempotent,
                quiet=quiet,
                errors=errors,
                max_body_bytes=max_body_bytes,
                max_unpacked_bytes=max_unpacked_bytes,
                salvage=salvage,
            )
            self.operations.append(operation)
            self._by_id[operation.id] = operation
            self._add_route(operation, _Endpoint(self, operation, function))
            return function

        return register

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Handle an API Gateway proxy event of an exact resource or a greedy `{proxy+}`."""
        started_ns = time.perf_counter_ns()
        given = event.get("requestContext") or {}
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        sent_id, path = headers.get("x-request-id"), _own_path(event["path"])
        if sent_id is None or not request_context.REQUEST_ID.fullmatch(sent_id):
            sent_id = given.get("requestId") or new_id(IdKind.REQUEST)
        call = request_context.begin(sent_id, path)
        answer = self._respond(event, given, headers, call)
        answer.headers.update(origin_headers(headers.get("origin")))
        operation = self._by_id.get(call.operation)
        if operation is None or not operation.quiet or answer.status >= 400:
            duration_us = (time.perf_counter_ns() - started_ns) // 1000
            observability.request_served(call, answer.status, duration_us, getattr(context, "aws_request_id", None))
        return {
            "statusCode": answer.status,
            "headers": answer.headers,
            "multiValueHeaders": {"Set-Cookie": list(answer.cookies)} if answer.cookies else {},
            "body": answer.body,
        }

    def _respond(self, event: Any, given: Mapping[str, Any], headers: Mapping[str, str], call: Call) -> Answer:
        method = given.get("httpMethod") or event["httpMethod"]
        try:
            route, parameters = self._resolve(call.path)
            views = self.routes[route]
            if method == "OPTIONS":
                return preflight(allowed_methods(views), call.request_id)
            served = "GET" if method == "HEAD" else method
            if served not in views:
                raise MethodNotAllowed(views)
            answer: Answer = views[served].view_function(event, given, headers, parameters, call)
        except Problem as problem:
            call.code = problem.code
            answer = refuse(problem, call.request_id)
        return replace(answer, body="") if method == "HEAD" else answer

    def authenticate(self, request: Request) -> Principal:
        return self._authenticate(request)

    def _add_route(self, operation: Operation, endpoint: _Endpoint) -> None:
        # the endpoint checks content types: it knows whether it reads a body
        self.route(operation.path, methods=[operation.method], name=operation.name, content_types=[])(endpoint)
        node = self._tree
        for segment in operation.path.strip("/").split("/"):
            node = node.setdefault(None if segment.startswith("{") else segment, {})
        node[""] = operation.path, tuple(parameter_names(operation.path))

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
    """A view with the checks before it and the response after it."""

    def __init__(self, api: Api, operation: Operation, function: Callable[..., Any]) -> None:
        self.api = api
        self.operation = operation
        self.id = operation.id
        self.function = function
        self.takes = frozenset(inspect.signature(function).parameters)
        self.__name__ = operation.name

    def __call__(
        self,
        event: Mapping[str, Any],
        given: Mapping[str, Any],
        headers: Mapping[str, str],
        arguments: dict[str, Any],
        call: Call,
    ) -> Answer:
        """Serve an event; `given` is its request context. The view's arguments are added to `arguments`."""
        call.operation = self.id
        try:
            return self._serve(self._read(event, given, headers, call), arguments, call)
        except Problem as problem:
            failure = problem
        except Exception as error:
            failure = outage_of(error) or Problem("Something went wrong. It was logged under this request id.")
            observability.logger().exception(
                failure.code, extra={"operation": call.operation, "request_id": call.request_id}
            )
        call.code = failure.code
        return refuse(failure, call.request_id)

    def _serve(self, request: Request, arguments: dict[str, Any], call: Call) -> Answer:
        claim, caller = None, None
        reject_cross_origin(request)
        if not self.operation.public:
            caller = self._authenticate(request, call)
        rate_limits.take(self.operation, caller, request.source_ip)
        if caller is not None:
            if caller.role not in self.operation.roles:
                raise Forbidden(f"This requires one of these roles: {', '.join(sorted(self.operation.roles))}.")
            # API keys and hosts were just read from the table
            if self.operation.changes and caller.session_id:
                live_sessions.require_live(caller)
            if "caller" in self.takes:
                arguments["caller"] = caller
            if self.operation.idempotent:
                arguments["claim"] = claim = self._claim(request, caller)
                if (stored := claim.stored()) is not None:
                    return replay(stored, request.request_id)
        try:
            return self._answer(request, arguments, claim)
        except Problem:
            # a request that lost the race for its key may fail for any reason, e.g. the capacity that the winner took
            if claim is None or (stored := claim.stored()) is None:
                raise
            return replay(stored, request.request_id)

    def _read(
        self, event: Mapping[str, Any], given: Mapping[str, Any], headers: Mapping[str, str], call: Call
    ) -> Request:
        body, query = event.get("body"), _query(event)
        if query:
            call.filters = tuple(sorted((name, tuple(given)) for name, given in query.items() if name not in _PAGING))
        return Request(
            method=self.operation.method,
            path=call.path,
            headers=headers,
            query=query,
            body=_body(body, event.get("isBase64Encoded", False), self.operation.max_body_bytes) if body else b"",
            source_ip=caller_address((given.get("identity") or {}).get("sourceIp") or "", headers),
            request_id=call.request_id,
        )

    def _authenticate(self, request: Request, call: Call) -> Principal:
        rate_limits.check_refusals(request.source_ip)
        try:
            caller = self.api.authenticate(request)
        except (Unauthenticated, Forbidden):
            rate_limits.count_refusal(request.source_ip)
            raise
        call.principal_id, call.role = caller.id, caller.role.value
        return caller

    def _claim(self, request: Request, caller: Principal) -> Claim:
        key = request.headers.get("idempotency-key")
        operation = f"{request.method} {request.path}"
        return Claim.make(caller.id, key, operation, request.body, self.operation.status)

    def _answer(self, request: Request, arguments: dict[str, Any], claim: Claim | None) -> Answer:
        operation = self.operation
        if operation.body is None:
            no_body(request.body)
        else:
            arguments["body"] = body_as(operation.body, _json_of(request, operation), operation.salvage)
        if operation.query is not None:
            arguments["query"] = query_as(operation.query, request.query)
        elif request.query:
            query_as(None, request.query)
        if "request" in self.takes:
            arguments["request"] = request
        if operation.takes_if_match:
            arguments["if_match"] = _if_match(request.headers.get("if-match"))
        elif request.method != "GET" and "if-match" in request.headers:
            raise BadRequest("This operation does not support If-Match. Send it without.")
        result = self.function(**arguments)
        if claim is not None and claim.recorded is not None:
            return done(claim.recorded.status, claim.recorded.body, request.request_id)
        answer = dump(operation, result, request.request_id)
        return self._smaller(answer, arguments, request.request_id) if is_too_large(answer) else answer

    def _smaller(self, answer: Answer, arguments: dict[str, Any], request_id: str) -> Answer:
        """The response again with half the page size until it fits; its cursor continues after the last item."""
        query = arguments.get("query")
        while is_too_large(answer) and self.operation.method == "GET" and getattr(query, "limit", 1) > 1:
            assert query is not None
            query = query.model_copy(update={"limit": query.limit // 2})
            answer = dump(self.operation, self.function(**{**arguments, "query": query}), request_id)
        if is_too_large(answer):
            observability.logger().error("answer_too_large", extra={"operation": self.id, "request_id": request_id})
        return answer


def _own_path(path: str) -> str:
    """The path without the base path that a custom domain's mapping may add (`/compute/v1/…`)."""
    return path[max(0, path.find("/v1/")) :]


def _path_parameter(segment: str) -> str:
    value = unquote(segment)
    if not value.isprintable() or len(value) > MAX_PATH_PARAMETER_CHARS:
        raise NotFound("There is nothing at this path.")
    return value


def _query(event: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    repeated: Mapping[str, Sequence[str]] | None = event.get("multiValueQueryStringParameters")
    if repeated:
        return repeated
    single: Mapping[str, str] | None = event.get("queryStringParameters")
    return {name: (value,) for name, value in single.items()} if single else {}


def _body(body: str | bytes, is_base64: bool, max_bytes: int) -> bytes:
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


def _json_of(request: Request, operation: Operation) -> bytes:
    """The JSON text of the body, decompressed if the operation allows it. Signatures cover the bytes as sent."""
    content_type, coding = request.headers.get("content-type", ""), request.headers.get("content-encoding")
    gzipped = content_type == GZIP_TYPE or coding == "gzip"
    if gzipped and not operation.max_unpacked_bytes:
        raise Unsupported("This operation does not accept a compressed body.")
    if coding not in (None, "identity", "gzip"):
        raise Unsupported("Send no Content-Encoding.")
    if content_type not in ("application/json", GZIP_TYPE) and not _JSON.fullmatch(content_type.strip()):
        raise Unsupported("Send Content-Type: application/json.")
    if not request.body:
        raise BadRequest("The body is empty.")
    return gunzip(request.body, operation.max_unpacked_bytes) if gzipped else request.body


def _if_match(header: str | None) -> IfMatch:
    if header is None or header.strip() == "*":
        return IfMatch()
    if not _ETAGS.fullmatch(header):
        raise BadRequest('Send If-Match as quoted versions separated by commas ("3", "4"), or *.')
    # a weak tag matches nothing here (RFC 9110, 13.1.1)
    return IfMatch(frozenset(tag[1:-1] for tag in re.split(r"\s*,\s*", header.strip()) if not tag.startswith("W/")))
