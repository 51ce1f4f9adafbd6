"""A client for one command-line command, which holds the state directory's lock meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from sharemtc_agent.client import Client
from sharemtc_agent.config import Config, State
from sharemtc_agent.database import Database
from sharemtc_agent.keys import load_key
from sharemtc_agent.sequence import Sequence


@asynccontextmanager
async def connected(state: State, config: Config) -> AsyncIterator[Client]:
    key = load_key(state.key_file)
    with closing(Database(state.database_file)) as database:
        client = Client(config.url, key, Sequence(database), host_id=config.host_id)
        try:
            yield client
        finally:
            await client.close()
