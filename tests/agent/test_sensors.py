import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from sharemtc_agent.sensors import containers, cpu, disk, memory, network, system
from sharemtc_agent.sensors.cgroup import Limits, read_limits
from sharemtc_agent.sensors.rates import Rates
from sharemtc_agent.sensors.workload import workload_use

UNLIMITED = Limits(cpus=None, memory_bytes=None)


def make_group(root: Path, path: str, **files: str) -> None:
    folder = root / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text)


def make_membership(folder: Path, text: str) -> Path:
    file = folder / "membership"
    file.write_text(text)
    return file


def kernel_times() -> tuple[int, int]:
    """Busy and all ticks of all CPUs: user, nice, system, idle, iowait, irq, softirq, steal."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


class TestLimits:
    def test_tightest_on_the_way_up(self, tmp_path: Path) -> None:
        root = tmp_path / "cgroup"
        make_group(root, ".", memory_max="max")
        make_group(root, "a", memory_max="1073741824\n", cpu_max="150000 100000")
        make_group(root, "a/b", memory_max="2147483648", cpu_max="max 100000")
        found = read_limits(root, make_membership(tmp_path, "0::/a/b\n"))
        assert found == Limits(cpus=1.5, memory_bytes=1 << 30)

    def test_version_1(self, tmp_path: Path) -> None:
        root = tmp_path / "cgroup"
        (root / "memory/x").mkdir(parents=True)
        (root / "cpu,cpuacct/x").mkdir(parents=True)
        (root / "memory/memory.limit_in_bytes").write_text("9223372036854771712")
        (root / "memory/x/memory.limit_in_bytes").write_text("536870912")
        (root / "cpu,cpuacct/x/cpu.cfs_quota_us").write_text("-1")
        (root / "cpu,cpuacct/x/cpu.cfs_period_us").write_text("100000")
        found = read_limits(root, make_membership(tmp_path, "5:memory:/x\n4:cpu,cpuacct:/x\n"))
        assert found == Limits(cpus=None, memory_bytes=512 << 20)

    def test_what_is_used_is_that_of_the_group_whose_limit_holds(self, tmp_path: Path) -> None:
        root = tmp_path / "cgroup"
        make_group(root, ".", memory_current="34359738368")
        make_group(
            root, "a", memory_max="4294967296", memory_current="1073741824", memory_stat="inactive_file 536870912\n"
        )
        make_group(root, "a/b", memory_current="1048576")
        found = read_limits(root, make_membership(tmp_path, "0::/a/b\n"))
        assert found == Limits(cpus=None, memory_bytes=4 << 30, memory_used_bytes=512 << 20)

    def test_none_where_nothing_is_said(self, tmp_path: Path) -> None:
        assert read_limits(tmp_path, tmp_path / "missing") == UNLIMITED
        assert read_limits(tmp_path, make_membership(tmp_path, "0::/\n")) == UNLIMITED


class TestCpu:
    def test_counts_what_the_kernel_lists(self) -> None:
        listed = Path("/proc/cpuinfo").read_text().count("\nprocessor") + 1
        assert cpu.usable_vcpus(UNLIMITED) == min(listed, len(os.sched_getaffinity(0)))

    def test_agrees_with_nproc(self) -> None:
        said = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout
        assert cpu.usable_vcpus(UNLIMITED) == int(said)

    def test_busy_as_the_kernel_counts(self) -> None:
        meter, before = cpu.CpuMeter(), kernel_times()
        end = os.times().user + 0.3
        while os.times().user < end:
            pass
        after, used = kernel_times(), meter.used_percent()
        busy, total = after[0] - before[0], after[1] - before[1]
        assert used == pytest.approx(100 * busy / total, abs=15)
        assert used > 0

    def test_container_limit_counts(self) -> None:
        assert cpu.usable_vcpus(Limits(cpus=1.5, memory_bytes=None)) == 1
        assert cpu.usable_vcpus(Limits(cpus=0.2, memory_bytes=None)) == 1

    def test_model_is_as_in_cpuinfo(self, tmp_path: Path) -> None:
        file = tmp_path / "cpuinfo"
        file.write_text("processor : 0\nmodel name\t: Some  CPU @ 2GHz\n")
        assert cpu.cpu_model(file) == "Some CPU @ 2GHz"
        assert cpu.cpu_model(tmp_path / "missing")
        assert cpu.cpu_model() in Path("/proc/cpuinfo").read_text().replace("  ", " ")

    def test_load_is_the_kernels(self) -> None:
        before = float(Path("/proc/loadavg").read_text().split()[0])
        assert cpu.load_1m() == pytest.approx(before, abs=0.5)


class TestMemory:
    def test_equals_meminfo(self) -> None:
        lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
        kib = {words[0].rstrip(":"): int(words[1]) for words in lines}
        assert memory.total_memory_mib(UNLIMITED) == kib["MemTotal"] // 1024
        assert memory.memory_used_mib(UNLIMITED) == pytest.approx(
            (kib["MemTotal"] - kib["MemAvailable"]) / 1024, abs=512
        )

    def test_agrees_with_free(self) -> None:
        said = subprocess.run(["free", "--mebi"], capture_output=True, text=True, check=True).stdout
        total = int(said.split("\n")[1].split()[1])
        assert memory.total_memory_mib(UNLIMITED) == total

    def test_container_limit_counts(self) -> None:
        assert memory.total_memory_mib(Limits(cpus=None, memory_bytes=300 << 20)) == 300

    def test_used_and_total_are_of_one_set(self) -> None:
        limited = Limits(cpus=None, memory_bytes=64 << 20, memory_used_bytes=48 << 20)
        assert (memory.memory_used_mib(limited), memory.total_memory_mib(limited)) == (48, 64)
        beyond = Limits(cpus=None, memory_bytes=1 << 50, memory_used_bytes=1)
        assert memory.memory_used_mib(beyond) > 1, "a limit above what there is is none"


class TestDisk:
    def test_equals_the_file_system(self, tmp_path: Path) -> None:
        usage, stat = disk.disk_usage(tmp_path), os.statvfs(tmp_path)
        assert usage.total_gib == stat.f_blocks * stat.f_frsize >> 30
        assert usage.free_gib == pytest.approx(shutil.disk_usage(tmp_path).free >> 30, abs=1)

    def test_agrees_with_df(self, tmp_path: Path) -> None:
        argv = ["df", "--block-size=1", "--output=size,used", str(tmp_path)]
        said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        size, used = (int(word) for word in said.split("\n")[1].split())
        usage = disk.disk_usage(tmp_path)
        assert usage.total_gib == size >> 30
        assert usage.used_gib == pytest.approx(used >> 30, abs=1)

    def test_traffic_is_that_of_the_hardware(self) -> None:
        sectors = [
            [int(word) for word in (path / "stat").read_text().split()]
            for path in Path("/sys/block").iterdir()
            if (path / "device").exists()
        ]
        found = disk.disk_traffic()
        if not sectors:
            assert found is None
        else:
            assert found is not None
            assert found.read_bytes >= sum(each[2] for each in sectors) * 512
            assert found.written_bytes >= sum(each[6] for each in sectors) * 512


class TestNetwork:
    def test_speed_is_the_fastest_links(self) -> None:
        speeds = []
        for path in Path("/sys/class/net").iterdir():
            try:
                up = (path / "operstate").read_text().strip() in {"up", "unknown"}
                speeds += [int((path / "speed").read_text())] if up and path.name != "lo" else []
            except OSError:
                continue  # links without a speed
        known = [speed for speed in speeds if 0 < speed < 10_000_000]
        assert network.network_mbps() in {*known, None}

    def test_sums_links_without_loopback(self, tmp_path: Path) -> None:
        rows = [line.replace(":", " ").split() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
        received = {row[0]: int(row[1]) for row in rows if row[0] != "lo"}
        found = network.network_traffic(tmp_path).rx_bytes
        assert sum(received.values()) <= found <= sum(received.values()) + (1 << 30)

    def test_bridges_count_only_where_there_is_no_hardware(self, tmp_path: Path) -> None:
        rows = [line.replace(":", " ").split() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
        names = [row[0] for row in rows if row[0] != "lo"]
        if len(names) < 1:
            pytest.skip("needs a network link besides loopback")
        (tmp_path / names[0] / "device").mkdir(parents=True)
        one = int(next(row[1] for row in rows if row[0] == names[0]))
        assert one <= network.network_traffic(tmp_path).rx_bytes <= one + (1 << 30)

    def test_a_virtual_function_beside_its_physical_one_is_not_counted_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("pf0", "vf0", "far0"):
            (tmp_path / name / "device").mkdir(parents=True)
        (tmp_path / "vf0" / "device" / "physfn" / "net" / "pf0").mkdir(parents=True)
        (tmp_path / "far0" / "device" / "physfn" / "net" / "elsewhere").mkdir(parents=True)
        counters = {name: SimpleNamespace(bytes_recv=10, bytes_sent=1) for name in ("lo", "pf0", "vf0", "far0")}
        stats = {name: SimpleNamespace(isup=True, speed=1000) for name in counters}
        monkeypatch.setattr(psutil, "net_io_counters", lambda **_: counters)
        monkeypatch.setattr(psutil, "net_if_stats", lambda: stats)
        assert network.network_traffic(tmp_path) == network.Traffic(20, 2)
        assert (network.network_mbps(tmp_path), network.links_mbps(tmp_path)) == (1000, 2000)

    @pytest.mark.parametrize("speed", [-1, 0, 65_535, 4_294_967_295])
    def test_a_virtual_link_without_a_speed_leaves_the_sum_unknown(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speed: int
    ) -> None:
        stats = {"eth0": SimpleNamespace(isup=True, speed=speed), "eth1": SimpleNamespace(isup=True, speed=1000)}
        monkeypatch.setattr(psutil, "net_if_stats", lambda: stats)
        assert (network.network_mbps(tmp_path), network.links_mbps(tmp_path)) == (1000, None)


class TestSystem:
    def test_names(self) -> None:
        assert system.kernel_release() == os.uname().release
        assert system.os_name()
        assert 1 <= len(system.host_name()) <= 64

    def test_kinds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert (system.platform_name(), system.arch()) == ("linux", os.uname().machine)
        monkeypatch.setattr("sys.platform", "darwin")
        assert system.platform_name() == "macos"
        assert system.os_name().startswith("macOS")
        monkeypatch.setattr("sys.platform", "win32")
        assert system.platform_name() == "windows"


class TestOddText:
    @pytest.mark.parametrize(
        ("raw", "name"),
        [
            (b"model name\t: Int\xc3el(R) \x01Xeon\n", "Int\ufffdel(R) \ufffdXeon"),
            (b"model name\t: \xe2\x80\xaeXeon\n", "\ufffdXeon"),
            (b"\xff\xfe: \xff\nmodel name : AMD\n", "AMD"),
        ],
    )
    def test_a_processor_may_be_called_anything(self, tmp_path: Path, raw: bytes, name: str) -> None:
        (tmp_path / "cpuinfo").write_bytes(raw)
        assert cpu.cpu_model(tmp_path / "cpuinfo") == name

    def test_a_release_that_is_not_in_utf_8_is_no_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def breaks() -> dict[str, str]:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")

        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.setattr("platform.freedesktop_os_release", breaks)
        assert system.os_name()


class TestRates:
    def test_growth_over_time_and_a_gap_where_a_counter_stepped_back(self) -> None:
        now = iter([0.0, 10.0, 20.0, 30.0])
        rates = Rates(lambda: next(now))
        assert [rates.per_s("rx", each) for each in (1000, 3000, 500, 900)] == [None, 200.0, None, 40.0]

    def test_no_time_no_rate(self) -> None:
        rates = Rates(lambda: 5.0)
        assert [rates.per_s("rx", each) for each in (1, 2)] == [None, None]

    def test_forgets_what_is_gone(self) -> None:
        now = iter([0.0, 1.0, 2.0, 3.0])
        rates = Rates(lambda: next(now))
        rates.per_s("a", 1)
        rates.per_s("b", 1)
        rates.forget(lambda name: name == "b")
        assert (rates.per_s("a", 2), rates.per_s("b", 3)) == (None, 1.0)


class TestWorkload:
    def test_is_what_the_process_takes(self, tmp_path: Path) -> None:
        file = tmp_path / "disk.raw"
        with file.open("wb") as disk_file:
            disk_file.truncate(1 << 30)
            disk_file.write(b"x" * (4 << 20))
        use = workload_use(os.getpid(), file)
        assert use is not None
        lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        assert use.memory_mib == pytest.approx(int(lines["VmRSS"].split()[0]) / 1024, abs=16)
        assert 4 <= use.disk_gib * 1024 < 8
        assert use.cpu_s == pytest.approx(os.times().user + os.times().system, abs=1)

    def test_gone_is_none(self, tmp_path: Path) -> None:
        with subprocess.Popen(["true"]) as ended:
            ended.wait()
        assert workload_use(ended.pid, tmp_path) is None


@contextmanager
def engine(path: Path, answer: bytes) -> Iterator[None]:
    """A server on a Unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(1)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def make_version(**content: object) -> bytes:
    return b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + json.dumps(content).encode()


