"""What a draft finds in the domains: October as the agency worked it, told in November."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from api.metrics.periods import Period
from api.reports.figures import figures, work
from api.reports.models import Report
from tenants import auth, clock, database
from tenants.models import Audience, Client
from tests.budgets.factories import approved, fact, line
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed
from tests.listening.making import competitor, counted, named, topic
from tests.reports.test_reports import begin, publish

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def collected(agency: Staffed, **values: Any) -> Any:
    """The figures of a draft, which can be published as they are."""
    report = begin(agency, **values)
    answer = publish(agency, report)
    assert answer.status_code == 201, answer.text
    return report["figures"]


def channel(agency: Staffed) -> str:
    body = {"client_id": str(agency.client_id), "network": "instagram", "handle": "aurora"}
    made = done(agency.community.post("/v1/channels", {**body, "name": "Instagram"}), 201)
    return str(made["id"])


def measure(agency: Staffed, *readings: dict[str, Any]) -> None:
    answer = agency.community.post("/v1/metrics/daily", {"readings": list(readings)})
    assert answer.status_code in (200, 201, 207), answer.text


def month(channel_id: str, first: str, **values: int) -> dict[str, Any]:
    return {"date": first, "channel": channel_id, "basis": "month", **values}


def contract(agency: Staffed, fee: int = 320_000, currency: str = "EUR") -> None:
    body = {
        "client_id": str(agency.client_id),
        "title": "Gestión de redes 2026",
        "starts_on": "2026-10-16",
        "renews_on": "2027-01-01",
        "notice_days": 60,
        "monthly_fee": {"amount_minor": fee, "currency": currency},
    }
    made = done(agency.executive.post("/v1/contracts", body), 201)
    done(agency.executive.post(f"/v1/contracts/{made['id']}/activate"))


def spend(agency: Staffed, **amounts: int) -> None:
    """October's expenses, by category, each on a line of its own; and one of November."""
    lines = [line(1_000_000, category) for category in amounts]
    made = approved(agency, lines=lines)
    for each, minor in zip(made["lines"], amounts.values(), strict=True):
        done(fact(agency.strategist, each["id"], minor, spent_on="2026-10-31"), 201)
    done(fact(agency.strategist, made["lines"][0]["id"], 99, spent_on="2026-11-01"), 201)


def returned(by: Person, agency: Staffed, first: str, last: str) -> dict[str, Any]:
    """The returns that performance tells."""
    path = (
        f"/v1/clients/{agency.client_id}/performance?from={first}&to={last}&compare=previous_month"
    )
    kpis = done(by.get(path))["kpis"]
    return {each["id"]: each for each in kpis if each["id"] in ("roi", "revenue_roi")}


