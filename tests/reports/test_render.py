"""The report as the client receives it, taken apart with the tools a reader's machine would use."""

import base64
import hashlib
import io
import re
from pathlib import Path

import pikepdf
import pytest

from api.reports import render
from tests.reports import sample
from tests.reports.reading import (
    NBSP,
    SHAPES,
    Page,
    alternatives,
    empty,
    freeze,
    pdf_text,
    unfunded,
)


@pytest.mark.parametrize("shape", SHAPES)
class TestEveryShape:
    def test_is_a_page_without_styles_or_scripts(self, shape: str) -> None:
        page = Page(render.html(freeze(SHAPES[shape]), "es").body)
        assert page.all("html") == [{"lang": "es"}]
        assert page.all("script") == []
        assert all("style" not in attributes for _, attributes in page.elements)
        assert not any(name.startswith("on") for _, found in page.elements for name in found)
        ids = [found["id"] for _, found in page.elements if "id" in found]
        assert len(ids) == len(set(ids))
        links = [found["href"] or "" for found in page.all("a")]
        anchors = {link.removeprefix("#") for link in links if link.startswith("#")}
        assert anchors <= set(ids)

    @pytest.mark.parametrize("draft", [False, True])
    def test_is_an_accessible_pdf(self, shape: str, draft: bool) -> None:
        made = render.pdf(freeze(SHAPES[shape]), "en", draft=draft)
        assert made.accessible
        with pikepdf.open(io.BytesIO(made.body)) as document:
            assert str(document.Root.Lang) == "en"
            assert "/StructTreeRoot" in document.Root
            assert b"pdfuaid" in document.Root.Metadata.read_bytes()
        assert all(alternatives(made.body))


class TestPdf:
    def test_says_every_figure_in_words(self) -> None:
        said = list(alternatives(render.pdf(sample.snapshot(), "en").body))
        assert len(said) == 27
        assert all(said)
        assert any(text.startswith("Line chart. Daily views") for text in said)

    def test_is_titled_and_dated_by_its_publication(self) -> None:
        body = render.pdf(sample.snapshot(), "es").body
        with pikepdf.open(io.BytesIO(body)) as document:
            title = str(document.docinfo["/Title"])
            dated = str(document.docinfo["/CreationDate"])
        assert title == "Informe de resultados · Café Aurora · Octubre de 2026"
        assert dated.startswith("D:20261104")


class TestHtml:
    def test_lets_in_only_its_own_style_sheet(self) -> None:
        made = render.html(sample.snapshot(), "es")
        css = re.findall(r"<style>(.*?)</style>", made.body.decode(), re.DOTALL)
        assert len(css) == 1
        digest = re.search(r"style-src 'sha256-([^']+)'", made.csp)
        assert digest is not None
        expected = hashlib.sha256(css[0].encode()).digest()
        assert base64.b64decode(digest[1]) == expected
        assert made.csp.startswith("default-src 'none'; ")
        assert "unsafe" not in made.csp

    def test_fetches_nothing(self) -> None:
        made = render.html(sample.snapshot(), "es")
        page = Page(made.body)
        sources = [found["src"] for _, found in page.elements if "src" in found]
        assert all((source or "").startswith("data:") for source in sources)
        assert page.all("link") == []
        assert b"@import" not in made.body
        assert re.findall(rb"url\((?!data:)", made.body) == []

    def test_names_every_figure_and_table(self) -> None:
        page = Page(render.html(sample.snapshot(), "es").body)
        pictures = [found for found in page.all("svg") if found.get("class") == "chart"]
        assert pictures
        assert all(found["role"] == "img" and found["aria-label"] for found in pictures)
        assert len(page.all("table")) == len(page.all("thead"))
        assert all(found.get("scope") for found in page.all("th"))
        regions = [found for found in page.all("div") if found.get("role") == "region"]
        assert all(found["tabindex"] == "0" and found["aria-label"] for found in regions)

    def test_shows_a_logo_as_an_image_that_cannot_run(self) -> None:
        data = sample.data()
        svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>x</script></svg>'
        data["agency"]["logo"] = svg
        page = Page(render.html(freeze(data), "es").body)
        assert page.all("script") == []
        assert len(page.all("img")) == 1


