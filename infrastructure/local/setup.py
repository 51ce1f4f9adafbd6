"""Prepares this checkout: ``python3 infrastructure/local/setup.py [--for run|check|test]``.

Runs on the system's own Python with the standard library only, because it creates the environments of everything else.
Each step is stamped with a digest of its inputs, so a second call does nothing.
"""

import os
import sys

OLDEST = (3, 11)


def on_a_new_enough_python():  # type: ignore[no-untyped-def]
    """Continues, continues with a newer interpreter of this machine, or says what is missing."""
    if sys.version_info >= OLDEST:
        return
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for minor in (14, 13, 12, 11):
            candidate = os.path.join(folder, f"python3.{minor}")
            if os.access(candidate, os.X_OK):
                os.execv(candidate, [candidate, *sys.argv])  # noqa: S606
    found = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit(f"sharemtc: Python 3.11 or newer is needed, this is {found} (Debian: apt-get install python3.11-venv)")


if __name__ == "__main__":
    on_a_new_enough_python()  # type: ignore[no-untyped-call]
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from infrastructure.local.setup_steps.plan import main

    sys.exit(main())