class TestInvestment:
    def test_is_everything_that_these_days_cost(self, agency: Staffed) -> None:
        contract(agency)
        spend(agency, paid_media=50_000, production=20_000, influencers=7_000, travel=500)
        measure(agency, month(channel(agency), "2026-10-01", revenue_minor=300_000))

        told = collected(agency)
        money = told["investment"]

        assert told["budget"]["fees"] == {"amount_minor": 165_161}
        # Sixteen of October's thirty-one days: 3,200.00 x 16 ÷ 31.
        assert money["fee_minor"] == 165_161
        assert (money["media_minor"], money["production_minor"]) == (50_000, 20_000)
        assert (money["other_minor"], money["total_minor"]) == (7_500, 242_661)
        assert money["roi"] == {"numerator": 300_000 - 242_661, "denominator": 242_661}

    def test_is_what_performance_says_too(self, agency: Staffed) -> None:
        contract(agency)
        spend(agency, paid_media=50_000, production=20_000)
        own = channel(agency)
        measure(agency, month(own, "2026-10-01", revenue_minor=300_000))
        measure(agency, month(own, "2026-11-01", revenue_minor=640_000))

        money = collected(agency)["investment"]
        november = returned(agency.executive, agency, "2026-11-01", "2026-11-30")
        october = returned(agency.strategist, agency, "2026-10-01", "2026-10-31")

        both = {name: october["roi"][name] for name in ("numerator", "denominator")}
        assert both == money["roi"]
        assert october["revenue_roi"]["numerator"] == money["revenue_minor"] == 300_000
        assert october["revenue_roi"]["denominator"] == money["total_minor"] == 235_161
        # November: the whole fee of 3,200.00 and an expense of 0.99.
        assert november["roi"]["denominator"] == 320_099
        assert november["roi"]["previous"]["denominator"] == 235_161
        unseen = returned(agency.community, agency, "2026-10-01", "2026-10-31")["roi"]
        assert (unseen["value"], unseen["missing_reason"]) == (None, "not_recorded")
        assert unseen["denominator"] is None

    def test_says_why_there_is_no_return(self, agency: Staffed) -> None:
        spend(agency, production=20_000)

        money = collected(agency)["investment"]

        assert (money["total_minor"], money["roi_missing_reason"]) == (20_000, "no_revenue")
        assert "roi" not in money

    def test_never_mixes_currencies(self, agency: Staffed) -> None:
        contract(agency, currency="USD")
        spend(agency, production=20_000)
        measure(agency, month(channel(agency), "2026-10-01", revenue_minor=300_000))

        money = collected(agency)["investment"]

        assert (money["total_minor"], money["roi_missing_reason"]) == (20_000, "mixed_currency")
        assert "fee_minor" not in money
        said = returned(agency.executive, agency, "2026-10-01", "2026-10-31")["roi"]
        assert (said["value"], said["missing_reason"]) == (None, "mixed_currency")

    def test_is_left_out_where_nothing_was_spent(self, agency: Staffed) -> None:
        assert "investment" not in collected(agency)


class TestYear:
    def test_adds_up_months_of_which_each_is_known(self, agency: Staffed) -> None:
        mine = channel(agency)
        months = [f"2026-{number:02d}-01" for number in range(1, 11)]
        past = ["2025-10-01", "2025-11-01", "2025-12-01"]
        measure(agency, *(month(mine, day, views=1_000, likes=10) for day in (*past, *months)))
        measure(agency, month(mine, "2026-10-01", conversions=5))
        target = {"kpi": "views", "value": 12_000, "client_id": str(agency.client_id)}
        year = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
        done(agency.strategist.post("/v1/kpi-targets", {**target, **year}), 201)

        told = collected(agency)["year"]

        assert [each["month"] for each in told["months"]] == [*past, *months]
        assert {each["views"] for each in told["months"]} == {1_000}
        figures = {each["id"]: each for each in told["figures"]}
        assert figures["views"]["value"] == 10_000
        assert (figures["views"]["target"], figures["views"]["state"]) == (12_000, "on_track")
        assert figures["er_views"]["numerator"] == 100
        # One month of conversions is not a year of them.
        assert "conversions" not in figures

    def test_compares_with_the_same_months_of_the_year_before(self, agency: Staffed) -> None:
        mine = channel(agency)
        days = [f"{year}-{number:02d}-01" for year in (2025, 2026) for number in range(1, 11)]
        measure(agency, *(month(mine, day, views=int(day[:4])) for day in days))

        told = collected(agency)["year"]

        views = next(each for each in told["figures"] if each["id"] == "views")
        assert (views["value"], views["previous"]) == (20_260, {"value": 20_250})
        assert [each.get("lacks") for each in told["months"]][1:3] == ["not_recorded"] * 2

    def test_needs_more_than_one_month(self, agency: Staffed) -> None:
        measure(agency, month(channel(agency), "2026-10-01", views=1_000))

        assert "year" not in collected(agency)


