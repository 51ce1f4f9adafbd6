"""The Kubernetes cluster of this machine's kubeconfig, found by asking its API server.

The client library takes more memory than the rest of the agent, so it is loaded in a child process, and only if there
is a kubeconfig: run as a program, this module prints its result.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from sharemtc.wire import clean_text
from sharemtc_agent.sensors.containers import Engine
from sharemtc_agent.sensors.guard import reason_of

ANSWER_LIMIT_S = 5.0
PROGRAM_LIMIT_S = 30.0
MAX_NODES = 500


def find_cluster() -> Engine:
    """Available when its API responds and a node is ready. Runs nothing on the cluster."""
    for path in _kubeconfigs():
        try:
            with path.open("rb"):
                break
        except FileNotFoundError:
            continue
        except OSError as error:
            return Engine(available=False, detail=clean_text(f"{path} is not available: {reason_of(error)}"))
    else:
        return Engine(available=False, detail="no kubeconfig found")
    command = [sys.executable, "-m", __name__]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROGRAM_LIMIT_S, check=False
        )
        found = json.loads(done.stdout)
        return Engine(available=found["available"] is True, detail=clean_text(str(found["detail"])))
    except subprocess.TimeoutExpired:
        return Engine(available=False, detail="the cluster's API server did not respond in time")
    except (OSError, ValueError, KeyError, TypeError):
        return Engine(available=False, detail="the cluster could not be queried")


def _kubeconfigs() -> list[Path]:
    named = os.environ.get("KUBECONFIG", "")
    try:
        return [Path(part) for part in named.split(os.pathsep) if part] or [Path.home() / ".kube" / "config"]
    except RuntimeError:  # a user without a home
        return []


def ask() -> Engine:
    try:
        from kubernetes import client, config
        from urllib3.exceptions import HTTPError
    except ImportError:
        return Engine(available=False, detail="the package kubernetes is not installed")
    try:
        config.load_kube_config()
        api = client.ApiClient()
        version = client.VersionApi(api).get_code(_request_timeout=ANSWER_LIMIT_S).git_version
        nodes = client.CoreV1Api(api).list_node(limit=MAX_NODES, _request_timeout=ANSWER_LIMIT_S).items
    except client.ApiException as error:
        return Engine(available=False, detail=f"the cluster's API server returned {error.status} {error.reason}"[:200])
    except (config.ConfigException, HTTPError, OSError, ValueError) as error:
        # the message may contain secrets of the kubeconfig
        return Engine(available=False, detail=f"the cluster does not respond: {type(error).__name__}")
    ready = sum(
        any(each.type == "Ready" and each.status == "True" for each in node.status.conditions or ()) for node in nodes
    )
    return Engine(available=ready > 0, detail=f"Kubernetes {version}, {ready} of {len(nodes)} nodes ready")


if __name__ == "__main__":
    outcome = ask()
    print(json.dumps({"available": outcome.available, "detail": outcome.detail}))
