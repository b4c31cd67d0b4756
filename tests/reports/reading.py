"""Reports of every shape, and what a reader's machine makes of them."""

import datetime as dt
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from api.reports.snapshot.figures import Span
from api.reports.snapshot.snapshot import ReportSnapshot
from tests.reports import sample, sample_figures, sample_words

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
    data["totals"] = sample_figures.totals(channels, Span(start=start, end=end), ())
    data["annotations"] = [
        {
            "date": (start + dt.timedelta(days=day)).isoformat(),
            "label": sample_words.text("Bundesausbildungsförderungsgesetz", "Event"),
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
    data["budget"]["totals"] = sample_figures.budget_totals(lines)
    return data


def pdf_text(body: bytes, tmp_path: Path) -> str:
    text = _pdftotext(body, tmp_path, "-layout")
    return re.sub(r"[ \n\f]+", " ", text.replace("\u200b", ""))


def widths(body: bytes, tmp_path: Path) -> list[tuple[int, float]]:
    """Of each page, how many words stand between its head and its foot, and how far they reach."""
    found = []
    for page in _pdftotext(body, tmp_path, "-bbox").split("<page ")[1:]:
        width, height = (float(each) for each in re.findall(r'(?:width|height)="([\d.]+)"', page))
        words = re.findall(r'yMin="([\d.]+)" xMax="([\d.]+)"', page)
        ends = [float(right) / width for top, right in words if 0.07 < float(top) / height < 0.93]
        found.append((len(ends), max(ends, default=0.0)))
    return found


def placed(body: bytes, tmp_path: Path) -> Iterator[tuple[int, float, str]]:
    """Each word with its page and how far down that page it ends, as a share of its height."""
    for number, page in enumerate(_pdftotext(body, tmp_path, "-bbox").split("<page ")[1:], 1):
        height = float(re.findall(r'height="([\d.]+)"', page)[0])
        for low, word in re.findall(r'yMax="([\d.]+)">([^<]*)</word>', page):
            yield number, float(low) / height, word


def _pdftotext(body: bytes, tmp_path: Path, *how: str) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    file = tmp_path / "report.pdf"
    file.write_bytes(body)
    command = ["pdftotext", *how, "-enc", "UTF-8", str(file), "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


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
