"""Runs the launcher with watchdogs that ask often and wait briefly."""

import sys

from infrastructure.local import watchdog
from infrastructure.local.__main__ import main

assert watchdog.ask_for_json.__kwdefaults__ == {"timeout_s": watchdog.TIMEOUT_S}
watchdog.INTERVAL_S = 0.5
watchdog.ask_for_json.__kwdefaults__["timeout_s"] = 3.0

if __name__ == "__main__":
    sys.exit(main())
