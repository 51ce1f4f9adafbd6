"""The gateway process, on the listening socket of the launcher: ``python -m infrastructure.local.gateway``."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config
from infrastructure.local.gateway import http_1_only
from infrastructure.local.gateway.api_proxy import TIMEOUT_S
from infrastructure.local.gateway.app import READ_TIMEOUT_S, create_app
from infrastructure.local.paths import INSTALL, OPENAPI


def main() -> None:
    folder = os.environ.get("SHAREMTC_WEB")
    read_timeout_s = float(os.environ.get("SHAREMTC_READ_TIMEOUT_S", READ_TIMEOUT_S))
    http_1_only.apply()
    config = Config()
    config.bind = [f"fd://{os.environ['SHAREMTC_LISTENER']}"]
    config.include_server_header = False
    # from a connection's start, or its last response, to the end of the next request's headers
    config.keep_alive_timeout = read_timeout_s
    # longer than any request takes: a client that neither sends nor reads for this long is gone
    config.read_timeout = int(read_timeout_s + TIMEOUT_S + 30)
    config.graceful_timeout = 1.0
    config.shutdown_timeout = 2.0
    config.h11_max_incomplete_size = 64 * 1024
    config.errorlog = "-"
    endpoints = Path(os.environ["SHAREMTC_ENDPOINTS"])
    workers = int(os.environ["SHAREMTC_FUNCTION_WORKERS"])
    web = Path(folder) if folder else None
    application = create_app(endpoints, OPENAPI, web, INSTALL, workers=workers, read_timeout_s=read_timeout_s)
    asyncio.run(serve(application, config))


if __name__ == "__main__":
    main()
