"""What stands in a report and in which order, for whom it is, and what it refuses to hold."""

import io
from typing import Any, get_args

import pikepdf
import pytest
from pydantic import ValidationError

from api.documents import theme
from api.documents.svg import Paint
from api.reports import render, view
from api.reports.sections.parts import Bullets, Facts, Figures, Remark, Table
from api.reports.snapshot.snapshot import Section
from tests.reports import sample, sample_figures, whole
from tests.reports.paths import Path, at, put
from tests.reports.reading import Page, alternatives, empty, freeze, pdf_text


def seen(data: dict[str, Any], locale: str = "en") -> view.View:
    snapshot = freeze(data)
    branding = snapshot.agency.branding
    colours = theme.palette(branding.primary, branding.accent).light
    return view.build(snapshot, locale, Paint("screen", colours, theme.SANS))


def sections(data: dict[str, Any]) -> list[str]:
    page = Page(render.html(freeze(data), "en").body)
    return [str(found["id"]) for found in page.all("section")]


def entry(data: dict[str, Any], key: str) -> view.Entry:
    return next(each for each in seen(data).contents if each.key == key)


def table(data: dict[str, Any], key: str, title: str = "") -> Table:
    parts = [part for part in entry(data, key).parts if isinstance(part, Table)]
    return next(part for part in parts if title in part.title)


def texts(found: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in found.rows]


class TestOrder:
    def test_is_the_usual_one_where_none_is_chosen(self) -> None:
        assert sections(whole.data()) == list(get_args(Section))

    def test_is_the_layouts(self) -> None:
        layout = ["definitions", "outlook", "kpis", "summary", "next_steps"]
        data = {**whole.data(), "layout": layout}
        assert sections(data) == layout
        titles = [each.title for each in seen(data).contents]
        page = Page(render.html(freeze(data), "en").body)
        anchors = [str(found["href"]) for found in page.all("a") if found["href"]]
        assert [link for link in anchors if link.startswith("#")][1:6] == [f"#{s}" for s in layout]
        assert titles == ["Definitions", "What comes next", "Results", "Summary", "Next steps"]

    def test_is_the_same_on_paper(self, tmp_path: Any) -> None:
        data = {**whole.data(), "layout": ["budget", "year", "kept"]}
        text = pdf_text(render.pdf(freeze(data), "en").body, tmp_path)
        places = [text.index(name) for name in ("Contingency reserve", "month by month", "Dropped")]
        assert places == sorted(places)
        assert "What we learned" not in text

    def test_leaves_out_what_says_nothing_whatever_the_layout(self) -> None:
        assert sections({**empty(), "layout": ["budget", "summary", "definitions"]}) == [
            "definitions"
        ]

    def test_explains_nothing_that_is_not_printed(self) -> None:
        some = {**whole.data(), "layout": ["kept", "definitions"]}
        said = " ".join(seen(some).definitions)
        assert "ROI" not in said
        assert "Share of voice" not in said
        assert "Share of voice" in " ".join(seen(whole.data()).definitions)

    def test_refuses_a_section_twice(self) -> None:
        with pytest.raises(ValidationError):
            freeze({**whole.data(), "layout": ["kpis", "kpis"]})


class TestAudience:
    def test_keeps_the_agencys_words_out_of_what_is_frozen(self) -> None:
        client = freeze(whole.data()).canonical().decode()
        internal = freeze(whole.internal()).canonical().decode()
        for word in ("Dos locales", "Tostadero Sur anuncia", "Ampliar el contrato", "rounds_over"):
            assert word not in client
            assert word in internal

    def test_prints_them_for_the_agency(self) -> None:
        inside = [part.title for part in entry(whole.internal(), "outlook").parts]
        assert inside == [
            *("", "In the next period", "Opportunities", "Threats", "Proposals"),
            "Our punctuality",
        ]
        assert [part.title for part in entry(whole.data(), "outlook").parts] == inside[:2]


