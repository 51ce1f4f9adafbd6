"""Runs the emulator as it comes, for the tests that show what the patches are for.

Run by the cloud's interpreter; understands the settings of the real emulator process.
"""

import os

from infrastructure.local.emulator.settings import EmulatorSettings


def main() -> None:
    settings = EmulatorSettings.from_environment()
    os.environ.update(
        GATEWAY_PORT=str(settings.port), BIND_HOST="127.0.0.1", DOCKER_HOST="unix:///nonexistent",
        PERSIST_STATE="1", STATE_DIR=str(settings.state / "upstream"), SFTP_ENABLED="0", IOT_MTLS_ENABLED="0",
    )  # fmt: skip
    from ministack.app import main as run

    run()


if __name__ == "__main__":
    main()
