import asyncio
from pathlib import Path

import pytest

from sharemtc_agent.runtimes.qemu.machine import Hypervisor
from sharemtc_agent.runtimes.qemu.probe import probe_hypervisor


@pytest.fixture(scope="session")
def prepared_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with a built image and probe result, to be copied."""
    state = tmp_path_factory.mktemp("prepared")
    hypervisor, note = asyncio.run(probe_hypervisor(state, "127.0.0.1"))
    assert hypervisor is not None, note
    return state


@pytest.fixture(scope="session")
def hypervisor(prepared_state: Path) -> Hypervisor:
    found, note = asyncio.run(probe_hypervisor(prepared_state, "127.0.0.1"))
    assert found is not None, note
    return found
