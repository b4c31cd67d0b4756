"""Results against targets: one tile for each figure, its change, its target, and what it lacks."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from api.documents import charts
from api.documents.formats import NBSP, Number, rounded
from api.reports.sections.reader import NO_FIGURE, Lines, Reader
from api.reports.snapshot.figures import ReportKpi, ReportKpiValue, ReportRate
from api.reports.snapshot.market import ReportBenchmark
from api.reports.snapshot.snapshot import ReportNarrative, ReportSnapshot

_TIMES = ("roas",)  # a return is read as "1,3 ×", every other rate as a percentage
_FINE = ("ctr",)  # too small a rate for one decimal


@dataclass(frozen=True, slots=True)
class Tile:
    """
    `better` and `met` are null when there is nothing to compare with. `usual` is what a source
    says is usual, `note` the account executive's word on this figure.
    """

    label: str
    value: str
    is_missing: bool
    reason: str
    quality: str
    delta: str
    better: bool | None
    previous: str
    target: str
    met: bool | None
    status: str
    distance: str
    bar: str
    alt: str
    usual: str
    note: Lines


@dataclass(frozen=True, slots=True)
class Tiles:
    tiles: tuple[Tile, ...]
    met: str
    met_role: str


def tiles(snapshot: ReportSnapshot, narrative: ReportNarrative, reader: Reader) -> Tiles:
    notes = narrative.figure_notes
    shown = tuple(
        tile(
            kpi,
            reader,
            _usual(kpi, snapshot.benchmarks, reader),
            reader.runs(notes[kpi.id]) if kpi.id in notes else (),
        )
        for kpi in snapshot.kpis
    )
    judged = [each.met for each in shown if each.met is not None]
    met = sum(judged)
    summary = ""
    if judged:
        counts = (reader.formats.count(met), reader.formats.count(len(judged)))
        summary = reader.words.number("tile.count", len(judged), met=counts[0], all=counts[1])
    return Tiles(shown, summary, "good" if met * 2 >= len(judged) else "warn")


def amount(figure: ReportKpiValue | ReportRate, per: int = 1) -> Number | None:
    """The exact number a figure stands for, or null. A rate over nothing is null, never 0."""
    value = getattr(figure, "value", None)
    if value is not None:
        return int(value)
    if figure.numerator is None or not figure.denominator:
        return None
    return Fraction(figure.numerator * per, figure.denominator)


def label(kpi: ReportKpi, reader: Reader) -> str:
    return reader.text(kpi.label) if kpi.label else reader.words(f"kpi.{kpi.id}")


def tile(kpi: ReportKpi, reader: Reader, usual: str = "", note: Lines = ()) -> Tile:
    value = amount(kpi, kpi.per)
    past = amount(kpi.previous, kpi.per) if kpi.previous else None
    target = _target(kpi)
    name = label(kpi, reader)
    delta, better = _change(kpi, value, past, reader)
    shown = NO_FIGURE if value is None else _written(kpi, value, reader)
    bound = _bound(kpi, target, reader)
    met = None if value is None or target is None else _met(kpi, value, target)
    alt = reader.words("tile.bar", label=name, value=shown, target=bound) if bound else ""
    return Tile(
        label=name,
        value=shown,
        is_missing=value is None,
        reason=reader.reason(kpi.missing_reason, "no_denominator") if value is None else "",
        quality=reader.words(f"tile.{kpi.quality}")
        if kpi.quality in ("estimated", "manual")
        else "",
        delta=delta,
        better=better,
        previous="" if past is None else _written(kpi, past, reader),
        target=bound,
        met=met,
        status=_status(met, target, reader),
        distance=_distance(kpi, value, target, reader),
        bar=_bar(value, target, met, alt, reader),
        alt=alt,
        usual=usual,
        note=note,
    )


def _usual(kpi: ReportKpi, benchmarks: Iterable[ReportBenchmark], reader: Reader) -> str:
    """What a source says is usual for this figure: the first that speaks of it."""
    told = next((each for each in benchmarks if each.kpi == kpi.id), None)
    if told is None:
        return ""
    value = told.value if told.rate is None else amount(told.rate, kpi.per)
    if value is None:
        return ""
    source = told.source
    if told.published_on is not None:
        source += f", {told.published_on.year}"
    return reader.words("tile.usual", value=_written(kpi, value, reader), source=source)


def _target(kpi: ReportKpi) -> Number | None:
    if isinstance(kpi.target, ReportRate):
        # A target is a rate as agreed: 1200 cents per thousand is already "per thousand".
        return Fraction(kpi.target.numerator, kpi.target.denominator)
    return kpi.target


def _met(kpi: ReportKpi, value: Number, target: Number) -> bool:
    return value >= target if kpi.direction == "up" else value <= target


def _written(kpi: ReportKpi, value: Number, reader: Reader) -> str:
    formats = reader.formats
    if kpi.unit in ("money", "ratio_money"):
        return formats.money(value)
    if kpi.unit == "minutes":
        return formats.minutes(int(value))
    if kpi.unit == "signed_count":
        return formats.signed(int(value))
    if kpi.unit == "count":
        return formats.count(int(value))
    if kpi.id in _TIMES:
        return f"{formats.decimal(value, 2)}{NBSP}×"
    if kpi.id == "roi":
        return formats.signed_percent(value)
    return formats.percent(value, 2 if kpi.id in _FINE else 1)


def _difference(kpi: ReportKpi, difference: Number, reader: Reader, signed: bool = True) -> str:
    """A distance in the figure's own unit; points for a percentage."""
    formats = reader.formats
    if kpi.unit in ("money", "ratio_money"):
        text = formats.signed_money(difference)
    elif kpi.unit == "minutes":
        text = formats.signed_minutes(int(difference))
    elif kpi.unit in ("count", "signed_count"):
        text = formats.signed(int(difference))
    elif kpi.id in _TIMES:
        text = f"{formats.signed(rounded(difference, 2), 2)}{NBSP}×"
    else:
        text = formats.points(difference, reader.words("tile.points"))
    return text if signed else text.lstrip("+")


