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
from sharemtc_agent.error_advice import advice_on, keep_closed, read_closed
from sharemtc_agent.inventory import read_inventory
from sharemtc_agent.keys import ensure_key, load_key, public_text
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
    """Runs one command and gives its exit code; an error is one line on standard error."""
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
        description="Sells this machine's capacity on ShareMTC and runs renters' workloads on it.",
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
    enroll = commands.add_parser("enroll", parents=[common, offer], help="join a control plane, once")
    enroll.add_argument("--url", required=True, help="the control plane's address, as in the browser")
    enroll.add_argument(
        "--code-file", metavar="FILE", help=f"file with the enrollment code, - for standard input; else {CODE_VARIABLE}"
    )
    enroll.add_argument("--name", help="what the host is called; default the machine's name")
    enroll.set_defaults(command=_enroll)
    run = commands.add_parser("run", parents=[common, offer], help="run until told to end")
    run.add_argument("--url", help="the control plane's address, where it is another than at the enrollment")
    run.set_defaults(command=_run)
    status = commands.add_parser("status", parents=[common], help="what runs here")
    status.add_argument("--json", action="store_true", help="for programs")
    status.set_defaults(command=_status)
    doctor = commands.add_parser("doctor", parents=[common, offer], help="try all that the agent needs")
    doctor.add_argument("--json", action="store_true", help="for programs")
    doctor.add_argument("--report", action="store_true", help="sign the outcome and send it to the control plane")
    doctor.set_defaults(command=_doctor)
    drain = commands.add_parser("drain", parents=[common], help="ask the platform for no new work")
    drain.add_argument("--reason", default="asked by its owner", help="shown to the provider; default: %(default)s")
    drain.set_defaults(command=_drain)
    leave = commands.add_parser("uninstall", parents=[common], help="retire the host and delete what is here")
    leave.add_argument("--offline", action="store_true", help="do not tell the platform, which then sees it as silent")
    leave.add_argument("--receipt", type=Path, metavar="FILE", help="where the receipt goes; default: home directory")
    leave.add_argument("--json", action="store_true", help="for programs")
    leave.set_defaults(command=_uninstall)
    return parser


def _offer_options() -> argparse.ArgumentParser:
    offer = argparse.ArgumentParser(add_help=False)
    group = offer.add_argument_group("what is sold (kept in config.json)")
    group.add_argument("--sell-vcpus", type=int, metavar="N", help="default: all logical CPUs")
    group.add_argument("--sell-memory-mib", type=int, metavar="MIB", help="default: all but max(1 GiB, 10 %%)")
    group.add_argument("--sell-disk-gib", type=int, metavar="GIB", help="default: what is free but 10 GiB")
    group.add_argument("--connect-address", metavar="ADDRESS", help="where renters reach guests; default 127.0.0.1")
    group.add_argument(
        "--listen-address", metavar="IPV4", help="where guests' ports open, behind a NAT; default: the above, or all"
    )
    group.add_argument("--region", help="default: local")
    return offer


def _with_offer(config: Config, options: argparse.Namespace) -> Config:
    """The settings with the given options; those not given stay as they are."""
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
    # a machine that joins anew keeps its settings
    settings = known.model_dump() if known is not None else {}
    where = {"url": options.url, "name": options.name or settings.get("name") or system.host_name()}
    config = _with_offer(Config.model_validate({**settings, **where}), options)
    code = _read_code(options.code_file)
    with state.hold():
        host_id = asyncio.run(_enroll_host(state, config, code))
    print(host_id)
    return Exit.OK


def _read_code(source: str | None) -> str:
    """The enrollment code: never an argument, where every user of the machine could read it."""
    if source == "-":
        text = sys.stdin.read(MAX_CODE_BYTES)
    elif source is not None:
        with Path(source).open() as file:
            text = file.read(MAX_CODE_BYTES)
    else:
        text = os.environ.get(CODE_VARIABLE, "")
    if not text.strip():
        raise ConfigError(f"no enrollment code: give --code-file or {CODE_VARIABLE}")
    return text.strip()


