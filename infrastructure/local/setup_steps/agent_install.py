"""Builds what the platform serves to providers: the agent's wheel, its hash-locked packages, and the script for both.

The same sources give the same bytes on every machine: the script contains the sums of the other two.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from infrastructure.local import archives
from infrastructure.local.paths import BUILD, INSTALL, REPOSITORY
from infrastructure.local.setup_steps import stamps
from infrastructure.local.setup_steps.commands import run
from infrastructure.local.setup_steps.environments import BUILD_LOCK, UV

AGENT_PROJECT = REPOSITORY / "agent"
SCRIPT = AGENT_PROJECT / "install" / "agent.sh"
PACKAGES = AGENT_PROJECT / "requirements.txt"
SUMS = "SHA256SUMS"
# packages for tests of the script without a package index
WHEELS = BUILD / "wheels"


def make() -> bool:
    """Returns whether anything was built. Raises BuildFailed."""
    wire = REPOSITORY / "layers" / "sharemtc" / "python" / "sharemtc"
    sources = [
        AGENT_PROJECT / "pyproject.toml", AGENT_PROJECT / "src", wire / "__init__.py", wire / "wire",
        SCRIPT, PACKAGES, BUILD_LOCK, Path(__file__),
    ]  # fmt: skip
    digest = archives.digest(sources)
    if stamps.is_current("install", digest, INSTALL / SUMS):
        return False
    stamps.clear("install")
    draft = INSTALL.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    wheel = build_wheel(draft)
    shutil.copyfile(PACKAGES, draft / PACKAGES.name)
    (draft / SCRIPT.name).write_text(script(wheel, draft / PACKAGES.name))
    names = sorted(path.name for path in draft.iterdir())
    (draft / SUMS).write_text("".join(f"{_sha256(draft / name)}  {name}\n" for name in names))
    shutil.rmtree(INSTALL, ignore_errors=True)
    draft.rename(INSTALL)
    stamps.mark("install", digest)
    return True


def build_wheel(folder: Path) -> Path:
    """Uses the locked build backend."""
    run("install", UV, "build", "--wheel", "--quiet", "--no-config", "--no-create-gitignore", "--require-hashes",
        "--build-constraints", BUILD_LOCK, "--out-dir", folder, AGENT_PROJECT)  # fmt: skip
    return next(folder.glob("*.whl"))


def script(wheel: Path, packages: Path) -> str:
    """The installer for these two files."""
    sums = _sha256(wheel), _sha256(packages)
    values = {
        "VERSION": wheel.name.split("-")[1],
        "WHEEL": wheel.name,
        "WHEEL_SHA256": sums[0],
        "REQUIREMENTS": packages.name,
        "REQUIREMENTS_SHA256": sums[1],
        "RELEASE": f"{wheel.name.split('-')[1]}-{hashlib.sha256(''.join(sums).encode()).hexdigest()[:12]}",
    }
    text = SCRIPT.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def download_packages() -> bool:
    """For tests of the script without a package index."""
    digest = archives.digest([PACKAGES])
    if stamps.is_current("wheels", digest, WHEELS):
        return False
    stamps.clear("wheels")
    shutil.rmtree(WHEELS, ignore_errors=True)
    run("wheels", UV.parent / "python", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--only-binary", ":all:", "--require-hashes", "--dest", WHEELS, "-r", PACKAGES)  # fmt: skip
    stamps.mark("wheels", digest)
    return True


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
