"""Spreadsheets, tidy rows and slides: the same figures as the frozen JSON, read back from files."""

import csv
import datetime as dt
import hashlib
import io
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pptx import Presentation

from api.documents.words import words
from api.reports import render
from api.reports.formats import listing, tables
from api.reports.formats.cells import Amount, Column, Row, Table
from api.reports.models import Format
from api.reports.snapshot.snapshot import ReportSnapshot
from tests.reports import office, poison, sample, whole
from tests.reports.reading import SHAPES, freeze

OFFICE = (Format.xlsx, Format.csv, Format.pptx)
EXCEL_ZERO = dt.date(1899, 12, 30)


def xlsx(snapshot: ReportSnapshot, locale: str = "es") -> dict[str, list[list[office.Value]]]:
    return office.sheets(render.made(snapshot, locale, Format.xlsx).body)


def rows(snapshot: ReportSnapshot, locale: str = "es") -> list[dict[str, str]]:
    text = render.made(snapshot, locale, Format.csv).body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def listed(snapshot: ReportSnapshot) -> dict[tuple[str, str, str, str], dict[str, str]]:
    return {(r["section"], r["key"], r["metric"], r["unit"]): r for r in rows(snapshot)}


def deck(snapshot: ReportSnapshot, locale: str = "es") -> Any:
    return Presentation(io.BytesIO(render.made(snapshot, locale, Format.pptx).body))


def chart_of(deck: Any, title: str) -> Any:
    (slide,) = [each for each in deck.slides if each.shapes.title.text == title]
    (shape,) = [shape for shape in slide.shapes if shape.has_chart]
    return shape


def texts(deck: Any) -> list[str]:
    found = []
    for shape in (shape for slide in deck.slides for shape in slide.shapes):
        if shape.has_text_frame:
            found += [paragraph.text for paragraph in shape.text_frame.paragraphs]
        if shape.has_table:
            found += [cell.text for row in shape.table.rows for cell in row.cells]
    return found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", OFFICE)
def test_every_shape_of_a_report_is_a_file(shape: str, kind: Format) -> None:
    made = render.made(freeze(SHAPES[shape]), "en", kind)

    assert made.body
    if kind is Format.pptx:
        titles = [slide.shapes.title.text for slide in deck(freeze(SHAPES[shape]), "en").slides]
        assert titles[0] == "Café Aurora"
        assert all(titles)
    if kind is Format.xlsx:
        assert all(len(sheet) > 1 for sheet in office.sheets(made.body).values())


