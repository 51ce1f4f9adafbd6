"""The front door's process, on the listening socket the launcher opened: ``python -m infrastructure.local.front``."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config
from infrastructure.local.front.app import front_door
from infrastructure.local.paths import INSTALL, OPENAPI


def main() -> None:
    folder = os.environ.get("SHAREMTC_WEB")
    config = Config()
    config.bind = [f"fd://{os.environ['SHAREMTC_LISTENER']}"]
    config.include_server_header = False
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1.0
    config.shutdown_timeout = 2.0
    config.h11_max_incomplete_size = 64 * 1024
    config.errorlog = "-"
    endpoints = Path(os.environ["SHAREMTC_ENDPOINTS"])
    workers = int(os.environ["SHAREMTC_FUNCTION_WORKERS"])
    application = front_door(endpoints, OPENAPI, Path(folder) if folder else None, INSTALL, workers=workers)
    asyncio.run(serve(application, config))


if __name__ == "__main__":
    main()
