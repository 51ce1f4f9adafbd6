"""Price book records."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from sharemtc.hosts.table import HostsRecord
from sharemtc.hosts.values import PriceVersion
from sharemtc.storage.attributes import DocumentAttribute, InstantAttribute


class PriceBook(HostsRecord):
    """One version of a host's prices, never edited. `pk` `PRICES#<host id>`, `sk` the version in six digits."""

    terms = DocumentAttribute(PriceVersion)
    created_at = InstantAttribute()
    created_by = UnicodeAttribute()