class TestEqualTotals:
    """Each file's totals, read back, are the frozen ones."""

    def test_of_channels(self) -> None:
        snapshot = whole.snapshot()
        assert snapshot.totals is not None
        views = snapshot.totals.metrics["views"]
        head, *lines = xlsx(snapshot)["Canales"]
        sheet = dict(zip(head, lines[-1], strict=True))

        written = listed(snapshot)["channels", "total", "views", "count"]
        chart = chart_of(deck(snapshot), "Visualizaciones diarias, todos los canales").chart
        drawn = [sum(value or 0 for value in series.values) for series in chart.plots[0].series]

        assert sheet["Visualizaciones"] == views.value
        assert sheet["Visualizaciones (Antes)"] == views.previous
        assert (int(written["current"]), int(written["previous"])) == (views.value, views.previous)
        assert drawn == [views.value, views.previous]

    def test_of_money(self) -> None:
        snapshot = whole.snapshot()
        assert snapshot.budget is not None
        totals = snapshot.budget.totals
        head, *lines = xlsx(snapshot)["Presupuesto"]
        sheet = dict(zip(head, lines[-1], strict=True))
        chart = chart_of(deck(snapshot), "Presupuesto").chart
        drawn = {series.name: sum(series.values) for series in chart.plots[0].series}

        for name, label in (("spent", "Gastado"), ("committed", "Comprometido")):
            minor = getattr(totals, f"{name}_minor")
            written = listed(snapshot)["budget", "total", name, "EUR_minor"]
            decimal = listed(snapshot)["budget", "total", name, "EUR"]
            assert int(written["current"]) == minor
            assert Fraction(decimal["current"]) == Fraction(minor, 100)
            assert sheet[label] == minor / 100
            assert round(drawn[label] * 100) == minor

    @pytest.mark.parametrize("data", [whole.data(), whole.internal()], ids=["client", "internal"])
    def test_of_collaborations(self, data: dict[str, Any]) -> None:
        snapshot = freeze(data)
        assert snapshot.collaborations is not None
        totals = snapshot.collaborations.totals.figures
        head, *lines = xlsx(snapshot)["Colaboraciones"]
        sheet = dict(zip(head, lines[-1], strict=True))
        written = listed(snapshot)
        for metric, label in (("views", "Visualizaciones"), ("revenue", "Ingresos")):
            unit, minor = ("EUR_minor", 100) if metric == "revenue" else ("count", 1)
            value = totals[metric].value  # type: ignore[index]
            assert value is not None
            assert int(written["collaborations", "total", metric, unit]["current"]) == value
            assert sheet[label] == value / minor
        said = texts(deck(snapshot))
        assert any(text.startswith("150.400") for text in said)
        cost = snapshot.collaborations.cost
        assert cost is not None
        spent = written["collaboration_return", "spent", "value", "EUR_minor"]["current"]
        assert int(spent) == cost.spent_minor
        fees = {key for key in written if key[0] == "collaboration_fees"}
        assert bool(fees) is (snapshot.report.audience == "internal")
        assert ("Honorarios y pagos" in xlsx(snapshot)) is bool(fees)

    def test_of_tiles(self) -> None:
        snapshot = whole.snapshot()
        sheet = xlsx(snapshot)["Resultados"][1:]
        written = listed(snapshot)
        for kpi, line in zip(snapshot.kpis, sheet, strict=True):
            if kpi.is_rate:
                above = written["kpis", kpi.id, "value_numerator", "count"]
                below = written["kpis", kpi.id, "value_denominator", "count"]
                assert int(above["current"]) == kpi.numerator
                assert int(below["current"]) == kpi.denominator
                assert line[1] == pytest.approx((kpi.numerator or 0) / (kpi.denominator or 1))
            else:
                assert line[1] == kpi.value
        assert written["kpis", "views", "value", "count"]["target"] == "1450000"

    def test_of_the_year_the_contract_and_the_market(self) -> None:
        snapshot = whole.snapshot()
        year, contract, community = snapshot.year, snapshot.contract, snapshot.community
        assert year is not None
        assert contract is not None
        assert community is not None
        sheets, written = xlsx(snapshot), listed(snapshot)

        assert [line[1] for line in sheets["Mes a mes"][1:]] == [m.views for m in year.months]
        for each in year.months:
            told = written["months", f"{each.month:%Y-%m}", "views", "count"]["current"]
            assert told == ("" if each.views is None else str(each.views))
        left = [line[7] for line in sheets["Saldo"][1:]]
        assert left == [each.remaining for each in contract.retainers]
        assert written["gifts", "total", "value", "EUR_minor"]["current"] == str(
            contract.gifts_minor
        )
        assert written["community", "total", "value", "count"]["current"] == str(community.total)

    def test_of_days(self) -> None:
        snapshot = whole.snapshot()
        assert snapshot.totals is not None
        head, *lines = xlsx(snapshot)["Días"]
        assert head[:2] == ["Fecha", "Total"]
        assert [line[1] for line in lines] == [day.current for day in snapshot.totals.daily]
        assert all(sum(float(v or 0) for v in line[3:]) == line[1] for line in lines)

    def test_prints_the_figures_of_the_page_on_slides(self) -> None:
        shown = " ".join(texts(deck(whole.snapshot())))
        for figure in ("1.599.500", "728.600", "11.826,06\u00a0€", "91.650", "43 / 40"):
            assert figure in shown

    @settings(max_examples=60, deadline=None)
    @given(
        st.integers(-(2**53) + 1, 2**53 - 1),
        st.sampled_from(["EUR", "JPY", "KWD"]),
        st.integers(0, 2**53 - 1),
    )
    def test_of_any_amount_is_exact_in_tidy_rows(
        self, minor: int, currency: str, below: int
    ) -> None:
        cells = (Amount("money", minor), Amount("ratio", None, minor, below))
        columns = (Column("a", "A"), Column("b", "B"))
        table = Table("t", "t", "T", columns, (Row("r", cells),))
        text = listing.listed((table,), currency).decode("utf-8-sig")
        read = {(r["metric"], r["unit"]): r for r in csv.DictReader(io.StringIO(text))}

        places = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
        assert int(read["a", f"{currency}_minor"]["current"]) == minor
        assert Fraction(read["a", currency]["current"]) * 10**places == minor
        assert int(read["b_numerator", "count"]["current"]) == minor
        assert int(read["b_denominator", "count"]["current"]) == below


