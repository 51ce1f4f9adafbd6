"""The Python client in front of the real functions: its requests become their events, in this process."""

from __future__ import annotations

from tests.support.events import event
from tests.support.world import function

from sharemtc_client.messages import Reply, Request


class FunctionsTransport:
    """Hands each request to the function of its group, as API Gateway does."""

    def send(self, request: Request) -> Reply:
        """The function's answer."""
        raw = request.content.decode() or None
        given = event(request.method, request.target, raw=raw, headers=request.headers)
        answer = function(request.target.split("/")[2].split("?")[0]).app(given, None)
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        return Reply(answer["statusCode"], "", headers, answer["body"].encode())

    def close(self) -> None:
        """There is nothing to close."""
