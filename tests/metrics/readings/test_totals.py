"""Totals since ever become figures of days; posts stand beside each other by their totals."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.metrics.readings import totals
from api.metrics.readings.totals import Difference
from tests.factories import Staffed
from tests.metrics.made import campaign_of, channel_of, counts, post_of, record

FIRST = date(2026, 10, 1)
OCTOBER = {"from": "2026-10-01", "to": "2026-10-31"}


def on(day: int) -> date:
    return FIRST + timedelta(day - 1)


class TestDifferences:
    def test_are_what_a_day_added(self) -> None:
        found = totals.differences([(on(3), 9), (on(1), 2), (on(2), 5)])

        assert found == [Difference(on(2), 3, 1), Difference(on(3), 4, 1)]

    def test_begin_with_the_first_day_of_what_began_on_it(self) -> None:
        assert totals.differences([(on(1), 7)], on(1)) == [Difference(on(1), 7, 1)]
        assert totals.differences([(on(4), 7)], on(2)) == [Difference(on(4), 7, 3)]
        assert totals.differences([(on(1), 7)], on(2)) == []

    @pytest.mark.parametrize(
        ("now", "found"), [(50, -50), (49, 49), (100, 0), (0, 0)], ids=lambda each: str(each)
    )
    def test_tell_a_correction_from_a_new_beginning(self, now: int, found: int) -> None:
        (made,) = totals.differences([(on(1), 100), (on(2), now)])

        assert (made.value, made.is_reset) == (found, now < 50)

    def test_leave_a_gap_whole(self) -> None:
        (made,) = totals.differences([(on(1), 10), (on(4), 40)])

        assert (made.value, made.days, made.since) == (30, 3, on(2))

    @given(
        st.dictionaries(st.integers(1, 60), st.integers(0, 1000), min_size=2),
        st.randoms(use_true_random=False),
    )
    def test_add_up_to_what_was_counted(self, known: dict[int, int], chance: Any) -> None:
        told = [(on(day), value) for day, value in known.items()]
        found = totals.differences(chance.sample(told, len(told)))

        began_anew = sum(
            known[was]
            for was, now in zip(sorted(known), sorted(known)[1:], strict=False)
            if 2 * known[now] < known[was]
        )
        ends = known[max(known)] - known[min(known)]
        assert sum(each.value for each in found) == ends + began_anew
        assert sum(each.days for each in found) == max(known) - min(known)


def lifetime(day: str, **values: Any) -> dict[str, Any]:
    return {"date": day, "basis": "lifetime", **values}


class TestPostTotals:
    def test_say_what_days_added(self, agency: Staffed) -> None:
        post = post_of(agency, channel_of(agency)).json()["id"]
        seen: Any = [("2026-10-02", 5), ("2026-10-03", 9), ("2026-10-06", 30), ("2026-10-07", 3)]
        for day, count in seen:
            counts(record(agency, lifetime(day, post=post, views=count)))

        made = agency.executive.get(f"/v1/published-posts/{post}/totals", params=OCTOBER).json()

        views = {each["date"]: each["views"] for each in made["days"] if each["views"] is not None}
        assert views == {"2026-10-02": 5, "2026-10-03": 4, "2026-10-07": 3}
        gap: Any = {"metric": "views", "start": "2026-10-04", "end": "2026-10-06", "value": 21}
        assert made["gaps"] == [gap]
        assert made["resets"] == [{"metric": "views", "date": "2026-10-07"}]
        assert made["totals"]["views"] == 3

    def test_of_a_channel_have_no_first_day(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        for day, views in (("2026-10-02", 500), ("2026-10-03", 510)):
            record(agency, lifetime(day, channel=channel, views=views))

        made = agency.executive.get(f"/v1/channels/{channel}/totals", params=OCTOBER).json()

        assert [each["views"] for each in made["days"][:3]] == [None, None, 10]

    def test_are_behind_both_walls(self, agency: Staffed, other_agency: Staffed) -> None:
        post = post_of(agency, channel_of(agency)).json()["id"]

        answer = other_agency.executive.get(f"/v1/published-posts/{post}/totals", params=OCTOBER)

        assert answer.status_code == 404


class TestPostFigures:
    def test_stand_by_views_and_name_their_means(self, agency: Staffed) -> None:
        channel, campaign = channel_of(agency), campaign_of(agency)
        posts = [
            post_of(agency, channel, external_id=str(n), campaign_id=campaign).json()["id"]
            for n in (1, 2)
        ]
        early = post_of(agency, channel, external_id="3", published_at="2026-09-30T21:59:59Z")
        assert early.status_code == 201
        rows = [
            lifetime("2026-10-03", post=posts[0], views=10, reach=10, likes=5),
            lifetime("2026-10-04", post=posts[0], views=20, reach=20, likes=6),
            lifetime("2026-10-04", post=posts[1], views=300, reach=100, likes=10),
        ]
        counts(record(agency, *rows))

        path = f"/v1/clients/{agency.client_id}/post-figures"
        made = agency.executive.get(path, params={**OCTOBER, "campaign_id": campaign}).json()
        all_of_them = agency.executive.get(path, params={**OCTOBER, "limit": "1"}).json()

        assert [each["external_id"] for each in made["posts"]] == ["2", "1"]
        assert [each["views"] for each in made["posts"]] == [300, 20]
        rates = {each["id"]: each["value"] for each in made["kpis"]}
        assert rates["er_reach"] == round(16 / 120, 6)
        assert rates["er_avg"] == 0.2
        assert (all_of_them["count"], len(all_of_them["posts"])) == (2, 1)

    def test_are_of_the_clients_calendar(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        post_of(agency, channel, external_id="in", published_at="2026-09-30T22:00:00Z")
        post_of(agency, channel, external_id="out", published_at="2026-10-31T23:00:00Z")

        path = f"/v1/clients/{agency.client_id}/post-figures"
        made = agency.executive.get(path, params=OCTOBER).json()

        assert [each["external_id"] for each in made["posts"]] == ["in"]
        assert made["posts"][0]["views"] is None