class TestBossPage:
    def test_shows_agreed_figures_first_and_one_decision(self) -> None:
        data = whole.data()
        data["kpis"][0]["target"] = None
        page = seen(data).boss
        assert page is not None
        assert [each.label for each in page.tiles] == ["Views", "Engagement rate", "Net followers"]
        assert page.decision is not None
        assert page.decision.text == "Move €800 from Facebook to TikTok in November"
        assert page.others == "and 2 more requests"
        assert [aim.note for aim in page.aims] == ["Awareness", "by 31 Dec"]

    def test_stands_alone_on_its_page(self, tmp_path: Any) -> None:
        body = render.pdf(freeze(whole.data()), "en").body
        with pikepdf.open(io.BytesIO(body)) as document:
            alone = pikepdf.new()
            alone.pages.append(document.pages[1])
            made = io.BytesIO()
            alone.save(made)
        text = pdf_text(made.getvalue(), tmp_path)
        assert "At a glance" in text
        assert "Executive summary" not in text

    def test_needs_more_than_figures(self) -> None:
        data = {**empty(), "kpis": sample_figures.kpis()}
        assert seen(data).boss is None


class TestYear:
    def test_compares_with_the_same_month_a_year_before(self) -> None:
        figures = [part for part in entry(whole.data(), "year").parts if isinstance(part, Figures)]
        views, engagements = figures[0].items
        assert views.alt.startswith("Column chart. Views, month by month: October 2025, 1,120,400;")
        assert views.alt.endswith("Against the same month of the year before: +42.8%.")
        assert "August 2026, —" in engagements.alt or "July 2026" in engagements.alt
        assert views.drawing.count("f-ghost") == 10

    def test_tells_targets_as_they_are_approached(self) -> None:
        rows = {row[0].text: row for row in table(whole.data(), "year").rows}
        assert rows["Views"][-1].text == "On track"
        assert rows["Views"][-2].text == "83% of target"
        assert rows["Cost per conversion"][-2].text == "€2.21 over target"
        assert rows["Cost per conversion"][-1].role == "bad"
        assert rows["Leads"][0].note == "the account is not connected"


class TestWaited:
    def test_puts_the_longest_first_with_what_it_held_up(self) -> None:
        assert texts(table(whole.data(), "waited")) == [
            ["Staff image releases", "19 Oct", "still open", "12", "Employer-brand video"],
            ["Legal terms of the contest", "5 Oct", "9 Oct", "4", "—"],
        ]


class TestContract:
    def test_says_what_is_left_and_when_to_speak(self) -> None:
        assert texts(table(whole.data(), "contract"))[0][1:] == ["1 Jan 2027", "2 Dec", "—"]
        balance = table(whole.data(), "contract", "Balance")
        names = [column.name for column in balance.columns]
        assert names == [
            "What was agreed",
            "For the period",
            "Brought over",
            "Used",
            "Left",
            "Then",
        ]
        assert texts(balance)[0][1:] == [
            *("40\u00a0h", "6\u00a0h", "38\u00a0h", "8\u00a0h", "rolls over")
        ]
        assert texts(balance)[1][-1] == "expires on 30 Nov"

    def test_values_what_was_given(self) -> None:
        given = table(whole.data(), "contract", "beyond")
        assert [cell.text for cell in given.total] == ["Total", "", "€225.00"]
        assert texts(given)[2][-1] == "—"
        assert any(isinstance(part, Remark) for part in entry(whole.data(), "contract").parts)


class TestPieces:
    def test_names_the_best_and_the_weakest(self) -> None:
        shown = table(whole.data(), "content", "best")
        assert [row[-1].role for row in shown.rows] == ["good", "good", "warn"]
        assert texts(shown)[0][2:5] == ["98,400", "11,280", "11.5%"]

    def test_prints_chosen_ones_in_their_order(self) -> None:
        data = whole.data()
        data["posts"] = [{**post, "why": "chosen"} for post in reversed(data["posts"])]
        shown = table(data, "content", "Chosen")
        assert [row[0].text for row in shown.rows][0] == "Horario de festivos"
        assert len(shown.columns) == 5


