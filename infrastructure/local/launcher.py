"""Starts all processes in order, restarts those that die, and stops them.

cloud (emulator) → deploy → bootstrap → gateway → agent. The emulator keeps nothing but tables and secrets, so a
start is always a fresh deployment, and a dead emulator is replaced by the same steps.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from importlib import metadata

from botocore.exceptions import BotoCoreError, ClientError
from infrastructure.local import host_agent, instance_lock, operator_account, state_fit
from infrastructure.local.aws import Clients
from infrastructure.local.deploy import Deployment, Stack, runtime_name
from infrastructure.local.emails import OUTBOX
from infrastructure.local.emulator.settings import EmulatorSettings
from infrastructure.local.endpoints import NOT_HEARD, Endpoints, EndpointsFile
from infrastructure.local.failures import DeployFailed, LocalCloudError, ProcessFailed, StateDamaged
from infrastructure.local.options import Options
from infrastructure.local.paths import AGENT_COMMAND, CLOUD_PYTHON, REPOSITORY, RUNTIME_PYTHON, StateFolder
from infrastructure.local.processes import Child, free_port, plain_environment, wait_for_port
from infrastructure.local.progress import Progress, say
from infrastructure.local.reload import CodeWatch
from infrastructure.local.watchdog import Watchdog, ask_for_json

CLOUD_START_TIMEOUT_S = 60.0
GATEWAY_START_TIMEOUT_S = 30.0
WATCH_INTERVAL_S = 0.25
EMULATOR_HEALTH = "/_ministack/health"


class Launcher:
    """One running instance. All methods but `stop` run on the main thread."""

    def __init__(self, options: Options, progress: Progress) -> None:
        self.options = options
        self.state = StateFolder(options.state_dir)
        self.endpoints = EndpointsFile(self.state.endpoints)
        self.operator: operator_account.Operator | None = None
        self._progress = progress
        self._stopping = threading.Event()
        self._interruptible = True
        self._cloud: Child | None = None
        self._gateway: Child | None = None
        self._agent: Child | None = None
        self._watch: CodeWatch | None = None
        self._retry_at: dict[str, float] = {}
        self._host_state: str | None = None
        self._agent_seen = self._agent_told = ""
        self._watchdogs = [Watchdog("cloud", self._cloud_answers), Watchdog("gateway", self._gateway_answers)]

    def run(self, on_ready: Callable[[], None]) -> None:
        """Start everything, call ``on_ready``, and return after `stop`. Raises LocalCloudError."""
        lock = instance_lock.hold(self.state)
        listener = instance_lock.listen(self.options.port)
        try:
            self._start(listener.fileno())
            self._interruptible = False
            on_ready()
            self._stay()
        finally:
            self._interruptible = False
            self._end()
            listener.close()
            lock.close()

    @property
    def elapsed_s(self) -> float:
        return self._progress.elapsed_s

    def stop(self) -> None:
        """Ask `run` to end; for signal handlers. While it starts there is nothing to finish, so it is interrupted."""
        self._stopping.set()
        if self._interruptible:
            self._interruptible = False
            raise KeyboardInterrupt

    def _start(self, listener: int) -> None:
        shutil.rmtree(self.state.scratch, ignore_errors=True)
        self.state.scratch.mkdir()
        found = state_fit.look(self.state)
        for remark in state_fit.remarks(found):
            self._progress.note(remark)
        if found.lacks_operator_secret:
            self.state.operator_reset.touch()
        self.endpoints.write(Endpoints(self.options.port, os.getpid(), versions=versions()))
        self._gateway = self._start_gateway(listener)
        self._gateway.start()
        self._start_cloud()
        with self._progress.step("Gateway"):
            self._wait_for_gateway()
        if self.options.agent:
            self._start_agent()

    def _start_cloud(self) -> None:
        settings = EmulatorSettings(
            port=free_port(), token=secrets.token_urlsafe(24), gateway_token=secrets.token_urlsafe(24),
            state=self.state.root, runtime_python=RUNTIME_PYTHON,
            workers_per_function=self.options.workers_per_function, fsync=self.options.fsync,
        )  # fmt: skip
        environment = {**plain_environment(), **settings.to_environment(), "TMPDIR": str(self.state.scratch)}
        command = [str(CLOUD_PYTHON), "-m", "infrastructure.local.emulator"]
        self._cloud = Child("cloud", command, environment, self.state.logs / "cloud.log")
        self.endpoints.update(
            cloud="starting", cloud_url=settings.endpoint, token=settings.token, gateway_token=settings.gateway_token
        )
        with self._progress.step("Cloud"):
            self._cloud.start()
            try:
                wait_for_port(self._cloud, settings.port, CLOUD_START_TIMEOUT_S)
            except LocalCloudError:
                reason = self._cloud.why_it_ended("cannot start: ")
                if reason is None:
                    raise
                raise StateDamaged(reason, advice="") from None
        try:
            self._deploy(Clients(settings.endpoint, settings.token))
        except (BotoCoreError, ClientError) as error:
            raise DeployFailed(f"the cloud does not answer: {error}") from None

    def _deploy(self, clients: Clients) -> None:
        self.endpoints.update(cloud="deploying")
        with self._progress.step(f"Deploy {self.options.template.name}"):
            stack = Deployment(clients, self.options.template, self._parameters()).deploy()
        with self._progress.step("Operator account"):
            self._host_state = operator_account.bootstrap(
                clients, stack, host_id=state_fit.host_id(self.state), new_password=self.state.operator_reset.exists()
            )
            self.state.operator_reset.unlink(missing_ok=True)
            self.operator = operator_account.read(clients, stack)
            if self.operator is not None:
                operator_account.write_password(self.operator, self.state.operator_password)
        self._publish(clients, stack)

    def _publish(self, clients: Clients, stack: Stack) -> None:
        self.endpoints.update(
            cloud="ready", api_id=stack.outputs.get("ApiId", ""), api_stage=stack.outputs.get("ApiStage", ""),
            outputs=stack.outputs,
        )  # fmt: skip
        if self.options.watch:
            self._watch = CodeWatch(clients, self.options.template, stack)

    def _parameters(self) -> dict[str, str]:
        # plain HTTP on loopback, e-mails into a folder, and the gateway in place of a CDN
        here = {
            "PublicUrl": self.options.url, "CookieSecure": "false", "EdgeDistribution": "false",
            "MailOutboxDir": str(self.options.state_dir / OUTBOX), "TelemetryIntervalS": "15",
        }  # fmt: skip
        return {**here, **self.options.parameters, "PythonRuntime": runtime_name()}

    def _start_gateway(self, listener: int) -> Child:
        environment = {
            **plain_environment(), "SHAREMTC_ENDPOINTS": str(self.state.gateway_endpoints),
            "SHAREMTC_LISTENER": str(listener),
            "SHAREMTC_WEB": str(self.options.web_dist) if self.options.web else "",
            "SHAREMTC_FUNCTION_WORKERS": str(self.options.workers_per_function),
        }  # fmt: skip
        command = [str(CLOUD_PYTHON), "-m", "infrastructure.local.gateway"]
        return Child("gateway", command, environment, self.state.logs / "gateway.log", pass_fds=(listener,))

    def _wait_for_gateway(self) -> None:
        # the launcher holds the listening socket, so a connection proves nothing: only a response does
        assert self._gateway is not None
        deadline = time.monotonic() + GATEWAY_START_TIMEOUT_S
        while time.monotonic() < deadline:
            answer = ask_for_json(self.options.port, "/health", timeout_s=1.0)
            if answer is not None and answer.get("status") == "ok":
                return
            if answer is None and not self._gateway.running:
                break
            time.sleep(0.02)
        said = self._gateway.last_lines[-1] if self._gateway.last_lines else "it said nothing"
        raise ProcessFailed(f"the gateway does not answer: {said}")

    def _start_agent(self) -> None:
        if self.operator is None:
            return
        if not AGENT_COMMAND.exists():
            self._progress.note("no agent is installed: this machine offers nothing")
            return
        self.endpoints.update(agent="starting")
        if self._host_state in state_fit.SHUT_OUT:
            self._progress.note(
                f"this machine's host is {self._host_state}: it offers nothing. To join anew, uninstall the agent "
                f"({AGENT_COMMAND} uninstall --state-dir {self.state.agent}) and start again"
            )
        try:
            with self._progress.step("Agent"):
                self._enroll(self.operator)
        except (LocalCloudError, OSError) as error:
            # other hosts can still be rented: the platform continues without this one
            self._progress.note(f"this machine offers nothing: {error}")
            self.endpoints.update(agent="failed")
            return
        self._agent = Child(
            "agent",
            host_agent.command(self.state, self.options.url),
            host_agent.environment(),
            self.state.logs / "agent.log",
            dies_by=signal.SIGTERM,
        )
        self._run_agent(self._agent)

    def _enroll(self, operator: operator_account.Operator) -> None:
        known = state_fit.host_id(self.state)
        if known is not None and self._host_state == "unknown":
            self._progress.note(f"the platform does not know this machine ({known}): it joins anew")
            state_fit.forget_host(self.state)
            known = None
        if known is None:
            host_agent.enroll(self.state, self.options.port, operator)

    def _run_agent(self, agent: Child) -> None:
        agent.start()
        host_id = state_fit.host_id(self.state) or ""
        self.endpoints.update(agent="running", host_id=host_id, agent_started_at_s=time.time())

    def _stay(self) -> None:
        for watchdog in self._watchdogs:
            watchdog.start()
        while not self._stopping.wait(WATCH_INTERVAL_S):
            self._end_hung()
            if self._cloud is not None and not self._cloud.running:
                self._heal_cloud()
            for child in (self._gateway, self._agent):
                if child is not None and not child.running:
                    self._heal(child)
            if self._watch is not None and self._cloud is not None and self._cloud.running:
                self._reload()
            self._pass_on_notes()
            self.endpoints.catch_up()

    def _end_hung(self) -> None:
        for watchdog, child in zip(self._watchdogs, (self._cloud, self._gateway), strict=True):
            if watchdog.hung and child is not None and child.running:
                say(f"the {watchdog.name} runs but does not answer; ending it", failure=True)
                child.kill()
                watchdog.forgive()

    def _cloud_answers(self) -> bool:
        found = self.endpoints.latest
        if found is None or found.cloud != "ready":
            # still starting: whoever starts it checks it
            return True
        port = int(found.cloud_url.rpartition(":")[2])
        return ask_for_json(port, EMULATOR_HEALTH, {"x-sharemtc-cloud": found.gateway_token}) is not None

    def _gateway_answers(self) -> bool:
        answer = ask_for_json(self.options.port, "/health")
        if answer is not None:
            self._agent_seen = answer.get("components", {}).get("agent", "")
        return answer is not None or self._gateway is None or not self._gateway.running

    def _pass_on_notes(self) -> None:
        for child in (self._cloud, self._gateway):
            for note in child.take_notes() if child is not None else ():
                say(note)
        seen = self._agent_seen
        if seen != self._agent_told and NOT_HEARD in (seen, self._agent_told):
            silent = "the agent runs, but the platform does not hear it: see agent.log"
            say(silent if seen == NOT_HEARD else f"the agent is {seen}")
        self._agent_told = seen

    def _heal(self, child: Child) -> None:
        if child is self._agent:
            if child.exit_status == host_agent.KEY_COPIED_STATUS:
                # a restart would shut out the other machine that has the key
                say("the agent ended: another machine speaks with its key; see agent.log", failure=True)
                self.endpoints.update(agent="failed")
                self._agent = None
                return
            self.endpoints.update(agent="restarting")
        if not self._may_retry(child):
            return
        say(f"{child.name} ended with status {child.exit_status}; starting it again")
        try:
            if child is self._agent:
                self._run_agent(child)
            else:
                child.start()
        except OSError as error:
            say(f"{child.name} cannot be started: {error}", failure=True)

    def _heal_cloud(self) -> None:
        assert self._cloud is not None
        if not self._may_retry(self._cloud):
            return
        say(f"the cloud ended with status {self._cloud.exit_status}; starting it again")
        self._watch = None
        self.endpoints.update(cloud="restarting")
        failures = self._cloud.failures
        try:
            self._start_cloud()
        except StateDamaged:
            raise
        except (LocalCloudError, OSError) as error:
            say(f"the cloud did not come back: {error}", failure=True)
            if self._cloud is not None:
                self._cloud.stop()
            self.endpoints.update(cloud="failed")
        self._cloud.failures = max(self._cloud.failures, failures)

    def _may_retry(self, child: Child) -> bool:
        """Whether the back-off after this child's death is over; starts counting on first sight."""
        due = self._retry_at.setdefault(child.name, time.monotonic() + child.back_off_s())
        if time.monotonic() < due:
            return False
        del self._retry_at[child.name]
        return True

    def _reload(self) -> None:
        assert self._watch is not None
        try:
            for name in self._watch.apply_changes():
                say(f"reloaded {name}")
        except (LocalCloudError, BotoCoreError, ClientError, OSError) as error:
            say(f"not reloaded: {error}", failure=True)

    def _end(self) -> None:
        for watchdog in self._watchdogs:
            watchdog.end()
        # the agent first, so that it can still report; the cloud last
        for child in (self._agent, self._gateway, self._cloud):
            if child is not None:
                child.stop()
        if self.endpoints.read() is not None:
            self.endpoints.update(cloud="stopped", agent="stopped", token="", gateway_token="")
        shutil.rmtree(self.state.scratch, ignore_errors=True)


def versions() -> dict[str, str]:
    """What runs here, for the health page."""
    return {"sharemtc": _own_version(), "cloud": metadata.version("ministack"), "python": sys.version.split()[0]}


def _own_version() -> str:
    return str(tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"])
