"""A batch of readings as it was sent: JSON, NDJSON or CSV. Knows no session."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple, Self

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from api.http import strict
from api.http.problems import MalformedBody
from api.metrics.figures import EARLIEST, LARGEST, METRICS, MissingReason
from api.metrics.models import SubjectType
from tenants.errors import BadRequest, Unprocessable, UnsupportedMedia
from tenants.money import CurrencyCode
from tenants.shapes import Day, Instant, Line, Shape

TABLE = """
A header, then a row per subject and day. Columns: `date`; at least one of `channel` (an id, or
`network:handle`), `post` (an id, or `network:external_id`), `campaign` (an id), `collaboration`
(an id) and `competitor` (the id of an account of one, or `network:handle`); optionally
`basis`, `source`, `captured_at`, `currency`; and one column per metric. A metric's cell is a whole
number, empty (nothing said), or the reason why there is none (`not_offered`). Commas or
semicolons; UTF-8, with or without a BOM. Every cell is only a value: one that is not a number is
refused, whatever it begins with.
"""
SUBJECTS = (
    SubjectType.channel,
    SubjectType.post,
    SubjectType.campaign,
    SubjectType.collaboration,
    SubjectType.competitor,
)
MOST_ROWS = 10_000
LARGEST_BODY = 16 * 1024 * 1024


class UnreadableTable(BadRequest):
    """The body is not a CSV in UTF-8, or its quotes do not close."""


class UnknownColumn(Unprocessable):
    """The CSV's header has a column that is not known, or one twice; `known` lists them."""


class ColumnMissing(Unprocessable):
    """The CSV's header lacks `date`, or what the figures are about: `channel`, say."""


class TooManyReadings(Unprocessable):
    """A batch holds at most 10,000 readings."""


MetricName = Literal[
    "impressions",
    "reach",
    "views",
    "likes",
    "comments",
    "shares",
    "saves",
    "clicks",
    "followers",
    "posts",
    "sessions",
    "search_sessions",
    "leads",
    "conversions",
    "spend_minor",
    "revenue_minor",
]
ToldReason = Literal[
    "not_connected", "not_offered", "not_recorded", "not_yet", "permission_missing", "source_error"
]
REASONS = {reason.value for reason in MissingReason}
Amount = Annotated[int | None, Field(strict=True, ge=0, le=LARGEST)]


def _of_a_network(day: date) -> date:
    if day.year < EARLIEST:
        raise PydanticCustomError("date_out_of_range", "a day before there were networks")
    return day


class ReadingWrite(Shape):
    """
    What one source says of one subject and period. A metric left out or null says nothing; one
    named in `missing` says that there is no figure, and why. The subject is a `channel`, a `post`,
    a `campaign`, a `collaboration` or a `competitor`. A `lifetime` reading is the total since ever,
    as it stood on the day `date`.
    """

    date: Annotated[
        Day,
        Field(description="First day of the period; the client's calendar. From 2000 on."),
        AfterValidator(_of_a_network),
    ]
    channel: Annotated[Line | None, Field(description="A channel's id, or `network:handle`.")] = (
        None
    )
    post: Annotated[
        Line | None, Field(description="A published post's id, or `network:external_id`.")
    ] = None
    campaign: Annotated[Line | None, Field(description="A campaign's id.")] = None
    collaboration: Annotated[Line | None, Field(description="A collaboration's id.")] = None
    competitor: Annotated[
        Line | None,
        Field(description="The id of a competitor's account (a handle's), or `network:handle`."),
    ] = None
    basis: Annotated[
        Literal["day", "week", "month", "lifetime"],
        Field(description="A week begins on Monday, a month on its 1st."),
    ] = "day"
    source: Annotated[
        str,
        Field(max_length=40, pattern="^[a-z][a-z0-9_]{0,39}$", description="Who says so."),
    ] = "manual"
    captured_at: Annotated[
        Instant | None, Field(description="When the source had it; without it, now.")
    ] = None
    currency: Annotated[
        CurrencyCode | None, Field(description="Of spend and revenue; else the client's.")
    ] = None
    missing: Annotated[dict[MetricName, ToldReason], Field(max_length=len(METRICS))] = {}
    impressions: Amount = None
    reach: Amount = None
    views: Amount = None
    likes: Amount = None
    comments: Amount = None
    shares: Amount = None
    saves: Amount = None
    clicks: Amount = None
    followers: Amount = None
    posts: Amount = None
    sessions: Amount = None
    search_sessions: Amount = None
    leads: Amount = None
    conversions: Amount = None
    spend_minor: Amount = None
    revenue_minor: Annotated[
        int | None,
        Field(strict=True, ge=-LARGEST, le=LARGEST, description="Below zero after refunds."),
    ] = None

    @property
    def values(self) -> dict[str, int]:
        said = vars(self)
        return {metric: said[metric] for metric in METRICS if said[metric] is not None}

    @property
    def subjects(self) -> list[tuple[SubjectType, str]]:
        said = vars(self)
        return [(type, name) for type in SUBJECTS if (name := said[type]) is not None]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        values = self.values
        if len(self.subjects) != 1:
            raise PydanticCustomError("one_subject", "a reading is about one thing")
        if not self.missing and not values:
            raise PydanticCustomError("nothing_said", "a reading says something")
        if not values.keys().isdisjoint(self.missing):
            raise PydanticCustomError("said_twice", "a metric has a value or is missing")
        if self.basis == "week" and self.date.weekday() != 0:
            raise PydanticCustomError("not_a_period_start", "a week begins on Monday")
        if self.basis == "month" and self.date.day != 1:
            raise PydanticCustomError("not_a_period_start", "a month begins on its 1st")
        return self


