"""The generation that each workload has reached: older commands are rejected, also for a deleted workload."""

from __future__ import annotations

from sharemtc_agent.database import Database

MAX_FENCES = 20_000


class Fences:
    """The table `workloads`. A fence is on disk before the command runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def generation(self, workload_id: str) -> int:
        """0 for an unknown workload."""
        return self._known(workload_id)[0]

    def refuses(self, workload_id: str, generation: int, *, terminates: bool) -> bool:
        known, gone = self._known(workload_id)
        return not terminates and generation <= known if gone else generation < known

    def advance(self, workload_id: str, generation: int) -> None:
        if (generation, False) != self._known(workload_id):
            self._put(workload_id, generation, gone=False)

    def close(self, workload_id: str, generation: int) -> None:
        """Ends a workload: only a later generation may revive it. The oldest entries are pruned."""
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
