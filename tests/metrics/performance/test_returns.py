"""What money brought back: as it was known, of a campaign, and of every client at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenants import clock
from tests.budgets.factories import approved, fact, line
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.campaigns.retainers.renewing import accrue, pieces
from tests.collaborations import making as collaborations
from tests.factories import Person, Staffed
from tests.metrics.made import channel_of, counts, record
from tests.reports.test_collected import contract, spend

NOW = datetime(2026, 11, 3, 10, tzinfo=UTC)
OCTOBER = {"from": "2026-10-01", "to": "2026-10-31", "compare": "previous_month"}
NOVEMBER: dict[str, Any] = {"from": "2026-11-01", "to": "2026-11-30", "compare": "previous_month"}
RETURNS = ("roi", "revenue_roi")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def returns(answer: Any) -> dict[str, Any]:
    return {each["id"]: each for each in answer["kpis"] if each["id"] in RETURNS}


def of_client(person: Person, agency: Staffed, as_of: datetime | None = None, **query: str) -> Any:
    asked = (query or OCTOBER) | ({"as_of": as_of.isoformat()} if as_of else {})
    answer = person.get(f"/v1/clients/{agency.client_id}/performance", params=asked)
    return returns(done(answer))


def of_campaign(
    person: Person, campaign_id: str, as_of: datetime | None = None, **query: str
) -> Any:
    asked = (query or NOVEMBER) | ({"as_of": as_of.isoformat()} if as_of else {})
    answer = person.get(f"/v1/campaigns/{campaign_id}/performance", params=asked)
    return returns(done(answer))


def parts(figure: Any) -> tuple[Any, ...]:
    return figure["value"], figure["numerator"], figure["denominator"]


def brought(agency: Staffed, minor: int, date: str = "2026-10-01", **values: Any) -> None:
    row = {"date": date, "basis": "month", "revenue_minor": minor, **values}
    counts(record(agency, row))


class TestAsOf:
    def test_counts_what_had_been_booked_by_then(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        brought(agency, 300_000, channel=channel)
        spend(agency, production=20_000)
        shown = of_client(agency.executive, agency)
        with clock.at(NOW + timedelta(days=1)):
            brought(agency, 400_000, channel=channel)
            late = approved(agency, 50_000)["lines"][0]["id"]
            done(fact(agency.strategist, late, 5_000, spent_on="2026-10-30"), 201)

            now = of_client(agency.executive, agency)
            then = of_client(agency.executive, agency, NOW + timedelta(hours=1))

        assert parts(now["roi"])[1:] == (400_000 - 25_000, 25_000)
        assert parts(then["roi"]) == parts(shown["roi"]) == (14.0, 280_000, 20_000)
        assert then["revenue_roi"]["inputs_digest"] == shown["revenue_roi"]["inputs_digest"]

    def test_counts_what_had_been_billed_by_then(self, agency: Staffed) -> None:
        brought(agency, 500_000, "2026-11-01", channel=channel_of(agency))
        with clock.at(NOW + timedelta(days=1)):
            making.accepted(agency)
            now = of_client(agency.executive, agency, **NOVEMBER)
            then = of_client(agency.executive, agency, NOW, **NOVEMBER)

        assert now["roi"]["denominator"] == 12 * 15_000
        assert (then["roi"]["value"], then["roi"]["missing_reason"]) == (None, "not_recorded")

    def test_counts_what_had_been_agreed_by_then(self, agency: Staffed) -> None:
        brought(agency, 500_000, "2026-11-01", channel=channel_of(agency))
        spend(agency, production=20_000)
        with clock.at(NOW + timedelta(days=2)):
            contract(agency, fee=300_000)
            now = of_client(agency.executive, agency, **NOVEMBER)
            then = of_client(agency.executive, agency, NOW + timedelta(days=1), **NOVEMBER)

        assert now["roi"]["denominator"] == 300_000 + 99
        assert then["roi"]["denominator"] == 99

    @pytest.mark.parametrize("until", [None, "2026-11-20"])
    @pytest.mark.parametrize("move", ["give-notice", "end"])
    def test_knows_no_end_before_it_was_told(
        self, agency: Staffed, move: str, until: str | None
    ) -> None:
        brought(agency, 500_000, "2026-11-01", channel=channel_of(agency))
        body = {"client_id": str(agency.client_id), "title": "Redes", "starts_on": "2026-10-16"}
        fee = {"amount_minor": 300_000, "currency": "EUR"}
        terms = {**body, "ends_on": until, "notice_days": 1, "monthly_fee": fee}
        made = done(agency.executive.post("/v1/contracts", terms), 201)
        path = f"/v1/contracts/{made['id']}"
        done(agency.executive.post(f"{path}/activate"))
        with clock.at(NOW + timedelta(days=7)):
            notice = {"ends_on": "2026-11-10"} if move == "give-notice" else None
            done(agency.executive.post(f"{path}/{move}", notice))
            now = of_client(agency.executive, agency, **NOVEMBER)
            then = of_client(agency.executive, agency, NOW + timedelta(hours=1), **NOVEMBER)

        with clock.at(NOW + timedelta(days=8)):
            told = NOW + timedelta(days=7, hours=1)
            since = of_client(agency.executive, agency, told, **NOVEMBER)

        assert now["roi"]["denominator"] == since["roi"]["denominator"] == 100_000
        assert then["roi"]["denominator"] == (200_000 if until else 300_000)

    def test_knows_no_contract_before_it_was_put_in_force(self, agency: Staffed) -> None:
        brought(agency, 500_000, "2026-11-01", channel=channel_of(agency))
        spend(agency, production=20_000)
        with clock.at(NOW + timedelta(hours=2)):
            contract(agency, fee=300_000)
            then = of_client(agency.executive, agency, NOW + timedelta(hours=1), **NOVEMBER)

        assert then["roi"]["denominator"] == 99

    def test_costs_nothing_for_a_contract_that_never_was_in_force(self, agency: Staffed) -> None:
        brought(agency, 500_000, "2026-11-01", channel=channel_of(agency))
        spend(agency, production=20_000)
        body = {"client_id": str(agency.client_id), "title": "Redes", "starts_on": "2026-10-16"}
        fee = {"amount_minor": 300_000, "currency": "EUR"}
        made = done(agency.executive.post("/v1/contracts", {**body, "monthly_fee": fee}), 201)
        done(agency.executive.post(f"/v1/contracts/{made['id']}/end"))

        for as_of in (None, NOW + timedelta(hours=1)):
            found = of_client(agency.executive, agency, as_of, **NOVEMBER)
            assert found["roi"]["denominator"] == 99

    def test_is_for_who_may_read_the_clients_money(self, agency: Staffed) -> None:
        brought(agency, 300_000, channel=channel_of(agency))
        spend(agency, production=20_000)

        seen = of_client(agency.community, agency, NOW)["roi"]

        assert parts(seen) == (None, None, None)


class TestCampaign:
    def test_is_what_was_booked_and_billed_for_it(self, agency: Staffed) -> None:
        contract(agency)
        one, other = making.campaign(agency), making.campaign(agency)
        sold = [making.line(), making.line(measure="milestone", quantity=1, due_on="2026-11-20")]
        draft = making.scope(agency, *sold, campaign_id=one["id"])
        path = f"/v1/campaigns/{one['id']}"
        done(agency.executive.post(f"{path}/propose", {"scope_id": draft["id"]}))
        done(agency.approver.post(f"{path}/approve"))
        making.accepted(agency)
        lines = [line(50_000, campaign_id=each["id"]) for each in (one, other)]
        budget = approved(agency, lines=[*lines, line(50_000)])
        for place, minor in enumerate((7_000, 800, 90)):
            spent = {"spent_on": "2026-11-02"}
            done(fact(agency.strategist, budget["lines"][place]["id"], minor, **spent), 201)
        brought(agency, 400_000, "2026-11-01", campaign=one["id"])
        brought(agency, 900_000, "2026-11-01", channel=channel_of(agency))

        before = of_campaign(agency.executive, one["id"])
        milestone = making.deliverable(agency, draft["lines"][1]["id"])
        making.in_client_review(agency, milestone)
        done(move(agency.approver, milestone, "approve"))
        done(move(agency.community, milestone, "deliver", {"url": "https://aurora.example"}))
        after = of_campaign(agency.executive, one["id"])

        assert before["revenue_roi"]["denominator"] == 7_000 + 12 * 15_000
        assert parts(after["roi"])[1:] == (400_000 - 202_000, 7_000 + 13 * 15_000)
        assert after["revenue_roi"]["numerator"] == 400_000
        unseen = of_campaign(agency.community, one["id"])["roi"]
        assert (parts(unseen), unseen["missing_reason"]) == ((None,) * 3, "not_recorded")

    def test_is_what_its_retainer_and_counted_milestones_billed(self, agency: Staffed) -> None:
        campaign = making.campaign(agency)["id"]
        lines = [pieces(), making.line(measure="milestone", quantity=4, due_on="2026-11-20")]
        draft = making.scope(agency, *lines, campaign_id=campaign, starts_on="2026-11-01")
        path = f"/v1/campaigns/{campaign}"
        done(agency.executive.post(f"{path}/propose", {"scope_id": draft["id"]}))
        done(agency.approver.post(f"{path}/approve"))
        done(accrue(agency, draft["lines"][1]["id"], 2, "2026-11-02"), 201)
        making.accepted(agency, pieces(), starts_on="2026-11-01")
        brought(agency, 400_000, "2026-11-01", campaign=campaign)

        found = of_campaign(agency.executive, campaign)

        assert found["roi"]["denominator"] == (3 + 2) * 15_000

    def test_is_what_its_collaborations_earned_on_lines_of_no_campaign(
        self, agency: Staffed
    ) -> None:
        one, other = collaborations.campaign(agency), collaborations.campaign(agency)
        shared = collaborations.budget_line(agency)
        named = collaborations.budget_line(agency, campaign_id=one)
        collaborations.approved(agency, line_id=shared, campaign_id=one)
        collaborations.approved(agency, line_id=named, campaign_id=other)
        (paid,) = done(agency.executive.get("/v1/expenses", params={"line_id": shared}))["data"]
        back = {"amount_minor": 30_000, "reason": "Menos días en línea."}
        done(agency.strategist.post(f"/v1/expenses/{paid['id']}/refund", back))
        for each in (one, other):
            brought(agency, 400_000, "2026-11-01", campaign=each)

        mine, theirs = (of_campaign(agency.executive, each)["roi"] for each in (one, other))

        assert mine["denominator"] == (collaborations.FEE - 30_000) + collaborations.FEE
        assert theirs["missing_reason"] == "not_recorded"

    def test_is_what_was_spent_by_hand_on_what_was_set_aside_for_its_collaborations(
        self, agency: Staffed
    ) -> None:
        one, shared = collaborations.campaign(agency), collaborations.budget_line(agency)
        collaborations.contracted(agency, line_id=shared, campaign_id=one)
        entries = f"/v1/budget-lines/{shared}/entries"
        held = done(agency.executive.get(entries, params={"kind": "commitment"}))["data"][0]
        mine = {"commitment_id": held["id"], "spent_on": "2026-11-02"}
        paid = done(fact(agency.strategist, shared, 5_000, **mine), 201)
        done(fact(agency.strategist, shared, 800, spent_on="2026-11-02"), 201)
        back = {"amount_minor": 1_000, "reason": "Un abono."}
        done(agency.strategist.post(f"/v1/expenses/{paid['id']}/refund", back))
        brought(agency, 400_000, "2026-11-01", campaign=one)

        found = of_campaign(agency.executive, one)["roi"]

        assert found["denominator"] == 5_000 - 1_000

    @pytest.mark.parametrize("named", [False, True])
    def test_is_what_its_collaborations_earned_after_their_budget_closed(
        self, agency: Staffed, named: bool
    ) -> None:
        one, other = collaborations.campaign(agency), collaborations.campaign(agency)
        line_id = collaborations.budget_line(agency, campaign_id=other if named else None)
        made = collaborations.started(agency, line_id=line_id, campaign_id=one)
        collaborations.closed_budget(agency, line_id)
        (asked,) = collaborations.pieces_of(agency.influencer, made)
        handed = done(collaborations.submit(agency.influencer, asked["id"]), 201)
        done(collaborations.decide(agency.approver, handed))
        for each in (one, other):
            brought(agency, 400_000, "2026-11-01", campaign=each)
        brought(agency, 400_000, "2026-11-01", channel=channel_of(agency))
        late = NOW + timedelta(hours=1)
        with clock.at(NOW + timedelta(hours=2)):
            collaborations.asked_back(agency, made, 30_000)

            left, whole = collaborations.FEE - 30_000, collaborations.FEE
            bears, free = (other, one) if named else (one, other)
            for as_of, cost in ((None, left), (late, whole)):
                found = of_campaign(agency.executive, bears, as_of)["roi"]
                assert found["denominator"] == cost
                assert of_campaign(agency.executive, free, as_of)["roi"]["denominator"] is None
                client = of_client(agency.executive, agency, as_of, **NOVEMBER)["roi"]
                assert client["denominator"] == cost
            before = of_campaign(agency.executive, bears, NOW - timedelta(hours=1))["roi"]
            assert before["missing_reason"] == "not_recorded"

    def test_comes_out_as_it_was_known(self, agency: Staffed) -> None:
        campaign = making.campaign(agency)["id"]
        budget = approved(agency, lines=[line(50_000, campaign_id=campaign)])
        mine = budget["lines"][0]["id"]
        brought(agency, 400_000, "2026-11-01", campaign=campaign)
        done(fact(agency.strategist, mine, 7_000, spent_on="2026-11-01"), 201)
        with clock.at(NOW + timedelta(days=1)):
            done(fact(agency.strategist, mine, 1_000, spent_on="2026-11-01"), 201)
            now, then = (of_campaign(agency.executive, campaign, at) for at in (None, NOW))

        assert (now["roi"]["denominator"], then["roi"]["denominator"]) == (8_000, 7_000)

    def test_without_any_cost_says_so(self, agency: Staffed) -> None:
        campaign = making.campaign(agency)["id"]
        contract(agency)
        brought(agency, 400_000, "2026-11-01", campaign=campaign)

        found = of_campaign(agency.executive, campaign)["roi"]

        assert (found["value"], found["missing_reason"]) == (None, "not_recorded")


class TestEveryClients:
    def _read(self, person: Person, agency: Staffed) -> dict[str, Any]:
        answer = done(person.get("/v1/performance", params=OCTOBER))
        return {each["client_id"]: returns(each) for each in answer["clients"]}

    def test_are_each_clients_own(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        brought(agency, 300_000, channel=channel)
        brought(agency, 200_000, "2026-09-01", channel=channel)
        contract(agency)
        spend(agency, paid_media=50_000, production=20_000)
        sept = approved(agency, 100_000, period_start="2026-09-01", period_end="2026-09-30")
        done(fact(agency.strategist, sept["lines"][0]["id"], 40_000, spent_on="2026-09-02"), 201)

        every = self._read(agency.executive, agency)

        own = of_client(agency.executive, agency)
        for id in RETURNS:
            mine = every[str(agency.client_id)][id]
            assert parts(mine) == parts(own[id])
            assert mine["previous"] == own[id]["previous"]["value"]
            assert mine["value"] is not None
            assert mine["previous"] is not None
            assert every[str(agency.other_client_id)][id]["missing_reason"] == "not_recorded"

    def test_are_told_to_who_may_read_the_clients_money(self, agency: Staffed) -> None:
        brought(agency, 300_000, channel=channel_of(agency))
        spend(agency, production=20_000)

        for person, seen in (("owner", 14.0), ("strategist", 14.0), ("community", None)):
            found = self._read(getattr(agency, person), agency)[str(agency.client_id)]["roi"]
            assert found["value"] == seen, person

    def test_never_mix_currencies(self, agency: Staffed) -> None:
        brought(agency, 300_000, channel=channel_of(agency))
        spend(agency, production=20_000)
        contract(agency, currency="USD")

        found = self._read(agency.executive, agency)[str(agency.client_id)]["roi"]

        assert (found["value"], found["missing_reason"]) == (None, "mixed_currency")