class TestLanguages:
    def test_writes_figures_as_each_language_does(self) -> None:
        spanish = Page(render.html(sample.snapshot(), "es").body).text
        english = Page(render.html(sample.snapshot(), "en").body).text
        assert "1.599.500" in spanish
        assert f"5,5{NBSP}%" in spanish
        assert f"11.826,06{NBSP}€" in spanish
        assert "1,599,500" in english
        assert "5.5%" in english
        assert "€11,826.06" in english

    def test_gives_the_same_figures_on_paper(self, tmp_path: Path) -> None:
        for locale in ("es", "en"):
            page = Page(render.html(sample.snapshot(), locale).body).text
            paper = pdf_text(render.pdf(sample.snapshot(), locale).body, tmp_path)
            figures = set(re.findall(r"\d[\d.,]{4,}\d", page.replace(NBSP, " ")))
            assert len(figures) > 60
            assert {figure for figure in figures if figure not in paper} == set()

    def test_translates_what_the_agency_wrote_only_by_its_own_words(self) -> None:
        spanish = Page(render.html(sample.snapshot(), "es").body).text
        assert "Necesitamos de ti" in spanish
        assert "Firmar las cesiones de imagen" in spanish
        assert "Sign the staff" not in spanish

    def test_falls_back_to_the_language_a_label_was_written_in(self) -> None:
        data = sample.data()
        data["deliverables"][0]["label"] = {"es": "Solo en español"}
        assert "Solo en español" in Page(render.html(freeze(data), "en").body).text

    def test_takes_a_region(self) -> None:
        made = Page(render.html(sample.snapshot(), "es-MX").body)
        assert made.all("html") == [{"lang": "es-MX"}]
        assert "1,599,500" in made.text

    def test_refuses_a_language_it_is_not_written_in(self) -> None:
        with pytest.raises(ValueError, match="not written"):
            render.html(sample.snapshot(), "fr")


class TestHonesty:
    @pytest.fixture
    def page(self) -> str:
        return Page(render.html(sample.snapshot(), "en").body).text

    def test_tells_lower_is_better_as_a_difference(self, page: str) -> None:
        assert f"22{NBSP}min better than target" in page
        assert "158" not in page

    def test_tells_a_rate_in_points(self, page: str) -> None:
        assert f"+0.6{NBSP}pp" in page

    def test_tells_what_was_given_for_nothing(self, page: str) -> None:
        assert "43 / 40" in page
        assert "3 extra, at no charge" in page

    def test_never_colours_the_clients_delay_as_ours(self) -> None:
        body = render.html(sample.snapshot(), "en").body.decode()
        assert '<span class="pill wait">Waiting for you</span>' in body
        assert 'class="pill bad"' not in body

    def test_says_how_many_days_it_compares(self, page: str) -> None:
        assert "Compares 31 days with 30 days" in page

    def test_says_since_when_it_waits(self, page: str) -> None:
        assert "pending since 19 Oct" in page
        assert "by 10 Nov" in page

    def test_tells_how_each_promise_ended(self, page: str) -> None:
        assert "Done late" in page
        assert "Dropped" in page

    def test_tells_the_return_or_why_not(self, page: str) -> None:
        assert "−54.9%" in page
        data = sample.data()
        data["investment"] |= {"roi": None, "revenue_minor": None}
        data["investment"]["roi_missing_reason"] = "no_denominator"
        text = Page(render.html(freeze(data), "en").body).text
        assert "Cannot be computed: there is nothing to divide by" in text

    def test_prints_every_part_of_the_money(self, page: str) -> None:
        invested = ("Fees €3,400.00", "Ads €5,412.36", "Production €2,980.50", "Other €3,433.20")
        planned = ("Spent €11,826.06", "Committed €2,970.00", "Available €1,203.94")
        together = re.sub(r" +", " ", page)
        assert all(part in together for part in (*invested, *planned))
        assert "€15,226.06" in page

    def test_prints_a_missing_figure_as_a_dash_with_its_reason(self) -> None:
        data = sample.data()
        data["channels"], data["totals"] = [], None
        data["narrative"] = empty()["narrative"]
        data["kpis"] = [
            {
                "id": "leads",
                "unit": "count",
                "quality": "missing",
                "missing_reason": "not_connected",
                "target": 5,
            },
            {"id": "cpc", "unit": "ratio_money", "numerator": 500, "denominator": 0},
            {"id": "reach", "unit": "count", "value": 9, "quality": "estimated"},
        ]
        text = Page(render.html(freeze(data), "en").body).text
        assert "Leads — the account is not connected target ≥" in text
        assert "not measured" in text
        assert "Cost per click — there is nothing to divide by" in text
        assert "estimated" in text

    def test_says_what_was_spent_beyond_a_line(self) -> None:
        text = Page(render.html(freeze(unfunded()), "en").body).text
        assert "€123.45" in text
        assert "Paid by Café Aurora directly" in text

    def test_leaves_out_what_is_empty(self) -> None:
        page = Page(render.html(freeze(empty()), "en").body)
        sections = [found["id"] for found in page.all("section")]
        assert sections == ["definitions"]

    def test_names_no_product(self) -> None:
        made = render.html(sample.snapshot(), "en").body + render.pdf(sample.snapshot(), "en").body
        assert b"agency-platform" not in made.lower()
