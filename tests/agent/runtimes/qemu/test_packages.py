"""Missing host packages by distribution, and compressed kernel modules."""

import gzip
import lzma
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sharemtc_agent.runtimes.qemu import packages
from sharemtc_agent.runtimes.qemu.images import plain_module
from sharemtc_agent.runtimes.runtime import RuntimeFailure

DEBIAN = "busybox-static cpio dropbear-bin e2fsprogs genisoimage kmod {kernel} qemu-system-x86"
MODULE = b"\x7fELF" + bytes(range(256)) * 64


@pytest.fixture
def without_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "find_tool", lambda _: None)


def on(monkeypatch: pytest.MonkeyPatch, **release: str) -> None:
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: release)


def make_kernel(folder: Path, packed: str = "") -> tuple[Path, Path]:
    """Folders with a kernel and its modules."""
    boot, modules = folder / "boot", folder / "modules"
    (modules / "6.8.0-45-generic").mkdir(parents=True)
    boot.mkdir()
    (boot / "vmlinuz-6.8.0-45-generic").write_bytes(b"kernel")
    (modules / "6.8.0-45-generic/modules.dep").write_text(
        f"kernel/fs/ext4/ext4.ko{packed}: kernel/fs/jbd2.ko{packed}\n"
    )
    return boot, modules


@pytest.mark.usefixtures("without_programs")
class TestAdvice:
    @pytest.mark.parametrize(
        ("release", "said"),
        [
            ({"ID": "debian"}, "apt-get install -y " + DEBIAN.format(kernel="linux-image-cloud-amd64")),
            (
                {"ID": "ubuntu", "ID_LIKE": "debian"},
                "apt-get install -y " + DEBIAN.format(kernel="linux-image-virtual"),
            ),
            ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "apt-get install -y"),
            ({"ID": "fedora"}, "dnf install -y busybox cpio dropbear e2fsprogs genisoimage kernel-core kmod qemu-"),
            ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "install qemu-system-x86_64 busybox dropbear"),
            ({"ID": "arch"}, "mke2fs and a Linux kernel in /boot with its modules in /lib/modules"),
            ({}, "install qemu-system-x86_64"),
        ],
    )
    def test_names_what_the_distribution_calls_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: dict[str, str], said: str
    ) -> None:
        on(monkeypatch, **release)
        assert said in packages.advice(tmp_path, tmp_path)

    @pytest.mark.parametrize("broken", [OSError("no file"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "odd")])
    def test_an_unreadable_release_is_no_fault(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Exception
    ) -> None:
        def read() -> dict[str, str]:
            raise broken

        monkeypatch.setattr("platform.freedesktop_os_release", read)
        assert packages.advice(tmp_path, tmp_path).startswith("install qemu-system-x86_64")

    @pytest.mark.parametrize(("packed", "wanted"), [(".zst", True), (".xz", False), ("", False)])
    def test_what_unpacks_modules_is_wanted_where_they_are_packed_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: str, *, wanted: bool
    ) -> None:
        on(monkeypatch, ID="ubuntu")
        assert (" zstd" in packages.advice(*make_kernel(tmp_path, packed))) is wanted


def test_a_kernel_that_only_root_can_read_is_no_missing_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot, modules = make_kernel(tmp_path)
    monkeypatch.setattr(packages, "find_tool", lambda name: f"/usr/bin/{name}")
    assert packages.advice(boot, modules) == ""
    real = os.access
    kernel = boot / "vmlinuz-6.8.0-45-generic"
    monkeypatch.setattr(os, "access", lambda path, mode: path != kernel and real(path, mode))
    assert packages.advice(boot, modules) == f"chmod a+r {kernel} (the agent's user cannot read it)"


class TestModules:
    @pytest.mark.parametrize("packed", ["", ".xz", ".gz", ".zst"])
    def test_are_unpacked_however_they_are_packed(self, tmp_path: Path, packed: str) -> None:
        plain = tmp_path / "virtio_net.ko"
        plain.write_bytes(MODULE)
        file = tmp_path / f"virtio_net.ko{packed}"
        if packed == ".xz":
            file.write_bytes(lzma.compress(MODULE))
        elif packed == ".gz":
            file.write_bytes(gzip.compress(MODULE))
        elif packed == ".zst":
            if shutil.which("zstd") is None:
                pytest.skip("needs zstd")
            subprocess.run(["zstd", "-q", "--ultra", "-22", plain, "-o", file], check=True)
        assert plain_module(file) == MODULE

    @pytest.mark.parametrize("packed", [".xz", ".gz", ".zst"])
    def test_a_damaged_one_is_said(self, tmp_path: Path, packed: str) -> None:
        file = tmp_path / f"virtio_net.ko{packed}"
        file.write_bytes(b"nothing of the kind")
        with pytest.raises(RuntimeFailure, match="module_damaged"):
            plain_module(file)

    def test_an_unknown_way_of_packing_is_said(self, tmp_path: Path) -> None:
        file = tmp_path / "virtio_net.ko.br"
        file.write_bytes(MODULE)
        with pytest.raises(RuntimeFailure, match="host_unsupported"):
            plain_module(file)