def _change(
    kpi: ReportKpi, value: Number | None, past: Number | None, reader: Reader
) -> tuple[str, bool | None]:
    if value is None or past is None:
        return "", None
    better = None if value == past else (value > past) == (kpi.direction == "up")
    by_share = kpi.unit in ("count", "money", "ratio_money") and past > 0
    if by_share:
        return reader.formats.signed_percent(Fraction(value - past) / Fraction(past)), better
    return _difference(kpi, value - past, reader), better


def _bound(kpi: ReportKpi, target: Number | None, reader: Reader) -> str:
    if target is None:
        return ""
    sign = "≥" if kpi.direction == "up" else "≤"
    unsigned = kpi.unit == "signed_count" and target >= 0
    text = reader.formats.count(int(target)) if unsigned else _written(kpi, target, reader)
    return f"{sign}{NBSP}{text}"


def _status(met: bool | None, target: Number | None, reader: Reader) -> str:
    if met is None:
        return reader.words("tile.not_measured") if target is not None else ""
    return reader.words("tile.met" if met else "tile.missed")


def _distance(kpi: ReportKpi, value: Number | None, target: Number | None, reader: Reader) -> str:
    """How far from the target: a share of it where more is better, else the plain difference."""
    if value is None or target is None:
        return ""
    if value == target:
        return reader.words("tile.even")
    if kpi.direction == "up" and target > 0 and value >= 0:
        share = reader.formats.percent(Fraction(value) / Fraction(target), 0)
        return reader.words("tile.of_target", percent=share)
    apart: Number = value - target if value > target else target - value
    gap = _difference(kpi, apart, reader, signed=False)
    if kpi.direction == "down":
        return reader.words("tile.better" if value < target else "tile.worse", difference=gap)
    return reader.words("tile.above" if value > target else "tile.below", difference=gap)


def _bar(
    value: Number | None, target: Number | None, met: bool | None, alt: str, reader: Reader
) -> str:
    if value is None or target is None or target <= 0:
        return ""
    share = float(Fraction(value) / Fraction(target))
    return charts.bullet(reader.paint, share, "good" if met else "warn", alt)
