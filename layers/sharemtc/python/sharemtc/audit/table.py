"""Records of the audit table: `pk` `SUBJECT#<user id>`, `sk` `RECORD#<seq>` for the chain and `HEAD` for its end."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from sharemtc.settings import table_name
from sharemtc.storage.attributes import DocumentAttribute, InstantAttribute, IntegerAttribute
from sharemtc.storage.records import Record

RECORD_PREFIX = "RECORD#"


class AuditTable(Record):
    class Meta:
        table_name = table_name("audit")


class AuditRecord(AuditTable):
    """One security event, chained to the previous one (see `chain`)."""

    subject = UnicodeAttribute()
    seq = IntegerAttribute()
    at = InstantAttribute()
    event = UnicodeAttribute()
    detail = DocumentAttribute(dict[str, str])
    origin = DocumentAttribute(dict[str, str], null=True)
    origin_digest = UnicodeAttribute()
    previous_hash = UnicodeAttribute()
    hash = UnicodeAttribute()


class AuditHead(AuditTable):
    """The end of a chain: it orders appends, and reveals records that were cut off."""

    seq = IntegerAttribute()
    hash = UnicodeAttribute()


def subject_key(subject: str) -> str:
    return f"SUBJECT#{subject}"


def record_key(seq: int) -> str:
    return f"{RECORD_PREFIX}{seq:012d}"
