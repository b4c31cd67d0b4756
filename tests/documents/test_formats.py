"""Figures and dates, as a reader of each language writes them."""

import datetime as dt
from fractions import Fraction

import pytest

from api.documents.formats import formats

ES = formats("es", "EUR", "Europe/Madrid")
EN = formats("en", "EUR", "Europe/Madrid")
MX = formats("es-MX", "MXN", "America/Mexico_City")


class TestNumbers:
    def test_groups_thousands(self) -> None:
        assert ES.count(1599500) == "1.599.500"
        assert EN.count(1599500) == "1,599,500"
        assert MX.count(1599500) == "1,599,500"

    def test_keeps_the_sign_of_per_cent_beside_its_figure(self) -> None:
        assert ES.percent(Fraction(88050, 1599500)) == "5,5\u00a0%"
        assert EN.percent(Fraction(88050, 1599500)) == "5.5%"

    def test_rounds_half_up_once(self) -> None:
        assert ES.percent(Fraction(125, 10000)) == "1,3\u00a0%"
        assert ES.money(Fraction(5, 2)) == "0,03\u00a0€"

    def test_writes_a_true_minus(self) -> None:
        assert ES.signed_percent(Fraction(-1, 10)) == "\u221210,0\u00a0%"
        assert ES.money(-123456) == "\u22121.234,56\u00a0€"

    @pytest.mark.parametrize("tiny", [Fraction(1, 100000), Fraction(-1, 100000)])
    def test_writes_no_sign_on_what_rounds_to_nothing(self, tiny: Fraction) -> None:
        assert ES.signed_percent(tiny) == "0,0\u00a0%"
        assert ES.points(tiny, "p. p.") == "0,0\u00a0p. p."

    def test_counts_the_minor_units_of_each_currency(self) -> None:
        assert formats("es", "JPY", "UTC").money(1500) == "1.500\u00a0JPY"
        assert formats("en", "KWD", "UTC").money(1500) == "KWD1.500"

    def test_says_hours_and_minutes(self) -> None:
        assert ES.minutes(38) == "38\u00a0min"
        assert ES.minutes(60) == "1\u00a0h"
        assert ES.minutes(166) == "2\u00a0h\u00a046\u00a0min"


class TestDates:
    def test_names_a_whole_month_and_a_whole_quarter(self) -> None:
        assert ES.span(dt.date(2026, 10, 1), dt.date(2026, 10, 31)) == "octubre de 2026"
        assert EN.span(dt.date(2026, 10, 1), dt.date(2026, 12, 31)) == "4th quarter 2026"

    def test_writes_any_other_span_from_day_to_day(self) -> None:
        span = ES.span(dt.date(2026, 9, 28), dt.date(2026, 10, 4))
        assert span.replace("\u2009", " ") == "28 de septiembre – 4 de octubre de 2026"

    def test_reads_moments_on_the_readers_clock(self) -> None:
        moment = dt.datetime(2026, 11, 4, 9, 30, tzinfo=dt.UTC)
        assert ES.moment(moment) == "4 nov 2026, 10:30"

    def test_says_the_year_only_when_it_is_another(self) -> None:
        october = dt.date(2026, 10, 31)
        assert ES.near_date(dt.date(2026, 11, 7), october) == "7 nov"
        assert ES.near_date(dt.date(2027, 1, 7), october) == "7 ene 2027"
