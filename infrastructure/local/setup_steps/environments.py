"""The virtual environments of the cloud, the functions' runtime, the agent and development."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from infrastructure.local import archives
from infrastructure.local.failures import ToolMissing
from infrastructure.local.paths import BUILD, REPOSITORY
from infrastructure.local.setup_steps import stamps
from infrastructure.local.setup_steps.commands import run

HERE = REPOSITORY / "infrastructure" / "local"
UV_LOCK, BUILD_LOCK = HERE / "uv.txt", HERE / "build.txt"
UV = BUILD / "uv" / "bin" / "uv"


@dataclass(frozen=True)
class Environment:
    """``project`` installs this project too, editable."""

    name: str
    title: str
    lock: Path | None
    project: bool = False
    compiled: bool = False

    @property
    def folder(self) -> Path:
        return BUILD / self.name

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"


CLOUD = Environment("cloud", "Python environment of the cloud", HERE / "requirements.txt", compiled=True)
RUNTIME = Environment("runtime", "Bare interpreter for the functions", None)
AGENT = Environment("agent", "Python environment of the agent", REPOSITORY / "agent" / "requirements.txt", project=True)
DEVELOPMENT = Environment(
    "venv", "Python environment for development", REPOSITORY / "tests" / "requirements.txt", project=True
)


def make_uv() -> bool:
    """Installs the pinned uv. Returns whether anything was done."""
    digest = archives.digest([UV_LOCK], sys.version, sys.executable)
    if stamps.is_current("uv", digest, UV):
        return False
    _require_venv()
    stamps.clear("uv")
    shutil.rmtree(BUILD / "uv", ignore_errors=True)
    run("uv", sys.executable, "-m", "venv", BUILD / "uv")
    python = BUILD / "uv" / "bin" / "python"
    run(
        "uv",
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        UV_LOCK,
    )
    stamps.mark("uv", digest)
    return True


def make(environment: Environment) -> bool:
    """Installs from the lock. Returns whether anything was done. Raises BuildFailed."""
    inputs = [
        path for path in (environment.lock, REPOSITORY / "pyproject.toml" if environment.project else None) if path
    ]
    digest = archives.digest(inputs, environment.name, sys.version, sys.executable)
    if stamps.is_current(environment.name, digest, environment.python):
        return False
    stamps.clear(environment.name)
    run(
        environment.name,
        UV,
        "venv",
        "--quiet",
        "--no-config",
        "--clear",
        "--python",
        sys.executable,
        environment.folder,
    )
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--no-config", "--python", environment.python]
    if environment.lock is not None:
        compiled = ["--compile-bytecode"] if environment.compiled else []
        run(environment.name, *install, *compiled, "--require-hashes", "-r", environment.lock)
    if environment.project:
        run(environment.name, *install, "--no-deps", "--build-constraints", BUILD_LOCK, "--editable", REPOSITORY)
    stamps.mark(environment.name, digest)
    return True


def _require_venv() -> None:
    try:
        import ensurepip
        import venv  # noqa: F401
    except ImportError:
        package = f"python3.{sys.version_info.minor}-venv"
        missing = "this Python cannot make virtual environments"
        raise ToolMissing(missing, f"Debian: apt-get install {package}") from None
    del ensurepip
