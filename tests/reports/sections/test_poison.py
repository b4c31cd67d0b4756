"""Whatever people write, no form of a report takes it for anything but words."""

import copy
import re
from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from api.reports import render
from api.reports.snapshot.snapshot import ReportSnapshot
from tests.reports import whole
from tests.reports.paths import Path, at, leaves, put
from tests.reports.reading import Page, freeze

LETTERS = (
    "<script>alert(1)</script>",
    "{{7*7}}{% raw %}",
    '#import "x": *',
    "=1+1",
    "a\u202eb\u2066c\u200fd",
    "e\u0301\u0302\u0303 ñ",
    "$x$ *b _c_ @d \\ `e` %s {0} </style>",
)


@cache
def written_by_people() -> tuple[Path, ...]:
    """Where any words may stand: found by trying each place."""
    data = whole.internal()
    return tuple(path for path in leaves(data) if _takes(data, path))


def _takes(data: dict[str, Any], path: Path) -> bool:
    before = at(data, path)
    put(data, path, "a <b> & c")
    try:
        freeze(data)
    except ValidationError:
        return False
    finally:
        put(data, path, before)
    return True


def poisoned(text: str) -> ReportSnapshot:
    data = copy.deepcopy(whole.internal())
    for path in written_by_people():
        put(data, path, text)
    return freeze(data)


class TestPoison:
    def test_reaches_every_text(self) -> None:
        found = {path[0] for path in written_by_people()}
        assert len(written_by_people()) > 150
        assert {"posts", "contract", "waited", "competitors", "coming", "aims"} <= found

    @pytest.mark.parametrize("text", LETTERS)
    def test_stands_literally_on_the_page(self, text: str) -> None:
        harmless = Page(render.html(poisoned("harmless"), "es").body)
        page = Page(render.html(poisoned(text), "es").body)
        assert [tag for tag, _ in page.elements] == [tag for tag, _ in harmless.elements]
        assert page.text.count(text) >= 60
        assert not re.search(r"\b49\b", page.text) or re.search(r"\b49\b", harmless.text)

    @pytest.mark.parametrize("text", LETTERS)
    def test_stands_on_paper(self, text: str) -> None:
        assert render.pdf(poisoned(text), "es").body.startswith(b"%PDF")

    @pytest.mark.parametrize("text", ["café 🚀☕", "日本 👩‍👩‍👧"])
    def test_shows_letters_of_any_kind(self, text: str) -> None:
        assert text in Page(render.html(poisoned(text), "es").body).text
        assert render.pdf(poisoned(text), "es").body.startswith(b"%PDF")

    def test_bounds_what_one_text_holds(self) -> None:
        with pytest.raises(ValidationError):
            poisoned("x" * 20_001)
        data = whole.data()
        data["narrative"]["es"]["closing"] = data["narrative"]["es"]["summary"] = "ñ" * 60_000
        assert render.pdf(freeze(data), "es").accessible
        assert "ñ" * 60_000 in Page(render.html(freeze(data), "es").body).text
