"""How a machine joins: a single-use code for its owner, then the machine's own key in exchange for the code."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sharemtc import clock
from sharemtc.dynamo import Transaction
from sharemtc.events import service as event_log
from sharemtc.hosts.states import HostState
from sharemtc.hosts.table import SHARDS, Capacity, EnrollmentCode, Host, Lease, host_key
from sharemtc.money import Prices
from sharemtc.problems import FieldError, Forbidden, Invalid
from sharemtc.settings import settings
from sharemtc.wire import EnrollRequest, Inventory

CODE_LIFETIME = timedelta(minutes=15)


class CodeRefused(Forbidden):
    """Unknown, used and expired codes look the same."""

    code, title = "enrollment_code_refused", "This enrolment code is not valid"


def issue_code(transaction: Transaction, owner_id: str, name: str | None) -> tuple[str, datetime]:
    """A new code for a machine of `owner_id`, and when it expires. Only its hash is kept."""
    code = clock.new_secret(24)
    expires_at = clock.now() + CODE_LIFETIME
    transaction.create(EnrollmentCode(_code_key(code), "CODE", owner_id=owner_id, name=name, expires_at=expires_at))
    return code, expires_at


def enroll(request: EnrollRequest) -> Host:
    """Use up the code and create the host with its capacity, in one transaction.

    Errors: `CodeRefused`; `Invalid` naming the field of an inventory that cannot be true.
    """
    check_inventory(request.inventory, "/inventory")
    now = clock.now()
    code = EnrollmentCode.find(_code_key(request.code), "CODE")
    if code is None or code.used_by is not None or code.expires_at <= now:
        raise CodeRefused
    host_id = clock.new_id("hst")
    inventory, key = request.inventory, host_key(host_id)
    host = Host(
        key,
        "HOST",
        id=host_id,
        owner_id=code.owner_id,
        shard=str(clock.choose_index(SHARDS)),
        name=code.name or inventory.name,
        public_key=request.public_key,
        inventory=inventory,
        prices=_default_prices(),
        enrolled_at=now,
    )
    transaction = Transaction()
    transaction.update(
        code,
        [EnrollmentCode.used_by.set(host_id)],
        EnrollmentCode.used_by.does_not_exist() & (EnrollmentCode.expires_at > now),
        refused=CodeRefused(),
    )
    transaction.create(host)
    transaction.create(
        Capacity(
            key,
            "CAPACITY",
            state=HostState.ENROLLED,
            state_reason="enrolled",
            state_at=now,
            epoch=1,
            free_vcpus=inventory.sellable.vcpus,
            free_memory_mib=inventory.sellable.memory_mib,
            free_disk_gib=inventory.sellable.disk_gib,
            free_gpus={gpu.uuid for gpu in inventory.gpus} or None,
        )
    )
    transaction.create(Lease(key, "LEASE", seq=0))
    event_log.append(
        transaction, host.owner_id, "host.enrolled", host_id, reason="enrollment_code", actor=host_id, at=now
    )
    transaction.commit()
    return host


def check_inventory(inventory: Inventory, pointer: str) -> None:
    """Refuse an inventory that contradicts itself. Errors: `Invalid`, one field error for each contradiction."""
    wrong: list[FieldError] = []
    for name in ("vcpus", "memory_mib", "disk_gib"):
        if getattr(inventory.sellable, name) > getattr(inventory.total, name):
            wrong.append(FieldError(f"{pointer}/sellable/{name}", "exceeds_total", "More is offered than there is."))
    seen: set[str] = set()
    for index, gpu in enumerate(inventory.gpus):
        if gpu.uuid in seen:
            wrong.append(FieldError(f"{pointer}/gpus/{index}/uuid", "duplicate", "This GPU is listed twice."))
        seen.add(gpu.uuid)
    if wrong:
        raise Invalid(errors=tuple(wrong))


def _default_prices() -> Prices:
    now = settings()
    return Prices(now.vcpu_nanos_per_hour, now.memory_gib_nanos_per_hour, now.disk_gib_nanos_per_hour)


def _code_key(code: str) -> str:
    return f"ENROLL#{hashlib.sha256(code.encode()).hexdigest()}"
