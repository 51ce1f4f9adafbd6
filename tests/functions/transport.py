"""The Python client in front of the real functions: its requests become their events, in this process."""

from __future__ import annotations

import httpx
from tests.functions.events import event
from tests.functions.world import function


class FunctionsTransport(httpx.BaseTransport):
    """Hands each request to the function of its group, as API Gateway does."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode("ascii")
        given = event(request.method, path, raw=request.read().decode() or None, headers=dict(request.headers))
        answer = function(path.split("/")[2].split("?")[0]).app(given, None)
        cookies = [("Set-Cookie", cookie) for cookie in answer["multiValueHeaders"].get("Set-Cookie", ())]
        return httpx.Response(
            answer["statusCode"], headers=[*answer["headers"].items(), *cookies], content=answer["body"].encode()
        )
