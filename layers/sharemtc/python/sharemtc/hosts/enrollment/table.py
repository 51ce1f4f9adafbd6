"""Enrollment code records."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from sharemtc.hosts.table import HostsRecord
from sharemtc.storage.attributes import ExpiryAttribute, InstantAttribute


class EnrollmentCode(HostsRecord):
    """A single-use code of `<id>.<secret>`, stored as its hash. `pk` `ENROLL#<id>`, `sk` `CODE`."""

    code_hash = UnicodeAttribute()
    provider_id = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    valid_until = InstantAttribute()
    used_by = UnicodeAttribute(null=True)
    expires_at = ExpiryAttribute()
