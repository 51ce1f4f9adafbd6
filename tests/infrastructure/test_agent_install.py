"""The installer of the agent: what is built and served, and what the script does with what it gets."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from infrastructure.local.cloud import EmbeddedCloud
from infrastructure.local.paths import INSTALL, REPOSITORY
from infrastructure.local.setup_steps import agent_install
from tests.agent.control_plane import CODE, HOST_ID, ControlPlane
from tests.infrastructure.test_gateway import ask

pytestmark = pytest.mark.slow

# all that the script may call; curl or wget comes to it
TOOLS = ("sh", "cat", "cut", "id", "ln", "mkdir", "mktemp", "mv", "rm", "sha256sum")


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """As the set-up for tests leaves it."""
    agent_install.make()
    agent_install.download_packages()


@dataclass
class Machine:
    """A machine of a provider: a home, and a PATH with nothing but what is put there."""

    folder: Path
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home, self.bin = self.folder / "home", self.folder / "bin"
        self.home.mkdir(parents=True)
        self.bin.mkdir()
        self.give(*TOOLS, "curl")
        (self.bin / "python3").symlink_to(Path(sys.executable).resolve())

    def give(self, *tools: str) -> None:
        for tool in tools:
            found = shutil.which(tool)
            assert found is not None, tool
            (self.bin / tool).symlink_to(found)

    def take(self, *tools: str) -> None:
        for tool in tools:
            (self.bin / tool).unlink()

    @property
    def program(self) -> Path:
        return self.home / ".local/bin/sharemtc-agent"

    def run(
        self, *arguments: str, script: bytes | None = None, code: str | None = CODE, shell: str = "sh"
    ) -> subprocess.CompletedProcess[str]:
        """The script through a pipe, as in the command that the console shows."""
        text = (INSTALL / "agent.sh").read_bytes() if script is None else script
        environment = {
            "PATH": str(self.bin), "HOME": str(self.home), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull,
            "PIP_FIND_LINKS": str(agent_install.WHEELS), "TMPDIR": str(self.folder),
            **({"SHAREMTC_ENROLLMENT_CODE": code} if code else {}), **self.environment,
        }  # fmt: skip
        argv = [str(self.bin / "sh") if shell == "sh" else shell, "-s", "--", *arguments]
        done = subprocess.run(argv, env=environment, input=text, capture_output=True, timeout=240, check=False)
        return subprocess.CompletedProcess(argv, done.returncode, done.stdout.decode(), done.stderr.decode())

    def install(self, *more: str, **how: str | None) -> subprocess.CompletedProcess[str]:
        return self.run("--url", self.url, "--user", "--no-service", *more, **how)  # type: ignore[arg-type]

    def is_untouched(self) -> bool:
        """No file but those of the test: nothing installed, nothing left in the temporary directory."""
        known = {self.home, self.bin}
        return list(self.home.iterdir()) == [] and {*self.folder.iterdir()} <= known


@dataclass
class Server:
    """Files on loopback, and who asked for what."""

    folder: Path
    url: str = ""

    @property
    def install(self) -> Path:
        return self.folder / "install"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A platform that serves nothing but a copy of the installer's files, to be tampered with."""
    served = Server(tmp_path / "served")
    shutil.copytree(INSTALL, served.install)

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(served.folder))) as http:
        threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
        served.url = f"http://127.0.0.1:{http.server_port}"
        yield served
        http.shutdown()


@pytest.fixture
def machine(tmp_path: Path, server: Server) -> Machine:
    return Machine(tmp_path / "machine", server.url)


