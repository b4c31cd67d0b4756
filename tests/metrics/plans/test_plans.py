"""How a client's plans are kept: posts on the day they were due, money at its pace."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.proof import watching
from api.proof.looking import LookOutcome
from tenants import clock
from tests.budgets.factories import approved, draft, fact, line
from tests.campaigns import making
from tests.campaigns.making import done
from tests.campaigns.test_punctuality import moved, out
from tests.collaborations import making as collaborating
from tests.factories import Person, Staffed
from tests.files.samples import PNG
from tests.proof import making as proving

NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


@pytest.fixture(autouse=True)
def _at_the_end_of_november() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 28, 9, tzinfo=UTC)):
        yield


def publishing(person: Person, agency: Staffed, **period: str) -> Any:
    path = f"/v1/clients/{agency.client_id}/publish-reliability"
    return done(person.get(path, params=period or NOVEMBER))


def parts(figure: Any) -> tuple[Any, ...]:
    names = ("value", "numerator", "denominator", "quality", "missing_reason")
    return tuple(figure[name] for name in names)


class TestPublishReliability:
    def test_is_of_the_posts_that_were_due(self, agency: Staffed) -> None:
        (post,) = making.accepted(agency)["lines"]
        (plan,) = making.accepted(agency, making.line(network=None))["lines"]
        out(agency, post["id"], "2026-11-10", "2026-11-10")
        out(agency, post["id"], "2026-11-10", "2026-11-12", moved("2026-11-12", "client"))
        out(agency, post["id"], "2026-11-10", "2026-11-11")
        out(agency, post["id"], "2026-10-31", "2026-10-31")
        out(agency, plan["id"], "2026-11-10", "2026-11-10")
        making.deliverable(agency, post["id"], due_on="2026-11-27")
        making.deliverable(agency, post["id"], due_on="2026-11-28")
        off = making.deliverable(agency, post["id"], due_on="2026-11-20")
        done(making.move(agency.community, off, "cancel"))

        made = publishing(agency.executive, agency)

        figure = made["publish_reliability"]
        assert parts(figure) == (0.5, 2, 4, "manual", None)
        assert (figure["id"], figure["version"]) == ("publish_reliability", 1)
        assert len(figure["inputs_digest"]) == 64
        assert made["period"] == {"start": "2026-11-01", "end": "2026-11-30", "days": 30}

    def test_needs_an_address_for_a_proof(self, agency: Staffed) -> None:
        (post,) = making.accepted(agency)["lines"]
        made = making.deliverable(agency, post["id"], due_on="2026-11-10")
        making.in_client_review(agency, made)
        done(making.move(agency.approver, made, "approve"))
        # A file shows that there was a post, and not where it could be seen.
        shot = agency.community.call(
            "POST",
            "/v1/files",
            data={"client_id": str(agency.client_id), "audience": "client"},
            files={"file": ("post.png", PNG, "image/png")},
        ).json()
        proof = {"file_id": shot["id"], "published_at": "2026-11-10T12:00:00Z"}
        done(making.move(agency.community, made, "deliver", proof))

        assert parts(publishing(agency.executive, agency)["publish_reliability"])[:3] == (0.0, 0, 1)

    def test_is_told_campaign_by_campaign(self, agency: Staffed) -> None:
        campaign = making.active_campaign(agency)
        scope = done(agency.executive.get(f"/v1/campaigns/{campaign['id']}/scope"))
        out(agency, scope["lines"][0]["id"], "2026-11-10", "2026-11-11")
        (post,) = making.accepted(agency)["lines"]
        out(agency, post["id"], "2026-11-10", "2026-11-10")

        made = publishing(agency.executive, agency)

        values = {
            each["campaign_id"]: each["publish_reliability"]["value"] for each in made["campaigns"]
        }
        assert values == {None: 1.0, campaign["id"]: 0.0}
        assert made["publish_reliability"]["value"] == 0.5

    def test_of_nothing_is_missing(self, agency: Staffed) -> None:
        made = publishing(agency.executive, agency)

        assert parts(made["publish_reliability"]) == (None, 0, 0, "missing", "no_denominator")
        assert made["campaigns"] == []

    def test_is_each_clients_own(self, agency: Staffed) -> None:
        (post,) = making.accepted(agency)["lines"]
        out(agency, post["id"], "2026-11-10", "2026-11-10")
        proving.published(agency)
        path = f"/v1/clients/{agency.other_client_id}/publish-reliability"

        with clock.at(clock.now() + timedelta(days=21)):
            made = agency.owner.get(path, params={"from": "2026-11-01", "to": "2026-12-18"})

        assert parts(done(made)["publish_reliability"])[1:3] == (0, 0)

    def test_is_the_staffs(self, agency: Staffed, other_agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/publish-reliability"

        for person in (agency.other_executive, other_agency.owner):
            assert person.get(path, params=NOVEMBER).status_code == 404
        for person in (agency.viewer, agency.approver, agency.influencer):
            assert person.get(path, params=NOVEMBER).status_code == 403
        backwards = {"from": "2026-11-30", "to": "2026-11-01"}
        refused = agency.executive.get(path, params=backwards)
        assert (refused.status_code, refused.json()["code"]) == (
            422,
            "period_ends_before_it_starts",
        )


class TestCollaborations:
    """A piece of a collaboration is on time when somebody, or the platform, has seen it."""

    def _read(self, agency: Staffed) -> Any:
        """Once it is due; the period ends with that day."""
        with clock.at(clock.now() + timedelta(days=21)):
            made = publishing(
                agency.executive, agency, **{"from": "2026-12-01", "to": "2026-12-18"}
            )
        return parts(made["publish_reliability"])[:4]

    def test_count_when_the_platform_saw_them(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        network = proving.Network()
        monkeypatch.setattr(watching, "looker", lambda: network)
        proving.published(agency)
        assert self._read(agency) == (0.0, 0, 1, "actual")

        assert proving.look(agency) == 1

        assert self._read(agency) == (1.0, 1, 1, "actual")

    def test_count_by_word_when_only_somebody_saw_them(self, agency: Staffed) -> None:
        _, post = proving.published(agency)
        done(proving.confirm(agency, post, "live"))

        assert self._read(agency) == (1.0, 1, 1, "manual")

    def test_do_not_count_by_a_mistake(self, agency: Staffed) -> None:
        _, post = proving.published(agency)
        done(proving.confirm(agency, post, "live"))
        done(agency.executive.post(f"/v1/live-posts/{post['id']}/withdraw", {"reason": "Otra"}))

        assert self._read(agency)[:3] == (0.0, 0, 1)

    def test_count_by_word_where_the_platform_saw_nothing(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        network = proving.Network(outcome=LookOutcome.missing)
        monkeypatch.setattr(watching, "looker", lambda: network)
        _, post = proving.published(agency)
        assert proving.look(agency) == 1
        done(proving.confirm(agency, post, "live"))

        assert self._read(agency) == (1.0, 1, 1, "manual")

    def test_are_not_planned_before_they_are_due(self, agency: Staffed) -> None:
        _, post = proving.published(agency)
        done(proving.confirm(agency, post, "live"))

        read = publishing(agency.executive, agency, **{"from": "2026-12-01", "to": "2026-12-18"})

        assert parts(read["publish_reliability"])[1:3] == (0, 0)

    def test_are_not_planned_once_they_are_called_off(self, agency: Staffed) -> None:
        made = proving.approved(agency)
        path = f"/v1/collaborations/{made['id']}/cancel"
        done(agency.executive.post(path, {"reason": "La marca se retira."}))

        assert self._read(agency)[1:3] == (0, 0)

    @pytest.mark.parametrize("after", [timedelta(days=21), timedelta(days=20, hours=14.5)])
    def test_do_not_count_when_they_were_late(self, agency: Staffed, after: timedelta) -> None:
        """On the day after; and past midnight of the client's clock, not of the server's."""
        made = proving.approved(agency)
        piece = collaborating.pieces_of(agency.executive, made)[0]
        with clock.at(clock.now() + after):
            done(proving.confirm(agency, proving.bound(agency, piece["id"]), "live"))

        assert self._read(agency)[:3] == (0.0, 0, 1)

    def test_are_of_their_campaign(self, agency: Staffed) -> None:
        made, post = proving.published(agency)
        done(proving.confirm(agency, post, "live"))

        with clock.at(clock.now() + timedelta(days=21)):
            read = publishing(
                agency.executive, agency, **{"from": "2026-12-18", "to": "2026-12-18"}
            )

        assert [each["campaign_id"] for each in read["campaigns"]] == [made["campaign_id"]]


def pacing(person: Person, agency: Staffed) -> Any:
    return done(person.get(f"/v1/clients/{agency.client_id}/pacing"))


class TestPacing:
    def test_is_of_each_budget_and_campaign(self, agency: Staffed) -> None:
        campaign = making.campaign(agency)["id"]
        lines = [line(60_000, campaign_id=campaign), line(40_000)]
        budget = approved(agency, lines=lines, period_start="2026-11-01", period_end="2026-11-30")
        mine, other = (each["id"] for each in budget["lines"])
        done(fact(agency.strategist, mine, 70_000, spent_on="2026-11-10"), 201)
        done(fact(agency.strategist, other, 7_000, spent_on="2026-11-10"), 201)

        made = pacing(agency.executive, agency)

        (found,) = made["budgets"]
        assert (made["on"], found["days_elapsed"], found["days_total"]) == ("2026-11-28", 28, 30)
        assert (found["budget_id"], found["currency"]) == (budget["id"], "EUR")
        # 10,000 of what is gone are not funded; they are gone all the same.
        assert (found["gone_minor"], found["allocated_minor"]) == (77_000, 100_000)
        figure = found["pacing"]
        assert parts(figure) == (0.825, 77_000 * 30, 100_000 * 28, "actual", None)
        assert (figure["id"], figure["version"], figure["basis"]) == ("pacing", 1, "period")
        (of_campaign,) = found["campaigns"]
        assert of_campaign["campaign_id"] == campaign
        assert parts(of_campaign["pacing"])[:3] == (1.25, 70_000 * 30, 60_000 * 28)

    def test_is_what_the_budgets_own_pace_says(self, agency: Staffed) -> None:
        budget = approved(agency, 33_333, period_start="2026-11-01", period_end="2026-11-30")
        done(fact(agency.strategist, budget["lines"][0]["id"], 12_345, spent_on="2026-11-10"), 201)

        (found,) = pacing(agency.executive, agency)["budgets"]
        pace = done(agency.executive.get(f"/v1/budgets/{budget['id']}/pace"))["total"]

        assert round(found["pacing"]["value"] * 10_000) == pace["pace_bp"]

    def test_of_what_has_not_begun_is_missing(self, agency: Staffed) -> None:
        approved(agency, 100_000, period_start="2026-12-01", period_end="2026-12-31")

        (found,) = pacing(agency.executive, agency)["budgets"]

        assert parts(found["pacing"]) == (None, 0, 0, "missing", "no_denominator")
        assert found["days_elapsed"] == 0

    def test_of_a_period_that_is_over_is_of_all_its_days(self, agency: Staffed) -> None:
        budget = approved(agency, 1_000, period_start="2026-10-01", period_end="2026-10-31")
        done(fact(agency.strategist, budget["lines"][0]["id"], 500, spent_on="2026-10-10"), 201)

        (found,) = pacing(agency.executive, agency)["budgets"]

        assert (found["days_elapsed"], found["pacing"]["value"]) == (31, 0.5)

    def test_is_of_active_budgets_alone(self, agency: Staffed) -> None:
        draft(agency, 1_000)

        assert pacing(agency.executive, agency)["budgets"] == []

    def test_is_of_the_client_alone(self, agency: Staffed) -> None:
        approved(agency, 1_000)

        theirs = agency.owner.get(f"/v1/clients/{agency.other_client_id}/pacing")

        assert done(theirs)["budgets"] == []

    def test_is_for_who_may_read_budgets(self, agency: Staffed, other_agency: Staffed) -> None:
        approved(agency, 1_000)
        path = f"/v1/clients/{agency.client_id}/pacing"

        assert len(pacing(agency.approver, agency)["budgets"]) == 1
        assert agency.viewer.get(path).status_code == 403
        for person in (agency.other_executive, agency.other_contact, other_agency.owner):
            assert person.get(path).status_code == 404