class TestWaited:
    def test_tells_requests_that_were_late_and_work_that_waits(self, agency: Staffed) -> None:
        scope = making.accepted(agency)
        video = making.deliverable(agency, scope["lines"][0]["id"])
        done(making.move(agency.community, video, "start"))
        block = {"cause": "client", "since": "2026-10-20"}
        done(making.move(agency.community, video, "block", block))
        self._ask(agency, "2026-10-10", subject_id=video["id"])
        self._ask(agency, "2026-10-21")
        self._ask(agency, "2026-11-20")

        told = collected(agency)["waited"]

        assert [(each["since"], each["days"]) for each in told] == [
            ("2026-10-10", 21),
            ("2026-10-21", 10),
        ]
        assert told[0]["delayed"] == [video["label"]]

    def test_tells_what_came_late(self, agency: Staffed) -> None:
        made = self._ask(agency, "2026-10-28")
        done(agency.executive.post(f"/v1/client-requests/{made['id']}/done"))

        (told,) = collected(agency)["waited"]

        assert (told["until"], told["days"]) == ("2026-11-03", 6)

    def _ask(self, agency: Staffed, due_on: str, **values: Any) -> Any:
        body = {
            "client_id": str(agency.client_id),
            "text": {"es": "Las cesiones de imagen", "en": "The image releases"},
            "owner_name": "Clara Montes",
            "due_on": due_on,
            "subject_kind": "other",
            **values,
        }
        return done(agency.executive.post("/v1/client-requests", body), 201)


class TestContract:
    def test_says_what_is_left_until_when(self, agency: Staffed) -> None:
        contract(agency)
        renewal = {"renews": "month", "rollover": "capped", "rollover_cap": 5}
        hours = making.line(measure="hours", quantity=10, due_on=None, renewal=renewal)
        making.accepted(agency, hours, starts_on="2026-10-01")

        told = collected(agency)["contract"]

        assert told["agreements"] == [
            {
                "title": "Gestión de redes 2026",
                "renews_on": "2027-01-01",
                "notice_by": "2026-11-02",
            }
        ]
        (left,) = told["retainers"]
        assert (left["granted"], left["used"], left["remaining"]) == (10, 0, 10)
        assert left["rolls_over"] is True

    def test_values_what_was_given_at_the_price_of_its_line(self, agency: Staffed) -> None:
        with clock.at(NOW - timedelta(days=20)):
            sold = making.line(measure="service_period", quantity=1)
            scope = making.accepted(agency, sold)
            path = f"/v1/scope-lines/{scope['lines'][0]['id']}/accruals"
            done(agency.community.post(path, {"quantity": 1, "counted_on": "2026-10-13"}), 201)
            more = {"quantity": 2, "counted_on": "2026-10-14", "reason": "Feria."}
            done(agency.community.post(path, more), 201)

        told = collected(agency)["contract"]

        (gift,) = told["gifts"]
        assert (gift["units"], gift["value_minor"], told["gifts_minor"]) == (2, 30_000, 30_000)


class TestPosts:
    @pytest.fixture
    def posts(self, agency: Staffed) -> list[str]:
        """Six posts of October, each with a better rate than the one before."""
        mine, made = channel(agency), []
        for number in range(6):
            body = {
                "channel_id": mine,
                "external_id": f"p{number}",
                "published_at": f"2026-10-{number + 1:02d}T10:00:00Z",
                "title": f"Pieza {number}",
                "url": f"https://instagram.example/p/{number}",
            }
            post = done(agency.community.post("/v1/published-posts", body), 201)
            made.append(str(post["id"]))
            reading = {"date": "2026-11-01", "post": post["id"], "basis": "lifetime"}
            measure(agency, {**reading, "views": 1_000, "likes": 10 * number})
        return made

    def test_are_the_best_and_the_worst(self, agency: Staffed, posts: list[str]) -> None:
        told = collected(agency)["posts"]

        assert [(each["label"], each["why"]) for each in told] == [
            *(("Pieza 5", "best"), ("Pieza 4", "best"), ("Pieza 3", "best")),
            *(("Pieza 1", "worst"), ("Pieza 0", "worst")),
        ]
        assert told[0]["engagement_rate"] == {"numerator": 50, "denominator": 1_000}

    def test_are_those_chosen_in_their_order(self, agency: Staffed, posts: list[str]) -> None:
        october = Period(date(2026, 10, 1), date(2026, 10, 31))
        chosen = [posts[0], posts[4], str(agency.client_id)]
        with database.agency_session(auth.system(agency.agency_id)) as session:
            client = database.get(session, Client, agency.client_id)
            told = work.posts(session, client, october, chosen)

        assert [(each["id"], each["why"]) for each in told] == [
            *((posts[0], "chosen"), (posts[4], "chosen"))
        ]


