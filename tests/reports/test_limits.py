"""What a report stands: as long, as many, as odd as people make them."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from api.reports import render as laid
from api.reports.snapshot.snapshot import ReportSnapshot
from tests.factories import Staffed
from tests.reports import whole
from tests.reports.reading import placed, widths
from tests.reports.test_reports import WORDS, begin, publish, render
from tests.reports.writing import made

LONGEST = 60_000
_SAID = "el alcance de la campaña subió porque los reels de recetas se vieron más que nunca"
_WORDS = _SAID.split(" ")


def prose(length: int) -> str:
    """Paragraphs and lists of about as many characters, exactly so many."""
    drawn = random.Random(7)
    text = ""
    while len(text) < length:
        sentence = " ".join(drawn.choices(_WORDS, k=drawn.randint(6, 18))).capitalize() + ". "
        text += sentence if drawn.random() < 0.8 else f"**{sentence.strip()}**\n\n"
    return text[: length - 1].rstrip("*\n ").ljust(length - 1, "a") + "."


def look(name: str, snapshot: ReportSnapshot) -> None:
    if folder := os.environ.get("LOOK"):
        for kind in ("html", "pdf", "pptx"):
            made_ = laid.made(snapshot, "es", kind)  # type: ignore[arg-type]
            Path(folder, f"{name}.{kind}").write_bytes(made_.body)


class TestNarrative:
    @pytest.mark.parametrize("length", [LONGEST + 1, 2 * LONGEST])
    def test_that_is_too_long_is_a_clear_problem(self, agency: Staffed, length: int) -> None:
        report = begin(agency)

        words = {"es": {"summary": prose(length)}}
        answer = agency.executive.patch(f"/v1/reports/{report['id']}", {"narrative": words})

        problem = made(answer, 422)
        (fault,) = problem["errors"]
        assert fault["pointer"] == "/narrative/es/summary"
        assert "60000" in fault["detail"]
        kept = agency.executive.get(f"/v1/reports/{report['id']}").json()["narrative"]
        assert kept["es"]["summary"] == WORDS["summary"]

    def test_of_the_longest_length_is_a_good_document(self, agency: Staffed) -> None:
        words = {"es": {**WORDS, "summary": prose(LONGEST), "closing": prose(LONGEST)}}
        report = begin(agency, narrative=words)
        version = made(publish(agency, report))
        render(agency, version)

        path = f"/v1/reports/{report['id']}/versions/1"
        files = agency.executive.get(f"{path}/files").json()["data"]
        assert {each["state"] for each in files} == {"ready"}
        assert all(each["accessible"] for each in files)

    def test_with_letters_that_no_font_has_is_still_paper(self, agency: Staffed) -> None:
        words = {"es": {**WORDS, "headline": "Octubre: 日本 y 🦄, y Ω"}}
        report = begin(agency, narrative=words)
        render(agency, made(publish(agency, report)))

        path = f"/v1/reports/{report['id']}/versions/1"
        files = agency.executive.get(f"{path}/files").json()["data"]
        by_format = {each["format"]: each["accessible"] for each in files}
        assert (by_format["pdf"], by_format["html"]) == (False, True)
        assert "日本 y 🦄" in agency.viewer.get(f"{path}?format=html").text


class TestPaper:
    def test_leaves_no_column_empty_beside_a_text_of_pages(self, tmp_path: Path) -> None:
        data = whole.data()
        for words in data["narrative"].values():
            words["summary"] = prose(LONGEST)
        body = laid.pdf(ReportSnapshot.model_validate(data), "es").body

        full = [right for words, right in widths(body, tmp_path) if words > 350]

        assert len(full) >= 3
        assert min(full) > 0.88

    @pytest.mark.parametrize("more", [6, 8, 10, 12])
    def test_keeps_what_is_asked_on_one_page(self, more: int, tmp_path: Path) -> None:
        data = whole.data()
        data["layout"] = ["deliverables", "next_steps"]
        data["deliverables"] += [dict(data["deliverables"][0]) for _ in range(more)]
        for at, asked in enumerate(data["requests"]):
            asked["text"] = {"es": f"Petición{at}", "en": f"Request{at}"}
        body = laid.pdf(ReportSnapshot.model_validate(data), "es").body

        asked_on = [page for page, _, word in placed(body, tmp_path) if word.startswith("Petición")]

        assert len(asked_on) >= len(data["requests"])  # a page before may show the first
        assert len(set(asked_on[-len(data["requests"]) :])) == 1

    @pytest.mark.parametrize("count", [7, 10, 13])
    def test_leaves_no_tile_nearly_alone(self, count: int, tmp_path: Path) -> None:
        data = whole.data() | {"layout": ["boss", "summary", "kpis"], "benchmarks": []}
        one = {"unit": "count", "value": 7, "target": 9}
        data["kpis"] = [
            {**one, "id": f"own{at}", "label": {"es": f"Cifra{at}"}} for at in range(count)
        ]
        for words in data["narrative"].values():
            words["figure_notes"] = {}
        body = laid.pdf(ReportSnapshot.model_validate(data), "es").body

        found = [
            (page, round(low, 2)) for page, low, word in placed(body, tmp_path) if "Cifra" in word
        ]
        tiles = found[3:]  # after those of the boss's page
        by_row, by_page = Counter(tiles), Counter(page for page, _ in tiles)

        assert sum(by_page.values()) == count
        assert max(by_row.values()) - min(by_row.values()) <= 1
        assert min(by_page.values()) >= 4

    def test_goes_on_over_the_page_where_few_rows_say_much(self, tmp_path: Path) -> None:
        data = whole.data()
        data["deliverables"] = data["deliverables"][:8]
        for at, line in enumerate(data["deliverables"]):
            line["note"] = {"es": prose(900) + f" Fin{at}", "en": prose(900)}
        body = laid.pdf(ReportSnapshot.model_validate(data), "es").body

        found = list(placed(body, tmp_path))

        assert [word for *_, word in found if word.startswith("Fin")] == [
            f"Fin{at}" for at in range(8)
        ]
        assert max(low for _, low, _ in found) < 0.99


class TestSize:
    def test_of_five_hundred_deliverables_is_laid_out(self) -> None:
        data = whole.data()
        one = data["deliverables"]
        data["deliverables"] = [dict(one[n % len(one)]) for n in range(500)]
        snapshot = ReportSnapshot.model_validate(data)

        look("many", snapshot)
        for kind in laid.KEPT:
            assert len(laid.made(snapshot, "es", kind).body) > 1000


class TestPeriod:
    def test_that_has_not_begun_is_a_clear_problem(self, agency: Staffed) -> None:
        body = {
            "client_id": str(agency.client_id),
            "period": "month",
            "starts_on": "2031-01-01",
            "narrative": {"es": WORDS},
        }
        problem = made(agency.executive.post("/v1/reports", body), 422)

        assert problem["code"] != "internal_error"

    def test_in_which_nothing_was_told_is_a_good_document(self, agency: Staffed) -> None:
        report = begin(agency, starts_on="2024-02-01")
        version = made(publish(agency, report))
        render(agency, version)

        path = f"/v1/reports/{report['id']}/versions/1?format=html"
        text: str = agency.viewer.get(path).text
        assert "None" not in text
        assert "nan" not in text.split()
