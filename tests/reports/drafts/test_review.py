"""Before it goes out: somebody else reads it, and the platform says what it lacks."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.reports import render
from api.reports.snapshot.snapshot import ReportSnapshot
from tenants import clock
from tests.factories import Staffed, events_of
from tests.reports import sample
from tests.reports.writing import (
    HEADLINE,
    act,
    begin,
    budget_line,
    channel,
    made,
    october,
    read,
    spend,
    template,
)


def reviewed(agency: Staffed, **values: Any) -> Any:
    """A draft of a kind that is reviewed."""
    template(agency, needs_review=True)
    return begin(agency, **values)


def gaps(agency: Staffed, report: Any, language: str = "es") -> dict[str, Any]:
    headers = {"Accept-Language": language}
    found = agency.executive.get(f"/v1/reports/{report['id']}/readiness", headers=headers)
    return {each["code"]: each for each in made(found, 200)["gaps"]}


class TestReview:
    def test_lets_it_out_once_somebody_else_approved(self, agency: Staffed) -> None:
        report = reviewed(agency)
        publish = f"/v1/reports/{report['id']}/publish"

        early = agency.executive.post(publish, {})
        act(agency.executive, report, "submit")
        unread = agency.executive.post(publish, {})
        approved = act(agency.strategist, report, "approve")
        version = agency.executive.post(publish, {})

        assert [each.status_code for each in (early, unread, version)] == [409, 409, 201]
        assert unread.json()["code"] == "review_missing"
        assert approved["status"] == "approved"
        assert approved["approved_by_membership_id"] == str(agency.strategist.membership_id)
        after = made(agency.executive.get(f"/v1/reports/{report['id']}"), 200)
        assert (after["status"], after["approved_at"]) == ("draft", None)

    def test_is_not_the_authors(self, agency: Staffed) -> None:
        report = reviewed(agency)
        act(agency.executive, report, "submit")

        answer = agency.executive.post(f"/v1/reports/{report['id']}/approve", {})

        assert (answer.status_code, answer.json()["code"]) == (409, "not_yours_to_review")

    def test_is_the_named_reviewers_alone(self, agency: Staffed) -> None:
        named = str(agency.strategist.membership_id)
        report = reviewed(agency, reviewer_membership_id=named)
        act(agency.executive, report, "submit")

        other = agency.owner.post(f"/v1/reports/{report['id']}/approve", {})

        assert other.status_code == 409
        assert act(agency.strategist, report, "approve")["status"] == "approved"

    def test_is_taken_back_by_an_edit(self, agency: Staffed) -> None:
        report = reviewed(agency)
        path = f"/v1/reports/{report['id']}"
        for change in ("patch", "refresh"):
            act(agency.executive, report, "submit")
            act(agency.strategist, report, "approve")
            if change == "patch":
                agency.executive.patch(path, {"narrative": {"es": {"closing": "Otra cosa."}}})
            else:
                act(agency.executive, report, "refresh")

            found = made(agency.executive.get(path), 200)
            assert (found["status"], found["approved_at"]) == ("draft", None), change
            assert agency.executive.post(f"{path}/publish", {}).status_code == 409, change

    def test_may_send_it_back_with_a_reason(self, agency: Staffed) -> None:
        report = reviewed(agency)
        act(agency.executive, report, "submit")

        back = act(agency.strategist, report, "return", reason="Falta noviembre.")
        twice = agency.strategist.post(f"/v1/reports/{report['id']}/return", {"reason": "Otra."})
        handed = act(agency.executive, report, "submit")

        assert (back["status"], back["return_reason"]) == ("draft", "Falta noviembre.")
        assert (twice.status_code, twice.json()["code"]) == (409, "move_not_allowed")
        assert (handed["status"], handed["return_reason"]) == ("in_review", None)
        told = events_of(agency, report["id"])
        assert told[1:] == ["report.submitted", "report.returned", "report.submitted"]

    def test_names_no_reviewer_who_cannot_be_one(self, agency: Staffed) -> None:
        body = {"client_id": str(agency.client_id), "period": "month", "starts_on": "2026-10-01"}

        for person in (agency.executive, agency.viewer):
            named = {"reviewer_membership_id": str(person.membership_id)}
            answer = agency.executive.post("/v1/reports", {**body, **named})
            assert answer.status_code == 422, person.name
            assert answer.json()["code"] == "reviewer_is_author"

    def test_is_asked_of_staff_only(self, agency: Staffed) -> None:
        report = reviewed(agency)
        act(agency.executive, report, "submit")

        for person in (agency.community, agency.approver, agency.viewer):
            answer = person.post(f"/v1/reports/{report['id']}/approve", {})
            assert answer.status_code == 403, person.name


# state → move → the state it leads to; what is not here is refused with 409.
MOVES = {
    "draft": {"edit": "draft", "refresh": "draft", "submit": "in_review"},
    "in_review": {
        "edit": "draft",
        "refresh": "in_review",
        "submit": "in_review",
        "approve": "approved",
        "return": "draft",
    },
    "approved": {"edit": "draft", "refresh": "draft", "submit": "in_review", "publish": "draft"},
}
_BODIES = {"return": {"reason": "Otra vez."}, "publish": {"reason": {"es": "Mejor."}}}
_starts = count(0)


class TestMoves:
    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(moves=st.lists(st.sampled_from([*MOVES["in_review"], "publish"]), max_size=10))
    def test_are_these_and_no_others(self, agency: Staffed, moves: list[str]) -> None:
        """Of a kind that is reviewed: whatever is done in whatever order."""
        number = next(_starts)
        day = f"{1990 + number // 12}-{number % 12 + 1:02}-01"
        report = reviewed(agency, starts_on=day)
        path, state = f"/v1/reports/{report['id']}", "draft"
        for move in moves:
            by = agency.strategist if move in ("approve", "return") else agency.executive
            if move == "edit":
                answer = by.patch(path, {"narrative": {"es": {"closing": f"{number}."}}})
            else:
                answer = by.post(f"{path}/{move}", _BODIES.get(move, {}))

            assert answer.is_success == (move in MOVES[state]), (state, move, answer.text)
            assert answer.is_success or answer.status_code == 409
            state = MOVES[state].get(move, state)
            assert made(agency.executive.get(path), 200)["status"] == state


class TestReadiness:
    def test_says_which_days_are_missing_and_of_what(self, agency: Staffed) -> None:
        instagram, silent = channel(agency), channel(agency, "Threads")
        read(agency, instagram, *october(but=(7, 20)), views=10)
        report = begin(agency)

        found = gaps(agency, report)

        days = found["days_missing"]
        assert (days["channel_id"], days["blocks"]) == (instagram, True)
        assert days["days"] == ["2026-10-07", "2026-10-20"]
        assert days["says"] == "Instagram: 2 días del periodo no tienen cifras."
        assert (found["channel_silent"]["channel_id"], silent) == (silent, silent)
        assert not found["channel_silent"]["blocks"]
        assert gaps(agency, report, "en")["days_missing"]["says"].startswith("Instagram: 2 days")

    def test_counts_from_a_channels_first_day(self, agency: Staffed) -> None:
        read(agency, channel(agency), *october()[19:], views=10)

        assert "days_missing" not in gaps(agency, begin(agency))

    def test_keeps_it_back_until_the_gaps_are_accepted(self, agency: Staffed) -> None:
        read(agency, channel(agency), *october(but=(7,)), views=10)
        report = begin(agency, locales=["es", "en"], narrative={**HEADLINE, "en": HEADLINE["es"]})
        publish = f"/v1/reports/{report['id']}/publish"

        refused = agency.executive.post(publish, {})
        half = agency.executive.post(publish, {"accept_gaps": {"es": "La red falló."}})
        why = {"es": "La red falló.", "en": "The network failed."}
        made(agency.executive.post(publish, {"accept_gaps": why}))

        assert (refused.status_code, half.status_code) == (409, 409)
        assert refused.json()["code"] == "figures_incomplete"
        assert refused.json()["gaps"] == ["days_missing"]
        latest = f"/v1/clients/{agency.client_id}/reports/latest"
        assert agency.viewer.get(latest).json()["report"]["gaps_accepted"] == why

    def test_prints_why_beside_the_definitions(self) -> None:
        data = sample.data()
        data["report"]["gaps_accepted"] = {"es": "La red falló.", "en": "It failed."}

        page = render.html(ReportSnapshot.model_validate(data), "es").body.decode()

        assert "Publicado aunque faltaban cifras: La red falló." in page

    def test_says_nothing_of_gaps_where_there_are_none(self, agency: Staffed) -> None:
        read(agency, channel(agency), *october(), views=10)
        report = begin(agency)

        body = {"accept_gaps": {"es": "Por si acaso."}}
        made(agency.executive.post(f"/v1/reports/{report['id']}/publish", body))

        latest = agency.viewer.get(f"/v1/clients/{agency.client_id}/reports/latest").json()
        assert "gaps_accepted" not in latest["report"]

    def test_waits_for_figures_that_still_come_in(self, agency: Staffed) -> None:
        """By the client's calendar: in Madrid it is the sixth an hour before it is in London."""
        template(agency, data_lag_days=5)
        report = begin(agency)

        with clock.at(datetime(2026, 11, 5, 22, 59, tzinfo=UTC)):
            waiting = gaps(agency, report)
        with clock.at(datetime(2026, 11, 5, 23, 1, tzinfo=UTC)):
            settled = gaps(agency, report)

        assert waiting["data_settling"]["until"] == "2026-11-05"
        assert "data_settling" not in settled

    def test_says_what_is_empty_and_unsaid(self, agency: Staffed) -> None:
        report = begin(agency, locales=["es", "en"], layout=["kpis", "budget", "summary"])

        found = gaps(agency, report)

        assert (found["narrative_missing"]["about"], found["narrative_missing"]["blocks"]) == (
            "en",
            True,
        )
        assert not found["section_empty"]["blocks"]

    def test_says_what_of_the_money_is_still_open(self, agency: Staffed) -> None:
        line = budget_line(agency)
        entry = {"kind": "commitment", "amount_minor": 500}
        made(agency.strategist.post(f"/v1/budget-lines/{line}/entries", entry))
        open_one = gaps(agency, begin(agency))
        spend(agency, line, 150_000, already_spent=True, evidence="Factura 7.")

        spent = gaps(agency, begin(agency, period="quarter"))

        assert not open_one["budget_open"]["blocks"]
        assert "budget_unfunded" not in open_one
        assert not spent["budget_unfunded"]["blocks"]

    def test_is_not_for_clients(self, agency: Staffed) -> None:
        report = begin(agency)

        assert agency.viewer.get(f"/v1/reports/{report['id']}/readiness").status_code == 403
