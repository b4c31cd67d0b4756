"""Templates say how a kind of report is made; schedules begin one by themselves, in time, once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from api.reports import periods
from api.reports.models import PeriodKind
from api.reports.schedules import reminders, schedules, tasks
from api.reports.schedules.models import ReportSchedule
from tenants import auth, clock, database
from tenants.jobs import Job
from tests.factories import Staffed, events_of
from tests.reports.writing import act, begin, made, template

TEXTS = {"kpis": {"es": "Cómo leer las cifras.", "en": "How to read it."}}


def schedule(agency: Staffed, template_id: str, **values: Any) -> Any:
    body = {
        "client_id": str(agency.client_id),
        "template_id": template_id,
        "author_membership_id": str(agency.executive.membership_id),
        "starts_on": "2026-10-01",
        **values,
    }
    return made(agency.executive.post("/v1/report-schedules", body))


def the_day(agency: Staffed, at: datetime) -> dict[str, Any]:
    """What the worker does with the day's job of the agency."""
    actor = auth.system(agency.agency_id)
    with clock.at(at):
        task = Job(agency_id=agency.agency_id, kind=tasks.KIND)
        return tasks.open_reports(actor, task, lambda done, total: None) or {}


def drafts(agency: Staffed) -> list[Any]:
    found = agency.executive.get(f"/v1/reports?client_id={agency.client_id}")
    return list(reversed(made(found, 200)["data"]))


def move(agency: Staffed, column: str, value: str) -> None:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        session.connection().execute(
            text(f"update clients set {column} = :value where id = :id"),
            {"value": value, "id": agency.client_id},
        )


class TestTemplate:
    def test_is_copied_into_the_drafts_that_follow(self, agency: Staffed) -> None:
        kind = template(
            agency, sections=["summary", "kpis"], texts=TEXTS, compare="previous_year",
            locales=["es", "en"], data_lag_days=3, needs_review=True,
        )  # fmt: skip
        report = begin(agency, narrative=None)
        path = f"/v1/report-templates/{kind['id']}"
        made(agency.owner.patch(path, {"sections": ["budget"], "needs_review": False}), 200)
        after = made(agency.executive.get(f"/v1/reports/{report['id']}"), 200)

        assert after == report
        assert (report["template_id"], report["layout"]) == (kind["id"], ["summary", "kpis"])
        assert (report["compare"], report["locales"]) == ("previous_year", ["es", "en"])
        assert (report["needs_review"], report["data_lag_days"]) == (True, 3)
        assert report["narrative"]["en"]["section_notes"] == {"kpis": "How to read it."}

    def test_of_the_client_wins_over_the_agencys(self, agency: Staffed) -> None:
        template(agency, name="De todos")
        own = template(agency, agency.executive, client_id=str(agency.client_id))
        template(agency, client_id=str(agency.other_client_id))

        assert begin(agency)["template_id"] == own["id"]

    def test_is_for_its_audience_kind_and_period(self, agency: Staffed) -> None:
        weekly = template(agency, period="week")
        body = {"client_id": str(agency.client_id), "period": "month", "starts_on": "2026-10-01"}

        named = agency.executive.post("/v1/reports", {**body, "template_id": weekly["id"]})

        assert (named.status_code, named.json()["code"]) == (422, "template_does_not_fit")
        assert begin(agency)["template_id"] is None

    def test_of_a_client_out_of_sight_is_not_there(self, agency: Staffed) -> None:
        theirs = template(agency, client_id=str(agency.other_client_id))
        path = f"/v1/report-templates/{theirs['id']}"

        listed = agency.strategist.get("/v1/report-templates").json()["data"]

        assert listed == []
        assert agency.strategist.get(path).status_code == 404
        assert agency.strategist.patch(path, {"name": "Mía"}).status_code == 404
        assert agency.other_executive.patch(path, {"name": "Mía"}).status_code == 200

    def test_of_the_agency_is_made_by_those_who_run_it(self, agency: Staffed) -> None:
        body = {"name": "Mensual", "period": "month", "locales": ["es"]}

        refused = agency.executive.post("/v1/report-templates", body)

        assert refused.status_code == 403

    def test_that_is_archived_is_no_longer_taken(self, agency: Staffed) -> None:
        kind = template(agency)
        path = f"/v1/report-templates/{kind['id']}"
        made(agency.owner.patch(path, {"status": "archived"}), 200)

        assert begin(agency)["template_id"] is None
        assert agency.owner.get("/v1/report-templates").json()["data"] == []
        archived = agency.owner.get("/v1/report-templates?status=archived").json()["data"]
        assert [each["id"] for each in archived] == [kind["id"]]


