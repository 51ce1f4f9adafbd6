"""This machine's own agent: enrolled once with a code that the operator requests, then kept running.

VMs are processes of their own and outlive it: when the launcher stops they keep running, and the agent adopts them at
the next start.
"""

from __future__ import annotations

import http.client
import json
import subprocess
from typing import Any

from infrastructure.local.failures import ProcessFailed, ToolMissing
from infrastructure.local.operator_account import Operator
from infrastructure.local.paths import AGENT_COMMAND, REPOSITORY, StateFolder
from infrastructure.local.processes import plain_environment

ENROL_TIMEOUT_S = 60
HOST_NAME = "this-machine"
# the agent's exit code when another machine uses its key
KEY_COPIED_STATUS = 8


def command(state: StateFolder, url: str) -> list[str]:
    """The agent gets the platform's address at every start: the port may have changed since it enrolled."""
    return [str(AGENT_COMMAND), "run", "--state-dir", str(state.agent), "--url", url]


def environment() -> dict[str, str]:
    """The user's own environment, without credentials and Python settings."""
    return {**plain_environment(), "PATH": plain_environment().get("PATH", "") + ":/usr/sbin:/sbin"}


def enroll(state: StateFolder, port: int, operator: Operator) -> None:
    """Requests a code as the operator and passes it to the agent on stdin, where no process list shows it.

    Raises ProcessFailed, ToolMissing.
    """
    if not AGENT_COMMAND.exists():
        raise ToolMissing(f"the agent is not installed at {AGENT_COMMAND}", "python3 infrastructure/local/setup.py")
    tokens = _post(port, "/v1/auth/login", {"email": operator.email, "password": operator.password})
    code = _post(port, "/v1/provider/enrollment-codes", {"name": HOST_NAME}, bearer=tokens["access_token"])["code"]
    state.agent.mkdir(mode=0o700, exist_ok=True)
    enrollment = [
        str(AGENT_COMMAND), "enroll", "--url", f"http://127.0.0.1:{port}", "--code-file", "-",
        "--state-dir", str(state.agent),
    ]  # fmt: skip
    done = subprocess.run(
        enrollment, input=code + "\n", env=environment(), cwd=REPOSITORY, text=True, capture_output=True,
        timeout=ENROL_TIMEOUT_S, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        reason = said[-1] if said else f"status {done.returncode}"
        raise ProcessFailed(f"the agent could not enroll ({reason})", "fix that, then start again")


def _post(port: int, path: str, body: dict[str, Any], bearer: str | None = None) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ENROL_TIMEOUT_S)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    try:
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
    except OSError as error:
        raise ProcessFailed(f"POST {path} failed: {error}") from None
    finally:
        connection.close()
    if answer.status == 401:
        by_hand = "enroll this machine with a code of the console: sharemtc-agent enroll"
        raise ProcessFailed("the operator's password is not the one that was drawn for it any more", by_hand)
    if answer.status not in (200, 201):
        raise ProcessFailed(f"POST {path} answered {answer.status}: {content[:200].decode(errors='replace')}")
    parsed: dict[str, Any] = json.loads(content)
    return parsed
