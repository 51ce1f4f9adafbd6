"""What the embedded cloud says when it cannot go on is what is wrong and what to do about it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from infrastructure.local import failures
from infrastructure.local.failures import LocalCloudError, ProcessFailed
from infrastructure.local.processes import Child, free_port, wait_for_port

KINDS = [kind for kind in vars(failures).values() if isinstance(kind, type) and issubclass(kind, LocalCloudError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_advice(kind: type[LocalCloudError]) -> None:
    assert kind.advice
    assert str(kind("something broke")) == f"something broke: {kind.advice}"
    assert str(kind("something broke", "do this")) == "something broke: do this"
    assert str(kind("something broke: do that", advice="")) == "something broke: do that"


class TestStart:
    def child(self, tmp_path: Path, program: str) -> Child:
        child = Child("part", [sys.executable, "-c", program], {}, tmp_path / "part.log")
        child.start()
        return child

    def test_a_part_that_says_what_it_does_has_time(self, tmp_path: Path) -> None:
        port = free_port()
        busy = "import socket, time\n"
        busy += "for n in range(12): print(n, flush=True); time.sleep(0.4)\n"
        busy += f"s = socket.create_server(('127.0.0.1', {port})); time.sleep(60)\n"
        child = self.child(tmp_path, busy)
        try:
            wait_for_port(child, port, timeout_s=4)
        finally:
            child.kill()

    def test_a_part_that_is_silent_has_not(self, tmp_path: Path) -> None:
        child = self.child(tmp_path, "import time; time.sleep(60)")
        try:
            with pytest.raises(ProcessFailed, match=r"said nothing for 0 s: the logs say more"):
                wait_for_port(child, free_port(), timeout_s=0.3)
        finally:
            child.kill()
