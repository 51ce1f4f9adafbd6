"""The command line of a VM's QEMU process."""

from __future__ import annotations

from dataclasses import dataclass

from sharemtc.wire import Accelerator, VmSpec
from sharemtc_agent.runtimes.qemu.images import Image
from sharemtc_agent.runtimes.qemu.processes import MONITOR_DESCRIPTOR
from sharemtc_agent.runtimes.qemu.qmp import CONSOLE_BYTES
from sharemtc_agent.runtimes.qemu.records import VmFolder

_SANDBOX = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"


@dataclass(frozen=True)
class Hypervisor:
    """How VMs run on this host, and the address on which their ports listen."""

    qemu: str
    accelerator: Accelerator
    image: Image
    listen_address: str


def accelerator_arguments(accelerator: Accelerator, image: Image) -> list[str]:
    """TCG gets a capped buffer: by default QEMU reserves a gigabyte."""
    if accelerator is Accelerator.KVM:
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", f"tcg,tb-size={image.tcg_buffer_mib}", "-cpu", "max"]


def machine_arguments(host: Hypervisor, folder: VmFolder, spec: VmSpec, port: int) -> list[str]:
    """All arguments. With `port` 0, the host picks the SSH port.

    `restrict=on` isolates the guest from the network and from all addresses of the host, loopback included. The console
    goes to a ring buffer, so that a guest cannot fill the host's disk.
    """
    return [
        host.qemu,
        "-name", f"guest={folder.id}",
        *accelerator_arguments(host.accelerator, host.image),
        "-machine", "q35", "-m", str(spec.memory_mib), "-smp", str(spec.vcpus),
        "-nodefaults", "-no-user-config", "-display", "none", "-sandbox", _SANDBOX,
        "-kernel", str(host.image.kernel), "-initrd", str(host.image.initrd),
        "-append", "console=ttyS0 quiet panic=5",
        "-chardev", f"ringbuf,id=console,size={CONSOLE_BYTES}", "-serial", "chardev:console",
        "-drive", f"if=none,id=disk,format=raw,file={_escaped(str(folder.disk))}",
        "-device", "virtio-blk-pci,drive=disk",
        "-drive", f"if=none,id=seed,format=raw,readonly=on,file={_escaped(str(folder.seed))}",
        "-device", "virtio-blk-pci,drive=seed",
        "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:{host.listen_address}:{port}-:22",
        "-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci",
        "-chardev", f"socket,id=qmp,fd={MONITOR_DESCRIPTOR},server=on,wait=off",
        "-mon", "chardev=qmp,mode=control",
        "-pidfile", str(folder.pid_file),
    ]  # fmt: skip


def _escaped(path: str) -> str:
    return path.replace(",", ",,")
