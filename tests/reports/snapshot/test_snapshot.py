"""What a snapshot stands and refuses, and that what is made of it is the same for ever."""

import copy
import datetime as dt
import re
import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api.reports import render
from api.reports.snapshot.figures import Span
from api.reports.snapshot.snapshot import ReportSnapshot
from tests.reports import poison, sample, sample_figures
from tests.reports.reading import Page, freeze, pdf_text, with_channels


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
        snapshot = poison.snapshot("palabra " * 60 + "X" * 900)
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
        root = Path(__file__).parents[3]
        made = subprocess.run(
            [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True
        )
        return made.stdout

    def test_makes_the_same_bytes_in_another_process(self) -> None:
        first, second = self.digests(), self.digests()
        assert len(set(first.split())) == 4
        assert first == second

    def test_makes_a_pdf_in_a_blink(self) -> None:
        snapshot = sample.snapshot()
        took = []
        for _ in range(3):
            began = _worked()
            render.pdf(snapshot, "es")
            took.append(_worked() - began)
        # Of the processors, since the clock of a shared machine tells of the others' work too.
        assert 0 < min(took) < 0.8


def _worked() -> float:
    """Seconds that the processes started here have worked, those that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


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
        totals = sample_figures.totals(data["channels"], period, ())
        assert totals is not None
        assert [day["current"] is None for day in totals["daily"]].index(True) == 3

    def test_compares_dates_in_order(self) -> None:
        totals = sample.snapshot().totals
        assert totals is not None
        assert all(a.day + 1 == b.day for a, b in pairwise(totals.daily))
        assert totals.daily[30].previous is None
