import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from tests.agent.control_plane import HOST_ID, ControlPlane, Refusal

from sharemtc.wire import PROTOCOL_VERSION, CommandResult, Failure, Figures, Heartbeat
from sharemtc_agent.client import ATTEMPTS, ApiError, Client
from sharemtc_agent.database import Database
from sharemtc_agent.keys import ensure_key
from sharemtc_agent.sequence import Sequence, unix_ms

T = TypeVar("T")
COMMAND = "cmd_" + "0" * 32
BEAT = Heartbeat(
    protocol_version=PROTOCOL_VERSION,
    instance="0" * 32,
    figures=Figures(
        captured_at=datetime.now(UTC), cpu_used_percent=1, load_1m=0, memory_used_mib=1, disk_used_gib=1,
        network_rx_bytes=1, network_tx_bytes=1,
    ),
)  # fmt: skip
RESULT = CommandResult(generation=1, failure=Failure(code="boot_timeout", detail="no"))


def ask(plane: ControlPlane, folder: Path, *calls: Callable[[Client], Awaitable[T]]) -> tuple[list[T], list[float]]:
    """Makes calls with one client and returns their answers and pauses."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def run() -> list[T]:
        key = ensure_key(folder / "key")
        plane.public_key = key.public_key()
        with closing(Database(folder / "agent.db")) as database:
            client = Client(plane.url, key, Sequence(database), host_id=HOST_ID, sleep=pause)
            try:
                return [await call(client) for call in calls]
            finally:
                await client.close()

    return asyncio.run(run()), pauses


class TestSigning:
    def test_requests_verify_and_numbers_grow_over_restarts(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            for _ in range(3):
                ask(plane, tmp_path, Client.commands, lambda client: client.result(COMMAND, RESULT))
            numbers = [seq for _, _, seq in plane.requests]
        assert len(numbers) == 6
        assert numbers == sorted(set(numbers))

    def test_concurrent_requests_arrive_in_order(self, tmp_path: Path) -> None:
        async def many(client: Client) -> int:
            return len(await asyncio.gather(*(client.commands() for _ in range(20))))

        with ControlPlane() as plane:
            answers, _ = ask(plane, tmp_path, many)
        assert answers == [20]

    def test_another_key_is_refused(self, tmp_path: Path) -> None:
        async def with_other(client: Client) -> None:
            plane.public_key = ensure_key(tmp_path / "other").public_key()
            await client.commands()

        with ControlPlane() as plane, pytest.raises(ApiError) as caught:
            ask(plane, tmp_path, with_other)
        assert (caught.value.status, caught.value.code) == (401, "token_refused")

    @pytest.mark.parametrize("prefix", ["/live", "/behind/a/proxy"])
    def test_what_stands_before_the_apis_path_is_not_signed(self, tmp_path: Path, prefix: str) -> None:
        with ControlPlane() as plane:
            plane.prefix = prefix
            answers, _ = ask(plane, tmp_path, Client.commands, lambda client: client.result(COMMAND, RESULT))
        assert len(answers) == 2

    @pytest.mark.parametrize("skew_s", [3600.0, -3600.0])
    def test_a_wrong_clock_is_corrected_from_the_answer(self, tmp_path: Path, skew_s: float) -> None:
        with ControlPlane() as plane:
            plane.skew_s = skew_s
            answers, _ = ask(plane, tmp_path, Client.commands, Client.commands)
        assert len(answers) == 2
        assert len(plane.requests) == 2

    def test_no_step_of_this_machines_clock_moves_the_platforms(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, steps = time.time, [0.0]
        monkeypatch.setattr("sharemtc_agent.client.time.time", lambda: real() + steps[0])
        seen: list[float] = []

        async def look(client: Client) -> None:
            await client.heartbeat(lambda: BEAT)
            for step_s in (0.0, 3 * 86_400.0, -86_400.0):
                steps[0] = step_s
                seen.append(client.server_now_s() - real())
            await client.commands()  # signed for the right time, so it is not refused

        with ControlPlane() as plane:
            ask(plane, tmp_path, look)
        assert all(abs(each) < 3 for each in seen)
        assert [path for _, path, _ in plane.requests] == ["heartbeat", "commands"]

    def test_a_heartbeat_is_made_when_the_connection_is_free(self, tmp_path: Path) -> None:
        """Uptimes are as of the signing, not of an earlier time."""
        made_after: list[int] = []

        def make() -> Heartbeat:
            made_after.append(len(plane.requests))
            return BEAT

        async def at_once(client: Client) -> None:
            await asyncio.gather(client.commands(), client.heartbeat(make))

        with ControlPlane() as plane:
            ask(plane, tmp_path, at_once)
        assert made_after == [1]

    def test_numbers_go_on_behind_what_the_platform_knows(self, tmp_path: Path) -> None:
        """As after a restored backup, or a clock that was ahead."""
        known = unix_ms() + 10**9

        async def beat(client: Client) -> None:
            with pytest.raises(ApiError, match="stale_sequence"):
                await client.heartbeat(lambda: BEAT)
            await client.heartbeat(lambda: BEAT)

        with ControlPlane() as plane:
            plane.refusals = [Refusal(409, "stale_sequence", last_seq=known)]
            ask(plane, tmp_path, beat)
        assert plane.requests[-1][2] > known


class TestErrors:
    def test_problem_is_read(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.refusals = [Refusal(403, "host_banned", "for lying")]
            with pytest.raises(ApiError) as caught:
                ask(plane, tmp_path, Client.commands)
        assert (caught.value.code, caught.value.detail, caught.value.transient) == ("host_banned", "for lying", False)

    def test_unreachable(self, tmp_path: Path) -> None:
        plane = ControlPlane()
        plane.open()
        plane.close()
        with pytest.raises(ApiError) as caught:
            ask(plane, tmp_path, Client.commands)
        assert (caught.value.code, caught.value.status, caught.value.transient) == ("unreachable", 0, True)

    def test_result_is_tried_again_with_growing_jitter(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.refusals = [Refusal(503, "busy"), Refusal(500, "broken")]
            _, pauses = ask(plane, tmp_path, lambda client: client.result(COMMAND, RESULT))
        assert plane.results[COMMAND] == [RESULT]
        assert len(pauses) == 2
        assert all(0 <= pause <= 0.5 for pause in pauses)

    def test_attempts_are_bounded(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.refusals = [Refusal(503, "busy")] * (ATTEMPTS + 3)
            with pytest.raises(ApiError, match="busy"):
                ask(plane, tmp_path, lambda client: client.result(COMMAND, RESULT))
            assert len(plane.refusals) == 3

    def test_refusals_are_not_tried_again(self, tmp_path: Path) -> None:
        with ControlPlane() as plane:
            plane.refusals = [Refusal(409, "lease_lost"), Refusal(409, "lease_lost")]
            with pytest.raises(ApiError, match="lease_lost"):
                ask(plane, tmp_path, lambda client: client.result(COMMAND, RESULT))
            assert len(plane.refusals) == 1
