from __future__ import annotations

import pytest
from tests.support.measuring import GPU
from tests.support.world import Host, Person


@pytest.fixture
def host(provider: Person) -> Host:
    """A host with a GPU that has spoken once."""
    machine = provider.add_host(gpus=[GPU], network_mbps=1000)
    assert machine.heartbeat().status == 200
    return machine