class TestWorkbook:
    def test_holds_numbers_and_dates_not_their_text(self) -> None:
        sheets = xlsx(whole.snapshot())
        day = sheets["Días"][1][0]
        assert day == (dt.date(2026, 10, 1) - EXCEL_ZERO).days
        due = sheets["Entregables"][1][6]
        assert due == (dt.date(2026, 10, 26) - EXCEL_ZERO).days

    def test_speaks_the_readers_language(self) -> None:
        assert {"Channels", "Budget", "Days"} <= set(xlsx(whole.snapshot(), "en"))
        assert "Channel" in xlsx(whole.snapshot(), "en")["Channels"][0]

    def test_draws_the_trend(self) -> None:
        files = office.entries(render.made(whole.snapshot(), "es", Format.xlsx).body)
        assert b"lineChart" in files["xl/charts/chart1.xml"]

    def test_leaves_a_missing_figure_empty_and_says_why(self) -> None:
        data = sample.data()
        data["kpis"] = [
            {"id": "leads", "unit": "count", "quality": "missing", "missing_reason": "not_yet"}
        ]
        line = xlsx(freeze(data), "en")["Results"][1]
        assert line[1:] == [None, None, None, "the figure is not final yet"]
        (written,) = [
            r
            for r in rows(freeze(data))
            if r["section"] == "kpis" and r["key"] == "leads" and r["metric"] == "value"
        ]
        assert written["current"] == ""

    def test_keeps_to_the_sections_that_are_printed(self) -> None:
        data = whole.data() | {"layout": ["kpis", "budget"]}
        assert list(xlsx(freeze(data), "en")) == ["Report", "Results", "Budget"]


class TestSlides:
    def test_draws_charts_that_can_be_edited_and_are_said_in_words(self) -> None:
        shape = chart_of(deck(whole.snapshot(), "en"), "Daily views, all channels")
        said = shape._element.nvGraphicFramePr.cNvPr.get("descr")
        assert said.startswith("Line chart. Daily views")
        sheet = office.sheets(shape.chart.part.chart_workbook.xlsx_part.blob)["Sheet1"]
        assert sheet[0] == ["Total", "Before"]
        assert len(sheet) == 32

    def test_goes_on_where_a_table_is_long(self) -> None:
        shown = deck(freeze(SHAPES["ninety lines"]), "en")
        tables = [
            shape.table for slide in shown.slides for shape in slide.shapes if shape.has_table
        ]
        assert sum(len(table.rows) - 1 for table in tables) == 90
        assert max(len(table.rows) for table in tables) <= 12

    def test_wears_the_agencys_colours(self) -> None:
        files = office.entries(render.made(whole.snapshot(), "es", Format.pptx).body)
        palette = render._colours(whole.snapshot()).light
        hero = palette["hero"].removeprefix("#").encode()
        assert hero in files["ppt/slides/slide1.xml"]


class TestPoison:
    @pytest.mark.parametrize("text", [*poison.POISON, *poison.FORMULAS])
    def test_never_becomes_a_formula_or_a_link(self, text: str) -> None:
        snapshot = poison.snapshot(text)
        book = render.made(snapshot, "es", Format.xlsx).body
        slides = render.made(snapshot, "es", Format.pptx).body

        assert office.formulas(book) == []
        assert office.formulas(slides) == []
        cells = [cell for sheet in office.sheets(book).values() for row in sheet for cell in row]
        assert cells.count(text) >= 8
        assert sum(text.strip() in shown for shown in texts(deck(snapshot))) >= 5

    @pytest.mark.parametrize("text", poison.FORMULAS[:6])
    def test_is_guarded_in_tidy_rows(self, text: str) -> None:
        values = [cell for row in rows(poison.snapshot(text)) for cell in row.values()]
        assert f"'{text}" in values
        numbers = [v for v in values if v.startswith(("=", "+", "@", "\t"))]
        assert numbers == []

    def test_leaves_numbers_below_zero_alone(self) -> None:
        data = SHAPES["negative figures"]
        written = listed(freeze(data))["kpis", "followers_net", "value", "count"]
        assert written["current"] == "-120"


class TestStability:
    def digests(self) -> str:
        code = (
            "import hashlib\nfrom api.reports import render\n"
            "from api.reports.models import Format\nfrom tests.reports import whole\n"
            "for kind in render.KEPT:\n"
            "    body = render.made(whole.snapshot(), 'es', kind).body\n"
            "    print(hashlib.sha256(body).hexdigest())\n"
        )
        root = Path(__file__).parents[3]
        made = subprocess.run(
            [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True
        )
        return made.stdout

    def test_makes_the_same_bytes_in_another_process(self) -> None:
        first = self.digests()
        here = [
            hashlib.sha256(render.made(whole.snapshot(), "es", kind).body).hexdigest()
            for kind in render.KEPT
        ]
        assert first.split() == here
        assert len(set(here)) == len(render.KEPT)


class TestWhiteLabel:
    def test_names_no_product(self) -> None:
        for kind in render.KEPT:
            body = render.made(whole.snapshot(), "en", kind).body
            parts = office.entries(body) if kind in (Format.xlsx, Format.pptx) else {"": body}
            for name, content in parts.items():
                assert b"agency platform" not in content.lower(), (kind, name)
                assert b"python" not in content.lower(), (kind, name)
                assert b"steve canny" not in content.lower(), (kind, name)

    def test_has_a_word_for_every_column(self) -> None:
        for locale in ("es", "en"):
            known = set(words(locale))
            made = tables.tables(whole.snapshot(), locale)
            titles = [column.title for table in made for column in table.columns]
            assert all(titles)
            assert not set(titles) & known
