"""One page for whoever signs: the goal, three figures, the money, one decision. It stands alone."""

from dataclasses import dataclass

from api.reports.sections import kpis, work
from api.reports.sections.kpis import Tile
from api.reports.sections.money import Invested, investment
from api.reports.sections.reader import Reader
from api.reports.sections.work import Owed
from api.reports.snapshot.figures import ReportKpi
from api.reports.snapshot.snapshot import ReportSnapshot
from api.reports.snapshot.work import ReportAim

_MOST_AIMS = 3
_MOST_FIGURES = 3


@dataclass(frozen=True, slots=True)
class Aim:
    """What the client wants; `goal` is a campaign's, `due` the day of an objective."""

    text: str
    note: str


@dataclass(frozen=True, slots=True)
class BossPage:
    """`decision` is the first thing that the client has to decide."""

    aims: tuple[Aim, ...]
    tiles: tuple[Tile, ...]
    money: Invested | None
    decision: Owed | None
    others: str


def page(snapshot: ReportSnapshot, reader: Reader) -> BossPage | None:
    """Null where there is no figure to show, or nothing beside figures."""
    asked = work.owed(snapshot.requests, snapshot, reader)
    money = investment(snapshot.investment, reader)
    if not snapshot.kpis or not (snapshot.aims or money or asked):
        return None
    more = len(asked) - 1
    return BossPage(
        aims=tuple(_aim(aim, reader) for aim in snapshot.aims[:_MOST_AIMS]),
        tiles=tuple(kpis.tile(kpi, reader) for kpi in _main(snapshot.kpis)),
        money=money,
        decision=asked[0] if asked else None,
        others=reader.words.number("boss.others", more, count=reader.formats.count(more))
        if more > 0
        else "",
    )


def _main(shown: tuple[ReportKpi, ...]) -> list[ReportKpi]:
    """Those that were agreed first, and none that is missing while others are known."""
    return sorted(shown, key=lambda kpi: (kpi.is_missing, kpi.target is None))[:_MOST_FIGURES]


def _aim(aim: ReportAim, reader: Reader) -> Aim:
    notes = [reader.words(f"goal.{aim.goal}")] if aim.goal else []
    if aim.due_on is not None:
        notes.append(reader.words("boss.until", date=reader.day(aim.due_on)))
    if aim.status != "open":
        notes.append(reader.words(f"aim.{aim.status}"))
    return Aim(reader.text(aim.label), " · ".join(notes))
