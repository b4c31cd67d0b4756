"""What was agreed: the word we kept, what we waited for, and what is left of the contract."""

from fractions import Fraction

from api.documents.formats import NBSP
from api.reports.sections import work
from api.reports.sections.parts import Cell, Column, Facts, Part, Remark, Row, Table
from api.reports.sections.reader import NO_FIGURE, Fact, Reader
from api.reports.snapshot.money import ReportContract, ReportGift, ReportRetainer
from api.reports.snapshot.snapshot import ReportSnapshot
from api.reports.snapshot.work import ReportWait


def kept(snapshot: ReportSnapshot, reader: Reader) -> tuple[Part, ...]:
    """Last period's commitments and how each ended."""
    if not snapshot.kept:
        return ()
    label = reader.words
    heads = (
        Column(label("label.commitment")),
        Column(label("label.owner")),
        Column(label("label.due"), True),
        Column(label("label.status")),
    )
    rows = tuple(
        (
            Cell(promise.text, note=promise.note),
            Cell(promise.owner),
            Cell(promise.due),
            Cell(promise.status, role=promise.role),
        )
        for promise in work.kept(snapshot.kept, reader)
    )
    return (Table(heads, rows),)


def waited(snapshot: ReportSnapshot, reader: Reader) -> tuple[Part, ...]:
    """What held the work up from outside, the longest wait first: a fact, not a reproach."""
    if not snapshot.waited:
        return ()
    label = reader.words
    heads = (
        Column(label("waited.what")),
        Column(label("waited.since"), True),
        Column(label("waited.until"), True),
        Column(label("waited.days"), True),
        Column(label("waited.delayed")),
    )
    longest = sorted(snapshot.waited, key=lambda wait: (-wait.days, wait.since))
    rows = tuple(_wait(wait, reader) for wait in longest)
    return (Table(heads, rows, stacks=False),)


def _wait(wait: ReportWait, reader: Reader) -> Row:
    until = reader.day(wait.until) if wait.until else reader.words("waited.still")
    delayed = ", ".join(reader.text(label) for label in wait.delayed)
    return (
        Cell(reader.text(wait.text), note=reader.optional(wait.owner)),
        Cell(reader.day(wait.since)),
        Cell(until),
        Cell(reader.formats.count(wait.days)),
        Cell(delayed or NO_FIGURE),
    )


def contract(snapshot: ReportSnapshot, reader: Reader) -> tuple[Part, ...]:
    agreed = snapshot.contract
    if agreed is None:
        return ()
    made: list[Part] = []
    if agreed.agreements:
        made.append(_agreements(agreed, reader))
    if agreed.retainers:
        made.append(_retainers(agreed.retainers, reader))
    if agreed.gifts:
        made += _gifts(agreed, reader)
    return tuple(made)


def _agreements(agreed: ReportContract, reader: Reader) -> Table:
    label = reader.words
    names = ("title", "renews_on", "notice_by", "ends_on")
    heads = tuple(Column(label(f"contract.{name}"), name != "title") for name in names)

    def cell(name: str, agreement: object) -> Cell:
        day = getattr(agreement, name)
        return Cell(reader.formats.near_date(day, reader.reference) if day else NO_FIGURE)

    rows = tuple(
        (Cell(reader.text(each.title)), *(cell(name, each) for name in names[1:]))
        for each in agreed.agreements
    )
    return Table(heads, rows, stacks=False)


def _retainers(retainers: tuple[ReportRetainer, ...], reader: Reader) -> Table:
    label = reader.words
    names = ["granted", "carried", "used", "over", "expired", "remaining"]
    # A column in which every line says nothing is not printed; the sums hold without it.
    shown = [
        name
        for name in names
        if name in ("granted", "used", "remaining")
        or any(getattr(each, name) or (name == "carried" and each.deducted) for each in retainers)
    ]
    heads = (
        Column(label("contract.line")),
        *(Column(label(f"contract.{name}"), True) for name in shown),
        Column(label("contract.then")),
    )
    rows = tuple(_retainer(each, shown, reader) for each in retainers)
    return Table(heads, rows, title=label("contract.balance"), stacks=False)


def _retainer(each: ReportRetainer, shown: list[str], reader: Reader) -> Row:
    amounts = each.model_dump(include=set(shown))
    if "carried" in amounts:
        amounts["carried"] -= each.deducted
    then = reader.words("contract.rolls_over" if each.rolls_over else "contract.lapses")
    if each.expires_on is not None and each.remaining > 0:
        then = reader.words("contract.expires", date=reader.day(each.expires_on))
    figures = (_units(amounts[name], each.measure, reader) for name in shown)
    return (Cell(reader.text(each.label)), *map(Cell, figures), Cell(then))


def _units(units: int, measure: str, reader: Reader) -> str:
    shown = reader.formats.count(units)
    return f"{shown}{NBSP}h" if measure == "hours" else shown


def _gifts(agreed: ReportContract, reader: Reader) -> list[Part]:
    label = reader.words
    heads = (
        Column(label("contract.given")),
        Column(label("contract.units"), True),
        Column(label("contract.worth"), True),
    )
    rows = tuple(_gift(gift, reader) for gift in agreed.gifts)
    total: Row = ()
    if agreed.gifts_minor is not None and len(rows) > 1:
        worth = reader.formats.money(agreed.gifts_minor)
        total = (Cell(label("label.total")), Cell(""), Cell(worth))
    made: list[Part] = [Table(heads, rows, total, title=label("contract.gifts"), stacks=False)]
    if any(gift.value_minor is None for gift in agreed.gifts):
        made.append(Remark(label("contract.unpriced")))
    return made


def _gift(gift: ReportGift, reader: Reader) -> Row:
    worth = NO_FIGURE if gift.value_minor is None else reader.formats.money(gift.value_minor)
    return Cell(reader.text(gift.label)), Cell(reader.formats.count(gift.units)), Cell(worth)


def effectiveness(snapshot: ReportSnapshot, reader: Reader) -> tuple[Part, ...]:
    """How the agency kept its days; the snapshot holds it for the agency alone."""
    told = snapshot.effectiveness
    if told is None:
        return ()
    formats, label = reader.formats, reader.words
    share = formats.percent(Fraction(told.on_time, told.delivered)) if told.delivered else NO_FIGURE
    facts = (
        Fact(label("effectiveness.on_time"), share, _of(told.on_time, told.delivered, reader)),
        Fact(
            label("effectiveness.late_by_client"),
            NO_FIGURE if told.late_by_client is None else formats.count(told.late_by_client),
        ),
        Fact(label("effectiveness.rounds_over"), formats.count(told.rounds_over)),
    )
    return (Facts(facts, title=label("effectiveness.title")),)


def _of(part: int, whole: int, reader: Reader) -> str:
    counts = {"part": reader.formats.count(part), "all": reader.formats.count(whole)}
    return reader.words("label.of", **counts)
