"""The chain of audit records: any change, removal, insertion or reordering shows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from types import SimpleNamespace

from hypothesis import assume, given
from hypothesis import strategies as st

from sharemtc.audit import chain
from sharemtc.audit.chain import GENESIS, Sealed
from sharemtc.audit.origins import summarise

SUBJECT = "usr_1"
TEXTS = st.text(max_size=8)
EVENTS = st.tuples(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2), TEXTS)


def build(events: list[tuple[str, dict[str, str], str]]) -> list[Sealed]:
    records: list[Sealed] = []
    previous = GENESIS
    for seq, (event, detail, address) in enumerate(events, start=1):
        origin = {"address": address, "agent": "tests", "salt": f"salt {seq}"}
        open_record = SimpleNamespace(
            subject=SUBJECT,
            seq=seq,
            at="2030-01-31T12:00:00.000Z",
            event=event,
            detail=detail,
            origin=origin,
            origin_digest=chain.digest(chain.canonical(origin)),
            previous_hash=previous,
        )
        previous = chain.link(previous, open_record)
        records.append(Sealed(**vars(open_record), hash=previous))
    return records


def broken(records: list[Sealed], whole: list[Sealed], *, erased: bool = False) -> int | None:
    head = whole[-1].hash if whole else GENESIS
    return chain.first_broken(SUBJECT, records, len(whole), head, erased=erased)


@given(st.lists(EVENTS, max_size=6))
def test_untouched_chain_is_whole(events: list[tuple[str, dict[str, str], str]]) -> None:
    records = build(events)
    assert broken(records, records) is None


@given(st.lists(EVENTS, min_size=1, max_size=6), st.data())
def test_changed_field_shows_at_its_record(events: list[tuple[str, dict[str, str], str]], data: st.DataObject) -> None:
    records = build(events)
    index = data.draw(st.integers(0, len(records) - 1))
    record = records[index]
    changed = data.draw(
        st.sampled_from(
            [
                replace(record, subject="usr_2"),
                replace(record, seq=record.seq + 1),
                replace(record, at="2030-01-31T12:00:00.001Z"),
                replace(record, event=record.event + "x"),
                replace(record, detail={**record.detail, "more": ""}),
                replace(record, origin={**(record.origin or {}), "address": "forged"}),
                replace(record, origin=None),
                replace(record, origin_digest=GENESIS),
                replace(record, previous_hash="1" * 64),
                replace(record, hash="1" * 64),
            ]
        )
    )
    assume(changed != record)
    assert broken([*records[:index], changed, *records[index + 1 :]], records) == index + 1


@given(st.lists(EVENTS, min_size=1, max_size=6), st.data())
def test_removal_shows_even_at_the_end(events: list[tuple[str, dict[str, str], str]], data: st.DataObject) -> None:
    records = build(events)
    index = data.draw(st.integers(0, len(records) - 1))
    assert broken(records[:index] + records[index + 1 :], records) == index + 1


@given(st.lists(EVENTS, min_size=2, max_size=6), st.data())
def test_other_order_shows(events: list[tuple[str, dict[str, str], str]], data: st.DataObject) -> None:
    records = build(events)
    shuffled = data.draw(st.permutations(records))
    assume(shuffled != records)
    assert broken(shuffled, records) is not None


@given(st.lists(EVENTS, max_size=4), st.lists(EVENTS, min_size=1, max_size=2))
def test_records_beyond_the_end_show(
    events: list[tuple[str, dict[str, str], str]], more: list[tuple[str, dict[str, str], str]]
) -> None:
    assert broken(build(events + more), build(events)) == len(events) + len(more) + 1


@given(st.lists(EVENTS, min_size=1, max_size=4), st.data())
def test_chain_computed_anew_after_a_change_does_not_fit_its_end(
    events: list[tuple[str, dict[str, str], str]], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(events) - 1))
    event, detail, address = events[index]
    forged = build([*events[:index], (event + "x", detail, address), *events[index + 1 :]])
    assert broken(forged, build(events)) == len(events) + 1


def test_erased_origins_leave_the_chain_whole() -> None:
    records = build([("one", {}, "a"), ("two", {}, "b")])
    bare = [replace(record, origin=None) for record in records]
    assert broken(bare, records, erased=True) is None
    assert broken([replace(bare[0], event="x"), bare[1]], records, erased=True) == 1


def test_hash_is_what_the_description_says() -> None:
    (record,) = build([("sign_in.succeeded", {"b": "é", "a": "1"}, "203.0.113.7")])
    covered = {
        "at": record.at,
        "detail": {"a": "1", "b": "é"},
        "event": record.event,
        "origin_digest": record.origin_digest,
        "seq": 1,
        "subject": SUBJECT,
    }
    text = "0" * 64 + "\n" + json.dumps(covered, separators=(",", ":"), ensure_ascii=False)
    assert record.hash == hashlib.sha256(text.encode()).hexdigest()


def test_browsers_are_told_by_name() -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"
    assert summarise(edge) == "Edge on Windows"
    assert summarise(phone) == "Safari on iOS"
    assert summarise("curl/8.5.0") == "curl/8.5.0"
    assert summarise("\x1b[31m") == "unknown"
    assert len(summarise("x" * 5000)) == 60
