"""What a collaboration came to: what there is, what is missing, and for whom."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

import api.collaborations.tasks  # noqa: F401
from api.collaborations.results import figures
from api.collaborations.results.figures import Figure, ResultMetric, ResultQuality
from tests.collaborations.making import FEE, approved, done, piece
from tests.factories import Staffed
from tests.work import settle


@pytest.fixture
def told() -> Iterator[list[Figure]]:
    """What another domain tells of every collaboration, in one test."""
    said: list[Figure] = []

    def tell(session: Session, collaboration_id: UUID) -> list[Figure]:
        return said

    figures.register("tests", tell)
    yield said
    figures._tellers.pop("tests")


def _figure(metric: str, value: int, quality: str = "actual") -> Figure:
    return Figure(ResultMetric(metric), value, ResultQuality(quality), "tests")


MONEY = ("minor", "currency", "cost", "fee", "amounts", "1000")


class TestGetCollaborationResult:
    def test_shows_what_there_is_and_says_what_is_missing(
        self, agency: Staffed, told: list[Figure]
    ) -> None:
        told += [_figure("views", 40_000), _figure("clicks", 250, "manual")]
        path = f"/v1/collaborations/{approved(agency)['id']}/result"
        seen = done(agency.approver.get(path))
        by_metric = {each["metric"]: each for each in seen["figures"]}
        assert (by_metric["views"]["value"], by_metric["views"]["quality"]) == (40_000, "actual")
        assert by_metric["clicks"]["source"] == "tests"
        missing = {"value": None, "quality": "missing", "reason": "not_measured"}
        assert missing.items() <= by_metric["reach"].items()
        assert (seen["phase"], len(seen["deliverables"])) == ("in_progress", 1)

    def test_has_no_money_for_the_client(self, agency: Staffed, told: list[Figure]) -> None:
        made = approved(agency)
        path = f"/v1/collaborations/{made['id']}"
        seen = agency.viewer.get(f"{path}/result")
        page = agency.viewer.get(f"{path}/result", headers={"Accept": "text/html"})
        assert (seen.status_code, page.status_code) == (200, 200)
        for words in MONEY:
            assert words not in seen.text
        assert "1.000,00" not in page.text
        assert agency.viewer.get(f"{path}/return").status_code == 403

    @pytest.mark.parametrize(("language", "word"), [("es", "Visualizaciones"), ("en", "Views")])
    def test_is_a_page_in_the_readers_language(
        self, agency: Staffed, told: list[Figure], language: str, word: str
    ) -> None:
        told += [_figure("views", 40_000)]
        path = f"/v1/collaborations/{approved(agency)['id']}/result"
        headers = {"Accept": "text/html", "Accept-Language": language}
        page = agency.influencer.get(path, headers=headers)
        assert page.status_code == 200
        assert word in page.text
        assert "<script" not in page.text
        again = {**headers, "If-None-Match": page.headers["etag"]}
        assert agency.influencer.get(path, headers=again).status_code == 304

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("es", ("Instagram", "Publicación", "Aceptada", "Enlaces y códigos", "40.000")),
            ("en", ("Instagram", "Post", "Accepted", "Links and codes", "40,000")),
        ],
    )
    def test_has_words_where_the_platform_has_codes(
        self, agency: Staffed, told: list[Figure], language: str, words: tuple[str, ...]
    ) -> None:
        told += [
            Figure(ResultMetric.views, 40_000, ResultQuality.actual, "instagram"),
            Figure(ResultMetric.clicks, 12, ResultQuality.actual, "tracking"),
            Figure(ResultMetric.reach, 9, ResultQuality.manual, "María, por teléfono"),
        ]
        made = approved(agency, deliverables=[piece(placement="post")])
        headers = {"Accept": "text/html", "Accept-Language": language}
        page = agency.viewer.get(f"/v1/collaborations/{made['id']}/result", headers=headers)
        shown = re.findall(r'<td data-label="[^"]*" class="([^"]*)">([^<]*)</td>', page.text)
        cells = {text: kind for kind, text in shown}
        assert set(words) <= cells.keys()
        assert "María, por teléfono" in cells
        assert not {"instagram", "post", "approved", "tracking"} & cells.keys()
        assert cells[words[-1]].split() == ["figure"]

    def test_is_a_pdf_that_the_worker_renders_once(self, agency: Staffed) -> None:
        path = f"/v1/collaborations/{approved(agency)['id']}/return?format=pdf"
        asked = agency.influencer.get(path)
        assert asked.status_code == 202
        assert agency.influencer.get(path).json() == asked.json()
        settle()
        paper = agency.influencer.get(path)
        assert paper.status_code == 200
        assert paper.content.startswith(b"%PDF")


class TestGetCollaborationReturn:
    def test_says_what_it_cost_and_what_that_makes_of_each(
        self, agency: Staffed, told: list[Figure]
    ) -> None:
        told += [_figure("views", 40_000), _figure("revenue", 250_000)]
        path = f"/v1/collaborations/{approved(agency)['id']}/return"
        for person in (agency.executive, agency.influencer):
            amounts: dict[str, Any] = done(person.get(path))["amounts"]
            assert (amounts["cost_minor"], amounts["gain_minor"]) == (FEE, 250_000 - FEE)
            assert amounts["cost_per_each_minor"]["views"] == round(FEE / 40_000)
            assert amounts["cost_per_each_minor"]["reach"] is None
        assert agency.other_influencer.get(path).status_code == 404


known = st.builds(
    Figure,
    metric=st.sampled_from(ResultMetric),
    value=st.integers(0, 10**9),
    quality=st.sampled_from([q for q in ResultQuality if q is not ResultQuality.missing]),
)


class TestBest:
    @given(st.lists(known, max_size=12))
    def test_is_one_word_of_each_metric_and_the_best_there_is(self, told: list[Figure]) -> None:
        found = figures.best(told)
        assert [each.metric for each in found] == list(ResultMetric)
        for each in found:
            of_it = [figure for figure in told if figure.metric is each.metric]
            if not of_it:
                assert (each.value, each.quality) == (None, ResultQuality.missing)
                continue
            order = list(ResultQuality)
            assert each in of_it
            assert order.index(each.quality) == min(order.index(f.quality) for f in of_it)
