"""CPU of a warm route: event in, checked and validated, view out; no I/O.

    python -m tests.benchmarks.warm_route

Prints microseconds of CPU per call on one core, the best of several rounds. Everything a request has is in them: its
line in the log (written to a file here), the count against its limit, its headers. For comparison, what Chalice alone
takes for an event with an exact route and no checks at all, which is why the HTTP core does not go through it. The
quiet operation does the same as the GET and leaves no line: the difference is the line, most of which is its write.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from chalice.app import Chalice, Response
from pydantic import Field
from tests.support.events import event

from sharemtc.http.api import Api
from sharemtc.principals import ANYONE_SIGNED_IN, Principal, Role
from sharemtc.schemas import PageQuery, Schema, View
from sharemtc.settings import settings

CALLS, ROUNDS = 5_000, 7


class OrderCreate(Schema):
    """A body."""

    sku: str
    quantity: int = Field(gt=0)


class OrderView(View):
    """An answer."""

    id: str
    quantity: int


def orders() -> Api:
    """Four routes with all checks and views that do nothing."""
    api = Api("orders", authenticate=lambda _: Principal(Role.USER, "usr_1"))

    @api.operation("POST", "/v1/orders", status=201, roles=ANYONE_SIGNED_IN)
    def post_order(caller: Principal, body: OrderCreate) -> OrderView:
        """Order."""
        return OrderView(id=body.sku, quantity=body.quantity)

    @api.operation("GET", "/v1/orders/{order_id}", roles=ANYONE_SIGNED_IN)
    def get_order(caller: Principal, order_id: str) -> OrderView:
        """One order."""
        return OrderView(id=order_id, quantity=1)

    @api.operation("GET", "/v1/states/{order_id}", roles=ANYONE_SIGNED_IN, quiet=True)
    def get_order_state(caller: Principal, order_id: str) -> OrderView:
        """One order, without a line."""
        return OrderView(id=order_id, quantity=1)

    @api.operation("GET", "/v1/orders", roles=ANYONE_SIGNED_IN)
    def list_orders(caller: Principal, query: PageQuery) -> OrderView:
        """Orders."""
        return OrderView(id="", quantity=query.limit)

    return api


def bare_router() -> Chalice:
    """The same path with nothing of ours."""
    app = Chalice("bare", configure_logs=False)
    app.api.binary_types = []

    @app.route("/v1/orders/{order_id}", methods=["GET"], content_types=[])
    def get_order(order_id: str) -> Response:
        return Response("{}", {"Content-Type": "application/json"}, 200)

    return app


def cpu_us(call: Callable[[], object]) -> float:
    """Microseconds of CPU per call."""
    rounds = []
    with tempfile.TemporaryFile("w") as lines, contextlib.redirect_stdout(lines):
        for _ in range(ROUNDS):
            start = time.process_time()
            for _ in range(CALLS):
                call()
            rounds.append((time.process_time() - start) / CALLS * 1e6)
    return min(rounds)


def main() -> None:
    """Print the figures."""
    # counted as always, and never refused: a refusal is not what is measured
    os.environ["REQUESTS_PER_MINUTE"] = str(10**12)
    settings.cache_clear()
    api, bare = orders(), bare_router()
    exact: dict[str, Any] = event("GET", "/v1/orders/o1")
    exact["requestContext"]["resourcePath"] = "/v1/orders/{order_id}"
    exact["pathParameters"] = {"order_id": "o1"}
    print(f"Chalice alone           {cpu_us(lambda: bare(exact, None)):6.1f} µs")
    for name, given in (
        ("GET with path parameter", event("GET", "/v1/orders/o1")),
        ("GET, quiet", event("GET", "/v1/states/o1")),
        ("GET with query", event("GET", "/v1/orders?limit=7")),
        ("POST with body", event("POST", "/v1/orders", body={"sku": "a", "quantity": 1})),
    ):
        with contextlib.redirect_stdout(io.StringIO()):
            assert api(given, None)["statusCode"] in (200, 201)
        print(f"{name:<23} {cpu_us(lambda given=given: api(given, None)):6.1f} µs")  # type: ignore[misc]


if __name__ == "__main__":
    main()
