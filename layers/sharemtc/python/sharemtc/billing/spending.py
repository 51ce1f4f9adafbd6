"""Who spends, and under which API key's cap.

Whatever takes or raises a hold requires a `Spender`, so nothing bypasses the cap.
"""

from __future__ import annotations

from dataclasses import dataclass

from sharemtc import api_keys
from sharemtc.principals import Principal
from sharemtc.storage.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Spender:
    """A person, or (`api_key_id`) one of their API keys."""

    user_id: str
    api_key_id: str = ""

    @classmethod
    def of(cls, caller: Principal) -> Spender:
        return cls(caller.user_id, caller.api_key_id)

    def commit(self, transaction: Transaction, amount_micros: int) -> None:
        """Count a new hold against the cap of the API key. Refused: `CapReached`."""
        if self.api_key_id:
            api_keys.commit_spending(transaction, self.api_key_id, amount_micros)
