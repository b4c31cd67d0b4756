"""The report as the client receives it, taken apart with the tools a reader's machine would use."""

import base64
import copy
import datetime as dt
import hashlib
import io
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pydantic import ValidationError

from api.reports import render
from api.reports.snapshot import ReportSnapshot
from api.reports.snapshot_figures import Span
from tests.reports import poison, sample

NBSP = "\u00a0"


class Page(HTMLParser):
    """What a browser would make of a page: its text, its elements, and who stands where."""

    def __init__(self, body: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._text: list[str] = []
        self._inside: list[str] = []
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._inside:
            self._text.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"[ \n\t]+", " ", " ".join(self._text))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def freeze(data: dict[str, Any]) -> ReportSnapshot:
    return ReportSnapshot.model_validate(data)


def empty() -> dict[str, Any]:
    """Nothing but who, when and a headline."""
    data = sample.data()
    kept = ("report", "agency", "client", "author")
    narrative = {key: {"headline": "Nothing yet"} for key in ("es", "en")}
    return {**{key: data[key] for key in kept}, "narrative": narrative}


def with_channels(count: int, days: int, gaps: bool = False) -> dict[str, Any]:
    start = dt.date(2026, 7, 1)
    channels = []
    for number in range(count):
        views = [1000 + 37 * day * (number + 1) % 900 for day in range(days)]
        shown: list[int | None] = [
            None if gaps and day % 5 == 2 else view for day, view in enumerate(views)
        ]
        channels.append(
            {
                "id": f"channel-{number}",
                "network": "instagram",
                "name": f"Donaudampfschifffahrtsgesellschaft {number}",
                "metrics": {
                    "views": {"value": sum(views), "previous": 900 * days},
                    "reach": {"value": None if number == 1 else 5000},
                    "engagements": {"value": 120 + number, "previous": 0},
                },
                "followers": {"value": 1200, "previous": 1300},
                "engagement_rate": {"numerator": 120 + number, "denominator": sum(views)},
                "daily": [
                    {"date": (start + dt.timedelta(days=day)).isoformat(), "views": view}
                    for day, view in enumerate(shown)
                ],
            }
        )
    data = {**empty(), "channels": channels}
    end = start + dt.timedelta(days=days - 1)
    data["report"] |= {
        "period": {"kind": "custom", "start": start.isoformat(), "end": end.isoformat()},
        "compare": None,
    }
    data["totals"] = sample.totals(channels, Span(start=start, end=end), ())
    data["annotations"] = [
        {
            "date": (start + dt.timedelta(days=day)).isoformat(),
            "label": sample.text("Bundesausbildungsförderungsgesetz", "Event"),
            "kind": "incident",
        }
        for day in range(0, days, max(days // 9, 1))
    ]
    return data


def with_lines(count: int) -> dict[str, Any]:
    statuses = ("delivered", "in_review", "planned", "late", "in_progress")
    lines = [
        {
            "line": number,
            "label": "Rechtsschutzversicherungsgesellschaftenvertrag" * (1 + number % 2),
            "channel": "Instagram",
            "measure": "hours",
            "contracted": 10,
            "delivered": number % 10,
            "due_on": "2027-01-15",
            "status": statuses[number % 5],
        }
        for number in range(count)
    ]
    return {**empty(), "deliverables": lines}


def negative() -> dict[str, Any]:
    data = sample.data()
    data["kpis"] = [
        {
            "id": "followers_net",
            "unit": "signed_count",
            "value": -120,
            "previous": {"value": -30},
            "target": 50,
        },
        {
            "id": "roi",
            "unit": "ratio",
            "numerator": -835_606,
            "denominator": 1_522_606,
            "target": {"numerator": 0, "denominator": 1},
        },
        {"id": "cpc", "unit": "ratio_money", "numerator": 541_236, "denominator": 0},
    ]
    return data


def unfunded() -> dict[str, Any]:
    data = sample.data()
    lines = data["budget"]["lines"]
    lines[0] |= {"unfunded_minor": 12_345, "paid_by": "client"}
    data["budget"]["totals"] = sample.budget_totals(lines)
    return data


def pdf_text(body: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    file = tmp_path / "report.pdf"
    file.write_bytes(body)
    command = ["pdftotext", "-layout", "-enc", "UTF-8", str(file), "-"]
    made = subprocess.run(command, check=True, capture_output=True)
    return re.sub(r"[ \n\f]+", " ", made.stdout.decode().replace("\u200b", ""))


def alternatives(body: bytes) -> Iterator[str]:
    """What is read aloud in the place of each figure."""
    with pikepdf.open(io.BytesIO(body)) as document:
        waiting = [document.Root.StructTreeRoot]
        while waiting:
            node = waiting.pop()
            if isinstance(node, pikepdf.Array):
                waiting += list(node)
            elif isinstance(node, pikepdf.Dictionary):
                if node.get("/S") == pikepdf.Name("/Figure"):
                    yield str(node.get("/Alt", ""))
                if "/K" in node:
                    waiting.append(node.K)


SHAPES: dict[str, dict[str, Any]] = {
    "nothing": empty(),
    "one channel, a week": with_channels(1, 7),
    "twelve channels, a quarter": with_channels(12, 92),
    "days without figures": with_channels(2, 31, gaps=True),
    "sixty lines": with_lines(60),
    "ninety lines": with_lines(90),
    "negative figures": negative(),
    "money not covered": unfunded(),
    "the sample": sample.data(),
}


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


class TestPoison:
    @pytest.mark.parametrize("text", poison.POISON)
    def test_stands_literally_on_the_page(self, text: str) -> None:
        harmless = Page(render.html(poison.snapshot("harmless"), "es").body)
        poisoned = Page(render.html(poison.snapshot(text), "es").body)
        assert [tag for tag, _ in poisoned.elements] == [tag for tag, _ in harmless.elements]
        assert poisoned.text.count(text) >= 20
        forty_nine = re.compile(r"\b49\b")
        found, usual = (len(forty_nine.findall(page.text)) for page in (poisoned, harmless))
        assert found == usual

    @pytest.mark.parametrize("text", poison.POISON)
    def test_stands_literally_on_paper(self, text: str, tmp_path: Path) -> None:
        made = render.pdf(poison.snapshot(text), "es")
        assert made.accessible
        paper = pdf_text(made.body, tmp_path).replace(" ", "")
        assert paper.count(text.replace(" ", "")) >= 5

    def test_shows_emoji(self, tmp_path: Path) -> None:
        made = render.pdf(poison.snapshot("café 🚀☕"), "es")
        assert made.accessible
        assert "🚀" in pdf_text(made.body, tmp_path)
        assert "🚀" in Page(render.html(poison.snapshot("café 🚀☕"), "es").body).text

    def test_gives_up_the_promise_when_no_letter_can_be_shown(self) -> None:
        made = render.pdf(poison.snapshot("日本"), "es")
        assert not made.accessible
        assert made.body.startswith(b"%PDF")

    def test_stands_very_long_text(self) -> None:
        snapshot = poison.snapshot("palabra " * 300 + "X" * 900)
        assert render.pdf(snapshot, "es").accessible
        assert "X" * 900 in Page(render.html(snapshot, "es").body).text

    @pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ud800b", "a\x85b", ""])
    def test_refuses_what_cannot_be_printed(self, text: str) -> None:
        with pytest.raises(ValidationError):
            poison.snapshot(text)


class TestStability:
    def digests(self) -> str:
        code = (
            "import hashlib; from api.reports import render; from tests.reports import sample\n"
            "s = sample.snapshot()\n"
            "for locale in ('es', 'en'):\n"
            "    for made in (render.html(s, locale), render.pdf(s, locale)):\n"
            "        print(hashlib.sha256(made.body).hexdigest())\n"
        )
        root = Path(__file__).parents[2]
        made = subprocess.run(
            [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True
        )
        return made.stdout

    def test_makes_the_same_bytes_in_another_process(self) -> None:
        first, second = self.digests(), self.digests()
        assert len(set(first.split())) == 4
        assert first == second

    def test_makes_a_page_and_a_pdf_in_a_blink(self) -> None:
        snapshot = sample.snapshot()
        render.pdf(snapshot, "es")
        took = []
        for _ in range(3):
            began = time.perf_counter()
            render.pdf(snapshot, "es")
            took.append(time.perf_counter() - began)
        # Generous: the machine that runs the tests is shared. Alone it takes under 0.2 s.
        assert min(took) < 1.0


class TestDraft:
    def test_says_so_on_both(self, tmp_path: Path) -> None:
        page = render.html(sample.snapshot(), "es", draft=True)
        assert "Borrador sin publicar" in Page(page.body).text
        paper = pdf_text(render.pdf(sample.snapshot(), "es", draft=True).body, tmp_path)
        assert paper.count("Borrador") >= 7
        assert "sin publicar" not in Page(render.html(sample.snapshot(), "es").body).text

    def test_is_the_only_way_to_show_what_is_not_published(self) -> None:
        data = sample.data()
        data["report"]["published_at"] = None
        with pytest.raises(ValueError, match="draft"):
            render.html(freeze(data), "es")
        assert render.pdf(freeze(data), "es", draft=True).accessible


class TestSnapshot:
    def test_has_one_fingerprint_however_it_was_written(self) -> None:
        data = sample.data()
        again = ReportSnapshot.model_validate_json(sample.snapshot().canonical())
        turned = dict(reversed(list(data.items())))
        assert again == sample.snapshot()
        assert {freeze(turned).fingerprint(), again.fingerprint()} == {
            sample.snapshot().fingerprint()
        }
        assert re.fullmatch(r"[0-9a-f]{16}", again.fingerprint())

    def test_changes_its_fingerprint_with_any_figure(self) -> None:
        data = sample.data()
        data["paid"]["clicks"] += 1
        assert freeze(data).fingerprint() != sample.snapshot().fingerprint()

    def test_prints_its_fingerprint(self) -> None:
        fingerprint = sample.snapshot().fingerprint()
        shown = " ".join(fingerprint[at : at + 4] for at in range(0, 16, 4))
        assert shown in Page(render.html(sample.snapshot(), "es").body).text

    @pytest.mark.parametrize(
        "path",
        [
            ("totals", "metrics", "views", "value"),
            ("totals", "followers", "previous"),
            ("totals", "engagement_rate", "numerator"),
            ("totals", "daily", 4, "current"),
            ("channels", 0, "daily", 3, "views"),
            ("kpis", 1, "value"),
            ("kpis", 2, "numerator"),
            ("budget", "totals", "spent_minor"),
            ("budget", "lines", 0, "spent_minor"),
            ("investment", "total_minor"),
            ("investment", "roi", "numerator"),
            ("deliverables", 4, "delivered"),
        ],
    )
    def test_refuses_figures_that_do_not_close(self, path: tuple[Any, ...]) -> None:
        data = copy.deepcopy(sample.data())
        place = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] += 1
        with pytest.raises(ValidationError):
            freeze(data)

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("surprise",), 1),
            (("report", "locales"), ["es"]),
            (("report", "published_at"), "2026-11-04T10:30:00"),
            (("report", "timezone"), "Europe/Nowhere"),
            (("agency", "branding", "primary"), "red"),
            (("agency", "logo"), "<svg"),
            (("agency", "logo"), '<!DOCTYPE x><svg xmlns="http://www.w3.org/2000/svg"/>'),
            (("content", 0, "url"), "javascript:alert(1)"),
            (("kpis", 0, "value"), 728600.0),
            (("kpis", 0, "value"), None),
            (("kpis", 2, "target"), 5),
            (("paid", "clicks"), 2**60),
            (("channels", 1, "id"), "instagram"),
        ],
    )
    def test_refuses_what_it_does_not_know(self, path: tuple[Any, ...], value: object) -> None:
        data = copy.deepcopy(sample.data())
        place = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        with pytest.raises(ValidationError):
            freeze(data)

    def test_keeps_a_day_without_a_figure_out_of_the_sum(self) -> None:
        totals = freeze(with_channels(2, 31, gaps=True)).totals
        assert totals is not None
        assert totals.daily[2].current is None
        assert totals.daily[3].current is not None

    def test_takes_a_day_one_channel_lacks_as_unknown(self) -> None:
        data = with_channels(2, 7)
        data["channels"][0]["daily"][3]["views"] = None
        period = Span(start=dt.date(2026, 7, 1), end=dt.date(2026, 7, 7))
        totals = sample.totals(data["channels"], period, ())
        assert totals is not None
        assert [day["current"] is None for day in totals["daily"]].index(True) == 3

    def test_compares_dates_in_order(self) -> None:
        totals = sample.snapshot().totals
        assert totals is not None
        assert all(a.day + 1 == b.day for a, b in pairwise(totals.daily))
        assert totals.daily[30].previous is None
