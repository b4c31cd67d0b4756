"""Files that are not what they say, damaged, enormous or meant to harm."""

import io
from typing import Any

import pytest

from api.imports import running, sources
from tests.factories import Staffed
from tests.files import samples
from tests.imports import exports
from tests.imports.making import IMPORTS, bring, codes, counts, figures, problem, upload
from tests.metrics.made import channel_of

INSTAGRAM = exports.table(exports.INSTAGRAM, exports.row(exports.INSTAGRAM, Post_ID="1"))


class TestUpload:
    @pytest.mark.parametrize(
        "name", ["page.html", "setup.exe", "wide.html", "brief.pdf", "fonts.zip"]
    )
    def test_refuses_what_only_calls_itself_a_table(self, agency: Staffed, name: str) -> None:
        content = samples.NOT_TAKEN.get(name) or samples.TAKEN[name][1]
        answer = upload(agency, content, "figures.csv")
        assert answer.status_code == 422
        assert answer.json()["code"] in ("file_kind_not_taken", "file_kind_differs")

    @pytest.mark.parametrize("name", ["plan.xlsx", "brief.pdf", "logo.gif", "fonts.zip"])
    def test_of_another_kind_cannot_be_imported(self, agency: Staffed, name: str) -> None:
        kept = upload(agency, samples.TAKEN[name][1], name).json()
        body = {"client_id": str(agency.client_id), "file_id": kept["id"]}

        answer = agency.community.post(IMPORTS, body)

        assert (answer.status_code, answer.json()["code"]) == (422, "file_not_figures")
        assert "text/csv" in answer.json()["taken"]
        assert "CSV" in answer.json()["detail"]


class TestText:
    @pytest.mark.parametrize(
        "content",
        [
            b"date,channel,views\n2026-10-01,\xff,5\n",
            b"date,channel,views\n2026-10-01,\x00,5\n",
            "date,channel,views\n".encode("utf-16") + b"\x00",
            "date,channel,views\n".encode("utf-16") + b"\x00\xdc\x00\xdc",
        ],
    )
    def test_that_lies_about_its_encoding_is_unreadable(self, content: bytes) -> None:
        with pytest.raises(sources.ImportUnreadable):
            list(sources.Text(io.BytesIO(content)).records(","))

    def test_of_a_record_without_an_end_is_let_go_early(self) -> None:
        """Not after all of it was read: of a file that is one record, nothing large is held."""
        file = io.BytesIO(b'"x\n",' * 1_000_000)
        with pytest.raises(sources.ImportTooWide):
            list(sources.Text(file).records(","))
        assert file.tell() < 2 * sources.LONGEST_RECORD


