"""One report, through the API in every format: each file, read back, says the same totals."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from tests.factories import Staffed
from tests.reports import office
from tests.reports.formats.test_formats import texts
from tests.reports.reading import NBSP, Page, pdf_text
from tests.reports.test_reports import begin, publish, render
from tests.reports.writing import budget_line, channel, made, october, read, spend

VIEWS, SPENT = 31 * (40_123 + 1_007), 12_345 + 20_001  # a count, and cents


@pytest.fixture
def files(agency: Staffed) -> dict[str, bytes]:
    for name, views in (("Instagram", 40_123), ("TikTok", 1_007)):
        read(agency, channel(agency, name), *october(), views=views)
    line = budget_line(agency)
    spend(agency, line, 12_345)
    spend(agency, line, 20_001)
    report = begin(agency)
    version = made(publish(agency, report))
    render(agency, version)
    path = f"/v1/reports/{report['id']}/versions/1"
    kinds = ("json", "html", "slides", "pdf", "xlsx", "csv", "pptx")
    answers = {kind: agency.viewer.get(f"{path}?format={kind}") for kind in kinds}
    assert {answer.status_code for answer in answers.values()} == {200}
    snapshot = answers["json"].json()
    assert snapshot["totals"]["metrics"]["views"]["value"] == VIEWS
    assert snapshot["budget"]["totals"]["spent_minor"] == SPENT
    return {kind: answer.content for kind, answer in answers.items()}


def test_are_equal_wherever_they_are_read(files: dict[str, bytes], tmp_path: Path) -> None:
    views, spent = f"{VIEWS:,}".replace(",", "."), f"323,46{NBSP}€"
    deck = Presentation(io.BytesIO(files["pptx"]))
    shown = {
        "html": Page(files["html"]).text,
        "slides": Page(files["slides"]).text,
        "pdf": pdf_text(files["pdf"], tmp_path),
        "pptx": " ".join(texts(deck)),
    }
    for kind, text in shown.items():
        assert views in text, kind
        assert spent in text.replace(" €", f"{NBSP}€"), kind

    tables = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    totals = [[cell.text for cell in list(table.rows)[-1].cells] for table in tables]
    assert any(row[0] == "Total" and any(views in cell for cell in row) for row in totals)

    rows = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"), newline="")))
    told = {(row["section"], row["key"], row["metric"], row["unit"]): row for row in rows}
    assert told["channels", "total", "views", "count"]["current"] == str(VIEWS)
    assert told["budget", "total", "spent", "EUR_minor"]["current"] == str(SPENT)

    sheets = office.sheets(files["xlsx"])
    assert last(sheets["Canales"])["Visualizaciones"] == VIEWS
    assert last(sheets["Presupuesto"])["Gastado"] == SPENT / 100


def last(sheet: list[list[Any]]) -> dict[str, Any]:
    return dict(zip(sheet[0], sheet[-1], strict=True))