class TestMarket:
    def test_tells_how_the_community_was_answered(self, agency: Staffed) -> None:
        figure = {
            "day": "2026-10-05",
            "messages": {"comment": 30, "review": 2},
            "items": {"needing_answer": 20, "answered": 19},
            "first_response": {
                "sample_size": 10,
                "sum_seconds": 6_000,
                "median_seconds": 601,
                "p90_seconds": 900,
            },
            "sla": {"hit": 9, "missed": 1, "running_missed": 0, "open": 0},
        }
        body = {"client_id": str(agency.client_id), "figures": [figure]}
        answer = agency.community.post("/v1/community-figures", body)
        assert answer.status_code in (200, 201), answer.text

        told = collected(agency)["community"]

        assert told["total"] == 32
        assert told["median"]["response_minutes"] == 11
        assert told["response_rate"] == {"numerator": 19, "denominator": 20}
        assert told["sla"] == {"numerator": 9, "denominator": 10}
        assert "net_sentiment" not in told

    def test_tells_a_share_of_voice_only_of_all_brands(self, agency: Staffed) -> None:
        rival = competitor(agency)
        asked, half = topic(agency, rival), topic(agency, rival, name="Solo la nuestra")
        both = (named("2026-10-05", 30), named("2026-10-05", 10, rival))
        counted(agency, asked["id"], *both)
        counted(agency, half["id"], named("2026-10-05", 30))

        told = collected(agency)["competitors"]

        (voice,) = told["voices"]
        assert (voice["topic"], voice["total"], voice["days"]) == (asked["name"], 40, 1)
        assert [(each["own"], each["mentions"]) for each in voice["brands"]] == [
            *((True, 30), (False, 10))
        ]
        assert "accounts" not in told

    def test_says_what_is_usual_of_the_figures_that_are_shown(self, agency: Staffed) -> None:
        measure(agency, month(channel(agency), "2026-10-01", views=1_000, likes=10))
        for kpi in ("er_views", "ctr"):
            body = {
                "kpi": kpi,
                "starts_on": "2025-01-01",
                "ends_on": "2025-12-31",
                "numerator": 41,
                "denominator": 1_000,
                "source_name": "Barómetro",
                "source_url": "https://barometro.example/2026",
                "published_on": "2026-02-12",
            }
            done(agency.owner.post("/v1/benchmarks", body), 201)

        told = collected(agency)["benchmarks"]

        assert [(each["kpi"], each["source"]) for each in told] == [("er_views", "Barómetro")]


class TestAhead:
    def test_lists_what_is_due_and_begins_in_the_next_month(self, agency: Staffed) -> None:
        making.active_campaign(agency)
        scope = making.accepted(agency, making.line(due_on="2026-11-30"))
        making.deliverable(agency, scope["lines"][0]["id"], due_on="2026-11-12", units=2)
        making.deliverable(agency, scope["lines"][0]["id"], due_on="2026-12-01")

        told = collected(agency)

        assert [(each["on"], each["units"]) for each in told["coming"]] == [("2026-11-12", 2)]
        assert told["coming"][0]["network"] == "Instagram"
        assert [(each["label"], each["goal"]) for each in told["aims"]] == [
            ("Otoño en taza", "sales")
        ]

    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            ("2026-10-01", "2026-12-31", ("2027-01-01", "2027-03-31")),
            ("2026-02-01", "2026-02-28", ("2026-03-01", "2026-03-31")),
            ("2026-10-05", "2026-10-11", ("2026-10-12", "2026-10-18")),
        ],
    )
    def test_follows_a_period_with_one_like_it(
        self, first: str, last: str, expected: tuple[str, str]
    ) -> None:
        asked = Period(date.fromisoformat(first), date.fromisoformat(last))

        after = work.following(asked)

        assert (after.start.isoformat(), after.end.isoformat()) == expected

    def test_tells_the_agency_alone_how_it_kept_its_days(self, agency: Staffed) -> None:
        report = begin(agency)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            client = database.get(session, Client, agency.client_id)
            row = session.exec(select(Report).where(col(Report.id) == report["id"])).one()
            for_client = figures.collect(session, client, row)
            row.audience = Audience.internal
            inside = figures.collect(session, client, row)
            session.rollback()

        assert "effectiveness" not in for_client
        assert inside["effectiveness"]["delivered"] == 0
