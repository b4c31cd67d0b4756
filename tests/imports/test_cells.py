"""Cells: what they say, in whatever way it is written; and tables, in whatever order."""

import io
import random
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.imports import cells, networks
from api.imports.cells import DateOrder, Decimals, Misread
from api.imports.formats import MEANINGS, FormatId
from api.imports.models import Meaning
from api.imports.opening import Opened
from api.imports.said import Figure, Given
from api.metrics.figures import LARGEST
from tests.imports import exports

LAST = date(2026, 11, 22)
WHOLE = st.integers(0, LARGEST)


def _grouped(value: int, sign: str) -> str:
    return f"{value:,}".replace(",", sign)


class TestCount:
    @given(WHOLE, st.sampled_from([",", ".", " ", "\u00a0", "\u202f", "'", ""]))
    def test_is_the_same_however_thousands_are_grouped(self, value: int, sign: str) -> None:
        assert cells.count(f" {_grouped(value, sign)} ") == value
        assert cells.count(f"{value}.0") == value

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("1.2K", 1_200),
            ("1,2 mil", 1_200),
            ("3M", 3_000_000),
            ("1.5B", 1_500_000_000),
            ("12.5k", 12_500),
            ("１２", 12),
            ("", None),
            ("-", None),
            ("--", None),
            ("—", None),
            ("38%", None),
            ("38.5 %", None),
        ],
    )
    def test_may_be_short_or_silent(self, cell: str, value: int | None) -> None:
        assert cells.count(cell) == value

    @pytest.mark.parametrize(
        ("cell", "code"),
        [
            ("-5", "below_zero"),
            (str(2**53), "number_too_large"),
            ("9" * 19, "number_too_large"),
            ("1.22E+17", "number_mangled"),
            ("1,5", "not_whole"),
            ("12,34,567", "not_a_number"),
            ("1,234.567", "not_a_number"),
            ("=1+1", "not_a_number"),
            ("@cmd", "not_a_number"),
            ("0x10", "not_a_number"),
            ("٣", "not_a_number"),
            ("NaN", "not_a_number"),
            ("0:12", "not_a_number"),
            ("9" * 400, "not_a_number"),
        ],
    )
    def test_is_refused_otherwise(self, cell: str, code: str) -> None:
        with pytest.raises(Misread, match=f"^{code}$"):
            cells.count(cell)

    @given(st.text(max_size=30))
    def test_of_anything_is_a_number_none_or_refused(self, cell: str) -> None:
        try:
            value = cells.count(cell)
        except Misread:
            return
        assert value is None or 0 <= value <= LARGEST


class TestAmount:
    @given(st.integers(-(10**12), 10**12), st.sampled_from(list(Decimals)))
    def test_is_exact_in_minor_units(self, minor: int, decimals: Decimals) -> None:
        whole, cents = divmod(abs(minor), 100)
        grouping = "." if decimals is Decimals.comma else ","
        sign = "-" if minor < 0 else ""
        for said in (f"{whole}", _grouped(whole, grouping)):
            cell = f"{sign}{said}{decimals.value}{cents:02}"
            assert cells.amount(cell, "EUR", decimals) == minor
            assert cells.amount(f"{cell} €", "EUR", decimals) == minor

    @pytest.mark.parametrize(
        ("cell", "currency", "value"),
        [
            ("12.345", "EUR", 1_234),
            ("12.355", "EUR", 1_236),
            ("$9.99", "USD", 999),
            ("1200", "JPY", 1_200),
            ("1.2345", "KWD", 1_234),
            ("-", "EUR", None),
            ("", "EUR", None),
        ],
    )
    def test_is_rounded_half_even(self, cell: str, currency: str, value: int | None) -> None:
        assert cells.amount(cell, currency, Decimals.point) == value

    @pytest.mark.parametrize("cell", ["1.2.3", "free", "=1", "1e3", "$", "1.23,4,5"])
    def test_is_refused_otherwise(self, cell: str) -> None:
        with pytest.raises(Misread, match="^not_a_number$"):
            cells.amount(cell, "EUR", Decimals.point)

    @pytest.mark.parametrize(
        ("cell", "decimals"),
        [("1.234,56", Decimals.point), ("1,23", Decimals.point), ("12.5", Decimals.comma)],
    )
    def test_of_another_style_says_what_to_do(self, cell: str, decimals: Decimals) -> None:
        with pytest.raises(Misread, match="^decimals_differ$"):
            cells.amount(cell, "EUR", decimals)


