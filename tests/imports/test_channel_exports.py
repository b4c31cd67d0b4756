"""Exports of whole channels: a day's figures, or a period's, as each network writes them."""

from typing import Any

import pytest

from tests.factories import Staffed, events_of
from tests.imports import exports
from tests.imports.making import ask, bring, codes, counts, figures, problem, shown
from tests.metrics.made import channel_of
from tests.work import settle


class TestImport:
    def test_is_answered_at_once_and_followed_by_its_job(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        content = exports.meta_daily("Views", ("2026-10-01", 10), ("2026-10-02", 20))

        asked = ask(agency, content, channel_id=channel)

        made = asked.json()
        assert (asked.status_code, made["state"]) == (202, "queued")
        assert asked.headers["Location"] == f"/v1/jobs/{made['job_id']}"
        settle()
        job = agency.community.get(asked.headers["Location"]).json()
        assert (job["state"], job["result"]) == ("succeeded", {"import_id": made["id"]})
        assert job["progress"] == job["total"] == 5
        assert counts(shown(agency, made["id"])) == (2, 0, 0)
        assert events_of(agency, made["id"]) == ["import.requested", "import.done"]
        listed = agency.community.get("/v1/imports", params={"channel_id": channel}).json()
        assert [each["id"] for each in listed["data"]] == [made["id"]]


class TestMetaDaily:
    def test_is_read_in_utf_16_with_the_metric_above(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        content = exports.meta_daily("Views", ("2026-10-01", 67_753), ("2026-10-02", 0))

        made = bring(agency, content, channel_id=channel)

        assert counts(made) == (2, 0, 0)
        assert figures(agency, channel) == {
            "2026-10-01": {"views": 67_753},
            "2026-10-02": {"views": 0},
        }
        assert made["tables"][0]["format"] == "meta_daily"
        assert made["tables"][0]["columns"][0] == {"header": "Views", "means": "views"}
        assert (made["first_day"], made["last_day"]) == ("2026-10-01", "2026-10-02")

    @pytest.mark.parametrize(
        ("title", "metric"),
        [
            ("Reach", "reach"),
            ("Instagram link clicks", "clicks"),
            ("Visualizaciones", "views"),
            ("Clics en el enlace de Instagram", "clicks"),
            ("Alcance de Facebook", "reach"),
        ],
    )
    def test_knows_its_metrics_by_name(self, agency: Staffed, title: str, metric: str) -> None:
        channel = channel_of(agency)
        bring(agency, exports.meta_daily(title, ("2026-10-01", 5)), channel_id=channel)
        assert figures(agency, channel) == {"2026-10-01": {metric: 5}}

    def test_may_hold_several_metrics_one_below_the_other(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        lines = ["sep=,", '"Reach"', '"Date","Primary"', '"2026-10-01T00:00:00","5"', ""]
        lines += ['"Profile visits"', '"Date","Primary"', '"2026-10-01T00:00:00","9"', ""]
        lines += ['"Views"', '"Date","Primary"', '"2026-10-01T00:00:00","7"']

        made = bring(agency, "\r\n".join(lines).encode("utf-16"), channel_id=channel)

        assert figures(agency, channel) == {"2026-10-01": {"reach": 5, "views": 7}}
        said = {each["header"]: each["means"] for each in made["tables"][0]["columns"]}
        assert (said["Reach"], said["Profile visits"], said["Views"]) == ("reach", None, "views")

    def test_of_a_metric_that_is_not_kept_is_refused(self, agency: Staffed) -> None:
        content = exports.meta_daily("Instagram follows", ("2026-10-01", 5))
        made = bring(agency, content, channel_id=channel_of(agency))
        assert problem(made) == "nothing_to_import"
        assert made["problem"]["ignored"] == ["Instagram follows"]


def _metrics(*days: tuple[Any, ...]) -> list[list[object]]:
    """Rows of LinkedIn's sheet Metrics: day, impressions (three ways), clicks, reactions."""
    return [
        exports.row(
            exports.LINKEDIN_METRICS,
            Date=day,
            Impressions__organic_=organic,
            Impressions__sponsored_=sponsored,
            Impressions__total_=organic + sponsored,
            Clicks__total_=clicks,
            Reactions__total_=likes,
            Unique_impressions__organic_=organic - 1,
            Engagement_rate__total_=0.0123,
        )
        for day, organic, sponsored, clicks, likes in days
    ]


class TestLinkedIn:
    def test_is_a_workbook_whose_first_row_may_be_a_description(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="linkedin", handle="cafe-aurora")
        about = ["Metrics for all organic and sponsored posts. Time zone: UTC."]
        book = exports.workbook(
            Metrics=[
                about,
                exports.LINKEDIN_METRICS,
                *_metrics(("10/01/2026", 90, 10, 7, 3), ("10/02/2026", 40, 0, 0, 1)),
            ],
            New_followers=[("Date", "Organic followers", "Total followers"), ("10/01/2026", 4, 4)],
        )

        made = bring(agency, book, "aurora_content.xls", channel_id=channel)

        assert [each["sheet"] for each in made["tables"]] == ["Metrics"]

        assert counts(made) == (2, 0, 0)
        assert made["tables"][0]["sheet"] == "Metrics"
        assert figures(agency, channel) == {
            "2026-10-01": {"impressions": 100, "reach": 89, "likes": 3, "clicks": 7},
            "2026-10-02": {"impressions": 40, "reach": 39, "likes": 1, "clicks": 0},
        }
        ignored = {c["header"] for c in made["tables"][0]["columns"] if c["means"] is None}
        assert "Engagement rate (total)" in ignored

    def test_adds_organic_and_sponsored_up_where_no_total_is(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="linkedin")
        header = ("Date", "Impressions (organic)", "Impressions (sponsored)", "Shares (organic)")
        book = exports.workbook(Metrics=[header, ("10/01/2026", 90, 10, 2)])

        bring(agency, book, "old.xls", channel_id=channel)

        assert figures(agency, channel) == {"2026-10-01": {"impressions": 100}}

    @pytest.mark.parametrize("whole", ["(totales)", "(total)", "totales", None])
    def test_is_known_in_spanish(self, agency: Staffed, whole: str | None) -> None:
        channel = channel_of(agency, network="linkedin")
        parts = (
            *("Impresiones (orgánicas)", "Impresiones (patrocinadas)"),
            *("Clics (orgánicos)", "Clics (patrocinados)"),
            *("Reacciones (orgánicas)", "Reacciones (patrocinadas)"),
            *("Comentarios (orgánicos)", "Comentarios (patrocinados)"),
            *("Veces compartido (orgánico)", "Veces compartido (patrocinado)"),
        )
        names = ("Impresiones", "Clics", "Reacciones", "Comentarios", "Veces compartido")
        wholes = tuple(f"{name} {whole}" for name in names if whole)
        header = ("Fecha", *(wholes or parts), "Impresiones únicas (orgánicas)")
        said = (100, 9, 7, 5, 3) if whole else (90, 10, 8, 1, 7, 0, 4, 1, 2, 1)
        figure = ("10/01/2026", *said, 80)
        book = exports.workbook(Indicadores=[["Datos agregados"], header, figure])

        made = bring(agency, book, "contenido.xls", channel_id=channel)

        assert counts(made) == (1, 0, 0)
        known = {"impressions": 100, "clicks": 9, "likes": 7, "comments": 5, "shares": 3}
        assert figures(agency, channel) == {"2026-10-01": {**known, "reach": 80}}

    @pytest.mark.parametrize(
        "header",
        [
            ("Fecha", "Seguidores orgánicos", "Total de seguidores"),
            ("Fecha", "Visualizaciones de la página en total (total)", "Otra"),
        ],
    )
    def test_of_what_is_not_kept_is_known_in_spanish(
        self, agency: Staffed, header: tuple[str, ...]
    ) -> None:
        channel = channel_of(agency, network="linkedin")
        book = exports.workbook(Hoja=[header, ("10/01/2026", 4, 4)])

        made = bring(agency, book, "seguidores.xls", channel_id=channel)

        assert problem(made) == "nothing_to_import"

    def test_says_that_followers_gained_are_no_level(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="linkedin")
        header = ("Date", "Sponsored followers", "Organic followers", "Total followers")
        book = exports.workbook(New_followers=[header, ("10/01/2026", 0, 4, 4)])

        made = bring(agency, book, "followers.xls", channel_id=channel)

        assert problem(made) == "nothing_to_import"
        assert "Total followers" in made["problem"]["ignored"]
        assert figures(agency, channel) == {}


class TestTikTok:
    def test_has_days_without_a_year(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="tiktok")
        rows = [("23 August", "1.2K", "30", "5", "0", "1"), ("24 August", "900", "-", "", "2", "0")]
        content = exports.table(exports.TIKTOK_OVERVIEW, *rows)

        without = bring(agency, content, channel_id=channel)
        named = ask(agency, content, channel_id=channel, format="tiktok_overview")
        made = bring(agency, content, channel_id=channel, year=2026)

        assert problem(without) == "year_needed"
        assert (named.status_code, named.json()["code"]) == (422, "year_needed")
        assert counts(made) == (2, 0, 0)
        assert figures(agency, channel) == {
            "2026-08-23": {"views": 1200, "likes": 5, "comments": 0, "shares": 1},
            "2026-08-24": {"views": 900, "comments": 2, "shares": 0},
        }

    def test_of_days_around_new_year_are_of_two_years(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="tiktok")
        header = ("Date", "Followers", "Difference in followers from previous day")
        content = exports.table(header, ("30 December", 90, 1), ("2 de enero", 92, 2))

        said: Any = {"channel_id": channel, "year": 2026, "exported_at": "2026-01-05T09:00:00Z"}
        bring(agency, content, **said)

        assert figures(agency, channel) == {
            "2025-12-30": {"followers": 90},
            "2026-01-02": {"followers": 92},
        }


class TestX:
    def test_has_a_comma_in_its_days(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="x")
        rows = [
            exports.row(
                exports.X_ACCOUNT,
                Date="Tue, Jul 14, 2026",
                Impressions="12,400",
                Likes=3,
                Bookmarks=2,
                Reposts=4,
                Replies=1,
                New_follows=9,
                Unfollows=1,
                Video_views=70,
            )
        ]
        made = bring(agency, exports.table(exports.X_ACCOUNT, *rows), channel_id=channel)

        assert made["tables"][0]["format"] == "x_account"
        assert figures(agency, channel)["2026-07-14"] == {
            **{"impressions": 12_400, "views": 70, "likes": 3},
            **{"comments": 1, "shares": 4, "saves": 2},
        }


class TestGoogleAnalytics:
    ROWS = (
        ("Organic Search", 500, 300, 0.6, 3, "0"),
        ("Direct", "1,200", 300, 0.6, 3, "0"),
        ("Organic Social", 80, 300, 0.6, 3, "0"),
    )

    def test_adds_its_groups_up_to_a_reading_of_the_period(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="website", handle="cafeaurora.example")
        content = exports.ga4("20261001", "20261031", *self.ROWS)

        made = bring(agency, content, channel_id=channel)

        assert counts(made) == (1, 0, 0)
        assert figures(agency, channel, "month") == {
            "2026-10-01": {"sessions": 1780, "search_sessions": 500}
        }
        assert [each["format"] for each in made["tables"]] == ["ga4_channels"]

    def test_knows_another_case_and_a_row_of_totals(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="website", handle="cafeaurora.example")
        content = exports.ga4("20261005", "20261011", *self.ROWS, ("Total", 1780, "", "", "", ""))
        content = content.replace("(Default channel group)", "(Default Channel Group)")

        bring(agency, content, channel_id=channel)

        assert figures(agency, channel, "week") == {
            "2026-10-05": {"sessions": 1780, "search_sessions": 500}
        }

    @pytest.mark.parametrize(
        ("start", "end", "code"),
        [("20261001", "20261017", "period_not_whole"), ("soon", "later", "period_not_said")],
    )
    def test_is_of_a_whole_period(self, agency: Staffed, start: str, end: str, code: str) -> None:
        channel = channel_of(agency, network="website", handle="cafeaurora.example")
        made = bring(agency, exports.ga4(start, end, *self.ROWS), channel_id=channel)
        assert problem(made) == code
        assert figures(agency, channel, "month") == {}

    def test_with_a_part_that_cannot_be_read_is_no_sum(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="website", handle="cafeaurora.example")
        content = exports.ga4("20261001", "20261031", *self.ROWS, ("Email", "many", "", "", "", ""))

        made = bring(agency, content, channel_id=channel)

        assert counts(made) == (0, 0, 1)
        assert codes(made)[0][1:] == ("Sessions", "not_a_number")
        assert figures(agency, channel, "month") == {}


class TestOurOwnLayout:
    def test_may_leave_the_channel_to_the_import(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        content = "date,views,saves,spend_minor,currency\n2026-10-01,5,not_offered,250,USD\n"

        made = bring(agency, content, channel_id=channel)

        assert counts(made) == (1, 0, 0)
        assert figures(agency, channel) == {"2026-10-01": {"views": 5, "spend_minor": 250}}

    def test_comes_as_lines_and_as_a_document_too(self, agency: Staffed) -> None:
        channel = channel_of(agency, handle="aurora")
        line = '{"date": "2026-10-01", "channel": "instagram:aurora", "views": 5}\n'
        other = '{"date": "2026-10-02", "views": 6}'

        lines = bring(agency, f"{line}not json\n{line}{other}", "a.ndjson", channel_id=channel)
        document = f'{{"readings": [{other}, {{}}]}}'
        whole = bring(agency, document, "a.json", channel_id=channel)
        alone = bring(agency, f"[{other}]", "b.json", channel_id=channel)

        assert counts(lines) == (2, 1, 1)
        assert codes(lines) == [(2, None, "not_json")]
        assert counts(whole) == (0, 1, 1)
        assert codes(whole)[0] == (2, "date", "missing")
        assert counts(alone) == (0, 1, 0)
        assert figures(agency, channel) == {"2026-10-01": {"views": 5}, "2026-10-02": {"views": 6}}

    def test_needs_a_channel_from_one_of_the_two(self, agency: Staffed) -> None:
        made = bring(agency, "date,views\n2026-10-01,5\n")
        assert problem(made) == "channel_needed"
