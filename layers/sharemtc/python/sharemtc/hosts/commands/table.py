"""Command records."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from sharemtc.hosts.table import HostsRecord
from sharemtc.storage.attributes import (
    DocumentAttribute,
    EnumAttribute,
    ExpiryAttribute,
    InstantAttribute,
    IntegerAttribute,
)
from sharemtc.wire import CommandResult, Spec, Verb, WorkloadKind


class Command(HostsRecord):
    """One command to a host. `pk` `COMMAND#<id>`, `sk` `COMMAND`; while it is queued, a `Waiting` points to it.

    The task token calls back the state machine that waits for the result; a later attempt overwrites it.
    """

    id = UnicodeAttribute()
    host_id = UnicodeAttribute()
    workload_id = UnicodeAttribute()
    kind = EnumAttribute(WorkloadKind)
    verb = EnumAttribute(Verb)
    generation = IntegerAttribute()
    spec = DocumentAttribute(Spec, null=True)
    request_id = UnicodeAttribute(null=True)
    task_token = UnicodeAttribute(null=True)
    created_at = InstantAttribute()
    deadline = InstantAttribute()
    finished_at = InstantAttribute(null=True)
    result = DocumentAttribute(CommandResult, null=True)
    expires_at = ExpiryAttribute()


class Waiting(HostsRecord):
    """A queued command, in its host's partition. `sk` `COMMAND#<id>`. Deleted when the command finishes."""

    command_id = UnicodeAttribute()
    created_at = InstantAttribute()
    deadline = InstantAttribute()
    leased_until = InstantAttribute(null=True)