class TestDay:
    @given(st.dates(date(2000, 1, 1), date(2200, 12, 31)))
    def test_is_the_same_in_every_way_of_writing(self, day: date) -> None:
        written = (
            f"{day:%Y-%m-%d}",
            f"{day:%Y-%m-%d}T00:00:00",
            f"{day:%Y/%m/%d}",
            f"{day:%Y%m%d}",
            f"{day:%m/%d/%Y}",
            f"{day:%m/%d/%Y} 18:12",
            f"{day:%a, %b %d, %Y}",
            f"{day:%d %B %Y}",
        )
        for said in written:
            assert cells.day(said, DateOrder.mdy, None, LAST) == day, said
        assert cells.day(f"{day:%d/%m/%Y}", DateOrder.dmy, None, LAST) == day

    @pytest.mark.parametrize(
        ("cell", "day"),
        [
            ("mar, 14 jul 2026", date(2026, 7, 14)),
            ("mar, 3 mar 2026", date(2026, 3, 3)),
            ("lun, 2 mar 2026", date(2026, 3, 2)),
            ("Mar 3, 2026", date(2026, 3, 3)),
        ],
    )
    def test_knows_a_tuesday_from_march(self, cell: str, day: date) -> None:
        assert cells.day(cell, DateOrder.mdy, None, LAST) == day

    @given(st.dates(date(2025, 11, 23), LAST))
    def test_without_a_year_is_the_last_of_its_name(self, day: date) -> None:
        assert cells.day(f"{day:%d %B}", DateOrder.mdy, 2026, LAST) == day
        assert cells.day(f"{day:%B %d}", DateOrder.mdy, 2026, LAST) == day

    @pytest.mark.parametrize(
        ("cell", "code"),
        [
            ("13/13/2026", "date_unreadable"),
            ("02/30/2026", "date_unreadable"),
            ("30 February 2026", "date_unreadable"),
            ("23 août 2026", "date_unreadable"),
            ("soon", "date_unreadable"),
            ("23 August", "date_without_year"),
            ("01/01/1970", "date_out_of_range"),
            ("2400-01-01", "date_out_of_range"),
        ],
    )
    def test_is_refused_otherwise(self, cell: str, code: str) -> None:
        with pytest.raises(Misread, match=f"^{code}$"):
            cells.day(cell, DateOrder.mdy, None, LAST)

    def test_has_a_time_on_the_clocks_of_a_zone(self) -> None:
        for said, hour in (("09/28/2026 18:12", 16), ("Sep 28, 2026, 6:12 PM", 16)):
            found = cells.moment(said, DateOrder.mdy, None, LAST, ZoneInfo("Europe/Madrid"))
            assert found == datetime(2026, 9, 28, hour, 12, tzinfo=UTC)
        zoned = cells.moment(
            "2026-09-28T18:12:00-07:00", DateOrder.mdy, None, LAST, ZoneInfo("Europe/Madrid")
        )
        assert zoned == datetime(2026, 9, 29, 1, 12, tzinfo=UTC)


GIVEN = Given(ZoneInfo("Europe/Madrid"), "EUR", LAST, channel="c", handle_key="h")


def _figures(content: bytes) -> list[tuple[date, dict[str, int]]]:
    opened = Opened(io.BytesIO(content), "text/csv", networks.NETWORKS, GIVEN)
    said = [each for table in opened.tables() for each in table.said]
    assert all(isinstance(each, Figure) for each in said), said
    return sorted(((each.date, each.values) for each in said if isinstance(each, Figure)), key=str)


class TestTable:
    @given(
        st.dictionaries(st.dates(date(2020, 1, 1), LAST), st.tuples(WHOLE, WHOLE), min_size=1),
        st.randoms(use_true_random=False),
        st.sampled_from([",", ";", "\t"]),
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    )
    def test_says_the_same_in_any_order_of_rows_and_columns(
        self,
        days: dict[date, tuple[int, int]],
        chance: random.Random,
        delimiter: str,
        encoding: str,
    ) -> None:
        header = ["Date", "Impressions", "Likes", "New follows", "Unfollows"]
        rows = [[f"{day:%a, %b %d, %Y}", *values, 0, 0] for day, values in days.items()]
        order = list(range(len(header)))
        chance.shuffle(order)
        chance.shuffle(rows)
        table = exports.table(
            [header[place] for place in order],
            *([row[place] for place in order] for row in rows),
            delimiter=delimiter,
        )
        assert _figures(table.encode(encoding)) == sorted(
            ((day, {"impressions": seen, "likes": liked}) for day, (seen, liked) in days.items()),
            key=str,
        )


class TestDeclarations:
    def test_name_each_format_once(self) -> None:
        named = [each.id for each in networks.NETWORKS]
        apart = {FormatId.tidy_json, FormatId.tidy_ndjson, FormatId.mapping}
        assert len(set(named)) == len(named)
        assert set(FormatId) - apart == set(named)

    def test_are_recognised_by_what_they_need(self) -> None:
        for format in networks.NETWORKS:
            assert format.needed, format.id

    def test_let_a_mapping_mean_what_is_kept(self) -> None:
        assert set(Meaning.__args__) == set(MEANINGS) - {"account"}  # type: ignore[attr-defined]
