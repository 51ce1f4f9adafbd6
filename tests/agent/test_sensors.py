import os
import shutil
from pathlib import Path

import pytest

from sharemtc_agent.sensors import cpu, disk, memory, network, system
from sharemtc_agent.sensors.cgroup import Limits, read_limits

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

    def test_none_where_nothing_is_said(self, tmp_path: Path) -> None:
        assert read_limits(tmp_path, tmp_path / "missing") == UNLIMITED
        assert read_limits(tmp_path, make_membership(tmp_path, "0::/\n")) == UNLIMITED


class TestCpu:
    def test_counts_what_the_kernel_lists(self) -> None:
        listed = Path("/proc/cpuinfo").read_text().count("\nprocessor") + 1
        assert cpu.usable_vcpus(UNLIMITED) == min(listed, len(os.sched_getaffinity(0)))

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
        assert memory.memory_used_mib() == pytest.approx((kib["MemTotal"] - kib["MemAvailable"]) / 1024, abs=512)

    def test_container_limit_counts(self) -> None:
        assert memory.total_memory_mib(Limits(cpus=None, memory_bytes=300 << 20)) == 300


class TestDisk:
    def test_equals_the_file_system(self, tmp_path: Path) -> None:
        usage, stat = disk.disk_usage(tmp_path), os.statvfs(tmp_path)
        assert usage.total_gib == stat.f_blocks * stat.f_frsize >> 30
        assert usage.free_gib == pytest.approx(shutil.disk_usage(tmp_path).free >> 30, abs=1)


class TestNetwork:
    def test_sums_interfaces_without_loopback(self) -> None:
        rows = (line.replace(":", " ").split() for line in Path("/proc/net/dev").read_text().splitlines()[2:])
        received = sum(int(row[1]) for row in rows if row[0] != "lo")
        assert network.network_traffic().rx_bytes >= received
        assert network.network_traffic().rx_bytes <= received + (1 << 30)


class TestSystem:
    def test_names(self) -> None:
        assert system.kernel_release() == os.uname().release
        assert system.os_name()
        assert 1 <= len(system.host_name()) <= 64
