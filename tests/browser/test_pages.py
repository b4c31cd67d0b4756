"""Pages as a browser shows them: for every reader, alone on the network, without a complaint."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from api.documents.html import HtmlDocument
from api.reports import render
from api.reports.sharing import router
from tests.reports import sample
from tests.reports.reading import SHAPES, freeze

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AT = "http://report.test/"
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
    "dark phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}
PAGES = {
    "report": lambda shape: render.html(freeze(SHAPES[shape]), "es"),
    "slides": lambda shape: render.slides(freeze(SHAPES[shape]), "es"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - for this stage only

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Shown:
    """A page that was opened, what it asked the network for, and what it complained of."""

    page: Any
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        # Its own channel to the page: the policy lets no script of ours in, nor axe's.
        session = self.page.context.new_cdp_session(self.page)
        run = "axe.run(document).then((found) => JSON.stringify(found.violations))"
        source = AXE_FILE_PATH.read_text(encoding="utf-8")
        session.send("Runtime.evaluate", {"expression": source})
        answer = session.send(
            "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True}
        )
        found = json.loads(answer["result"]["value"])
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def show(browser: Any, document: HtmlDocument, look: str) -> Shown:
    page = browser.new_context(**LOOKS[look]).new_page()
    shown = Shown(page)

    def answer(route: Any) -> None:
        if route.request.method == "POST":  # what asks for a password
            route.fulfill(status=403, body="{}")
            return
        if route.request.url != AT:
            route.abort()
            return
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": document.csp,
        }
        route.fulfill(body=document.body, headers=headers)

    page.on("request", lambda request: shown.asked.append(request.url))
    page.on("console", lambda message: shown.said.append(message.text))
    page.on("pageerror", lambda error: shown.said.append(str(error)))
    page.route("**/*", answer)
    page.goto(AT)
    return shown


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
class TestSample:
    def test_is_for_every_reader(self, browser: Any, name: str, look: str) -> None:
        shown = show(browser, PAGES[name]("the sample"), look)

        assert shown.violations() == []

    def test_is_alone_and_silent(self, browser: Any, name: str, look: str) -> None:
        shown = show(browser, PAGES[name]("the sample"), look)

        assert [url for url in shown.asked if not url.startswith("data:")] == [AT]
        assert shown.said == []

    def test_fits_its_screen(self, browser: Any, name: str, look: str) -> None:
        shown = show(browser, PAGES[name]("the sample"), look)

        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert shown.page.evaluate(wider) <= 0


@pytest.mark.parametrize("shape", ["nothing", "twelve channels, a quarter", "negative figures"])
def test_other_shapes_are_for_every_reader_too(browser: Any, shape: str) -> None:
    assert show(browser, PAGES["report"](shape), "light").violations() == []


def test_each_section_of_the_slides_takes_a_screen(browser: Any) -> None:
    shown = show(browser, render.slides(sample.snapshot(), "en"), "light")
    heights = shown.page.evaluate(
        "[...document.querySelectorAll('section')].map((each) => each.offsetHeight)"
    )
    assert len(heights) == shown.page.locator("nav li").count() > 5
    assert min(heights) >= 800


@pytest.mark.parametrize("count", [7, 9, 10, 13])
def test_no_tile_stands_nearly_alone_in_its_row(browser: Any, count: int) -> None:
    data = sample.data()
    one = {"unit": "count", "value": 7}
    data["kpis"] = [{**one, "id": f"own{at}", "label": {"es": "Cifra"}} for at in range(count)]
    for words in data["narrative"].values():
        words["figure_notes"] = {}
    shown = show(browser, render.html(freeze(data), "es"), "light")

    tops = shown.page.evaluate(
        "[...document.querySelectorAll('#kpis .tile')].map((each) => each.offsetTop)"
    )
    rows = Counter(tops).values()

    assert len(tops) == count
    assert max(rows) <= 4
    assert max(rows) - min(rows) <= 1


def test_a_page_that_fetches_is_caught(browser: Any) -> None:
    """The stage itself: a script, a picture from elsewhere and grey on grey are noticed."""
    body = (
        b"<!doctype html><html><body><img src='http://elsewhere.test/a.png'>"
        b"<script>1</script></body></html>"
    )
    shown = show(browser, HtmlDocument(body, "default-src 'none'; img-src *"), "light")

    assert "http://elsewhere.test/a.png" in shown.asked
    assert shown.said != []
    assert any(found.startswith("image-alt") for found in shown.violations())


@pytest.mark.parametrize("look", LOOKS)
def test_the_way_in_of_a_share_link_asks_for_its_password(browser: Any, look: str) -> None:
    page = router.page("en")
    shown = show(browser, HtmlDocument(page.encode(), router.POLICY), look)
    shown.page.wait_for_selector("form:not([hidden])")

    assert shown.page.text_content("#state").startswith("This report is behind a password.")
    assert shown.violations() == []
