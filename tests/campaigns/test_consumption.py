"""Scope consumption: what was bought and got, on the client's own days."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenants import clock
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.factories import Staffed

OVER = {"over_scope": "flag"}


def bought(agency: Staffed, **asked: str) -> list[Any]:
    path = f"/v1/clients/{agency.client_id}/scope"
    found: list[Any] = done(agency.executive.get(path, params=asked))["lines"]
    return found


def only(agency: Staffed, **asked: str) -> Any:
    (line,) = bought(agency, **asked)
    return line


@pytest.fixture
def line_id(agency: Staffed) -> str:
    """Three reels that are due at the end of 2099."""
    scope = making.accepted(agency, making.line(quantity=3, due_on="2099-12-31"))
    found: str = scope["lines"][0]["id"]
    return found


class TestClientScope:
    def test_adds_up_over_a_period_for_the_client(self, agency: Staffed, line_id: str) -> None:
        making.delivered(agency, making.deliverable(agency, line_id))
        making.deliverable(agency, line_id, due_on="2099-01-01")
        path = f"/v1/clients/{agency.client_id}/scope"

        now = done(agency.approver.get(path))
        before = done(agency.approver.get(f"{path}?from=2020-01-01&to=2020-01-31"))
        backwards = agency.approver.get(f"{path}?from=2020-02-01&to=2020-01-31")

        (shown,) = now["lines"]
        assert (shown["contracted"], shown["planned"]) == (3, 1)
        assert (shown["delivered"], shown["delivered_in_period"]) == (1, 1)
        assert (shown["status"], shown["due_on"]) == ("in_progress", "2099-12-31")
        assert [proof["url"] for proof in shown["proofs"]] == ["https://instagram.com/p/1"]
        assert before["lines"] == []
        assert (backwards.status_code, backwards.json()["code"]) == (422, "period_backwards")
        assert agency.other_contact.get(path).status_code == 404
        assert agency.viewer.get(path).status_code == 403

    def test_means_the_clients_month_unless_told(self, agency: Staffed, line_id: str) -> None:
        path = f"/v1/clients/{agency.client_id}/scope"

        def span(**asked: str) -> tuple[str, str]:
            read = done(agency.executive.get(path, params=asked))
            return read["period_start"], read["period_end"]

        # Half past eleven at night in UTC is tomorrow, and next month, in Madrid.
        with clock.at(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)):
            assert span() == ("2026-12-01", "2026-12-31")
            assert span(**{"from": "2028-02-10"}) == ("2028-02-10", "2028-02-29")
            assert span(to="2027-02-10") == ("2027-02-01", "2027-02-10")

    def test_counts_in_the_period_what_was_out_in_it(self, agency: Staffed, line_id: str) -> None:
        for _ in range(2):
            making.delivered(agency, making.deliverable(agency, line_id))
        today = clock.today("Europe/Madrid")
        yesterday, tomorrow = str(today - timedelta(1)), str(today + timedelta(1))

        now = only(agency, **{"from": str(today), "to": str(today)})
        later = only(agency, **{"from": tomorrow, "to": tomorrow})

        assert (now["delivered"], now["delivered_in_period"], len(now["proofs"])) == (2, 2, 2)
        assert (later["delivered"], later["delivered_in_period"], later["proofs"]) == (2, 0, [])
        # What was accepted today was not in force yesterday.
        assert bought(agency, **{"from": yesterday, "to": yesterday}) == []

    def test_leaves_out_what_came_later(self, agency: Staffed) -> None:
        done(agency.executive.patch(f"/v1/clients/{agency.client_id}", OVER))
        scope = making.accepted(agency, making.line(quantity=1), starts_on="2026-01-01")
        line_id = scope["lines"][0]["id"]
        for day in ("2026-05-30", "2026-06-02", "2026-06-03"):
            body = {"quantity": 1, "counted_on": day, "reason": "The fair"}
            done(agency.community.post(f"/v1/scope-lines/{line_id}/accruals", body), 201)

        may = only(agency, **{"from": "2026-05-01", "to": "2026-05-31"})
        june = only(agency, **{"from": "2026-06-03", "to": "2026-06-30"})

        assert (may["delivered"], may["over_serviced"], may["delivered_in_period"]) == (1, 0, 1)
        assert (june["delivered"], june["over_serviced"]) == (3, 2)
        assert (june["delivered_in_period"], june["over_serviced_in_period"]) == (1, 1)

    def test_shows_an_ended_line_while_work_on_it_is_open(self, agency: Staffed) -> None:
        ended = {"starts_on": "2026-01-01", "ends_on": "2026-06-30"}
        scope = making.accepted(agency, making.line(quantity=2, due_on=None, due_days=3), **ended)
        line_id = scope["lines"][0]["id"]
        july = {"from": "2026-07-01", "to": "2026-07-31"}

        assert bought(agency, **july) == []
        first = making.deliverable(agency, line_id, due_on="2026-06-20")
        second = making.deliverable(agency, line_id, due_on="2026-06-10")
        again = {"due_on": "2026-06-25", "cause": "client", "reason": "The photos came late"}
        done(move(agency.executive, second, "redate", again))

        shown = only(agency, **july)
        assert (shown["due_on"], shown["original_due_on"]) == ("2026-06-25", "2026-06-20")
        assert (shown["status"], shown["rounds_over"]) == ("late", 0)
        for each in (first, second):
            done(move(agency.community, each, "cancel"))
        (accepted,) = bought(agency, **{"from": "2026-06-01", "to": "2026-06-30"})
        due = clock.today("Europe/Madrid") + timedelta(days=3)
        assert accepted["due_on"] == accepted["original_due_on"] == str(due)

    def test_leaves_out_a_line_that_was_taken_away(self, agency: Staffed) -> None:
        campaign = making.active_campaign(agency)
        making.accepted(agency, making.line(kind="story"), campaign_id=campaign["id"])

        assert {each["kind"] for each in bought(agency)} == {"reel", "story"}
        assert only(agency, **{"from": "2099-01-01", "to": "2099-01-31"})["kind"] == "story"

    def test_is_shown_no_more_once_it_is_all_delivered(self, agency: Staffed, line_id: str) -> None:
        for _ in range(3):
            making.delivered(agency, making.deliverable(agency, line_id))

        assert only(agency)["status"] == "delivered"
        assert bought(agency, **{"from": "2099-01-01", "to": "2099-01-31"}) == []

    def test_says_how_a_line_stands(self, agency: Staffed, line_id: str) -> None:
        def status() -> str:
            found: str = only(agency)["status"]
            return found

        assert status() == "planned"
        first = making.deliverable(agency, line_id, due_on="2098-01-01")
        assert status() == "planned"
        done(move(agency.community, first, "start"))
        assert status() == "in_progress"
        done(move(agency.community, first, "submit", {"url": "https://drive.example/reel"}))
        assert status() == "in_review"
        late = making.deliverable(agency, line_id, due_on="2020-01-01")
        assert status() == "late"
        done(move(agency.community, first, "block", {"cause": "client", "since": "2026-11-03"}))
        shown = only(agency)
        assert (shown["status"], shown["blocked_cause"]) == ("blocked", "client")
        assert shown["blocked_since"] == "2026-11-03"
        assert (shown["planned"], shown["in_progress"]) == (2, 1)
        done(move(agency.community, late, "cancel"))
        assert only(agency)["planned"] == 1

    def test_is_late_when_the_day_passed_and_nothing_is_planned(self, agency: Staffed) -> None:
        making.accepted(agency, making.line(due_on="2026-11-01"), starts_on="2026-10-01")

        assert only(agency, **{"from": "2026-11-01", "to": "2026-11-30"})["status"] == "late"
        # Of the time up to the first of November one could not know.
        assert only(agency, **{"from": "2026-10-01", "to": "2026-10-31"})["status"] == "planned"

    def test_counts_what_was_given_beyond(self, agency: Staffed) -> None:
        done(agency.executive.patch(f"/v1/clients/{agency.client_id}", OVER))
        scope = making.accepted(agency, making.line(quantity=1, revision_rounds=0))
        line_id = scope["lines"][0]["id"]
        making.deliverable(agency, line_id)
        beyond = making.deliverable(agency, line_id)
        making.in_client_review(agency, beyond)
        words = {"outcome": "changes_requested", "reason": "Shorter"}
        (asked,) = done(agency.approver.get("/v1/approvals?status=open"))["data"]
        done(agency.approver.post(f"/v1/approvals/{asked['id']}/decide", words))

        planned = only(agency)
        assert (planned["planned"], planned["planned_over"], planned["rounds_over"]) == (2, 1, 1)

        making.delivered(agency, beyond)
        given = only(agency)
        assert (given["delivered"], given["over_serviced"]) == (1, 1)
        assert (given["over_serviced_in_period"], given["planned_over"]) == (1, 0)

    def test_goes_on_under_the_next_version_and_of_one_campaign(self, agency: Staffed) -> None:
        campaign = making.active_campaign(agency)
        baseline = done(agency.executive.get(f"/v1/campaigns/{campaign['id']}/scope"))
        making.delivered(agency, making.deliverable(agency, baseline["lines"][0]["id"]))
        making.accepted(agency, making.line(kind="story"))
        nextone = making.accepted(agency, campaign_id=campaign["id"], copy_of=baseline["id"])

        shown = only(agency, campaign_id=campaign["id"])

        assert len(bought(agency)) == 2
        assert shown["scope_id"] == nextone["id"]
        assert (shown["campaign_id"], shown["delivered"]) == (campaign["id"], 1)
