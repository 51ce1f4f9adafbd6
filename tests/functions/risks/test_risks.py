"""Risks: one for each kind and thing, counted, resolved and opened again, listed newest first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.clock import Time

from sharemtc.problems import Invalid, NotFound, PreconditionFailed
from sharemtc.requests import IfMatch
from sharemtc.risks import service as risks
from sharemtc.risks.kinds import RiskKind, RiskState, Severity, resource_type_of
from sharemtc.risks.schemas import RiskQuery
from sharemtc.risks.table import Risk, risk_id
from sharemtc.storage.transactions import Transaction

HOST = "hst_01JZZZZZZZZZZZZZZZZZZZZZZZ"


def note(resource_id: str = HOST, kind: RiskKind = RiskKind.HOST_SILENT, severity: Severity = Severity.WARNING) -> Risk:
    risks.report(kind, resource_id, severity=severity, owner_id="usr_1", detail="Silent for a while.")
    return risks.find(risk_id(kind, resource_id))


def acknowledge(risk: Risk, *versions: int) -> Risk:
    transaction = Transaction()
    if_match = IfMatch(frozenset(map(str, versions)) if versions else None)
    risks.acknowledge(transaction, risk.id, "usr_operator", "On it", if_match)
    transaction.commit()
    return risks.find(risk.id)


def listed(**query: object) -> list[str]:
    return [risk.resource_id for risk in risks.list_risks(RiskQuery.model_validate(query)).items]


class TestNote:
    def test_seen_again_counts_up_and_stays_one(self, time: Time) -> None:
        first = note()
        time.advance(timedelta(minutes=1))
        again = note()
        assert (again.id, again.sightings, again.state, again.version) == (first.id, 2, RiskState.OPEN, 1)
        assert again.last_seen_at - again.first_seen_at == timedelta(minutes=1)
        assert listed() == [HOST]

    def test_worse_than_acknowledged_opens_again(self, time: Time) -> None:
        acknowledge(note())
        assert note().state is RiskState.ACKNOWLEDGED
        worse = note(severity=Severity.CRITICAL)
        assert (worse.state, worse.severity, worse.sightings) == (RiskState.OPEN, Severity.CRITICAL, 3)
        assert listed(severity="critical") == [HOST]
        assert listed(severity="warning") == []

    def test_less_bad_stays_acknowledged(self, time: Time) -> None:
        acknowledge(note(severity=Severity.CRITICAL))
        assert note(severity=Severity.INFO).state is RiskState.ACKNOWLEDGED

    def test_resolved_one_opens_anew(self, time: Time) -> None:
        acknowledge(note())
        assert risks.resolve(RiskKind.HOST_SILENT, HOST)
        time.advance(timedelta(hours=1))
        opened = note()
        assert (opened.state, opened.sightings) == (RiskState.OPEN, 1)
        assert not {"acknowledged_by", "resolved_at", "expires_at"} & set(opened.attribute_values)


class TestResolve:
    def test_once(self, time: Time) -> None:
        note()
        assert [risks.resolve(RiskKind.HOST_SILENT, HOST) for _ in range(2)] == [True, False]
        assert listed() == []
        assert listed(state="resolved") == [HOST]

    def test_what_was_never_noted_is_nothing(self, time: Time) -> None:
        assert not risks.resolve(RiskKind.KEY_COPIED, HOST)


class TestAcknowledge:
    def test_says_who_and_how(self, time: Time) -> None:
        risk = acknowledge(note(), 1)
        assert (risk.state, risk.acknowledged_by, risk.note) == (RiskState.ACKNOWLEDGED, "usr_operator", "On it")
        assert risk.version == 2

    def test_of_another_version_is_refused(self, time: Time) -> None:
        risk = note()
        with pytest.raises(PreconditionFailed):
            acknowledge(risk, 7)

    def test_of_a_resolved_one_is_refused(self, time: Time) -> None:
        risk = note()
        risks.resolve(RiskKind.HOST_SILENT, HOST)
        with pytest.raises(risks.RiskResolved):
            acknowledge(risk)

    def test_of_none_is_not_found(self, time: Time) -> None:
        with pytest.raises(NotFound):
            risks.acknowledge(Transaction(), "rsk_none", "usr_operator", "", IfMatch())


class TestList:
    def test_newest_first_over_all_shards_page_by_page(self, time: Time) -> None:
        hosts = [f"hst_{n:026d}" for n in range(23)]
        for n, host in enumerate(hosts):
            note(host, severity=list(Severity)[n % 3])
            time.advance(timedelta(seconds=1))
        found: list[str] = []
        cursor = None
        for _ in range(6):
            page = risks.list_risks(RiskQuery(limit=5, cursor=cursor))
            found += [risk.resource_id for risk in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == hosts[::-1]
        assert risks.count() == risks.Counts(open=23, critical=7)

    def test_exactly_full_page_is_the_last(self, time: Time) -> None:
        note()
        assert risks.list_risks(RiskQuery(limit=1)).next_cursor is None

    def test_filters(self, time: Time) -> None:
        note("hst_a", RiskKind.CLOCK_SKEW)
        acknowledge(note("hst_b", RiskKind.HOST_SILENT))
        assert listed(kind="clock_skew") == ["hst_a"]
        assert listed(state="acknowledged") == ["hst_b"]
        assert listed(state="open", kind="host_silent") == []

    def test_resolved_ones_by_day(self, time: Time) -> None:
        for name in ("hst_a", "hst_b", "hst_c"):
            note(name)
            risks.resolve(RiskKind.HOST_SILENT, name)
            time.advance(timedelta(days=2))
        page = risks.list_risks(RiskQuery(state=RiskState.RESOLVED, limit=2))
        assert [risk.resource_id for risk in page.items] == ["hst_c", "hst_b"]
        rest = risks.list_risks(RiskQuery(state=RiskState.RESOLVED, limit=2, cursor=page.next_cursor))
        assert [risk.resource_id for risk in rest.items] == ["hst_a"]

    def test_cursor_of_another_list_is_refused(self, time: Time) -> None:
        with pytest.raises(Invalid):
            risks.list_risks(RiskQuery(cursor="AAAA"))


@pytest.mark.parametrize(
    ("resource_id", "type"),
    [("hst_1", "host"), ("usr_1", "provider"), ("GPU-1-2", "device"), ("region:eu-1", "region"), ("x", "other")],
)
def test_resource_type(resource_id: str, type: str) -> None:
    assert resource_type_of(resource_id) == type