class TestSchedule:
    def test_opens_the_draft_on_the_clients_own_day_once(self, agency: Staffed) -> None:
        """In Madrid the first of November begins at 23:00 of the day before, by UTC."""
        kind = template(agency, texts=TEXTS)
        made_one = schedule(agency, kind["id"], due_days=4)

        early = the_day(agency, datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
        on_time = the_day(agency, datetime(2026, 10, 31, 23, 0, tzinfo=UTC))
        again = the_day(agency, datetime(2026, 10, 31, 23, 1, tzinfo=UTC))

        assert made_one["next_opens_on"] == "2026-11-01"
        assert [each["opened"] for each in (early, on_time, again)] == [0, 1, 0]
        (draft,) = drafts(agency)
        assert (draft["starts_on"], draft["due_on"]) == ("2026-10-01", "2026-11-05")
        assert events_of(agency, draft["id"]) == ["report.created", "report.opened"]
        whole = made(agency.executive.get(f"/v1/reports/{draft['id']}"), 200)
        assert whole["author_membership_id"] == str(agency.executive.membership_id)
        assert whole["narrative"]["es"]["section_notes"] == {"kpis": "Cómo leer las cifras."}

    @pytest.mark.parametrize(
        ("zone", "opens"),
        [
            ("Pacific/Kiritimati", datetime(2026, 10, 31, 10, tzinfo=UTC)),
            ("Europe/Madrid", datetime(2026, 10, 31, 23, tzinfo=UTC)),
            (
                "America/Los_Angeles",
                datetime(2026, 11, 1, 7, tzinfo=UTC),
            ),  # clocks go back that day
        ],
    )
    def test_goes_by_the_clients_zone(self, agency: Staffed, zone: str, opens: datetime) -> None:
        move(agency, "timezone", zone)
        schedule(agency, template(agency)["id"])

        before = the_day(agency, opens - timedelta(minutes=1))
        then = the_day(agency, opens)

        assert (before["opened"], then["opened"]) == (0, 1)

    def test_comes_back_at_each_zones_midnight(self, agency: Staffed) -> None:
        the_day(agency, datetime(2026, 3, 28, 12, tzinfo=UTC))
        the_day(agency, datetime(2026, 3, 28, 13, tzinfo=UTC))

        with database.agency_session(auth.system(agency.agency_id)) as session:
            asked = session.exec(select(Job.due_at).where(Job.kind == tasks.MIDNIGHT)).all()
        assert asked == [datetime(2026, 3, 28, 23, tzinfo=UTC)]

    def test_catches_up_on_what_was_missed_each_once(self, agency: Staffed) -> None:
        schedule(agency, template(agency, period="week")["id"], starts_on="2026-10-05")

        found = the_day(agency, datetime(2026, 10, 28, 12, tzinfo=UTC))

        assert found["opened"] == 3
        assert [each["starts_on"] for each in drafts(agency)] == [
            *("2026-10-05", "2026-10-12", "2026-10-19")
        ]

    def test_runs_weeks_months_and_quarters_side_by_side(self, agency: Staffed) -> None:
        for period in ("week", "month", "quarter"):
            schedule(agency, template(agency, period=period)["id"], starts_on="2026-09-28")

        the_day(agency, datetime(2026, 10, 5, 12, tzinfo=UTC))

        opened = sorted((each["period"], each["starts_on"]) for each in drafts(agency))
        assert opened == [
            *(("month", "2026-09-01"), ("quarter", "2026-07-01"), ("week", "2026-09-28"))
        ]

    def test_waits_for_the_days_that_figures_need(self, agency: Staffed) -> None:
        schedule(agency, template(agency, data_lag_days=2)["id"])

        early = the_day(agency, datetime(2026, 11, 2, 12, tzinfo=UTC))
        then = the_day(agency, datetime(2026, 11, 3, 12, tzinfo=UTC))

        assert (early["opened"], then["opened"]) == (0, 1)

    def test_leaves_alone_what_was_begun_by_hand(self, agency: Staffed) -> None:
        kind = template(agency)
        schedule(agency, kind["id"])
        by_hand = begin(agency)

        found = the_day(agency, datetime(2026, 11, 1, 12, tzinfo=UTC))

        assert found["opened"] == 0
        assert [each["id"] for each in drafts(agency)] == [by_hand["id"]]

    def test_pauses_when_the_client_ends(self, agency: Staffed) -> None:
        kept = schedule(agency, template(agency)["id"])
        move(agency, "status", "ended")

        found = the_day(agency, datetime(2026, 11, 1, 12, tzinfo=UTC))

        after = made(agency.executive.get(f"/v1/report-schedules/{kept['id']}"), 200)
        assert (found["opened"], after["status"]) == (0, "paused")
        assert events_of(agency, kept["id"])[-1] == "report_schedule.paused"

    def test_opens_nothing_that_ended_while_it_was_paused(self, agency: Staffed) -> None:
        kept = schedule(agency, template(agency)["id"])
        path = f"/v1/report-schedules/{kept['id']}"

        agency.executive.patch(path, {"status": "paused"})
        paused = the_day(agency, datetime(2026, 11, 2, 12, tzinfo=UTC))
        with clock.at(datetime(2026, 11, 20, 12, tzinfo=UTC)):
            resumed = made(agency.executive.patch(path, {"status": "active"}), 200)

        assert paused["opened"] == 0
        assert (resumed["next_starts_on"], resumed["next_opens_on"]) == ("2026-11-01", "2026-12-01")

    def test_refuses_what_it_cannot_do(self, agency: Staffed) -> None:
        month, own = template(agency), template(agency, period="custom")
        schedule(agency, month["id"])
        author = str(agency.executive.membership_id)
        body = {"client_id": str(agency.client_id), "author_membership_id": author}

        for values, code in (
            ({"template_id": month["id"]}, "schedule_exists"),
            ({"template_id": own["id"]}, "schedule_needs_period"),
            ({"template_id": month["id"], "starts_on": "2020-01-01"}, "schedule_starts_too_early"),
            (
                {"template_id": month["id"], "reviewer_membership_id": author},
                "writers_of_schedule",
            ),
        ):
            answer = agency.executive.post("/v1/report-schedules", {**body, **values})
            assert answer.json()["code"] == code, values


class TestReminder:
    def test_is_told_once_each_until_it_is_out(self, agency: Staffed) -> None:
        report = begin(agency, due_on="2026-11-10")
        version = report["version"]

        told = [
            the_day(agency, datetime(2026, 11, day, 12, tzinfo=UTC))["reminded"]
            for day in (7, 8, 9, 11, 12)
        ]

        assert told == [0, 1, 0, 1, 0]
        assert events_of(agency, report["id"])[1:] == ["report.due_soon", "report.overdue"]
        after = made(agency.executive.get(f"/v1/reports/{report['id']}"), 200)
        assert after["version"] == version  # whoever writes meanwhile is not disturbed

    def test_begins_anew_with_another_due_day(self, agency: Staffed) -> None:
        report = begin(agency, due_on="2026-11-10")
        the_day(agency, datetime(2026, 11, 11, 12, tzinfo=UTC))
        agency.executive.patch(f"/v1/reports/{report['id']}", {"due_on": "2026-11-20"})

        found = the_day(agency, datetime(2026, 11, 19, 12, tzinfo=UTC))

        assert found["reminded"] == 1

    def test_is_not_told_of_what_is_out(self, agency: Staffed) -> None:
        report = begin(agency, due_on="2026-11-10")
        act(agency.executive, report, "publish", 201)

        assert the_day(agency, datetime(2026, 12, 1, 12, tzinfo=UTC))["reminded"] == 0

    def test_stands_in_the_days_of_author_and_reviewer(self, agency: Staffed) -> None:
        reviewer = str(agency.strategist.membership_id)
        report = begin(agency, due_on="2026-11-10", reviewer_membership_id=reviewer)
        act(agency.executive, report, "submit")

        mine = made(agency.executive.get("/v1/me/day"), 200)["do"]
        theirs = made(agency.strategist.get("/v1/me/day"), 200)["decide"]

        assert [each["id"] for each in mine] == [report["id"]]
        assert [(each["kind"], each["id"]) for each in theirs] == [("report", report["id"])]


_DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
_ZONES = st.sampled_from(
    ["Europe/Madrid", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]
)
# The first use of a zone reads its file, which is slow on a busy machine.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_PERIODS = st.sampled_from([PeriodKind.week, PeriodKind.month, PeriodKind.quarter])


class TestPeriods:
    @_UNHURRIED
    @given(day=_DAYS, period=_PERIODS)
    def test_follow_each_other_without_a_gap(self, day: date, period: PeriodKind) -> None:
        first, last = periods.bounds(period, day)

        assert first <= day <= last
        assert periods.bounds(period, last + periods.DAY)[0] == last + periods.DAY

    @_UNHURRIED
    @given(day=_DAYS, period=_PERIODS, lag=st.integers(0, 60), zone=_ZONES)
    def test_open_as_the_local_day_begins(
        self, day: date, period: PeriodKind, lag: int, zone: str
    ) -> None:
        """A second before local midnight it is not due; at midnight it is, whatever the clocks."""
        kept = ReportSchedule(
            client_id=UUID(int=1), template_id=UUID(int=2), author_membership_id=UUID(int=3),
            data_lag_days=lag, next_starts_on=day, next_opens_on=day,
        )  # fmt: skip
        schedules.aim(kept, period, day)
        midnight = datetime.combine(kept.next_opens_on, datetime.min.time(), ZoneInfo(zone))
        with clock.at(midnight.astimezone(UTC)):
            assert clock.today(zone) >= kept.next_opens_on
        with clock.at(midnight.astimezone(UTC) - timedelta(seconds=1)):
            assert clock.today(zone) < kept.next_opens_on

    @_UNHURRIED
    @given(due=_DAYS, ahead=st.integers(-5, 5))
    def test_remind_two_days_ahead_and_when_late(self, due: date, ahead: int) -> None:
        class Draft:
            due_on = due

        with clock.at(datetime.combine(due + timedelta(days=ahead), datetime.min.time(), UTC)):
            told = reminders.due(Draft(), "UTC")  # type: ignore[arg-type]
        assert told == (None if ahead < -2 else "due_soon" if ahead <= 0 else "overdue")
