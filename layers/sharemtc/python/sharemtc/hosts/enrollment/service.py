"""Enrollment: an owner creates a single-use code, and a machine exchanges it and its public key for a host."""

from __future__ import annotations

import hashlib
import hmac
import shlex
from datetime import datetime, timedelta

from sharemtc import clock
from sharemtc.events import service as event_log
from sharemtc.events.kinds import EventReason, EventType
from sharemtc.hosts.enrollment import attempts
from sharemtc.hosts.enrollment.attempts import CodeRefused
from sharemtc.hosts.enrollment.table import EnrollmentCode
from sharemtc.hosts.inventory import devices
from sharemtc.hosts.inventory.service import check_inventory
from sharemtc.hosts.kinds import CodeState
from sharemtc.hosts.pricing import rules as pricing
from sharemtc.hosts.pricing.price_books import record_of
from sharemtc.hosts.providers import service as providers
from sharemtc.hosts.states import HostState, StateReason
from sharemtc.hosts.table import LEASE, SHARDS, Capacity, Host, Lease, host_key
from sharemtc.ids import IdKind, new_id
from sharemtc.problems import NotFound
from sharemtc.settings import settings
from sharemtc.storage.transactions import Transaction, retry_on_conflict
from sharemtc.wire import EnrollRequest

CODE_LIFETIME = timedelta(minutes=15)
CODE_RETENTION = timedelta(days=7)
CODE_PLACEHOLDER = "ENROLLMENT-CODE"


def issue_code(transaction: Transaction, provider_id: str, name: str | None) -> tuple[str, str, datetime]:
    """A new code for the provider, its id and when it expires. Only the code's hash is stored.

    Refused: `ProviderBanned`. Errors: `TooManyHosts`.
    """
    code_id, now = new_id(IdKind.ENROLLMENT_CODE), clock.now()
    code = f"{code_id}.{clock.new_secret(24)}"
    providers.demand_room(providers.find_provider(provider_id))
    providers.demand_active(transaction, provider_id)
    transaction.create(
        EnrollmentCode(
            _code_key(code_id),
            "CODE",
            code_hash=_hash(code),
            provider_id=provider_id,
            name=name,
            valid_until=now + CODE_LIFETIME,
            expires_at=now + CODE_RETENTION,
        )
    )
    return code, code_id, now + CODE_LIFETIME


def install_command(public_url: str, code: str) -> str:
    """The command that installs the agent. The code is in the environment: all users of a machine see arguments."""
    url = public_url.rstrip("/")
    script, quoted_url = shlex.quote(f"{url}/install/agent.sh"), shlex.quote(url)
    return f"curl -fsSL {script} | SHAREMTC_ENROLLMENT_CODE={shlex.quote(code)} sh -s -- --url {quoted_url}"


def find_code(provider_id: str, code_id: str) -> EnrollmentCode:
    """The provider's code. Errors: `NotFound`, also for another provider's."""
    code = EnrollmentCode.find(_code_key(code_id), "CODE")
    if code is None or code.provider_id != provider_id:
        raise NotFound
    return code


def state_of(code: EnrollmentCode, now: datetime) -> CodeState:
    if code.used_by is not None:
        return CodeState.USED
    return CodeState.WAITING if now < code.valid_until else CodeState.EXPIRED


def enroll(request: EnrollRequest, address: str) -> Host:
    """Redeem the code and create the host with its capacity and devices, in one transaction.

    Errors: `CodeRefused`, also when its provider is banned; `TooManyCodes` for `address`; `TooManyHosts`; `Invalid`
    naming the field of an inconsistent inventory or of a GPU that another host has.
    """
    check_inventory(request.inventory, "/inventory")
    with attempts.count_wrong_codes(address):
        return retry_on_conflict(lambda: _enroll(request))


def _enroll(request: EnrollRequest) -> Host:
    now = clock.now()
    code = EnrollmentCode.find(_code_key(request.code.partition(".")[0]), "CODE")
    if code is None or not hmac.compare_digest(code.code_hash, _hash(request.code)):
        raise CodeRefused
    if state_of(code, now) is not CodeState.WAITING:
        raise CodeRefused
    host = _new_host(request, code, now)
    transaction = Transaction()
    transaction.update(
        code,
        [EnrollmentCode.used_by.set(host.id)],
        EnrollmentCode.used_by.does_not_exist() & (EnrollmentCode.valid_until > now),
        refused=CodeRefused(),
    )
    providers.add_host(transaction, providers.find_provider(code.provider_id))
    transaction.create(host)
    transaction.create(_new_capacity(host, now))
    transaction.create(Lease(host.pk, LEASE, seq=0))
    transaction.create(record_of(host.id, host.price_versions[0], by=host.owner_id, at=now))
    moved = devices.claim(transaction, host, host.inventory.gpus, pointer="/inventory/gpus", now=now)
    event_log.append(
        transaction, host.owner_id, EventType.HOST_ENROLLED, host.id,
        reason=EventReason.ENROLLMENT_CODE, actor=host.id, at=now,
    )  # fmt: skip
    try:
        transaction.commit()
    except providers.ProviderBanned as error:
        raise CodeRefused from error
    devices.resolve_claims(moved)
    return host


def _new_host(request: EnrollRequest, code: EnrollmentCode, now: datetime) -> Host:
    host_id, inventory = new_id(IdKind.HOST), request.inventory
    first = pricing.first_version((gpu.model for gpu in inventory.gpus if not gpu.mig), now, settings())
    return Host(
        host_key(host_id),
        "HOST",
        id=host_id,
        owner_id=code.provider_id,
        shard=str(clock.choose_index(SHARDS)),
        name=code.name or inventory.name,
        public_key=request.public_key,
        inventory=inventory,
        prices=first.prices,
        price_versions=(first,),
        prices_version=first.version,
        version=1,
        enrolled_at=now,
    )


def _new_capacity(host: Host, now: datetime) -> Capacity:
    sellable = host.inventory.sellable
    gpus = {gpu.uuid for gpu in host.inventory.gpus if not gpu.mig} or None
    return Capacity(
        host.pk,
        "CAPACITY",
        state=HostState.ENROLLED,
        state_reason=StateReason.ENROLLED,
        state_at=now,
        epoch=1,
        free_vcpus=sellable.vcpus,
        free_memory_mib=sellable.memory_mib,
        free_disk_gib=sellable.disk_gib,
        free_gpus=gpus,
        offered_vcpus=sellable.vcpus,
        offered_memory_mib=sellable.memory_mib,
        offered_disk_gib=sellable.disk_gib,
        offered_gpus=gpus,
    )


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _code_key(code_id: str) -> str:
    return f"ENROLL#{code_id}"
