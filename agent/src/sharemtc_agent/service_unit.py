"""The agent's systemd unit: its text, where it is, how it is stopped and removed.

python -m sharemtc_agent.service_unit --program /usr/local/bin/sharemtc-agent --state-dir /var/lib/sharemtc-agent
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

NAME = "sharemtc-agent.service"
KEY_COPIED_STATUS = 8
_MARK = "# Written by the installer of sharemtc-agent"
_LIMIT_S = 90

# Left out because VMs would not run: ProtectKernelModules hides the modules that go into their image,
# MemoryDenyWriteExecute forbids emulation (TCG), PrivateDevices and ProtectClock hide /dev/kvm.
_UNIT = """{mark}
[Unit]
Description=ShareMTC host agent
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={program} run --state-dir {state}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=2
# the key is used on another machine: a restart would not help
RestartPreventExitStatus={key_copied}
# VMs outlive the agent: stop only the agent itself
KillMode=process
TimeoutStartSec=180
TimeoutStopSec=30
WatchdogSec=60
{own}NoNewPrivileges=true
UMask=0077
LockPersonality=true
ProtectControlGroups=true
ProtectHostname=true
ProtectKernelLogs=true
ProtectKernelTunables=true
ProtectSystem=full
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
SystemCallArchitectures=native

[Install]
WantedBy={target}
"""
_OWN = "StateDirectory=sharemtc-agent\nStateDirectoryMode=0700\n"
_DEFAULT_STATE = Path("/var/lib/sharemtc-agent")


def render(program: Path, state: Path, *, user: bool) -> str:
    """The unit's text, for the system or for a user's own service manager."""
    return _UNIT.format(
        mark=_MARK,
        program=_quoted(program),
        state=_quoted(state),
        key_copied=KEY_COPIED_STATUS,
        own=_OWN if state == _DEFAULT_STATE and not user else "",
        target="default.target" if user else "multi-user.target",
    )


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if any(c.isspace() or c in "\"'\\" for c in text) else text


class Unit:
    def __init__(self, file: Path, *, user: bool) -> None:
        self.file = file
        self._user = user

    def is_of(self, state: Path) -> bool:
        """Whether our installer wrote it for this state directory."""
        try:
            text = self.file.read_text()
        except OSError:
            return False
        return text.startswith(_MARK) and f" --state-dir {_quoted(state)}\n" in text

    def stop(self) -> None:
        self._control("stop", NAME)

    def start(self) -> None:
        self._control("start", NAME)

    def remove(self) -> None:
        self._control("disable", NAME)
        self.file.unlink(missing_ok=True)
        self._control("daemon-reload")

    def _control(self, *words: str) -> None:
        """Does nothing without systemd, although a unit file may exist."""
        program = shutil.which("systemctl")
        if program is None:
            return
        argv = [program, *(["--user"] if self._user else []), *words]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
        if done.returncode != 0 and words[0] == "stop":
            output = " ".join(done.stderr.split())[:200]
            raise OSError(f"systemctl {' '.join(words)} failed with exit code {done.returncode}: {output}")


def find_unit(state: Path, folders: tuple[tuple[Path, bool], ...] | None = None) -> Unit | None:
    home = Path.home() / ".config/systemd/user"
    for folder, user in folders or ((Path("/etc/systemd/system"), False), (home, True)):
        unit = Unit(folder / NAME, user=user)
        if unit.is_of(state):
            return unit
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sharemtc_agent.service_unit", description="Prints the unit.")
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--user", action="store_true", help="for a user's own service manager")
    options = parser.parse_args()
    print(render(options.program, options.state_dir, user=options.user), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