class ReadingsWrite(Shape):
    """A batch of readings."""

    readings: Annotated[list[Any], Field(min_length=1, max_length=MOST_ROWS)]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one row: a pointer into it, a code, and what its sentence needs."""

    row: int
    pointer: str
    code: str
    words: tuple[tuple[str, int | str], ...] = ()


class Sent(NamedTuple):
    """One reading as it was sent, well-formed."""

    row: int
    date: date
    subject: tuple[SubjectType, str]
    basis: str
    source: str
    captured_at: datetime | None
    currency: str | None
    values: dict[str, int]
    missing: dict[str, str]


@dataclass(frozen=True)
class _Unread:
    """A row that could not be taken apart."""

    code: str


def read(content: bytes, media_type: str) -> list[Sent | Fault]:
    """The rows of a body, numbered from 1, each as a reading or as what is wrong with it."""
    kind, _, parameters = media_type.lower().partition(";")
    parse = _PARSERS.get(kind.strip())
    if parse is None or not _UTF8.fullmatch(parameters.strip()):
        raise UnsupportedMedia
    found: list[Sent | Fault] = []
    for number, row in enumerate(parse(content), 1):
        if number > MOST_ROWS:
            raise TooManyReadings
        found += reading(number, row)
    return found


_UTF8 = re.compile(r'|charset="?utf-?8"?')
_ADAPTER = TypeAdapter(ReadingWrite)


def reading(number: int, row: Any) -> list[Sent | Fault]:
    """A row as a reading, or all that is wrong with it."""
    if isinstance(row, _Unread):
        return [Fault(number, "", row.code)]
    try:
        made = _ADAPTER.validate_python(row)
    except ValidationError as failure:
        return [_fault(number, fault) for fault in failure.errors(include_url=False)[:5]]
    sent = Sent(
        number,
        made.date,
        made.subjects[0],
        made.basis,
        made.source,
        made.captured_at,
        made.currency,
        made.values,
        {str(metric): str(reason) for metric, reason in made.missing.items()},
    )
    return [sent]


def _fault(number: int, fault: Any) -> Fault:
    # What was sent is never said back: of a member that is not ours, not even its name.
    member = next(iter(fault["loc"]), "")
    pointer = f"/{member}" if member in ReadingWrite.model_fields else ""
    words = (fault.get("ctx") or {}).items()
    safe = tuple((key, value) for key, value in words if isinstance(value, int | str))
    return Fault(number, pointer, str(fault["type"]), safe)


def _json(content: bytes) -> Iterator[Any]:
    try:
        body = strict.loads(content)
    except ValueError:
        raise MalformedBody from None
    try:
        yield from ReadingsWrite.model_validate(body).readings
    except ValidationError as failure:
        found = failure.errors(include_url=False)
        raise RequestValidationError(
            [{**fault, "loc": ("body", *fault["loc"])} for fault in found]
        ) from None


def _ndjson(content: bytes) -> Iterator[Any]:
    for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if line.strip():
            try:
                yield strict.loads(line)
            except ValueError:
                yield _Unread("not_json")


_SHARED = ("date", *SUBJECTS, "basis", "source", "captured_at", "currency")
COLUMNS = (*_SHARED, *METRICS)
_WHOLE = re.compile(r"-?[0-9]{1,17}")
_METRICS = frozenset(METRICS)


def _csv(content: bytes) -> Iterator[Any]:
    try:
        text = content.decode("utf-8-sig")
        strict.check_text(text)
    except ValueError:
        raise UnreadableTable from None
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = header(next(lines, []))
        for found in lines:
            if found:
                yield cells(names, found)
    except csv.Error:
        raise UnreadableTable from None


def header(found: list[str]) -> list[str]:
    """The columns of a table in our layout."""
    names = [cell.strip().lower() for cell in found]
    if len(set(names)) != len(names) or not set(names) <= set(COLUMNS):
        raise UnknownColumn(extra={"known": list(COLUMNS)})
    if "date" not in names or not set(SUBJECTS) & set(names):
        raise ColumnMissing(extra={"known": list(COLUMNS)})
    return names


def cells(header: list[str], found: list[str]) -> Any:
    """A row of a table as a reading's members."""
    if len(found) != len(header):
        return _Unread("wrong_cell_count")
    row: dict[str, Any] = {"missing": {}}
    for name, cell in zip(header, map(str.strip, found), strict=True):
        if name not in _METRICS:
            if cell:
                row[name] = cell
        elif _WHOLE.fullmatch(cell):
            row[name] = int(cell)
        elif cell in REASONS:
            row["missing"][name] = cell
        elif cell:
            row[name] = cell
    return row


_PARSERS: dict[str, Callable[[bytes], Iterator[Any]]] = {
    "application/json": _json,
    "application/x-ndjson": _ndjson,
    "text/csv": _csv,
}


def request_body() -> dict[str, Any]:
    """The body's three forms, for the API's document."""
    reading = ReadingWrite.model_json_schema()
    batch = {
        "type": "object",
        "title": "ReadingsWrite",
        "description": "A batch of readings.",
        "required": ["readings"],
        "additionalProperties": False,
        "properties": {
            "readings": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_ROWS,
                "items": reading,
            }
        },
    }
    lines = {"type": "string", "format": "binary", "maxLength": LARGEST_BODY}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": batch},
            "application/x-ndjson": {"schema": {**lines, "description": "One reading a line."}},
            "text/csv": {"schema": {**lines, "description": TABLE.strip()}},
        },
    }