class TestBuild:
    def test_the_wheel_holds_the_agent_the_wire_and_what_sends_them(self) -> None:
        with zipfile.ZipFile(next(INSTALL.glob("*.whl"))) as wheel:
            names = set(wheel.namelist())
        packages = {name for name in names if ".dist-info/" not in name}
        agent = REPOSITORY / "agent" / "src"
        wire = REPOSITORY / "layers" / "sharemtc" / "python"
        wanted = {
            str(path.relative_to(root))
            for root, below in ((agent, "sharemtc_agent"), (wire, "sharemtc/wire"))
            for path in (root / below).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        sending = {name for name in packages if name.startswith("sharemtc_client/")}
        assert packages == wanted | sending | {"sharemtc/__init__.py"}
        assert {name for name in sending if "/operations/" in name} == {
            "sharemtc_client/operations/__init__.py",
            "sharemtc_client/operations/agent.py",
        }

    def test_the_wheel_holds_all_that_it_loads(self, tmp_path: Path) -> None:
        """Every module of it is loaded from it alone; the packages of others come from here."""
        wheel = next(INSTALL.glob("*.whl"))
        with zipfile.ZipFile(wheel) as content:
            content.extractall(tmp_path)
        modules = [str(path.relative_to(tmp_path))[:-3].replace("/", ".") for path in tmp_path.rglob("*.py")]
        names = [name.removesuffix(".__init__") for name in modules if not name.endswith("__main__")]
        program = (
            "import importlib, sys; [importlib.import_module(each) for each in sys.argv[1:]]; import sharemtc_client"
        )
        program += "; assert sharemtc_client.__file__.startswith(sys.path[0] or '.')"
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
        argv = [sys.executable, "-c", f"import sys; sys.path[:] = [{str(tmp_path)!r}, *sys.path]; {program}", *names]
        done = subprocess.run(argv, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def test_the_same_sources_give_the_same_bytes(self, tmp_path: Path) -> None:
        wheel = agent_install.build_wheel(tmp_path / "again")
        served = next(INSTALL.glob("*.whl"))
        assert (wheel.name, wheel.read_bytes()) == (served.name, served.read_bytes())
        packages = INSTALL / "requirements.txt"
        assert agent_install.script(wheel, packages) == (INSTALL / "agent.sh").read_text()

    def test_sums_are_of_the_files_and_the_script_holds_those_it_needs(self) -> None:
        lines = (line.split("  ") for line in (INSTALL / "SHA256SUMS").read_text().splitlines())
        sums = {name: value for value, name in lines}
        for name, value in sums.items():
            assert hashlib.sha256((INSTALL / name).read_bytes()).hexdigest() == value
        script = (INSTALL / "agent.sh").read_text()
        assert "@" not in script.replace('"$@"', "")
        assert all(value in script for name, value in sums.items() if name != "agent.sh")

    def test_the_list_of_packages_is_what_the_wheel_wants(self) -> None:
        with zipfile.ZipFile(next(INSTALL.glob("*.whl"))) as wheel:
            about = next(name for name in wheel.namelist() if name.endswith("METADATA"))
            told = [line for line in wheel.read(about).decode().splitlines() if line.startswith("Requires-Dist: ")]
        wanted = [line for line in told if "; extra ==" not in line]
        locked = (INSTALL / "requirements.txt").read_text()
        assert len(wanted) >= 5
        for line in wanted:
            name = line.removeprefix("Requires-Dist: ").split(">")[0].split("<")[0].replace(".", "-")
            assert f"\n{name}==" in f"\n{locked}", name

    def test_the_script_is_plain_posix_shell(self) -> None:
        for shell in ("sh", "dash"):
            if shutil.which(shell):
                subprocess.run([shell, "-n", INSTALL / "agent.sh"], check=True)
        checker = shutil.which("shellcheck")
        if checker is None:
            pytest.skip("needs shellcheck")
        subprocess.run([checker, INSTALL / "agent.sh", agent_install.SCRIPT], check=True)


class TestGateway:
    def test_serves_the_files_as_they_are_and_from_no_cache(self, cloud: EmbeddedCloud) -> None:
        for file in INSTALL.iterdir():
            answer = ask(cloud, "GET", f"/install/{file.name}")
            assert (answer.status, answer.body) == (200, file.read_bytes())
            assert answer.header("cache-control") == "no-cache"
        assert ask(cloud, "GET", "/install/agent.sh").header("content-type") == "text/plain; charset=utf-8"

    @pytest.mark.parametrize("name", ["none.sh", "..%2fuv%2fpyvenv.cfg", "%2e%2e", "agent.sh%00", ""])
    def test_nothing_else_is_there(self, cloud: EmbeddedCloud, name: str) -> None:
        answer = ask(cloud, "GET", f"/install/{name}")
        assert b"home =" not in answer.body
        assert name == "" or answer.status == 404

    def test_its_script_installs_from_it(self, cloud: EmbeddedCloud, tmp_path: Path) -> None:
        machine = Machine(tmp_path / "machine", cloud.url)
        done = machine.install(code=None)
        assert done.returncode == 1
        assert "the agent is installed; to enroll, set SHAREMTC_ENROLLMENT_CODE" in done.stderr
        said = subprocess.run([machine.program, "--version"], capture_output=True, text=True, check=True).stdout
        assert said == "sharemtc-agent 0.1.0\n"


class TestJoining:
    def test_installs_joins_and_upgrades_in_place(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.files = INSTALL
            machine = Machine(tmp_path / "machine", plane.url)
            done = machine.install("--name", "box-1", "--sell-vcpus", "1", "--state-dir", str(tmp_path / "state"))
            assert done.returncode == 0, done.stderr
            assert f"enrolled as {HOST_ID}" in done.stdout
            assert f"to run it: {machine.program} run --state-dir {tmp_path / 'state'}" in done.stdout
            assert CODE not in done.stdout + done.stderr
            assert (plane.inventories[0].name, plane.inventories[0].sellable.vcpus) == ("box-1", 1)
            releases = machine.home / ".local/share/sharemtc-agent/releases"
            before = [path.name for path in releases.iterdir()]

            again = machine.install("--state-dir", str(tmp_path / "state"), code=None)
            assert again.returncode == 0, again.stderr
            assert "is installed already" in again.stdout
            assert "is enrolled already" in again.stdout
            assert len(plane.inventories) == 1
            assert [path.name for path in releases.iterdir()] == before

            (releases / "0.0.9-old").mkdir()
            assert machine.install("--state-dir", str(tmp_path / "state"), code=None).returncode == 0
            assert [path.name for path in releases.iterdir()] == before
        leftovers = {path.name for path in machine.folder.iterdir()} - {"home", "bin"}
        assert leftovers == set()

    def test_a_code_that_is_refused_is_said(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.files = INSTALL
            machine = Machine(tmp_path / "machine", plane.url)
            machine.take("curl")
            machine.give("wget")
            done = machine.install(code="another-code-of-some-length")
        assert done.returncode == 1
        assert "code_refused" in done.stderr
        assert "could not enroll; get a new code" in done.stderr


class TestRefusals:
    @pytest.mark.parametrize("name", ["wheel", "requirements.txt"])
    def test_a_file_that_was_changed_is_refused_before_anything_is_installed(
        self, machine: Machine, server: Server, name: str
    ) -> None:
        file = next(server.install.glob("*.whl")) if name == "wheel" else server.install / name
        content = bytearray(file.read_bytes())
        content[-30] ^= 1
        file.write_bytes(bytes(content))
        done = machine.install()
        assert done.returncode == 1
        assert f"{file.name} does not match this script" in done.stderr
        assert not machine.program.exists()
        assert not list(machine.home.rglob("releases/*"))

    def test_a_package_with_another_hash_is_refused(self, machine: Machine, tmp_path: Path) -> None:
        wheels = tmp_path / "wheels"
        shutil.copytree(agent_install.WHEELS, wheels)
        file = next(wheels.glob("annotated_types*"))
        with zipfile.ZipFile(file, "a") as wheel:
            wheel.writestr("annotated_types/more.py", "raise SystemExit")
        machine.environment["PIP_FIND_LINKS"] = str(wheels)
        done = machine.install()
        assert done.returncode == 1
        assert "could not be installed" in done.stderr
        assert not machine.program.exists()

    def test_a_file_that_is_missing_is_named(self, machine: Machine, server: Server) -> None:
        next(server.install.glob("*.whl")).unlink()
        done = machine.install()
        assert done.returncode == 1
        assert "could not be downloaded" in done.stderr
        assert not machine.program.exists()

    def test_cut_off_anywhere_it_does_nothing(self, machine: Machine) -> None:
        script = (INSTALL / "agent.sh").read_bytes()
        start = script.index(b"\nmain() {")
        for length in (*range(0, start, 251), *range(start, len(script) - len(b'main "$@"\n') + 5)):
            machine.run("--url", machine.url, "--user", "--no-service", script=script[:length])
            assert machine.is_untouched(), script[:length][-60:]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ((), "--url is required"),
            (("--url", "ftp://x"), "--url is required"),
            (("--url",), "--url needs a value"),
            (("--what",), "unknown option --what"),
            (("--url", "http://x", "--prefix", "relative"), "an absolute path is expected"),
            (("--url", "http://x", "--name", "a b"), "--name a b:"),
            (("--url", "http://x", "--sell-vcpus", "1;reboot"), "--sell-vcpus 1;reboot:"),
            (("--url", "http://x", "--region", "--user"), "--region --user:"),
        ],
    )
    def test_options_are_checked_first(self, machine: Machine, arguments: tuple[str, ...], words: str) -> None:
        done = machine.run(*arguments)
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
        assert machine.is_untouched()

    @pytest.mark.parametrize(
        ("tools", "words"),
        [
            (("python3",), "Python 3.11 or newer is needed"),
            (("curl",), "curl or wget is needed (Debian, Ubuntu: apt-get install curl"),
            (("sha256sum",), "sha256sum or shasum is needed"),
        ],
    )
    def test_what_is_missing_is_named_with_its_package(
        self, machine: Machine, tools: tuple[str, ...], words: str
    ) -> None:
        machine.take(*tools)
        done = machine.install()
        assert done.returncode == 1
        assert words in done.stderr
        assert machine.is_untouched()

    def test_a_python_without_venv_is_named_with_its_package(self, machine: Machine) -> None:
        machine.take("python3")
        (machine.bin / "python3").write_text(
            '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; *print*) echo 3.12 ;; esac\n'
        )
        (machine.bin / "python3").chmod(0o755)
        done = machine.install()
        assert "apt-get install python3.12-venv" in done.stderr
        assert machine.is_untouched()

    def test_help_is_help(self, machine: Machine) -> None:
        done = machine.run("--help")
        assert done.returncode == 0
        assert "usage: agent.sh --url URL" in done.stdout
        assert machine.is_untouched()

    def test_not_as_somebody_else_without_being_asked(self, machine: Machine) -> None:
        machine.take("id")
        (machine.bin / "id").write_text("#!/bin/sh\necho 1000\n")
        (machine.bin / "id").chmod(0o755)
        done = machine.run("--url", machine.url)
        assert "run it as root, or with --user" in done.stderr
        assert machine.is_untouched()


class TestService:
    def test_is_installed_and_started_where_systemd_runs(self, tmp_path: Path) -> None:
        """systemd itself is played by a program that writes down what it is told."""
        if Path("/run/systemd/system").exists():
            pytest.skip("needs a machine without systemd")
        log = tmp_path / "systemctl.log"
        with ControlPlane() as plane:
            plane.files = INSTALL
            machine = Machine(tmp_path / "machine", plane.url)
            (machine.bin / "systemctl").write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
            (machine.bin / "systemctl").chmod(0o755)
            script = (INSTALL / "agent.sh").read_text().replace("/run/systemd/system", str(tmp_path))
            done = machine.run("--url", plane.url, "--user", script=script.encode())
        assert done.returncode == 0, done.stderr
        assert log.read_text().splitlines() == [
            "--user daemon-reload",
            "--user enable --quiet sharemtc-agent.service",
            "--user restart sharemtc-agent.service",
        ]
        unit = (machine.home / ".config/systemd/user/sharemtc-agent.service").read_text()
        state = machine.home / ".local/state/sharemtc-agent"
        assert f"ExecStart={machine.program} run --state-dir {state}\n" in unit
        assert "WantedBy=default.target" in unit
