import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharemtc.wire import CapabilityName, Capacity, Inventory
from sharemtc_agent.config import Config, Sell
from sharemtc_agent.inventory import read_figures, read_inventory, sellable
from sharemtc_agent.runtimes.runtime import ProbeResult
from sharemtc_agent.sensors.capabilities import Engines
from sharemtc_agent.sensors.containers import Engine
from sharemtc_agent.sensors.cpu import CpuMeter
from sharemtc_agent.sensors.gpu import FoundGpus

NO_ENGINES = Engines(
    Engine(available=False, detail="no container engine is installed"),
    Engine(available=False, detail="no kubeconfig found"),
)
maybe = st.none() | st.integers(0, 4096)


class TestSellable:
    @given(st.integers(1, 512), st.integers(0, 2**20), st.integers(0, 10_000), st.integers(0, 10_000), maybe, maybe)
    def test_never_more_than_there_is(
        self, vcpus: int, memory: int, disk: int, free: int, sell_vcpus: int | None, sell_other: int | None
    ) -> None:
        total = Capacity(vcpus=vcpus, memory_mib=memory, disk_gib=max(disk, free))
        offer = sellable(total, free, Sell(vcpus=sell_vcpus, memory_mib=sell_other, disk_gib=sell_other))
        assert offer.vcpus <= total.vcpus
        assert offer.memory_mib <= total.memory_mib
        assert offer.disk_gib <= total.disk_gib

    def test_keeps_a_reserve_unless_told(self) -> None:
        total = Capacity(vcpus=8, memory_mib=32_768, disk_gib=500)
        assert sellable(total, 303, Sell()) == Capacity(vcpus=8, memory_mib=32_768 - 3276, disk_gib=290)
        assert sellable(Capacity(vcpus=1, memory_mib=2048, disk_gib=9), 5, Sell()).model_dump() == {
            "vcpus": 1,
            "memory_mib": 1024,
            "disk_gib": 0,
        }

    def test_gives_what_is_asked(self) -> None:
        total = Capacity(vcpus=8, memory_mib=32_768, disk_gib=500)
        assert sellable(total, 300, Sell(vcpus=2, memory_mib=0, disk_gib=40)) == Capacity(
            vcpus=2, memory_mib=0, disk_gib=40
        )


class TestInventory:
    def test_what_firmware_and_drivers_say_is_made_fit_to_be_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        odd = "Odd\x00\u202e \udcff\x1b[31m thing\n" + "x" * 300
        monkeypatch.setattr("sharemtc_agent.sensors.cpu.cpu_model", lambda: odd)
        monkeypatch.setattr("sharemtc_agent.sensors.system.os_name", lambda: odd)
        monkeypatch.setattr("sharemtc_agent.sensors.gpu.find_gpus", lambda: FoundGpus(note=odd))
        engines = Engines(Engine(available=False, detail=odd), Engine(available=False, detail=odd))
        inventory = read_inventory(Config(name="box"), tmp_path, ProbeResult(odd), engines)
        for told in (inventory.cpu_model, inventory.os, inventory.gpu_note, inventory.accelerator_note):
            assert told.startswith("Odd�� ��[31m thing x")
            assert len(told) == 200
        # as the control plane reads it
        assert Inventory.model_validate_json(inventory.model_dump_json()) == inventory

    def test_without_hypervisor_offers_no_image_and_says_why(self, tmp_path: Path) -> None:
        inventory = read_inventory(Config(name="box"), tmp_path, ProbeResult("install: qemu-system-x86"), NO_ENGINES)
        assert inventory.accelerator is None
        assert inventory.images == ()
        assert inventory.accelerator_note == "install: qemu-system-x86"
        assert inventory.total.vcpus >= 1
        abilities = {each.name: (each.available, each.detail) for each in inventory.capabilities}
        assert abilities[CapabilityName.VM] == (False, "install: qemu-system-x86")
        assert abilities[CapabilityName.CONTAINER] == (False, "no container engine is installed")
        assert abilities[CapabilityName.KUBERNETES] == (False, "no kubeconfig found")
        assert abilities[CapabilityName.EGRESS][0] is False

    def test_says_what_the_machine_is(self, tmp_path: Path) -> None:
        inventory = read_inventory(Config(name="box"), tmp_path, ProbeResult(""), NO_ENGINES)
        assert (inventory.platform, inventory.arch) == ("linux", os.uname().machine)
        assert inventory.network_mbps is None or inventory.network_mbps > 0

    @pytest.mark.parametrize(("platform", "name"), [("darwin", "macos"), ("win32", "windows")])
    def test_elsewhere_no_guests_are_promised(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, name: str
    ) -> None:
        monkeypatch.setattr(sys, "platform", platform)
        inventory = read_inventory(Config(name="box"), tmp_path, ProbeResult(""), NO_ENGINES)
        assert (inventory.platform, inventory.accelerator) == (name, None)
        assert (inventory.capabilities[0].available, inventory.capabilities[0].detail) == (False, "Linux only")

    def test_figures_are_of_this_machine(self, tmp_path: Path) -> None:
        figures = read_figures(tmp_path, CpuMeter())
        assert figures.memory_used_mib > 0
        assert figures.captured_at.utcoffset() is not None
