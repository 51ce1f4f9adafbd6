"""The steps for each purpose, in order; independent ones run in parallel."""

from __future__ import annotations

import argparse
import fcntl
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from infrastructure.local.failures import BuildFailed, LocalCloudError, ToolMissing
from infrastructure.local.paths import BUILD
from infrastructure.local.progress import NAME_WIDTH
from infrastructure.local.setup_steps import agent_install, environments, system_packages, web_build
from infrastructure.local.setup_steps.environments import AGENT, CLOUD, DEVELOPMENT, RUNTIME

PURPOSES = {
    "run": "everything `run` needs (default)",
    "check": "the development environment and the web application's packages",
    "test": "all of it, and what the browser tests need",
}


class Plan:
    """Runs steps in threads and prints a line for each that did something."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(4)
        self._jobs: list[Future[None]] = []
        self._printing = threading.Lock()

    def add(self, title: str, make: Callable[[], bool]) -> None:
        self._jobs.append(self._pool.submit(self._timed, title, make))

    def now(self, title: str, make: Callable[[], bool]) -> None:
        """For a step that others depend on."""
        self._timed(title, make)

    def finish(self) -> None:
        """Waits for all steps, then raises the first failure."""
        self._pool.shutdown(wait=True)
        for job in self._jobs:
            job.result()

    def _timed(self, title: str, make: Callable[[], bool]) -> None:
        begun = time.monotonic()
        worked = False
        try:
            worked = make()
        except LocalCloudError:
            self.line("✗", title, begun)
            raise
        if worked:
            self.line("✓", title, begun)

    def line(self, mark: str, title: str, begun: float) -> None:
        with self._printing:
            print(f"  {mark} {title:<{NAME_WIDTH}}{time.monotonic() - begun:6.1f} s", flush=True)


def make_all(purpose: str, *, packages: bool, web: bool) -> None:
    """Raises LocalCloudError."""
    plan = Plan()
    if packages and purpose != "check":
        _system_packages(plan, purpose)
    try:
        plan.now("Package installer", environments.make_uv)
        chosen = [CLOUD, RUNTIME, AGENT] if purpose != "check" else [CLOUD, RUNTIME]
        for environment in [*chosen, *([DEVELOPMENT] if purpose != "run" else [])]:
            plan.add(environment.title, lambda environment=environment: environments.make(environment))  # type: ignore[misc]
        if purpose != "check":
            plan.add("Agent's installer", agent_install.make)
        if purpose == "test":
            plan.add("Agent's packages", agent_install.download_packages)
        if web:
            plan.add("Web application", web_build.make)
    finally:
        plan.finish()


def _system_packages(plan: Plan, purpose: str) -> None:
    packages = system_packages.missing(system_packages.wanted(purpose))
    if not packages:
        return
    agreed, advice = system_packages.decide(packages)
    if not agreed:
        print(f"  ! {advice}", flush=True)
        return

    def install() -> bool:
        try:
            system_packages.install(packages)
        except BuildFailed as error:
            # the rest of the platform works without VMs
            print(f"  ! system packages were not installed: {error}", flush=True)
        return True

    plan.add("System packages", install)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python3 infrastructure/local/setup.py", description="Make this checkout ready to run.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="purposes:\n" + "\n".join(f"  {name:<6} {text}" for name, text in PURPOSES.items()),
    )  # fmt: skip
    parser.add_argument("--for", dest="purpose", choices=list(PURPOSES), default="run")
    parser.add_argument("--no-packages", action="store_true", help="leave the system's packages alone")
    parser.add_argument("--no-web", action="store_true", help="do not build the web application")
    arguments = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    try:
        with (BUILD / "setup.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            make_all(arguments.purpose, packages=not arguments.no_packages, web=not arguments.no_web)
    except (BuildFailed, ToolMissing) as error:
        print(f"sharemtc: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