class TestContainers:
    def test_docker_answers(self, tmp_path: Path) -> None:
        path = tmp_path / "docker.sock"
        with engine(path, make_version(Version="28.2.2", Components=[{"Name": "Engine"}])):
            found = containers.find_engine((path,))
        assert (found.available, found.detail) == (True, f"Docker 28.2.2 at {path}")

    def test_podman_answers_in_chunks(self, tmp_path: Path) -> None:
        path = tmp_path / "podman.sock"
        body = json.dumps({"Version": "5.4.0", "Components": [{"Name": "Podman Engine"}]}).encode()
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        with engine(path, head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"):
            found = containers.find_engine((path,))
        assert found.detail.startswith("Podman 5.4.0 at ")

    def test_a_socket_that_we_may_not_see_is_said_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuses(path: Path) -> bool:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "exists", refuses)
        found = containers.find_engine((tmp_path / "docker.sock",))
        assert (found.available, "permission denied" in found.detail) == (False, True)

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            make_version(Version="1", Components=7),
            b"HTTP/1.0 500 no\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\n[]",
            b"SSH-2.0\n",
        ],
    )
    def test_a_socket_that_is_no_engine_proves_nothing(self, tmp_path: Path, answer: bytes) -> None:
        path = tmp_path / "docker.sock"
        with engine(path, answer):
            found = containers.find_engine((path,))
        assert not found.available
        assert "does not respond" in found.detail

    def test_a_socket_nobody_listens_at(self, tmp_path: Path) -> None:
        path = tmp_path / "docker.sock"
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
        assert not containers.find_engine((path,)).available
        assert containers.find_engine((tmp_path / "none",)).detail == "no container engine is installed"