class TestFile:
    @pytest.mark.parametrize(
        ("content", "name", "code"),
        [
            (b"Fecha;Vistas\n2026-10-01;5\n", "a.csv", "format_unknown"),
            (b"\n\n\n", "a.csv", "format_unknown"),
            (b"x", "a.csv", "format_unknown"),
            (
                b"date,channel,views\n" + b"x" * (sources.LONGEST_LINE + 1),
                "a.csv",
                "import_too_wide",
            ),
            (b"," * 1_000_000, "a.csv", "import_too_wide"),
            (b"date,channel,views\n" + b"," * 600, "a.csv", "import_too_wide"),
            (b'date,channel,views\n"' + b"a\n" * 90_000, "a.csv", "import_unreadable"),
            (b"date,channel,views\n" + b'"x\n",' * 110_000, "a.csv", "import_too_wide"),
            (INSTAGRAM.replace("Saves", "Views").encode(), "a.csv", "header_twice"),
            (b'{"readings": 5}', "a.json", "import_unreadable"),
            (b"[" * 60_000, "a.json", "import_unreadable"),
            (b"[" + b" " * 4_200_000 + b"]", "a.json", "json_too_large"),
            (
                exports.compound(b"\x09\x08" + b"\xff" * 9000, "Workbook"),
                "a.xls",
                "import_unreadable",
            ),
            (exports.workbook(Sheet=[("Nothing", "here")]), "a.xls", "format_unknown"),
        ],
    )
    def test_that_cannot_be_read_fails_with_a_problem(
        self, agency: Staffed, content: bytes, name: str, code: str
    ) -> None:
        channel_of(agency, handle="cafeaurora")
        made = bring(agency, content, name)
        assert problem(made) == code
        assert made["read"] == 0

    def test_that_breaks_in_the_middle_stores_nothing(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(running, "BATCH", 10)
        channel = channel_of(agency)
        good = "".join(f"20{n // 28:02}-01-{n % 28 + 1:02},{channel},{n}\n" for n in range(100))
        content = "date,channel,views\n" + good + '"' + "never closed\n" * 20_000

        made = bring(agency, content)

        assert problem(made) == "import_unreadable"
        assert figures(agency, channel) == {}

    def test_of_rows_of_other_widths_loses_only_these(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="x")
        header = ("Date", "Impressions", "New follows", "Unfollows")
        rows: list[tuple[Any, ...]] = [
            ("Tue, Jul 14, 2026", 5, 0, 0),
            ("Wed, Jul 15, 2026", 5),
            (),
            ("Thu, Jul 16, 2026", 5, 0, 0, "", ""),
            ("Fri, Jul 17, 2026", 5, 0, 0, "more"),
            ("", "", "", ""),
        ]

        made = bring(agency, exports.table(header, *rows), channel_id=channel)

        assert counts(made) == (2, 0, 2)
        assert codes(made) == [(3, None, "wrong_cell_count"), (6, None, "wrong_cell_count")]

    def test_of_impossible_figures_is_refused_by_row(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        bad = [
            ("2199-01-01", 5),
            ("1970-01-01", 5),
            ("2400-01-01", 5),
            ("2020-01-01", -5),
            ("2020-01-02", 2**53),
        ]
        rows = [*bad, ("2020-01-03", 2**53 - 1)]
        lines = "".join(f"{day},{channel},{views}\n" for day, views in rows)

        made = bring(agency, f"date,channel,views\n{lines}")

        assert counts(made) == (1, 0, len(bad))
        assert codes(made) == [
            (2, "date", "period_not_begun"),
            (3, "date", "date_out_of_range"),
            (4, "date", "date_parsing"),
            (5, "views", "greater_than_equal"),
            (6, "views", "less_than_equal"),
        ]
        assert figures(agency, channel) == {"2020-01-03": {"views": 2**53 - 1}}

    def test_of_a_second_currency_keeps_both_and_sums_neither(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        lines = [
            f"2020-01-01,{channel},500,EUR",
            f"2020-01-02,{channel},700,USD",
            f"2020-01-02,{channel},700,EUR",
            f"2020-01-03,{channel},900,EUROS",
        ]

        made = bring(agency, "\n".join(["date,channel,spend_minor,currency", *lines]))

        assert counts(made) == (2, 0, 2)
        assert [(row, code) for row, _, code in codes(made)] == [
            (4, "reading_repeated"),
            (5, "string_too_long"),
        ]
        days = {"from": "2020-01-01", "to": "2020-01-02"}
        path = f"/v1/clients/{agency.client_id}/performance"
        spend = agency.community.get(path, params=days).json()["totals"]["spend_minor"]
        assert (spend["value"], spend["missing_reason"]) == (None, "mixed_currency")

    def test_is_of_the_channels_network(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="linkedin")
        named: dict[str, Any] = {"channel_id": channel, "format": "instagram_posts"}
        kept = upload(agency, INSTAGRAM).json()
        body = {"client_id": str(agency.client_id), "file_id": kept["id"], **named}

        asked = agency.community.post(IMPORTS, body)
        found = bring(agency, INSTAGRAM, channel_id=channel)

        assert (asked.status_code, asked.json()["code"]) == (422, "channel_of_another_network")
        assert problem(found) == "format_unknown"
