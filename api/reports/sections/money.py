"""Money: what was put in and what came back, ads, and the budget line by line."""

from dataclasses import dataclass
from fractions import Fraction

from api.documents import charts
from api.documents.charts import Spending
from api.documents.formats import Number
from api.reports.sections.parts import Facts, Part, Remark
from api.reports.sections.reader import NO_FIGURE, Fact, Reader, Share
from api.reports.snapshot.money import (
    ReportBudget,
    ReportBudgetLine,
    ReportInvestment,
    ReportPaidMedia,
)
from api.reports.snapshot.snapshot import ReportSnapshot


@dataclass(frozen=True, slots=True)
class Invested:
    """`back` says the return in money, or why it cannot be told."""

    facts: tuple[Fact, ...]
    drawing: str
    alt: str
    legend: tuple[Share, ...]
    back: str


@dataclass(frozen=True, slots=True)
class BudgetRow:
    label: str
    note: str
    allocated: str
    committed: str
    spent: str
    unfunded: str
    available: str
    use: str
    drawing: str
    alt: str


@dataclass(frozen=True, slots=True)
class BudgetTable:
    rows: tuple[BudgetRow, ...]
    total: BudgetRow
    legend: tuple[Share, ...]
    has_unfunded: bool
    remarks: tuple[str, ...]


def paid(figures: ReportPaidMedia | None, reader: Reader) -> tuple[Part, ...]:
    """What was bought, as far as it is known; what is not known is named below."""
    if figures is None:
        return ()
    spend, formats = figures.spend_minor, reader.formats
    shown: list[tuple[str, str | None]] = [
        ("spend", formats.money(spend)),
        ("impressions", _count(figures.impressions, reader)),
        ("ctr", _percent_of(figures.clicks, figures.impressions, reader)),
        ("cpc", _cost(spend, figures.clicks, reader)),
        ("cpm", _cost(spend * 1000, figures.impressions, reader)),
        ("conversions", _count(figures.conversions, reader)),
        ("cpa", _cost(spend, figures.conversions, reader)),
    ]
    known = tuple(Fact(reader.words(f"paid.{name}"), value) for name, value in shown if value)
    unknown = [reader.words(f"paid.{name}") for name, value in shown if not value]
    if not unknown:
        return (Facts(known),)
    return (Facts(known), Remark(reader.words("paid.unknown", list=", ".join(unknown))))


def _count(value: int | None, reader: Reader) -> str | None:
    return None if value is None else reader.formats.count(value)


def _cost(spend: int, count: int | None, reader: Reader) -> str | None:
    return reader.formats.money(Fraction(spend, count)) if count else None


def _percent_of(part: int | None, whole: int | None, reader: Reader) -> str | None:
    return None if part is None or not whole else reader.formats.percent(Fraction(part, whole), 2)


def investment(figures: ReportInvestment | None, reader: Reader) -> Invested | None:
    if figures is None:
        return None
    legend, bars = _invested_parts(figures, reader)
    said = ", ".join(f"{share.name} {share.value}" for share in legend)
    alt = reader.words("investment.parts", list=said)
    return Invested(
        facts=_invested_facts(figures, reader),
        drawing=charts.stack(reader.paint, bars, alt, height=16) if bars else "",
        alt=alt,
        legend=legend,
        back=_back(figures, reader),
    )


def _invested_parts(
    figures: ReportInvestment, reader: Reader
) -> tuple[tuple[Share, ...], list[tuple[int, str]]]:
    amounts = (
        ("fee", figures.fee_minor, "c1"),
        ("media", figures.media_minor, "c2"),
        ("production", figures.production_minor, "c3"),
        ("other", figures.other_minor, "c4"),
    )
    spent = [part for part in amounts if part[1]]
    legend = tuple(
        Share(
            reader.words(f"investment.{name}"),
            reader.formats.money(amount),
            reader.formats.percent(Fraction(amount, figures.total_minor), 0),
            role,
        )
        for name, amount, role in spent
    )
    return legend, [(amount, role) for _, amount, role in spent]


def _invested_facts(figures: ReportInvestment, reader: Reader) -> tuple[Fact, ...]:
    words, formats = reader.words, reader.formats
    revenue = figures.revenue_minor
    facts = [Fact(words("investment.total"), formats.money(figures.total_minor))]
    shown = NO_FIGURE if revenue is None else formats.money(revenue)
    facts.append(Fact(words("investment.revenue"), shown))
    if figures.roi is None or not figures.roi.denominator:
        facts.append(Fact(words("investment.roi"), NO_FIGURE))
        return tuple(facts)
    roi = Fraction(figures.roi.numerator, figures.roi.denominator)
    role = "good" if roi >= 0 else "bad"
    facts.append(Fact(words("investment.roi"), formats.signed_percent(roi), role=role))
    return tuple(facts)


