"""The emulator process: ``python -m infrastructure.local.emulator``, started by the launcher only.

If its state or its packages are wrong it exits with status 78 and one line on stderr that starts with
``cannot start:``, which the launcher shows.
"""

from __future__ import annotations

import asyncio
import os
import sys

from infrastructure.local.emulator.instance import InstanceMismatch
from infrastructure.local.emulator.journal import JournalDamaged
from infrastructure.local.emulator.settings import EmulatorSettings, PatchMismatch

CANNOT_START = "cannot start: "
CANNOT_START_STATUS = 78


def prepare_environment(port: int) -> None:
    """ministack reads these settings while it is imported."""
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        MINISTACK_REGION="us-east-1",
        PERSIST_STATE="0",
        S3_PERSIST="0",
        SFTP_ENABLED="0",
        IOT_MTLS_ENABLED="0",
        LAMBDA_WARM_TTL_SECONDS="60",
        # it would look for its containers to remove them; there are none, and others' must stay
        DOCKER_HOST="unix:///nonexistent",
    )


def main() -> None:
    settings = EmulatorSettings.from_environment()
    prepare_environment(settings.port)
    try:
        serve(settings)
    except (InstanceMismatch, JournalDamaged, PatchMismatch) as error:
        print(f"{CANNOT_START}{error}", file=sys.stderr, flush=True)
        sys.exit(CANNOT_START_STATUS)
    except OSError as error:
        advice = f"see that everything in {settings.state} is yours, and that its disk has room"
        print(f"{CANNOT_START}{error}: {advice}", file=sys.stderr, flush=True)
        sys.exit(CANNOT_START_STATUS)


def serve(settings: EmulatorSettings) -> None:
    """Patches the emulator and serves it until a signal ends the process."""
    # imported here: the emulator reads its environment during the import
    from hypercorn.asyncio import serve as run_server
    from hypercorn.config import Config
    from infrastructure.local.emulator import patches, token_check, upstream

    print(f"{patches.apply(settings)} operations replayed", flush=True)
    application = token_check.guarded(upstream.gateway.app, settings)
    config = Config()
    config.bind = [f"127.0.0.1:{settings.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.5
    config.shutdown_timeout = 1.0
    asyncio.run(run_server(application, config))


if __name__ == "__main__":
    main()
