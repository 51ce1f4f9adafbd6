"""The container engine, found by querying it: an existing socket proves nothing."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from sharemtc.wire import clean_text
from sharemtc_agent.sensors.guard import reason_of

PING_LIMIT_S = 3.0
PROGRAM_LIMIT_S = 20.0
MAX_ANSWER_BYTES = 65_536


class Engine(NamedTuple):
    available: bool
    detail: str


def find_engine(sockets: tuple[Path, ...] | None = None) -> Engine:
    """The first engine whose API responds, else why none does. Runs no container."""
    problems = []
    for path in sockets if sockets is not None else _sockets():
        try:
            version = _ask_version(path) if path.exists() else None
        except PermissionError:
            problems.append(f"{path} is not available: permission denied")
        except Exception as error:  # anything may listen there
            problems.append(f"{path} does not respond: {reason_of(error)}")
        else:
            if version is not None:
                return Engine(available=True, detail=clean_text(f"{version} at {path}"))
    if sockets is None:
        for program in ("docker", "podman"):
            found = _ask_program(program)
            if found is not None and found.available:
                return found
            problems += [found.detail] if found else []
    return Engine(available=False, detail=clean_text("; ".join(problems)) or "no container engine is installed")


def _sockets() -> tuple[Path, ...]:
    chosen = os.environ.get("DOCKER_HOST", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    paths = [chosen.removeprefix("unix://")] if chosen.startswith("unix://") else []
    paths += [f"{runtime}/docker.sock", f"{runtime}/podman/podman.sock"] if runtime else []
    return tuple(Path(path) for path in (*paths, "/var/run/docker.sock", "/run/podman/podman.sock"))


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PING_LIMIT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _ask_version(path: Path) -> str:
    """The engine's name and version, by the API that Docker and Podman share."""
    with closing(_UnixConnection(path)) as connection:
        connection.request("GET", "/version")
        answer = connection.getresponse()
        if answer.status != 200:
            raise ValueError("no version is given")
        known = json.loads(answer.read(MAX_ANSWER_BYTES))
    if not isinstance(known, dict) or "Version" not in known:
        raise ValueError("no version is given")
    names = [str(each.get("Name", "")) for each in known.get("Components") or [] if isinstance(each, dict)]
    name = "Podman" if any("Podman" in each for each in names) else "Docker"
    return f"{name} {str(known['Version'])[:40]}"


def _ask_program(program: str) -> Engine | None:
    """An engine without a socket: `info` opens its storage, unlike `version`. None if not installed."""
    path = shutil.which(program)
    if path is None:
        return None
    template = "{{.ServerVersion}}" if program == "docker" else "{{.Version.Version}}"
    try:
        done = subprocess.run(
            [path, "info", "--format", template], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=PROGRAM_LIMIT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return Engine(available=False, detail=f"{program.capitalize()} does not respond: {reason_of(error)}")
    version = done.stdout.strip().splitlines()[-1:] or [""]
    if done.returncode == 0 and version[0][:1].isdigit():
        return Engine(available=True, detail=clean_text(f"{program.capitalize()} {version[0][:40]}"))
    return Engine(available=False, detail=f"{program.capitalize()} is installed but its engine does not respond")
