"""The closed sets of supply: what a provider is, where a host stands, what may be done with it."""

from __future__ import annotations

from enum import StrEnum


class ProviderTier(StrEnum):
    """How well the platform knows a provider; operators decide."""

    COMMUNITY = "community"
    VERIFIED = "verified"
    SECURE = "secure"


class ProviderState(StrEnum):
    """A banned provider gets no codes, enrolls nothing, and its hosts are shut out."""

    ACTIVE = "active"
    BANNED = "banned"


class CloudType(StrEnum):
    """`secure` is a machine in a data centre that operators have checked."""

    COMMUNITY = "community"
    SECURE = "secure"


class SaleState(StrEnum):
    """Whether VMs can be rented on a host now. `full` is one that takes work and has nothing left."""

    AVAILABLE = "available"
    FULL = "full"
    UNAVAILABLE = "unavailable"


class CodeState(StrEnum):
    """What became of an enrollment code."""

    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"


class DeviceState(StrEnum):
    """Whether a GPU can be rented; `not_offered` are those that are partitioned or were never put on sale.

    `withheld` are on offer and not leased, but cannot be used as things are: their machine has partitioned them since,
    or cannot ask its driver.
    """

    FREE = "free"
    LEASED = "leased"
    WITHHELD = "withheld"
    NOT_OFFERED = "not_offered"


class PriceState(StrEnum):
    """Where a version of a price book stands in time."""

    CURRENT = "current"
    FUTURE = "future"
    PAST = "past"


class UnavailableReason(StrEnum):
    """Why a host takes no VM: its state, when it is not `ready`, else what it lacks."""

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
    """What its owner may do with a host now."""

    CHANGE = "change"
    SET_PRICES = "set_prices"
    DRAIN = "drain"
    RESUME = "resume"
    SET_MAINTENANCE = "set_maintenance"
    END_MAINTENANCE = "end_maintenance"
    OFFER_CAPACITY = "offer_capacity"
    RETIRE = "retire"
