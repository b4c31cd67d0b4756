"""
Performance as tables: one line for each figure, with the same numbers as the JSON.

Money is in minor units of the line's currency. A total, a KPI, a channel's and a day's figures are
lines of their own, told apart by `part`; the overview has a line for each client and KPI.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from api.http import sheets
from api.metrics.readings.months import DAILY
from tenants import words
from tenants.pipeline import Statement
from tenants.reads import Question
from tenants.sight import Sight

Row = dict[str, Any]

PERFORMANCE = (
    *("part", "channel", "network", "date", "figure", "value", "previous", "currency"),
    *("numerator", "denominator", "quality", "basis", "complete", "missing_reason"),
    *("formula_version", "inputs_digest"),
)
OVERVIEW = (
    *("client_id", "client", "figure", "value", "previous", "change", "currency", "numerator"),
    *("denominator", "complete", "missing_reason", "formula_version", "last_reading_on"),
    *("off_track", "at_risk", "on_track", "not_yet", "unknown"),
)


@dataclass(frozen=True)
class Table:
    """A question whose answer goes out as a table."""

    question: Question
    name: str
    locale: str
    columns: Sequence[str]
    rows: Callable[[Row], Iterable[Row]]

    def statements(self, agency_id: Any) -> Sequence[Statement]:
        return self.question.statements(agency_id)

    def answer(self, sight: Sight, permission: str | None, found: Any) -> Response:
        made = self.question.answer(sight, permission, found)
        head = [words.say(self.locale, "performance_columns", name) for name in self.columns]
        lines = ([row.get(name) for name in self.columns] for row in self.rows(made))
        return sheets.answer(self.name, self.locale, [head, *lines])


def performance(question: Question, locale: str) -> Table:
    return Table(question, "performance", locale, PERFORMANCE, _of_client)


def overview(question: Question, locale: str) -> Table:
    return Table(question, "performance", locale, OVERVIEW, _of_agency)


def _of_client(made: Row) -> Iterator[Row]:
    yield from _figures("total", made, {})
    yield from _kpis("kpi", made["kpis"], {})
    for channel in made["channels"] or ():
        mine = {"channel": channel["name"], "network": channel["network"]}
        yield from _figures("channel", channel, mine)
        yield from _kpis("channel", channel["kpis"], mine)
    for day in made["days"] or ():
        for name in DAILY:
            yield {"part": "day", "date": day["date"], "figure": name, "value": day[name]}


def _figures(part: str, made: Row, mine: Row) -> Iterator[Row]:
    for name, figure in made["totals"].items():
        yield {**figure, **mine, "part": part, "figure": name}
    yield {**made["followers"], **mine, "part": part, "figure": "followers"}


def _kpis(part: str, found: Iterable[Row], mine: Row) -> Iterator[Row]:
    for kpi in found:
        previous = (kpi["previous"] or {}).get("value")
        more = {"part": part, "figure": kpi["id"], "formula_version": kpi["version"]}
        yield {**kpi, **mine, **more, "previous": previous}


def _of_agency(made: Row) -> Iterator[Row]:
    for client in made["clients"]:
        mine = {
            "client_id": client["client_id"],
            "client": client["name"],
            "last_reading_on": client["last_reading_on"],
            **client["states"],
        }
        for kpi in client["kpis"]:
            more = {"figure": kpi["id"], "formula_version": kpi["version"]}
            yield {**kpi, **mine, **more}
