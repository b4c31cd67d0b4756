"""Whatever the figures: every table adds up to its total, as it is printed."""

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.reports.sections.parts import Table
from tests.reports import sample_figures, whole
from tests.reports.sections.test_sections import seen

AMOUNTS = st.integers(0, 10**9)
NUMBER = re.compile(r"^−?€?[\d,]+(\.\d\d)?$")


@st.composite
def budget_lines(draw: Any) -> list[dict[str, Any]]:
    lines = []
    for number in range(draw(st.integers(1, 6))):
        committed, spent, left = draw(AMOUNTS), draw(AMOUNTS), draw(AMOUNTS)
        lines.append(
            {
                "label": f"Line {number}",
                "category": "production",
                "allocated_minor": committed + spent + left,
                "committed_minor": committed,
                "spent_minor": spent,
                "unfunded_minor": draw(AMOUNTS),
            }
        )
    return lines


@st.composite
def reports(draw: Any) -> dict[str, Any]:
    """The sample with other figures wherever some add up to others."""
    data = whole.data()
    lines = draw(budget_lines())
    data["budget"] |= {"lines": lines, "totals": sample_figures.budget_totals(lines)}
    gifts = draw(st.lists(st.integers(1, 10**8), min_size=1, max_size=5))
    data["contract"]["gifts"] = [
        {"label": "Extra", "units": 1, "value_minor": value} for value in gifts
    ]
    data["contract"]["gifts_minor"] = sum(gifts)
    mentions = draw(st.lists(st.integers(0, 10**7), min_size=1, max_size=5))
    voice = data["competitors"]["voices"][0]
    voice["brands"] = [{"name": f"Brand {n}", "mentions": each} for n, each in enumerate(mentions)]
    voice["total"] = sum(mentions)
    fee, media, made, other = (draw(AMOUNTS) for _ in range(4))
    total = fee + media + made + other
    parts = {"fee_minor": fee, "media_minor": media, "production_minor": made}
    data["investment"] = {**parts, "other_minor": other, "total_minor": total}
    data["investment"] |= {"roi_missing_reason": "not_recorded"}
    for channel in data["channels"]:
        for name in ("reach", "clicks", "posts"):
            channel["metrics"][name]["value"] = draw(AMOUNTS)
    data["totals"] = sample_figures.totals(data["channels"])
    data["kpis"] = [draw(lower_is_better()), *data["kpis"][5:]]
    data["narrative"] = {language: {"headline": "x"} for language in ("es", "en")}
    return data


@st.composite
def lower_is_better(draw: Any) -> dict[str, Any]:
    unit = draw(st.sampled_from(["minutes", "money", "count"]))
    target = {"id": "own", "label": {"en": "Own"}, "unit": unit, "direction": "down"}
    return {**target, "value": draw(AMOUNTS), "target": draw(st.integers(1, 10**9))}


def number(text: str) -> int:
    """Printed figures back as whole numbers: units, or cents."""
    return int(re.sub(r"[€,.]", "", text).replace("−", "-"))


def columns(rows: list[list[str]], total: list[str]) -> Iterator[tuple[list[int], int]]:
    """Each column of figures, and its total."""
    for index, whole_one in enumerate(total):
        cells = [row[index] for row in rows]
        if NUMBER.match(whole_one):
            known = ["0" if cell in ("—", "–") else cell for cell in cells]
            assert all(NUMBER.match(cell) for cell in known), known
            yield [number(cell) for cell in known], number(whole_one)


def tables(data: dict[str, Any]) -> Iterator[tuple[list[list[str]], list[str]]]:
    """Every table that has a total, as text."""
    made = seen(data)
    for entry in made.contents:
        for part in entry.parts:
            if isinstance(part, Table) and part.total:
                yield (
                    [[cell.text for cell in row] for row in part.rows],
                    [cell.text for cell in part.total],
                )
    assert made.budget is not None
    assert made.channels is not None
    assert made.channels.total is not None
    names = ("allocated", "committed", "spent", "unfunded", "available")
    lines = [[getattr(row, name) for name in names] for row in made.budget.rows]
    yield lines, [getattr(made.budget.total, name) for name in names]
    shown = [[cell.value for cell in row.cells] for row in made.channels.rows]
    yield shown, [cell.value for cell in made.channels.total.cells]
    for days in made.channels.tables:
        for row in days.rows:
            if days.has_total:
                yield [[cell] for cell in row[1:-1]], [row[-1]]


@settings(max_examples=25, deadline=None)
@given(reports())
def test_every_table_adds_up_to_its_total(data: dict[str, Any]) -> None:
    checked = 0
    for rows, total in tables(data):
        for parts, whole_one in columns(rows, total):
            assert sum(parts) == whole_one
            checked += 1
    assert checked >= 40


@settings(max_examples=25, deadline=None)
@given(reports())
def test_the_investment_adds_up_to_what_is_printed(data: dict[str, Any]) -> None:
    money = seen(data).investment
    assert money is not None
    parts = [number(share.value) for share in money.legend]
    assert sum(parts) == number(money.facts[0].value)


@settings(max_examples=40, deadline=None)
@given(reports())
def test_less_is_better_is_never_a_percentage_of_its_target(data: dict[str, Any]) -> None:
    for kpi, tile in zip(data["kpis"], seen(data).kpis.tiles, strict=True):
        if kpi.get("direction") == "down":
            assert "%" not in tile.distance
            better = kpi["value"] < kpi["target"]
            assert ("better than target" in tile.distance) is better
