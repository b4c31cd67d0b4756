"""The share of voice: over what every brand was counted in, and nothing made up."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tenants import clock
from tests.factories import Staffed
from tests.listening.making import TOPICS, competitor, counted, done, named, topic, voice

MON, TUE = "2026-11-02", "2026-11-03"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


def _only(agency: Staffed, *days: str) -> Any:
    (found,) = voice(agency, *days)
    (version,) = found["versions"]
    return version


def _shares(version: Any) -> list[tuple[Any, Any, Any]]:
    found = (each["sov"] for each in version["brands"])
    return [(each["value"], each["numerator"], each["denominator"]) for each in found]


class TestShareOfVoice:
    def test_is_own_beside_own_and_others(self, agency: Staffed) -> None:
        rival, other = competitor(agency), competitor(agency, "Tostadero")
        made = topic(agency, rival, other)
        for day in (MON, TUE):
            counted(agency, made["id"], named(day, 3), named(day, 1, rival), named(day, 0, other))

        found = _only(agency)

        assert _shares(found) == [(0.75, 6, 8), (0.25, 2, 8), (0, 0, 8)]
        assert found["sov"] == found["brands"][0]["sov"]
        assert (found["sov"]["id"], found["sov"]["complete"]) == ("sov", True)
        assert (found["keywords"], found["days_compared"]) == (made["keywords"], 2)
        names = [each["name"] for each in found["brands"]]
        assert names == ["Café Aurora", "Café Rival", "Tostadero"]

    def test_is_missing_where_a_brand_was_not_counted(self, agency: Staffed) -> None:
        rival = competitor(agency)
        made = topic(agency, rival)
        counted(agency, made["id"], named(MON, 3))

        found = _only(agency)

        assert _shares(found) == [(None, None, None)] * 2
        assert found["sov"]["missing_reason"] == "not_recorded"
        mentions = [each["mentions"]["value"] for each in found["brands"]]
        assert mentions == [3, None]

    def test_compares_the_days_that_all_were_counted_on(self, agency: Staffed) -> None:
        rival = competitor(agency)
        made = topic(agency, rival)
        counted(agency, made["id"], named(MON, 1), named(TUE, 100), named(MON, 1, rival))

        found = _only(agency)

        assert _shares(found)[0] == (0.5, 1, 2)
        assert (found["sov"]["complete"], found["days_compared"]) == (False, 1)
        assert found["brands"][0]["mentions"]["value"] == 101

    def test_takes_a_month_for_its_days(self, agency: Staffed) -> None:
        rival = competitor(agency)
        made = topic(agency, rival)
        october = {"basis": "month"}
        counted(agency, made["id"], named("2026-10-01", 30, **october))
        counted(agency, made["id"], named("2026-10-01", 10, rival, **october))
        counted(agency, made["id"], named("2026-10-05", 999), named("2026-10-05", 1, rival))

        whole = _only(agency, "2026-10-01", "2026-10-31")
        part = _only(agency, "2026-10-01", "2026-10-30")

        assert (_shares(whole)[0], whole["sov"]["basis"]) == ((0.75, 30, 40), "period")
        assert whole["sov"]["complete"] is True
        assert _shares(part)[0] == (0.999, 999, 1000)  # a month is not inside a part of it

    def test_of_nothing_said_is_nothing(self, agency: Staffed) -> None:
        rival = competitor(agency)
        made = topic(agency, rival)
        counted(agency, made["id"], named(MON, 0), named(MON, 0, rival))

        found = _only(agency, MON, MON)

        assert _shares(found) == [(None, 0, 0)] * 2
        assert found["sov"]["missing_reason"] == "no_denominator"

    def test_of_days_to_come_is_not_yet(self, agency: Staffed) -> None:
        topic(agency, competitor(agency))
        found = _only(agency, "2099-12-01", "2099-12-31")
        assert found["sov"]["missing_reason"] == "not_yet"


class TestSentiment:
    def test_is_each_brands_own(self, agency: Staffed) -> None:
        rival = competitor(agency)
        made = topic(agency, rival)
        felt = {"positive": 1, "neutral": 1, "negative": 3}
        counted(agency, made["id"], named(MON, 9, sentiment=felt), named(MON, 5, rival))

        found = _only(agency, MON, MON)

        rate = found["net_sentiment"]
        assert (rate["value"], rate["numerator"], rate["denominator"]) == (-0.4, -2, 5)
        assert found["brands"][1]["net_sentiment"]["missing_reason"] == "not_recorded"


class TestVersions:
    def test_stand_beside_each_other(self, agency: Staffed) -> None:
        rival, other = competitor(agency), competitor(agency, "Tostadero")
        made = topic(agency, rival)
        counted(agency, made["id"], named(MON, 3), named(MON, 1, rival))
        done(agency.community.patch(f"{TOPICS}/{made['id']}", {"competitor_ids": [rival, other]}))
        counted(agency, made["id"], named(TUE, 2), named(TUE, 1, rival), named(TUE, 1, other))

        (found,) = voice(agency)

        assert found["several_versions"] is True
        assert [_shares(each)[0] for each in found["versions"]] == [(0.75, 3, 4), (0.5, 2, 4)]
        assert [len(each["brands"]) for each in found["versions"]] == [2, 3]
        assert [each["sov"]["complete"] for each in found["versions"]] == [False, False]

    def test_of_an_archived_topic_show_while_they_were_counted(self, agency: Staffed) -> None:
        made = topic(agency, competitor(agency))
        counted(agency, made["id"], named(MON, 3))
        done(agency.community.patch(f"{TOPICS}/{made['id']}", {"status": "archived"}))

        assert [each["status"] for each in voice(agency)] == ["archived"]
        assert voice(agency, TUE, TUE) == []


class TestWhoReads:
    def test_is_the_agencys_staff(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/share-of-voice?from={MON}&to={TUE}"

        assert agency.strategist.get(path).status_code == 200
        assert agency.approver.get(path).status_code == 403
        assert agency.other_executive.get(path).status_code == 404
        backwards = f"/v1/clients/{agency.client_id}/share-of-voice?from={TUE}&to={MON}"
        assert agency.strategist.get(backwards).json()["code"] == "period_ends_before_it_starts"
