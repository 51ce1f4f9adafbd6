"""The response of /health."""

from __future__ import annotations

import httpx
from infrastructure.local.gateway.api_requests import TOKEN_HEADER
from infrastructure.local.gateway.heartbeats import Heartbeats
from infrastructure.local.gateway.upstream import Upstream
from starlette.responses import JSONResponse

PROBE_TIMEOUT_S = 2.0
HEALTH_PATH = "/_ministack/health"


async def report(upstream: Upstream, client: httpx.AsyncClient, heartbeats: Heartbeats) -> JSONResponse:
    """200 ``{"status": "ok", …}`` when the API can answer, 503 otherwise."""
    endpoints = upstream.current()
    cloud = endpoints.cloud if endpoints else "starting"
    if endpoints and cloud == "ready" and not await _answers(client, endpoints.cloud_url, endpoints.gateway_token):
        cloud = "not answering"
    ready = cloud == "ready"
    agent = heartbeats.agent_state(endpoints) if endpoints else "off"
    body = {
        "status": "ok" if ready else "unavailable",
        "components": {"api": "ready" if ready else cloud, "agent": agent},
        "versions": endpoints.versions if endpoints else {},
    }
    return JSONResponse(body, 200 if ready else 503, {"Cache-Control": "no-store"})


async def _answers(client: httpx.AsyncClient, url: str, token: str) -> bool:
    try:
        answer = await client.get(url + HEALTH_PATH, headers={TOKEN_HEADER: token}, timeout=PROBE_TIMEOUT_S)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200
