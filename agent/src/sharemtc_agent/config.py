"""The agent's settings and the layout of its state directory."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sharemtc.wire import connect_address
from sharemtc_agent.files import write_whole
from sharemtc_agent.locking import try_lock
from sharemtc_agent.ports import is_ipv4, listen_address

_LOCK_TRIES = 5
_LOCK_PAUSE_S = 0.05
STATE_VARIABLE = "SHAREMTC_AGENT_STATE_DIR"


class ConfigError(Exception):
    """The settings or the state directory cannot be used; the text is one line for the owner."""


class AgentRunning(ConfigError):
    """Another agent holds this state directory."""


class NotEnrolled(ConfigError):
    """This machine has no host id yet."""


class Sell(BaseModel):
    """The capacity offered; None means all except a reserve for the host."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vcpus: int | None = Field(default=None, ge=0, le=4096)
    memory_mib: int | None = Field(default=None, ge=0)
    disk_gib: int | None = Field(default=None, ge=0)


class Config(BaseModel):
    """`config.json`. Without `host_id` the machine is not enrolled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: str = ""
    host_id: str | None = None
    region: str = Field(default="local", min_length=1, max_length=64, pattern=r"^[a-z0-9-]+$")
    # where renters connect, and where ports listen if that differs (see `ports`)
    connect_address: str = "127.0.0.1"
    listen_address: str | None = None
    sell: Sell = Sell()
    heartbeat_interval_s: int = Field(default=10, ge=1, le=300)
    command_poll_s: int = Field(default=2, ge=1, le=60)
    telemetry_interval_s: int = Field(default=60, ge=5, le=3600)

    @field_validator("url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not _is_http_url(value):
            raise ValueError("must be an address such as https://sharemtc.example")
        return value.rstrip("/")

    @field_validator("connect_address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        address = connect_address(value)
        if ":" in address:
            raise ValueError("must be an IPv4 address or a host name")
        return address

    @field_validator("listen_address")
    @classmethod
    def _is_listen_address(cls, value: str | None) -> str | None:
        if value is not None and not is_ipv4(value):
            raise ValueError("must be an IPv4 address, or 0.0.0.0 for all")
        return value

    @property
    def guest_address(self) -> str:
        return listen_address(self.connect_address, self.listen_address)


class State:
    """The state directory: readable by the agent's user only, used by one agent at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be used: {error.strerror}") from None
        self.config_file = self.path / "config.json"
        self.key_file = self.path / "host.key"
        self.database_file = self.path / "agent.db"
        self.lock_file = self.path / "agent.lock"
        self.vms = self.path / "vms"
        self.set_aside = self.path / "set-aside"
        self.spool = self.path / "spool"
        self.starts_file = self.path / "starts.json"
        self.checks_file = self.path / "checks.json"
        self.problems_file = self.path / "problems.json"
        self.closed_file = self.path / "closed"
        self.self_test_file = self.path / "self-test.json"

    def read_config(self) -> Config | None:
        try:
            return Config.model_validate_json(self.config_file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise ConfigError(f"{self.config_file} cannot be read: {first_error(error)}") from None

    def require_config(self) -> Config:
        """The settings of an enrolled machine. Errors: `NotEnrolled`."""
        config = self.read_config()
        if config is None or config.host_id is None:
            raise NotEnrolled(f"this machine is not enrolled (state in {self.path}): run `sharemtc-agent enroll`")
        return config

    def write_config(self, config: Config) -> None:
        write_whole(self.config_file, (config.model_dump_json(indent=2) + "\n").encode())

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Excludes other agents. The lock is released when the process ends, however it ends."""
        descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock(descriptor)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            yield
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        for _ in range(_LOCK_TRIES):  # `status` takes the lock briefly to see whether an agent runs
            if try_lock(descriptor):
                return
            time.sleep(_LOCK_PAUSE_S)
        raise AgentRunning(f"another agent is using {self.path}")

    def running_pid(self) -> int | None:
        try:
            with self.lock():
                return None
        except AgentRunning:
            text = self.lock_file.read_text().strip()
            return int(text) if text.isdigit() else None


def _is_http_url(value: str) -> bool:
    """Whether it is a base URL: no user, query or fragment."""
    if not value.isascii() or not value.isprintable() or any(each in value for each in " @?#\\"):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def first_error(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(error)


def default_state_dir() -> Path:
    chosen = os.environ.get(STATE_VARIABLE)
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "sharemtc-agent"
    if os.geteuid() == 0:
        return Path("/var/lib/sharemtc-agent")
    return Path.home() / ".local/state/sharemtc-agent"
