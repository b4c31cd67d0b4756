"""What each printed figure means: only those that are on the page, so that the list gets read."""

from collections.abc import Iterator

from api.documents.words import Words
from api.reports.sections.reader import Reader
from api.reports.snapshot.snapshot import ReportSnapshot


def definitions(snapshot: ReportSnapshot, reader: Reader, has_gaps: bool) -> tuple[str, ...]:
    words, moment = reader.words, reader.formats.moment(snapshot.report.as_of)
    said = [*_days(snapshot, reader)]
    said += [words(f"definition.{name}") for name in _figures(snapshot)]
    said += [words("definition.gaps")] if has_gaps else []
    said += [words(f"definition.{name}") for name in _money_and_work(snapshot)]
    if snapshot.report.gaps_accepted:
        why = reader.text(snapshot.report.gaps_accepted)
        said.append(words("definition.accepted", why=why))
    said.append(words("definition.as_of", moment=moment, zone=snapshot.report.timezone))
    said.append(words("definition.immutable"))
    return tuple(said)


def _days(snapshot: ReportSnapshot, reader: Reader) -> Iterator[str]:
    period, compare = snapshot.report.period, snapshot.report.compare
    if compare is not None and compare.days != period.days:
        yield reader.words(
            "definition.days",
            current=_counted(period.days, reader.words, reader),
            previous=_counted(compare.days, reader.words, reader),
        )


def _counted(days: int, words: Words, reader: Reader) -> str:
    return words.number("definition.count", days, count=reader.formats.count(days))


def _figures(snapshot: ReportSnapshot) -> Iterator[str]:
    kpis = {str(kpi.id) for kpi in snapshot.kpis}
    metrics = {name for channel in snapshot.channels for name in channel.metrics}
    rates = any(channel.engagement_rate for channel in snapshot.channels)
    printed = kpis | metrics
    conditions = {
        "reach": "reach" in printed,
        "views": "views" in printed,
        "rate": "er_views" in kpis or rates,
        "points": rates or any(kpi.unit == "ratio" and kpi.previous for kpi in snapshot.kpis),
        "target": any(kpi.direction == "down" and kpi.target is not None for kpi in snapshot.kpis),
        "missing": any(kpi.is_missing for kpi in snapshot.kpis),
        "estimated": any(kpi.quality in ("estimated", "manual") for kpi in snapshot.kpis),
        "cpm": bool(kpis & {"cpm", "ctr"}) or snapshot.paid is not None,
        "roas": "roas" in kpis,
        "usual": bool({each.kpi for each in snapshot.benchmarks} & kpis),
        "months": snapshot.year is not None and bool(snapshot.year.months),
        "voice": snapshot.competitors is not None and bool(snapshot.competitors.voices),
        "collaborations": snapshot.collaborations is not None,
        "sla": snapshot.community is not None and snapshot.community.sla is not None,
    }
    yield from (name for name, holds in conditions.items() if holds)


def _money_and_work(snapshot: ReportSnapshot) -> Iterator[str]:
    budget, lines = snapshot.budget, snapshot.deliverables
    together = snapshot.collaborations
    conditions = {
        "roi": snapshot.investment is not None or any(kpi.id == "roi" for kpi in snapshot.kpis),
        "collaboration_cost": together is not None and together.cost is not None,
        "budget": budget is not None,
        "unfunded": budget is not None and budget.totals.unfunded_minor > 0,
        "extra": any(line.over_serviced for line in lines),
        "waiting": any(line.blocked_cause for line in lines) or bool(snapshot.waited),
        "gifts": snapshot.contract is not None and bool(snapshot.contract.gifts),
    }
    yield from (name for name, holds in conditions.items() if holds)
