"""Work: the scope line by line, the pieces that are out, and what each side owes the other."""

from collections import Counter
from dataclasses import dataclass

from api.documents import charts
from api.reports.sections.reader import NO_FIGURE, Reader
from api.reports.snapshot.snapshot import ReportSnapshot
from api.reports.snapshot.work import ReportDeliverable, ReportPromise, ReportProof

_MOST_CELLS = 60

# The state's pill, and its cell in the strip. What waits for others is never shown as our delay.
_PILLS = {
    "delivered": "good",
    "in_progress": "idle",
    "in_review": "warn",
    "planned": "idle",
    "late": "bad",
    "waiting": "wait",
}
_CELLS = {"good": "good", "idle": "ghost", "warn": "warn", "bad": "bad", "wait": "wait"}
_COUNTS = {
    "good": "delivered",
    "warn": "review",
    "idle": "moving",
    "wait": "waiting",
    "bad": "late",
}


@dataclass(frozen=True, slots=True)
class Line:
    number: str
    label: str
    channel: str
    progress: str
    extra: str
    due: str
    status: str
    role: str
    note: str


@dataclass(frozen=True, slots=True)
class Counted:
    text: str
    role: str


@dataclass(frozen=True, slots=True)
class Scope:
    lines: tuple[Line, ...]
    drawing: str
    alt: str
    counts: tuple[Counted, ...]
    has_extra: bool
    has_waiting: bool


@dataclass(frozen=True, slots=True)
class Piece:
    label: str
    channel: str
    date: str
    url: str
    shown_url: str


@dataclass(frozen=True, slots=True)
class Owed:
    """One promise. `status` and `role` are told only for those that were due before."""

    text: str
    owner: str
    due: str
    note: str
    status: str
    role: str


def scope(snapshot: ReportSnapshot, reader: Reader) -> Scope | None:
    deliverables = snapshot.deliverables
    if not deliverables:
        return None
    shown = tuple(_line(deliverable, reader) for deliverable in deliverables)
    amounts = Counter(line.role for line in shown)
    counts = tuple(
        Counted(_counted(name, amounts[role], reader), _CELLS[role])
        for role, name in _COUNTS.items()
        if amounts[role]
    )
    alt = reader.words("chart.strip", list=", ".join(count.text for count in counts))
    return Scope(
        lines=shown,
        drawing=_strip(shown, amounts, alt, reader),
        alt=alt,
        counts=counts,
        has_extra=any(line.extra for line in shown),
        has_waiting=bool(amounts["wait"]),
    )


def _counted(name: str, amount: int, reader: Reader) -> str:
    count = reader.formats.count(amount)
    return reader.words.number(f"work.counts_{name}", amount, count=count)


def _strip(lines: tuple[Line, ...], amounts: Counter[str], alt: str, reader: Reader) -> str:
    if len(lines) <= _MOST_CELLS:
        return charts.strip(reader.paint, [_CELLS[line.role] for line in lines], alt)
    parts = [(amounts[role], _CELLS[role]) for role in _COUNTS]
    return charts.stack(reader.paint, parts, alt, height=12)


def _line(deliverable: ReportDeliverable, reader: Reader) -> Line:
    state = _state(deliverable)
    extra = deliverable.over_serviced
    count = reader.formats.count(extra)
    return Line(
        number=reader.formats.count(deliverable.line),
        label=reader.text(deliverable.label),
        channel=reader.optional(deliverable.channel) or NO_FIGURE,
        progress=_progress(deliverable, reader),
        extra=reader.words.number("work.extra", extra, count=count) if extra else "",
        due=reader.day(deliverable.due_on) if deliverable.due_on else NO_FIGURE,
        status=status(deliverable, reader),
        role=_PILLS[state],
        note=_note(deliverable, reader),
    )


def _state(deliverable: ReportDeliverable) -> str:
    if deliverable.status not in ("blocked", "late"):
        return deliverable.status
    if deliverable.blocked_cause in ("client", "third_party", "crisis"):
        return "waiting"
    return "late"


def status(deliverable: ReportDeliverable, reader: Reader) -> str:
    cause = deliverable.blocked_cause
    if deliverable.status in ("blocked", "late") and cause is not None:
        return reader.words(f"work.blocked_{cause}")
    return reader.words(f"work.{deliverable.status}")


def _progress(deliverable: ReportDeliverable, reader: Reader) -> str:
    done = reader.formats.count(deliverable.delivered)
    whole = reader.formats.count(deliverable.contracted)
    if deliverable.measure == "hours":
        return reader.words("work.hours", done=done, all=whole)
    return f"{done} / {whole}"


def _note(deliverable: ReportDeliverable, reader: Reader) -> str:
    notes = [reader.optional(deliverable.note)]
    before, due = deliverable.original_due_on, deliverable.due_on
    if before is not None and due is not None and before != due:
        dates = {"date": reader.day(due), "before": reader.day(before)}
        notes.append(reader.words("work.new_date", **dates))
    if deliverable.in_progress and deliverable.status != "in_review":
        count = reader.formats.count(deliverable.in_progress)
        notes.append(reader.words("work.under_way", count=count) + ".")
    return " ".join(note for note in notes if note)


def pieces(proofs: tuple[ReportProof, ...], reader: Reader) -> tuple[Piece, ...]:
    return tuple(
        Piece(
            label=reader.text(proof.label),
            channel=reader.text(proof.channel),
            date=reader.day(reader.formats.local_day(proof.published_at)),
            url=proof.url or "",
            shown_url=_short_address(proof.url or ""),
        )
        for proof in proofs
    )


def _short_address(url: str) -> str:
    shown = url.removeprefix("https://").removeprefix("www.").rstrip("/")
    return shown if len(shown) <= 40 else shown[:39] + "…"


def kept(promises: tuple[ReportPromise, ...], reader: Reader) -> tuple[Owed, ...]:
    """Last period's commitments and how each ended."""
    return tuple(_kept(promise, reader) for promise in promises)


def _kept(promise: ReportPromise, reader: Reader) -> Owed:
    settled, due = promise.settled_on, promise.due_on
    late = settled is not None and due is not None and settled > due
    state = "done_late" if promise.status == "done" and late else promise.status
    roles = {"done": "good", "done_late": "warn", "open": "warn", "dropped": "idle"}
    return Owed(
        text=reader.text(promise.text),
        owner=reader.text(promise.owner),
        due=reader.day(due) if due else NO_FIGURE,
        note=reader.optional(promise.note),
        status=reader.words(f"promise.{state}"),
        role=roles[state],
    )


def owed(
    promises: tuple[ReportPromise, ...], snapshot: ReportSnapshot, reader: Reader
) -> tuple[Owed, ...]:
    """What is still open, in the order given; what was due already says since when we wait."""
    today = reader.formats.local_day(snapshot.report.published_at or snapshot.report.as_of)
    still_open = [promise for promise in promises if promise.status == "open"]
    shown = []
    for promise in still_open:
        due = ""
        if promise.due_on is not None:
            message = "promise.since" if promise.due_on < today else "promise.by"
            due = reader.words(message, date=reader.day(promise.due_on))
        note = reader.optional(promise.note)
        text, owner = reader.text(promise.text), reader.text(promise.owner)
        shown.append(Owed(text, owner, due, note, "", ""))
    return tuple(shown)