async def _enroll_host(state: State, config: Config, code: str) -> str:
    key = ensure_key(state.key_file)
    vms = await probe_vms(state.path, state.vms, config.guest_address)
    inventory = read_inventory(config, state.path, vms, find_engines())
    request = EnrollRequest(
        protocol_version=PROTOCOL_VERSION, code=code, public_key=public_text(key), inventory=inventory
    )
    async with connected(state, config, key) as client:
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
    with state.hold():
        known = state.need_config()
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
    config = state.need_config()
    pid = state.running_pid()
    seen = [each for runtime in find_runtimes(state.vms).values() for each in runtime.inspect()]
    problems, closed = read_problems(state.problems_file), read_closed(state.closed_file)
    set_aside = SetAside(state.set_aside).kept()
    if options.json:
        listed = [asdict(each) for each in seen]
        refused = [problem.model_dump() for problem in problems]
        told = {"host_id": config.host_id, "url": config.url, "pid": pid, "closed": closed, "workloads": listed}
        told["problems"] = refused
        told["set_aside"] = [
            {"workload_id": each.workload_id, "folder": str(each.folder), "delete_at": each.delete_at.isoformat()}
            for each in set_aside
        ]
        print(json.dumps(told, indent=2))
    else:
        print(f"host   {config.host_id} ({config.name}) at {config.url}")
        print(f"agent  {f'runs as process {pid}' if pid else 'does not run'}")
        if closed is not None:
            print(f"closed by the platform ({closed}): nothing is sold here; `sharemtc-agent uninstall` leaves")
        for each in seen:
            print(f"{kind_of(each.id):<6} {each.id}  {each.state}  port {each.ssh_port or '-'}")
        for kept in set_aside:
            until = f"{kept.delete_at:%Y-%m-%d %H:%M} UTC"
            print(f"set aside, unknown to the platform: {kept.folder}, deleted after {until}")
        for problem in problems:
            print(f"not taken by the platform: {problem.pointer}: {problem.message}")
    return Exit.OK if pid else Exit.FAILED


def _doctor(options: argparse.Namespace) -> Exit:
    from sharemtc_agent.self_test.examination import examine, failed, table

    state = State(options.state_dir)
    known = state.need_config() if options.report else state.read_config()
    config = _with_offer(known or Config(name=system.host_name()), options)
    test = asyncio.run(examine(state.path, config))
    print(test.model_dump_json(indent=2) if options.json else "\n".join(table(test)))
    if options.report:
        _send(state, config, ControlRequest(self_test=test))
        if not options.json:
            print("sent to the platform")
    return Exit.FAILED if failed(test) else Exit.OK


def _drain(options: argparse.Namespace) -> Exit:
    state = State(options.state_dir)
    config = state.need_config()
    print(f"{config.host_id} is {_send(state, config, ControlRequest(reason=clean_text(options.reason)))}")
    return Exit.OK


def _send(state: State, config: Config, request: ControlRequest) -> str:
    """Has it sent by the agent that runs here, or sends it where none runs. Gives the host's state."""
    try:
        with state.hold():
            return asyncio.run(_send_it(state, config, request))
    except AgentRunning:
        return ControlRequests(state.path).ask(request)


async def _send_it(state: State, config: Config, request: ControlRequest) -> str:
    try:
        async with connected(state, config, load_key(state.key_file)) as client:
            if request.self_test is None:
                answer = (await client.drain(Farewell(reason=request.reason))).state
            else:
                await DailySelfTest(state, client).send(request.self_test)
                answer = "received"
    except ApiError as error:
        keep_closed(state.closed_file, error)
        raise
    keep_closed(state.closed_file, None)
    return answer


def _uninstall(options: argparse.Namespace) -> Exit:
    receipt = uninstall(State(options.state_dir), offline=options.offline, receipt_file=options.receipt)
    print(receipt.model_dump_json(indent=2) if options.json else "\n".join(receipt.lines()))
    return Exit.OK
