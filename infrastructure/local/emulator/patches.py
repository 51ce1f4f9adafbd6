"""Every patch of the emulator, in dependency order."""

from __future__ import annotations

import os

from infrastructure.local.emulator import (
    adopted_tables,
    any_method,
    binary_bodies,
    durable_secrets,
    durable_tables,
    execution_start,
    functions,
    table_lock,
    task_tokens,
)
from infrastructure.local.emulator.journal import Journal
from infrastructure.local.emulator.packages import PackageCache
from infrastructure.local.emulator.settings import REGION, EmulatorSettings
from infrastructure.local.emulator.upstream import require_version
from infrastructure.local.paths import StateFolder


def apply(settings: EmulatorSettings) -> int:
    """Patches the emulator and restores its tables.

    Returns the number of replayed operations. Raises PatchMismatch, JournalDamaged, InstanceMismatch, OSError.
    """
    require_version()
    state = StateFolder(settings.state)
    tables = durable_tables.TableJournal(Journal(state.journal, fsync=settings.fsync))
    replayed = tables.replay(state.secrets)
    durable_tables.apply(tables)
    adopted_tables.apply(tables)
    table_lock.apply(table_lock.OperationLock(tables))
    durable_secrets.apply(state.secrets)
    packages = PackageCache(state.unpacked_layers)
    packages.discard_unused()
    functions.apply(
        functions.FunctionHost(
            python=settings.runtime_python,
            endpoint=settings.endpoint,
            session_token=settings.token,
            region=REGION,
            packages=packages,
            log_folder=state.function_logs,
            workers_per_function=settings.workers_per_function,
            path=os.defpath,
        )
    )
    binary_bodies.apply()
    any_method.apply()
    task_tokens.apply()
    execution_start.apply()
    return replayed
