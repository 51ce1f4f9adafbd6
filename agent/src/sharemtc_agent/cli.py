"""The command `sharemtc-agent`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from enum import IntEnum
from pathlib import Path

from pydantic import ValidationError

from sharemtc.wire import PROTOCOL_VERSION, EnrollRequest, Farewell, clean_text, kind_of
from sharemtc_agent import __version__
from sharemtc_agent.client import ApiError
from sharemtc_agent.config import (
    STATE_VARIABLE,
    AgentRunning,
    Config,
    ConfigError,
    NotEnrolled,
    State,
    default_state_dir,
    first_error,
)
from sharemtc_agent.connection import connected
from sharemtc_agent.control_requests import ControlRequest, ControlRequests
from sharemtc_agent.daemon import Daemon, Ending
from sharemtc_agent.error_advice import advice_on, read_closed_reason, save_closed_reason
from sharemtc_agent.inventory import read_inventory
from sharemtc_agent.keys import ensure_key, public_text
from sharemtc_agent.log_lines import ScrubbingFormatter
from sharemtc_agent.problems import read_problems
from sharemtc_agent.runtimes.registry import find_runtimes, probe_vms
from sharemtc_agent.self_test.daily import DailySelfTest
from sharemtc_agent.sensors import system
from sharemtc_agent.sensors.capabilities import find_engines
from sharemtc_agent.uninstall import WorkloadsLeft, uninstall
from sharemtc_agent.workloads.set_aside import SetAside

CODE_VARIABLE = "SHAREMTC_ENROLLMENT_CODE"
MAX_CODE_BYTES = 4096


class Exit(IntEnum):
    """Exit codes."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_ENROLLED = 3
    UNREACHABLE = 4
    REFUSED = 5
    AGENT_RUNNING = 6
    ENROLLED_ALREADY = 7
    KEY_COPIED = 8
    WORKLOADS_LEFT = 9


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns its exit code; an error is one line on standard error."""
    options = _parser().parse_args(argv)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ScrubbingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=options.log_level.upper(), handlers=[handler])
    command: Callable[[argparse.Namespace], Exit] = options.command
    try:
        return int(command(options))
    except WorkloadsLeft as error:
        return _fail(str(error), Exit.WORKLOADS_LEFT)
    except AgentRunning as error:
        return _fail(str(error), Exit.AGENT_RUNNING)
    except NotEnrolled as error:
        return _fail(str(error), Exit.NOT_ENROLLED)
    except ConfigError as error:
        return _fail(str(error), Exit.USAGE)
    except ValidationError as error:
        return _fail(first_error(error), Exit.USAGE)
    except ApiError as error:
        advice = advice_on(error)
        text = f"{error.code}: {advice.text}" if advice else str(error)
        return _fail(text, Exit.UNREACHABLE if error.status == 0 else Exit.REFUSED)
    except OSError as error:
        return _fail(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "), Exit.FAILED)


def _fail(text: str, code: Exit) -> int:
    print(f"sharemtc-agent: {' '.join(text.split())}", file=sys.stderr)
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sharemtc-agent",
        description="Offers this machine's capacity on ShareMTC and runs renters' workloads on it.",
        epilog="Exit codes: " + ", ".join(f"{code.value} {code.name.lower().replace('_', ' ')}" for code in Exit),
    )
    parser.add_argument("--version", action="version", version=f"sharemtc-agent {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--state-dir", type=Path, default=default_state_dir(), help=f"default %(default)s, or {STATE_VARIABLE}"
    )
    common.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")
    offer = _offer_options()
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    enroll = commands.add_parser("enroll", parents=[common, offer], help="register this machine with a platform")
    enroll.add_argument("--url", required=True, help="address of the platform, as in the browser")
    enroll.add_argument(
        "--code-file", metavar="FILE", help=f"file with the enrollment code, - for standard input; else {CODE_VARIABLE}"
    )
    enroll.add_argument("--name", help="name of the host; default: the machine's host name")
    enroll.set_defaults(command=_enroll)
    run = commands.add_parser("run", parents=[common, offer], help="run the agent until it is stopped")
    run.add_argument("--url", help="address of the platform, if it has changed since the enrollment")
    run.set_defaults(command=_run)
    status = commands.add_parser("status", parents=[common], help="show the state of the agent and its workloads")
    status.add_argument("--json", action="store_true", help="print JSON")
    status.set_defaults(command=_status)
    doctor = commands.add_parser("doctor", parents=[common, offer], help="test everything that the agent needs")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.add_argument("--report", action="store_true", help="sign the results and send them to the platform")
    doctor.set_defaults(command=_doctor)
    drain = commands.add_parser("drain", parents=[common], help="stop accepting new workloads")
    drain.add_argument("--reason", default="requested by the owner", help="shown to the provider; default: %(default)s")
    drain.set_defaults(command=_drain)
    leave = commands.add_parser("uninstall", parents=[common], help="retire the host and delete the agent's data")
    leave.add_argument(
        "--offline", action="store_true", help="do not contact the platform, which then lists the host as offline"
    )
    leave.add_argument(
        "--receipt", type=Path, metavar="FILE", help="where to write the receipt; default: home directory"
    )
    leave.add_argument("--json", action="store_true", help="print JSON")
    leave.set_defaults(command=_uninstall)
    return parser


def _offer_options() -> argparse.ArgumentParser:
    offer = argparse.ArgumentParser(add_help=False)
    group = offer.add_argument_group("offer (saved in config.json)")
    group.add_argument("--sell-vcpus", type=int, metavar="N", help="default: all logical CPUs")
    group.add_argument("--sell-memory-mib", type=int, metavar="MIB", help="default: all except max(1 GiB, 10 %%)")
    group.add_argument("--sell-disk-gib", type=int, metavar="GIB", help="default: free space except 10 GiB")
    group.add_argument("--connect-address", metavar="ADDRESS", help="where renters connect to VMs; default: 127.0.0.1")
    group.add_argument(
        "--listen-address",
        metavar="IPV4",
        help="where VM ports listen; default: the connect address if it is local, else all",
    )
    group.add_argument("--region", help="default: local")
    return offer


def _with_offer(config: Config, options: argparse.Namespace) -> Config:
    sell = {name: getattr(options, f"sell_{name}") for name in ("vcpus", "memory_mib", "disk_gib")}
    changes: dict[str, object] = {
        name: value
        for name in ("connect_address", "listen_address", "region")
        if (value := getattr(options, name)) is not None
    }
    changes["sell"] = {**config.sell.model_dump(), **{k: v for k, v in sell.items() if v is not None}}
    return Config.model_validate({**config.model_dump(), **changes})


def _enroll(options: argparse.Namespace) -> Exit:
    state = State(options.state_dir)
    known = state.read_config()
    if known is not None and known.host_id is not None:
        raise SystemExit(_fail(f"already enrolled as {known.host_id} at {known.url}", Exit.ENROLLED_ALREADY))
    # re-enrollment keeps the settings
    settings = known.model_dump() if known is not None else {}
    where = {"url": options.url, "name": options.name or settings.get("name") or system.host_name()}
    config = _with_offer(Config.model_validate({**settings, **where}), options)
    code = _read_code(options.code_file)
    with state.lock():
        host_id = asyncio.run(_enroll_host(state, config, code))
    print(host_id)
    return Exit.OK


def _read_code(source: str | None) -> str:
    """Reads the enrollment code. It is never an argument: other users of the machine can read a command line."""
    if source == "-":
        text = sys.stdin.read(MAX_CODE_BYTES)
    elif source is not None:
        with Path(source).open() as file:
            text = file.read(MAX_CODE_BYTES)
    else:
        text = os.environ.get(CODE_VARIABLE, "")
    if not text.strip():
        raise ConfigError(f"no enrollment code: set --code-file or {CODE_VARIABLE}")
    return text.strip()


async def _enroll_host(state: State, config: Config, code: str) -> str:
    key = ensure_key(state.key_file)
    vms = await probe_vms(state.path, state.vms, config.guest_address)
    inventory = read_inventory(config, state.path, vms, find_engines())
    request = EnrollRequest(
        protocol_version=PROTOCOL_VERSION, code=code, public_key=public_text(key), inventory=inventory
    )
    async with connected(state, config) as client:
        answer = await client.enroll(request)
    enrolled = {
        "host_id": answer.host_id,
        "heartbeat_interval_s": answer.heartbeat_interval_s,
        "command_poll_s": answer.command_poll_s,
        "telemetry_interval_s": answer.telemetry_interval_s,
    }
    state.write_config(Config.model_validate({**config.model_dump(), **enrolled}))
    return answer.host_id


def _run(options: argparse.Namespace) -> Exit:
    state = State(options.state_dir)
    with state.lock():
        known = state.require_config()
        config = _with_offer(known, options)
        if options.url:
            config = Config.model_validate({**config.model_dump(), "url": options.url})
        if config != known:
            state.write_config(config)
        ending = asyncio.run(_run_daemon(state, config))
    return Exit.KEY_COPIED if ending is Ending.KEY_COPIED else Exit.OK


async def _run_daemon(state: State, config: Config) -> Ending:
    return await Daemon(state, config).run()


def _status(options: argparse.Namespace) -> Exit:
    state = State(options.state_dir)
    config = state.require_config()
    pid = state.running_pid()
    seen = [each for runtime in find_runtimes(state.vms).values() for each in runtime.inspect()]
    problems, closed = read_problems(state.problems_file), read_closed_reason(state.closed_file)
    set_aside = SetAside(state.set_aside).kept()
    if options.json:
        listed = [asdict(each) for each in seen]
        status = {"host_id": config.host_id, "url": config.url, "pid": pid, "closed": closed, "workloads": listed}
        status["problems"] = [problem.model_dump() for problem in problems]
        status["set_aside"] = [
            {"workload_id": each.workload_id, "folder": str(each.folder), "delete_at": each.delete_at.isoformat()}
            for each in set_aside
        ]
        print(json.dumps(status, indent=2))
    else:
        print(f"host   {config.host_id} ({config.name}) at {config.url}")
        print(f"agent  {f'running as process {pid}' if pid else 'not running'}")
        if closed is not None:
            print(f"closed by the platform ({closed}): nothing is offered; run `sharemtc-agent uninstall`")
        for each in seen:
            print(f"{kind_of(each.id):<6} {each.id}  {each.state}  port {each.ssh_port or '-'}")
        for kept in set_aside:
            until = f"{kept.delete_at:%Y-%m-%d %H:%M} UTC"
            print(f"unknown to the platform, kept in {kept.folder} until {until}")
        for problem in problems:
            print(f"rejected by the platform: {problem.pointer}: {problem.message}")
    return Exit.OK if pid else Exit.FAILED


def _doctor(options: argparse.Namespace) -> Exit:
    from sharemtc_agent.self_test.runner import failed, run_self_test, table

    state = State(options.state_dir)
    known = state.require_config() if options.report else state.read_config()
    config = _with_offer(known or Config(name=system.host_name()), options)
    test = asyncio.run(run_self_test(state.path, config))
    print(test.model_dump_json(indent=2) if options.json else "\n".join(table(test)))
    if options.report:
        _send(state, config, ControlRequest(self_test=test))
        if not options.json:
            print("sent to the platform")
    return Exit.FAILED if failed(test) else Exit.OK


def _drain(options: argparse.Namespace) -> Exit:
    state = State(options.state_dir)
    config = state.require_config()
    print(f"{config.host_id} is {_send(state, config, ControlRequest(reason=clean_text(options.reason)))}")
    return Exit.OK


def _send(state: State, config: Config, request: ControlRequest) -> str:
    """Sends it through the running agent, or directly if none runs. Returns the host's state."""
    try:
        with state.lock():
            return asyncio.run(_send_it(state, config, request))
    except AgentRunning:
        return ControlRequests(state.path).ask(request)


async def _send_it(state: State, config: Config, request: ControlRequest) -> str:
    try:
        async with connected(state, config) as client:
            if request.self_test is None:
                answer = (await client.drain(Farewell(reason=request.reason))).state
            else:
                await DailySelfTest(state, client).send(request.self_test)
                answer = "received"
    except ApiError as error:
        save_closed_reason(state.closed_file, error)
        raise
    save_closed_reason(state.closed_file, None)
    return answer


def _uninstall(options: argparse.Namespace) -> Exit:
    receipt = uninstall(State(options.state_dir), offline=options.offline, receipt_file=options.receipt)
    print(receipt.model_dump_json(indent=2) if options.json else "\n".join(receipt.lines()))
    return Exit.OK
