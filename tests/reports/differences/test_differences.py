"""What changed between two versions, and why: the causes of each number explain the whole of it."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.reports.differences import differences
from api.reports.differences.arrivals import Cause, Moved, Told
from api.reports.differences.causes import Between, split
from api.reports.snapshot.snapshot import ReportSnapshot
from tests.factories import Person, Staffed
from tests.reports import sample, sample_figures
from tests.reports.writing import act, begin, budget_line, channel, made, october, read, spend

WHY = {"es": "Datos nuevos."}


def correct(agency: Staffed, report: Any) -> None:
    """Version two, of the figures as they are known now."""
    act(agency.executive, report, "refresh")
    act(agency.executive, report, "publish", 201, reason=WHY, accept_gaps=WHY)


def diff(person: Person, report: Any, first: int = 1, second: int = 2) -> Any:
    return made(person.get(f"/v1/reports/{report['id']}/diff?from={first}&to={second}"), 200)


def numbers(found: Any) -> dict[str, tuple[Any, Any, dict[str, Any]]]:
    return {
        each["pointer"]: (
            each["before"],
            each["after"],
            {cause["cause"]: cause["amount"] for cause in each["causes"]},
        )
        for each in found["numbers"]
    }


class TestReadings:
    def story(self, agency: Staffed) -> tuple[Any, str]:
        """All October but the 7th, published; then the 7th came, and the 8th was put right."""
        instagram = channel(agency)
        read(agency, instagram, *october(but=(7,)), views=100, likes=5)
        report = begin(agency)
        act(agency.executive, report, "publish", 201, accept_gaps=WHY)
        read(agency, instagram, "2026-10-07", views=40, likes=2)
        read(agency, instagram, "2026-10-08", views=90)
        correct(agency, report)
        return report, instagram

    def test_are_late_or_restated_each_by_its_day(self, agency: Staffed) -> None:
        report, _ = self.story(agency)

        found = numbers(diff(agency.executive, report))

        both = (3000, 3030, {"late_data": 40, "restatement": -10})
        assert found["/channels/0/metrics/views/value"] == both
        assert found["/totals/metrics/views/value"] == both
        assert found["/kpis/0/value"] == both
        assert found["/channels/0/daily/6/views"] == (None, 40, {"late_data": None})
        assert found["/channels/0/daily/7/views"] == (100, 90, {"restatement": -10})
        rate = next(key for key in found if key.endswith("engagement_rate/numerator"))
        assert found[rate] == (150, 152, {"late_data": 2})

    def test_are_named_in_words(self, agency: Staffed) -> None:
        report, _ = self.story(agency)

        found = diff(agency.executive, report)["numbers"]

        labels = {each["pointer"]: each["label"] for each in found}
        assert labels["/channels/0/metrics/views/value"] == {
            "es": "Instagram · Visualizaciones",
            "en": "Instagram · Views",
        }

    def test_are_explained_whole_to_the_client_too(self, agency: Staffed) -> None:
        report, _ = self.story(agency)

        ours, theirs = diff(agency.executive, report), diff(agency.viewer, report)

        assert theirs == ours
        for each in theirs["numbers"]:
            if each["difference"] is not None:
                assert sum(cause["amount"] for cause in each["causes"]) == each["difference"]

    def test_of_a_level_are_one_or_the_other(self, agency: Staffed) -> None:
        instagram = channel(agency)
        read(agency, instagram, *october(), followers=1000, views=1)
        report = begin(agency)
        act(agency.executive, report, "publish", 201)
        read(agency, instagram, "2026-10-31", followers=1010)
        correct(agency, report)

        found = numbers(diff(agency.executive, report))

        assert found["/channels/0/followers/value"] == (1000, 1010, {"restatement": 10})


class TestMoney:
    def test_that_came_back_is_a_refund_and_what_came_late_is_late(self, agency: Staffed) -> None:
        line = budget_line(agency)
        spend(agency, line, 30_000)
        report = begin(agency)
        act(agency.executive, report, "publish", 201)
        spent = spend(agency, line, 5_000)
        self.refund(agency, spent, 2_000)
        correct(agency, report)

        found = numbers(diff(agency.executive, report))

        assert found["/budget/lines/0/spent_minor"] == (
            30_000,
            33_000,
            {"late_data": 5_000, "refund": -2_000},
        )
        assert found["/budget/totals/available_minor"][2] == {"late_data": -5_000, "refund": 2_000}

    def refund(self, agency: Staffed, expense: Any, amount: int) -> None:
        path = f"/v1/expenses/{expense['id']}/refund"
        body = {"amount_minor": amount, "reason": "Nos lo devuelven."}
        answer = agency.strategist.post(path, body)
        assert answer.is_success, answer.text


class TestWords:
    def test_are_listed_without_a_number(self, agency: Staffed) -> None:
        report = begin(agency)
        act(agency.executive, report, "publish", 201)
        said = {"narrative": {"es": {"headline": "Otra frase.", "closing": "Gracias."}}}
        agency.executive.patch(f"/v1/reports/{report['id']}", said)
        act(agency.executive, report, "publish", 201, reason=WHY)

        found = diff(agency.executive, report)

        assert found["numbers"] == []
        changed = {each["pointer"]: (each["before"], each["after"]) for each in found["words"]}
        assert changed == {
            "/narrative/es/headline": ("Octubre, en una frase.", "Otra frase."),
            "/narrative/es/closing": (None, "Gracias."),
        }

    def test_a_changed_choice_is_a_correction(self, agency: Staffed) -> None:
        instagram = channel(agency)
        read(agency, instagram, *october(), views=100)
        read(agency, instagram, "2026-09-30", "2025-10-01", views=7)
        report = begin(agency)
        act(agency.executive, report, "publish", 201)
        agency.executive.patch(f"/v1/reports/{report['id']}", {"compare": "previous_year"})
        read(agency, instagram, "2025-10-02", views=3)
        correct(agency, report)

        found = numbers(diff(agency.executive, report))

        past = found["/channels/0/metrics/views/previous"]
        assert past == (7, 10, {"correction": 3})


class TestRefusals:
    def test_are_of_versions_that_are_not_there_or_not_in_order(self, agency: Staffed) -> None:
        report = begin(agency)
        act(agency.executive, report, "publish", 201)
        path = f"/v1/reports/{report['id']}/diff"

        statuses = [
            agency.viewer.get(f"{path}?from={first}&to={second}").status_code
            for first, second in ((1, 2), (1, 1), (2, 1), (0, 1))
        ]

        assert statuses == [404, 422, 422, 422]
        assert agency.other_contact.get(f"{path}?from=1&to=2").status_code == 404

    def test_hide_internal_versions_from_the_client(self, agency: Staffed) -> None:
        report = begin(
            agency, agency.community, audience="internal", period="week", starts_on="2026-11-02"
        )
        act(agency.strategist, report, "publish", 201)
        act(agency.strategist, report, "publish", 201, reason=WHY)

        path = f"/v1/reports/{report['id']}/diff?from=1&to=2"

        assert agency.viewer.get(path).status_code == 404
        assert agency.community.get(path).status_code == 200


_START = date(2026, 10, 1)
_VALUES = st.one_of(st.none(), st.integers(0, 1000))
_TOLD = st.builds(
    Told,
    channel=st.sampled_from(["instagram", "tiktok"]),
    metric=st.sampled_from(["views", "reach", "clicks", "likes", "followers"]),
    basis=st.sampled_from(["day", "month"]),
    start=st.integers(0, 30).map(lambda day: _START + timedelta(days=day)),
    before=_VALUES,
    after=_VALUES,
)
_MOVED = st.builds(
    Moved,
    label=st.just({"es": "Pauta", "en": "Ads"}),
    category=st.sampled_from(["paid_media", "production"]),
    kind=st.sampled_from(["allocation", "commitment", "release", "expense", "refund"]),
    amount_minor=st.integers(-1000, 1000),
    funded=st.booleans(),
)


def _altered(added: int) -> ReportSnapshot:
    """The sample with a day of more views, through all that is made of it."""
    data = sample.data()
    shown = data["channels"][0]
    shown["metrics"]["views"]["value"] += added
    shown["engagement_rate"]["denominator"] += added
    shown["daily"][0]["views"] += added
    data["totals"] = sample_figures.totals(data["channels"])
    for tile in data["kpis"]:
        if tile["id"] == "views":
            tile["value"] += added
        if tile["id"] == "er_views":
            tile["denominator"] += added
    return ReportSnapshot.model_validate(data)


class TestParts:
    @settings(deadline=None, max_examples=50)
    @given(
        told=st.lists(_TOLD, max_size=6),
        moved=st.lists(_MOVED, max_size=6),
        added=st.integers(-20_000, 20_000),
    )
    def test_explain_the_whole_difference(
        self, told: list[Told], moved: list[Moved], added: int
    ) -> None:
        """Whatever came in between: of every number, Σ of causes = after − before."""
        old, new = sample.snapshot(), _altered(added)
        between = Between(old, new, told, moved)

        for changed in differences.numbers(old, new):
            assert changed.difference is not None
            assert sum(between.parts(changed).values()) == changed.difference

    @settings(deadline=None)
    @given(told=st.lists(_TOLD, max_size=8), difference=st.integers(-5000, 5000))
    def test_name_only_causes_that_came(self, told: list[Told], difference: int) -> None:
        found = split(difference, told, adds_up=True)

        assert set(found) <= {each.cause for each in told}
        assert Cause.refund not in found

    def test_a_row_that_moved_is_no_change(self) -> None:
        data = sample.data()
        data["channels"].reverse()
        data["totals"] = sample_figures.totals(data["channels"])

        moved = differences.numbers(sample.snapshot(), ReportSnapshot.model_validate(data))

        assert moved == []
