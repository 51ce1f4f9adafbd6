"""The generation that each workload has reached: what is older, or would bring back what is gone, is refused."""

from __future__ import annotations

from sharemtc_agent.database import Database

MAX_FENCES = 20_000


class Fences:
    """The table `workloads`. A fence is on disk before anything is done behind it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def generation(self, workload_id: str) -> int:
        """The highest that was asked for; 0 of a workload that is not known."""
        return self._known(workload_id)[0]

    def refuses(self, workload_id: str, generation: int, *, terminates: bool) -> bool:
        """Whether the workload has moved on since a command of that generation was given."""
        known, gone = self._known(workload_id)
        return not terminates and generation <= known if gone else generation < known

    def advance(self, workload_id: str, generation: int) -> None:
        """From now on, what is older is refused."""
        if (generation, False) != self._known(workload_id):
            self._put(workload_id, generation, gone=False)

    def close(self, workload_id: str, generation: int) -> None:
        """The end of a workload: only a later generation may bring it back. The oldest ends are forgotten."""
        known, gone = self._known(workload_id)
        if not gone or generation > known:
            self._put(workload_id, max(known, generation), gone=True)

    def _known(self, workload_id: str) -> tuple[int, bool]:
        for generation, gone in self._database.read("SELECT generation, gone FROM workloads WHERE id = ?", workload_id):
            return int(generation), bool(gone)
        return 0, False

    def _put(self, workload_id: str, generation: int, *, gone: bool) -> None:
        with self._database.write() as rows:
            rows.execute(
                "INSERT INTO workloads (id, generation, gone) VALUES (?1, ?2, ?3)"
                " ON CONFLICT (id) DO UPDATE SET generation = ?2, gone = ?3",
                (workload_id, generation, gone),
            )
            rows.execute(
                "DELETE FROM workloads WHERE rowid IN (SELECT rowid FROM workloads WHERE gone OR host_boot_id IS NULL"
                " ORDER BY rowid LIMIT max(0, (SELECT count(*) FROM workloads) - ?))",
                (MAX_FENCES,),
            )
