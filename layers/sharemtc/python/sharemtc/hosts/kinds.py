"""The enumerations of providers and hosts."""

from __future__ import annotations

from enum import StrEnum


class ProviderTier(StrEnum):
    """How far operators have verified a provider."""

    COMMUNITY = "community"
    VERIFIED = "verified"
    SECURE = "secure"


class ProviderState(StrEnum):
    """A banned provider gets no enrollment codes and enrolls no hosts; its hosts are banned."""

    ACTIVE = "active"
    BANNED = "banned"


class CloudType(StrEnum):
    """`secure`: a host in a data centre that operators have verified."""

    COMMUNITY = "community"
    SECURE = "secure"


class SaleState(StrEnum):
    """Whether workloads can be rented on a host now. `full`: it takes work but has no capacity left."""

    AVAILABLE = "available"
    FULL = "full"
    UNAVAILABLE = "unavailable"


class CodeState(StrEnum):
    """The state of an enrollment code."""

    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"


class DeviceState(StrEnum):
    """Whether a GPU can be rented; `not_offered`: it is partitioned, or was never offered.

    `withheld`: it is offered and not leased, but partitioned since, or its driver does not respond.
    """

    FREE = "free"
    LEASED = "leased"
    WITHHELD = "withheld"
    NOT_OFFERED = "not_offered"


class PriceState(StrEnum):
    """Whether a version of a price book is current, future or past."""

    CURRENT = "current"
    FUTURE = "future"
    PAST = "past"


class UnavailableReason(StrEnum):
    """Why a host takes no workloads: its state unless it is `ready`, else what it lacks."""

    HOST_ENROLLED = "host_enrolled"
    HOST_SUSPECT = "host_suspect"
    HOST_OFFLINE = "host_offline"
    HOST_MAINTENANCE = "host_maintenance"
    HOST_DRAINING = "host_draining"
    HOST_RETIRED = "host_retired"
    HOST_BANNED = "host_banned"
    NO_VIRTUALISATION = "no_virtualisation"
    NO_IMAGES = "no_images"
    SOLD_OUT = "sold_out"


class HostAction(StrEnum):
    """An action that the owner may take on a host."""

    CHANGE = "change"
    SET_PRICES = "set_prices"
    DRAIN = "drain"
    RESUME = "resume"
    SET_MAINTENANCE = "set_maintenance"
    END_MAINTENANCE = "end_maintenance"
    OFFER_CAPACITY = "offer_capacity"
    RETIRE = "retire"