def _back(figures: ReportInvestment, reader: Reader) -> str:
    if figures.roi is None or not figures.total_minor or figures.revenue_minor is None:
        reason = reader.reason(figures.roi_missing_reason, "no_revenue")
        return reader.words("investment.unknown", reason=reason)
    unit = 100
    back = reader.formats.money(Fraction(figures.revenue_minor * unit, figures.total_minor))
    return reader.words("investment.back", back=back, unit=reader.formats.money(unit))


def budget(snapshot: ReportSnapshot, reader: Reader) -> BudgetTable | None:
    """Every line on one scale, so that a long bar is much money."""
    plan = snapshot.budget
    if plan is None:
        return None
    scale = max(_spending(line).length for line in plan.lines)
    client = snapshot.client.name
    rows = tuple(_budget_row(line, scale, client, reader) for line in plan.lines)
    return BudgetTable(
        rows=rows,
        total=_budget_total(plan, reader),
        legend=_budget_legend(plan, reader),
        has_unfunded=plan.totals.unfunded_minor > 0,
        remarks=_remarks(plan, reader),
    )


def _spending(line: ReportBudgetLine) -> Spending:
    return Spending(
        allocated=line.allocated_minor,
        spent=line.spent_minor,
        committed=line.committed_minor,
        uncovered=line.unfunded_minor,
    )


def _budget_row(line: ReportBudgetLine, scale: int, client: str, reader: Reader) -> BudgetRow:
    label = reader.text(line.label)
    paid_by = reader.words("budget.client_pays", client=client)
    notes = [paid_by if line.paid_by == "client" else "", reader.optional(line.note)]
    alt = _spending_alt(label, _spending(line), reader)
    return BudgetRow(
        label=label,
        note=" · ".join(note for note in notes if note),
        allocated=reader.formats.money(line.allocated_minor),
        committed=_or_dash(line.committed_minor, reader),
        spent=_or_dash(line.spent_minor, reader),
        unfunded=_or_dash(line.unfunded_minor, reader),
        available=reader.formats.money(line.available_minor),
        use=_use(line.committed_minor + line.spent_minor, line.allocated_minor, reader),
        drawing=charts.spending(reader.paint, _spending(line), scale, alt),
        alt=alt,
    )


def _budget_total(plan: ReportBudget, reader: Reader) -> BudgetRow:
    totals = plan.totals
    label = reader.words("label.total")
    money = reader.formats.money
    whole = Spending(
        totals.allocated_minor, totals.spent_minor, totals.committed_minor, totals.unfunded_minor
    )
    alt = _spending_alt(label, whole, reader)
    parts = [(whole.spent, "c1"), (whole.committed, "c3")]
    left = (totals.available_minor, "track")
    if whole.uncovered:
        parts += [left, (whole.uncovered, "bad")]
    drawing = charts.stack(reader.paint, parts, alt, whole=whole.allocated, height=24)
    return BudgetRow(
        label=label,
        note="",
        allocated=money(totals.allocated_minor),
        committed=money(totals.committed_minor),
        spent=money(totals.spent_minor),
        unfunded=money(totals.unfunded_minor),
        available=money(totals.available_minor),
        use=_use(whole.committed + whole.spent, whole.allocated, reader),
        drawing=drawing,
        alt=alt,
    )


def _budget_legend(plan: ReportBudget, reader: Reader) -> tuple[Share, ...]:
    totals = plan.totals
    amounts = [
        ("spent", totals.spent_minor, "c1"),
        ("committed", totals.committed_minor, "c3"),
        ("available", totals.available_minor, "track"),
    ]
    if totals.unfunded_minor:
        amounts.append(("unfunded", totals.unfunded_minor, "bad"))
    return tuple(
        Share(
            reader.words(f"label.{name}"),
            reader.formats.money(amount),
            _use(amount, totals.allocated_minor, reader, digits=1),
            role,
        )
        for name, amount, role in amounts
    )


def _spending_alt(label: str, line: Spending, reader: Reader) -> str:
    money = reader.formats.money
    return reader.words(
        "chart.spending_unfunded" if line.uncovered else "chart.spending",
        label=label,
        spent=money(line.spent),
        committed=money(line.committed),
        allocated=money(line.allocated),
        unfunded=money(line.uncovered),
    )


def _remarks(plan: ReportBudget, reader: Reader) -> tuple[str, ...]:
    remarks = [reader.words("budget.excludes")]
    if plan.fees is not None:
        amount = reader.formats.money(plan.fees.amount_minor)
        note = reader.optional(plan.fees.note)
        remarks.append(f"{reader.words('budget.fees', amount=amount)} {note}".strip())
    return tuple(remarks)


def _or_dash(minor: int, reader: Reader) -> str:
    return reader.formats.money(minor) if minor else "–"


def _use(part: Number, whole: int, reader: Reader, digits: int = 0) -> str:
    return reader.formats.percent(Fraction(part) / whole, digits) if whole else NO_FIGURE
