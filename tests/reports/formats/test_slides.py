"""Slides for the meeting: all of it stands on them, and nothing upon anything else."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from api.documents import fitting, logos
from api.documents.fitting import Paragraph
from api.documents.logos import Logo
from api.reports import render
from api.reports.models import Format
from api.reports.snapshot.snapshot import ReportSnapshot
from tests.reports import poison, sample_figures, sample_words, staged, whole
from tests.reports.formats.test_formats import deck, texts
from tests.reports.reading import freeze, with_channels
from tests.reports.test_limits import LONGEST, prose


def everything() -> ReportSnapshot:
    return freeze(whole.internal())


def long_words() -> ReportSnapshot:
    data = whole.internal()
    long = {"title": prose(400), "body": prose(3000)}
    for words in data["narrative"].values():
        words |= {"summary": prose(LONGEST), "headline": prose(1200), "highlights": [long] * 8}
        words |= {name: [prose(1500)] * 8 for name in ("next_steps", "lowlights", "threats")}
    for name in ("kept", "requests", "commitments"):
        data[name] = [
            {**each, "text": sample_words.text(prose(700), "x")} for each in data[name] * 6
        ]
    return freeze(data)


def long_names() -> ReportSnapshot:
    """A client and an agency with all their surnames, beside a logo; a budget of forty lines."""
    data = whole.data()
    picture = io.BytesIO()
    Image.new("RGB", (900, 200)).save(picture, "PNG")
    data["agency"]["logo"] = logos.as_svg(Logo(picture.getvalue(), 900, 200))
    data["agency"]["name"] = data["client"]["name"] = "Compañía Internacional de Cafés " * 6
    lines = [dict(data["budget"]["lines"][at % 6]) for at in range(40)]
    data["budget"] |= {"lines": lines, "totals": sample_figures.budget_totals(lines)}
    return freeze(data)


def many_deliverables() -> ReportSnapshot:
    data = whole.data()
    data["deliverables"] = [dict(data["deliverables"][at % 13]) for at in range(500)]
    return freeze(data)


def many_channels() -> ReportSnapshot:
    return freeze(with_channels(60, 92))


def wide_letters() -> ReportSnapshot:
    return poison.snapshot("W" * 700 + " 日本語" * 200 + "\nLÍNEA " * 90)


@pytest.mark.parametrize(
    "report",
    [everything, long_words, long_names, many_deliverables, many_channels, wide_letters],
)
@pytest.mark.parametrize("locale", ["es", "en"])
def test_nothing_leaves_a_slide_or_lies_upon_anything(
    report: Callable[[], ReportSnapshot], locale: str
) -> None:
    assert staged.faults(render.made(report(), locale, Format.pptx).body) == []


class TestLists:
    def test_go_on_over_the_slide_with_every_point_in_them(self) -> None:
        data = whole.data()
        for name in ("requests", "commitments"):
            data[name] = [
                {**data[name][0], "text": sample_words.text(f"{name} {at}", "x")}
                for at in range(40)
            ]
        for words in data["narrative"].values():
            words["next_steps"] = [f"Step {at}" for at in range(40)]
            words["highlights"] = [{"title": f"Lead {at}", "body": prose(300)} for at in range(9)]
        shown = texts(deck(freeze(data)))

        for said in ("requests", "commitments", "Step"):
            assert {f"{said} {at}" for at in range(40)} <= {
                each.partition(" · ")[0] for each in shown
            }
        assert {f"Lead {at}" for at in range(9)} <= set(shown)

    def test_tell_what_fell_short_and_what_was_learned(self) -> None:
        said = whole.data()["narrative"]["es"]
        shown = " ".join(texts(deck(whole.snapshot())))

        assert said["lowlights"]
        assert said["learnings"]
        for each in (*said["lowlights"], *said["learnings"]):
            assert each[:20] in shown


def test_money_that_was_put_in_adds_up_on_its_slide() -> None:
    money = whole.snapshot().investment
    assert money is not None
    (slide,) = [
        each
        for each in deck(whole.snapshot(), "en").slides
        if each.shapes.title.text == "Investment and return"
    ]
    said: list[Any] = [shape.text_frame.text for shape in slide.shapes]
    shown = " ".join(said)
    for minor in (money.total_minor, money.fee_minor, money.media_minor, money.production_minor):
        assert f"{minor / 100:,.2f}" in shown


class TestFitting:
    BOX = (0.0, 0.0, 5.0, 2.0)

    def test_leaves_no_heading_alone_at_the_foot(self) -> None:
        head = Paragraph("Head", leads=True)
        body = Paragraph(prose(200), 16)
        told = [Paragraph("a"), Paragraph("b"), Paragraph("c"), head, body]

        found = fitting.pages(told, self.BOX, most=8)

        assert [page[0] for page in found] == [told[0], head]

    def test_says_where_something_was_cut(self) -> None:
        (kept,) = fitting.cut([Paragraph(prose(5000)), Paragraph("never")], self.BOX)
        assert kept.text.endswith("…")
        assert prose(5000).startswith(kept.text[:-1])

    @pytest.mark.parametrize("text", ["", "short", "W" * 400, "日本語" * 80])
    def test_takes_a_title_of_any_length(self, text: str) -> None:
        sizes = [Paragraph(text, size) for size in (30, 22)]
        found = fitting.largest(sizes, (0, 0, 4, 0.9))
        assert found.lines(4) * found.line <= 0.9
