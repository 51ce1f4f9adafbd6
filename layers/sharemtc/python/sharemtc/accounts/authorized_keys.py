"""The SSH keys of a user's machines; separate from `service` so that workloads import nothing of signing in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sharemtc.accounts.table import KEY_PREFIX, SshKey, user_key
from sharemtc.problems import FieldError, Invalid
from sharemtc.storage.records import batch_find


def public_keys(user_id: str, key_ids: Sequence[str]) -> tuple[str, ...]:
    """The lines for a machine's `authorized_keys`, in the order of `key_ids`.

    Errors: `Invalid` naming `/ssh_key_ids/<i>` for each id that is not one of the user's keys.
    """
    pk = user_key(user_id)
    # a text that is too long for a table key gives the same error as an unknown id
    wanted = {key_id: (pk, f"{KEY_PREFIX}{key_id}") for key_id in key_ids if len(key_id) <= 64}
    found = batch_find(SshKey, wanted.values()) if wanted else {}
    errors = tuple(
        FieldError(f"/ssh_key_ids/{index}", "unknown_ssh_key", "This is not one of your SSH keys.")
        for index, key_id in enumerate(key_ids)
        if wanted.get(key_id) not in found
    )
    if errors:
        raise Invalid(errors=errors)
    return tuple(found[wanted[key_id]].public_key for key_id in key_ids)


def mark_used(user_id: str, key_ids: Sequence[str], at: datetime) -> None:
    """Record the use of keys that still exist."""
    for key_id in dict.fromkeys(key_ids):
        key = SshKey(user_key(user_id), f"{KEY_PREFIX}{key_id}")
        key.update_if([SshKey.last_used_at.set(at)], SshKey.pk.exists())