class TestPaid:
    def test_names_what_has_no_figure_below_those_that_have(self) -> None:
        data = whole.data()
        (everything,) = entry(data, "paid").parts
        data["paid"]["impressions"] = None
        known, unknown = entry(data, "paid").parts
        assert isinstance(everything, Facts)
        assert isinstance(known, Facts)
        assert isinstance(unknown, Remark)
        assert [fact.name for fact in everything.items] == [
            *("Spend", "Impressions", "CTR", "Cost per click", "Cost per thousand"),
            *("Conversions", "Cost per conversion"),
        ]
        assert [fact.name for fact in known.items] == [
            *("Spend", "Cost per click", "Conversions", "Cost per conversion"),
        ]
        assert unknown.text == "No figure: Impressions, CTR, Cost per thousand."


class TestMarket:
    def test_says_the_question_beside_the_share(self) -> None:
        parts = entry(whole.data(), "competitors").parts
        (said,) = [part.text for part in parts if isinstance(part, Remark)]
        assert "Searched for: café de especialidad, tueste lento." in said
        assert said.endswith("Networks: Instagram, TikTok. Languages: es. Counted on 31 days.")
        assert texts(table(whole.data(), "competitors", "Share"))[1] == [
            "Café Aurora",
            "230",
            "36.2%",
        ]

    def test_tells_how_fast_and_how_many_were_answered(self) -> None:
        (facts,) = [p for p in entry(whole.data(), "community").parts if isinstance(p, Facts)]
        assert [item.value for item in facts.items] == [
            *("2,520", "38\u00a0min", "4\u00a0h", "97.3%", "94.2%", "+23.0%")
        ]
        assert facts.items[2].note == "estimated"

    def test_says_what_is_usual_with_its_source(self) -> None:
        usual = {tile.label: tile.usual for tile in seen(whole.data()).kpis.tiles}
        assert usual["Engagement rate"] == "usual: 4.1% (Informe de hostelería, 2026)"
        assert usual["Reach"] == ""


class TestCollaborations:
    def test_tell_with_whom_and_how_much_is_out(self) -> None:
        shown = table(whole.data(), "collaborations")
        assert texts(shown) == [
            ["Lucía Ferrer", "3", "2", "2", "Valid"],
            ["Marc Vidal", "1", "1", "1", "Being mended"],
            ["Noa Prat", "2", "0", "0", "—"],
        ]
        assert [cell.text for cell in shown.total] == ["Total", "6", "3", "3", ""]
        assert shown.rows[2][0].note == "Otoño en taza · Agreed"

    def test_mark_what_is_not_a_count_of_the_network(self) -> None:
        shown = table(whole.data(), "collaborations", "brought")
        assert [cell.text for cell in shown.total] == [
            *("Total", "59,800", "150,400", "14,400", "2,570", "75", "€3,000.00")
        ]
        assert [cell.note for cell in shown.rows[1][1:4]] == [
            *("entered by hand", "estimated", "entered by hand")
        ]
        assert [cell.note for cell in shown.total[1:]] == [
            *("estimated", "estimated", "entered by hand", "incomplete", "", "")
        ]
        assert shown.rows[2][1].text == "—"

    def test_divide_the_cost_of_all_of_them(self) -> None:
        (facts,) = [p for p in entry(whole.data(), "collaborations").parts if isinstance(p, Facts)]
        assert [item.value for item in facts.items] == ["€1,750.00", "€0.12", "€23.33", "+71.4%"]

    def test_keep_fees_for_the_agency(self) -> None:
        client, internal = freeze(whole.data()), freeze(whole.internal())
        assert client.collaborations is not None
        told = client.collaborations.model_dump_json(exclude_none=True)
        for word in ("agreed_minor", "owed_minor", "waits", "150000", "disclosure_valid"):
            assert word not in told
        shown = table(whole.internal(), "collaborations", "Fees")
        assert texts(shown)[0] == [
            *("Lucía Ferrer", "€1,500.00", "€1,250.00", "€250.00"),
            "valid ad disclosure, minimum days live",
        ]
        assert internal.collaborations is not None
        assert internal.collaborations.rows[0].money is not None
        assert freeze(client.model_dump(mode="json")) == client

    def test_tell_a_client_no_cost_of_a_single_one(self) -> None:
        data = whole.data()
        told = data["collaborations"]
        told["rows"][0]["money"]["spent_minor"] = 0
        told["rows"][1]["money"]["spent_minor"] = 175_000
        told["cost"]["paid"] = 1
        client, internal = freeze(data), freeze({**whole.internal(), "collaborations": told})
        assert client.collaborations is not None
        assert client.collaborations.cost is None
        assert internal.collaborations is not None
        assert internal.collaborations.cost is not None

    def test_lead_to_each_post(self) -> None:
        shown = table(whole.data(), "collaborations", "Where")
        assert [row[3].address for row in shown.rows] == [
            "https://www.instagram.com/reel/10/",
            "https://www.instagram.com/reel/11/",
            "https://www.instagram.com/reel/20/",
        ]


