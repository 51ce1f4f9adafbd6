"""Commands of the embedded cloud: ``python -m infrastructure.local run | status | logs | emails | build | lock``."""

from __future__ import annotations

import argparse
import errno
import signal
import sys
from dataclasses import replace
from pathlib import Path

from infrastructure.local import emails, log_reader, options, status
from infrastructure.local.failures import LocalCloudError
from infrastructure.local.progress import say


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="python -m infrastructure.local",
        description="The embedded cloud: the whole system on this machine, on one port.",
        epilog="SHAREMTC_STATE_DIR says where the state lies (default .state), SHAREMTC_PORT which port is used "
        "(default 8420); SHAREMTC_FOO_BAR sets the template parameter FooBar.",
    )
    verbs = root.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="start everything and stay in front until Ctrl-C")
    run.add_argument("--no-agent", action="store_true", help="do not offer this machine as a host")
    run.add_argument("--no-web", action="store_true", help="serve the API without the web application")
    run.add_argument("--no-reload", action="store_true", help="do not watch the functions' code for changes")
    run.add_argument("--port", type=int, help="instead of SHAREMTC_PORT")
    run.add_argument("--state-dir", type=Path, help="instead of SHAREMTC_STATE_DIR")
    run.add_argument("--template", type=Path, help="another template than this project's")
    run.add_argument("--web-dist", type=Path, help="another built web application than webapp/dist")
    shown = verbs.add_parser("status", help="say what runs and where")
    shown.add_argument("--state-dir", type=Path)
    logs = verbs.add_parser("logs", help="show the logs; without a name, of everything")
    logs.add_argument("-f", "--follow", action="store_true", help="go on as lines are written")
    logs.add_argument("-n", "--lines", type=int, default=50, help="how many of the last lines (default 50)")
    logs.add_argument("--state-dir", type=Path)
    logs.add_argument("name", nargs="*", help="cloud, gateway, agent or a function, e.g. AuthFunction")
    written = verbs.add_parser("emails", help="show the newest e-mails that the platform wrote here")
    written.add_argument("-n", "--count", type=int, default=5, help="how many (default 5)")
    written.add_argument("--state-dir", type=Path)
    verbs.add_parser("build", help="build the layers, as a deployment does")
    lock = verbs.add_parser("lock", help="resolve the dependency locks again")
    lock.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    return root


def main() -> int:
    arguments = parser().parse_args()
    try:
        chosen = options.from_environment()
        if getattr(arguments, "state_dir", None):
            chosen = replace(chosen, state_dir=arguments.state_dir.expanduser().resolve())
        if arguments.verb == "run":
            return _run(chosen, arguments)
        if arguments.verb == "status":
            return status.show(chosen.state_dir)
        if arguments.verb == "logs":
            return log_reader.show(chosen.state_dir, arguments.name, arguments.lines, follow=arguments.follow)
        if arguments.verb == "emails":
            return emails.show(chosen.state_dir, max(1, arguments.count))
        if arguments.verb == "build":
            return _build(chosen.template)
        from infrastructure.local import locks

        locks.write_all(upgrade=arguments.upgrade)
    except LocalCloudError as error:
        say(f"sharemtc: {error}", failure=True)
        return 1
    except OSError as error:
        say(f"sharemtc: {error.filename or 'this machine'}: {error.strerror or error}{_advice(error)}", failure=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _advice(error: OSError) -> str:
    return ": make room on that disk, then start again" if error.errno == errno.ENOSPC else ""


def _run(chosen: options.Options, arguments: argparse.Namespace) -> int:
    from infrastructure.local.launcher import Launcher
    from infrastructure.local.progress import Progress

    chosen = replace(
        chosen,
        port=arguments.port or chosen.port,
        agent=not arguments.no_agent,
        web=not arguments.no_web,
        watch=not arguments.no_reload,
        template=(arguments.template or chosen.template).resolve(),
        web_dist=(arguments.web_dist or chosen.web_dist).resolve(),
    )
    launcher = Launcher(chosen, Progress())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: launcher.stop())
    launcher.run(lambda: _greet(launcher))
    say("stopped")
    return 0


def _build(template: Path) -> int:
    from infrastructure.local import layers
    from infrastructure.local.deploy import LAYER
    from infrastructure.local.template import load, resources

    for logical_id, properties in resources(load(template), LAYER):
        print(layers.build(logical_id, template.parent / properties["ContentUri"]))
    return 0


def _greet(launcher: object) -> None:
    from infrastructure.local.launcher import Launcher

    assert isinstance(launcher, Launcher)
    say(f"\n  ShareMTC is ready after {launcher.elapsed_s:.1f} s\n\n    {launcher.options.url}")
    if launcher.operator is not None:
        say(f"    operator   {launcher.operator.email}\n    password   in {launcher.state.operator_password}")
    say("    logs       python -m infrastructure.local logs -f\n    stop       Ctrl-C\n")


if __name__ == "__main__":
    sys.exit(main())
