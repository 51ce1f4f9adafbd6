"""Who orders, and under which API key's cap. Whatever takes or raises a hold demands a `Spender`, so none passes it."""

from __future__ import annotations

from dataclasses import dataclass

from sharemtc import api_keys
from sharemtc.principals import Principal
from sharemtc.storage.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Spender:
    """Who orders: a person, or (`api_key_id`) an API key of theirs."""

    user_id: str
    api_key_id: str = ""

    @classmethod
    def of(cls, caller: Principal) -> Spender:
        """The caller of a request."""
        return cls(caller.user_id, caller.api_key_id)

    def commit(self, transaction: Transaction, amount_micros: int) -> None:
        """Count what this order newly holds against the cap of its API key. Refused with `CapReached`."""
        if self.api_key_id:
            api_keys.commit_spending(transaction, self.api_key_id, amount_micros)