class TestNotes:
    def test_stand_beside_their_figure_and_under_their_day(self) -> None:
        made = seen(whole.data())
        clicks = next(tile for tile in made.kpis.tiles if tile.label == "Site clicks")
        assert "first frame" in "".join(run.text for run in clicks.note)
        assert made.channels is not None
        assert made.channels.is_numbered
        labels = [event.label for event in made.channels.events]
        assert "Lucía Ferrer shows the slow roast recipe." in labels
        assert len(labels) == 5

    @pytest.mark.parametrize(
        "notes",
        [{"figure_notes": {"ctr": "x"}}, {"day_notes": {"2026-11-01": "x"}}],
    )
    def test_speak_of_what_is_there(self, notes: dict[str, Any]) -> None:
        data = whole.data()
        data["narrative"]["es"] |= notes
        with pytest.raises(ValidationError):
            freeze(data)

    def test_are_signed_at_the_end(self) -> None:
        assert "good script beats ten meetings" in Page(
            render.html(freeze(whole.data()), "en").body
        ).text.replace("\u00a0", " ")
        (steps,) = [p for p in entry(whole.data(), "outlook").parts if isinstance(p, Bullets)]
        assert len(steps.lines) == 2


class TestShape:
    @pytest.mark.parametrize(
        "path",
        [
            ("contract", "retainers", 0, "remaining"),
            ("contract", "retainers", 1, "used"),
            ("contract", "gifts_minor"),
            ("contract", "gifts", 0, "value_minor"),
            ("collaborations", "totals", "live"),
            ("collaborations", "totals", "figures", "views", "value"),
            ("collaborations", "rows", 0, "figures", "revenue", "value"),
            ("collaborations", "rows", 0, "money", "spent_minor"),
            ("collaborations", "cost", "spent_minor"),
            ("collaborations", "cost", "per_engagement", "denominator"),
            ("collaborations", "cost", "roi", "numerator"),
            ("community", "total"),
            ("community", "messages", "comment"),
            ("competitors", "voices", 0, "total"),
            ("competitors", "voices", 0, "brands", 1, "mentions"),
            ("posts", 0, "views"),
            ("posts", 1, "engagement_rate", "numerator"),
            ("waited", 1, "days"),
        ],
    )
    def test_refuses_figures_that_do_not_close(self, path: Path) -> None:
        data = whole.internal()
        assert freeze(data)
        put(data, path, at(data, path) + 1)
        with pytest.raises(ValidationError):
            freeze(data)

    def test_keeps_the_fingerprint_of_what_was_published_before(self) -> None:
        assert sample.snapshot().fingerprint() == "d3fcba22abc3499c"

    @pytest.mark.parametrize("locale", ["es", "en"])
    def test_is_accessible_on_paper_in_all_its_parts(self, locale: str) -> None:
        made = render.pdf(freeze(whole.internal()), locale)
        assert made.accessible
        assert all(alternatives(made.body))

    def test_stands_five_hundred_deliverables(self) -> None:
        data = whole.data()
        data["deliverables"] = [
            {**data["deliverables"][number % 13], "line": number} for number in range(500)
        ]
        data["coming"] = [{**data["coming"][2]} for _ in range(200)]
        assert render.pdf(freeze(data), "es").accessible
        assert texts(table(data, "outlook", "next"))[-1][0] == "and 170 more"

    def test_writes_another_currency_as_it_is_written(self) -> None:
        data = whole.data()
        data["report"]["currency"] = data["budget"]["currency"] = "JPY"
        assert [cell.text for cell in table(data, "contract", "beyond").total][-1] == "JP¥22,500"
