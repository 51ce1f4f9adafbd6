"""Runs the patched emulator with a second for every minute of its schedules.

Run by the cloud's interpreter; understands the settings of the real emulator process.
"""

from infrastructure.local.emulator import __main__ as emulator
from infrastructure.local.emulator.settings import EmulatorSettings


def main() -> None:
    emulator.prepare_environment(EmulatorSettings.from_environment().port)
    # imported here, for the emulator reads its environment while it is imported
    from ministack.services import eventbridge

    seconds_of = eventbridge._parse_rate_seconds

    def fewer_seconds(rate: str) -> float | None:
        seconds = seconds_of(rate)
        return None if seconds is None else seconds / 60

    eventbridge._SCHEDULER_TICK_INTERVAL = 0.1
    eventbridge._parse_rate_seconds = fewer_seconds
    emulator.main()


if __name__ == "__main__":
    main()
