"""
Tables of imports and saved mappings, and their wire shapes.

import    queued → running → done · failed · cancelled, as its job is; it is never edited
mapping   what the headers of files that no format knows mean, for one client
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING
from pydantic import Field as Constraint
from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.imports.cells import DateOrder, Decimals
from api.imports.formats import FormatId
from api.metrics.models import Basis
from tenants.money import CurrencyCode
from tenants.pages import PageQuery
from tenants.shapes import Flag, Instant, Line, Name, ReadShape, Shape, Zone
from tenants.tables import (
    INTERNAL,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)

MOST_FAULTS = 100  # of the rows that were refused, shown
MOST_SHOWN = 20  # figures as they were read


class ImportState(StrEnum):
    """Where an import is."""

    queued = "queued"
    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


class Import(ClientOwned, AgencyModel, table=True):
    """
    A file of figures, and how far it is recorded: read = stored + unchanged + rejected. `items`:
    what was taken from the file, so that a run that was killed carries on where it was.
    """

    __tablename__ = "imports"
    __table_args__ = client_owned(
        foreign("job_id", "jobs"),
        foreign("file_id", "files"),
        foreign("channel_id", "channels", client=True),
        foreign("requested_by", "memberships"),
    )
    wall = Wall.client_internal

    job_id: UUID
    file_id: UUID
    channel_id: UUID | None = None
    mapping_id: UUID | None = None
    requested_by: UUID | None = None
    format: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)
    year: int | None = None
    date_order: DateOrder | None = Field(default=None, sa_type=text_enum(DateOrder))
    timezone: str | None = Field(default=None, max_length=64, sa_column_kwargs=INTERNAL)
    exported_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    dry_run: bool = False
    mapping: dict[str, Any] | None = Field(default=None, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    items: int = 0
    read: int = 0
    stored: int = 0
    unchanged: int = 0
    rejected: int = 0
    posts: int = 0
    first_day: date | None = None
    last_day: date | None = None
    tables: list[Any] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    sample: list[Any] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    faults: list[Any] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    finished_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class ImportMapping(ClientOwned, Resource, table=True):
    """What the headers of a client's own kind of file mean."""

    __tablename__ = "import_mappings"
    __table_args__ = client_owned(
        UniqueConstraint("agency_id", "client_id", "name"),
    )
    wall = Wall.client_internal

    name: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    columns: list[Any] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    lifetime: bool = False
    date_order: DateOrder | None = Field(default=None, sa_type=text_enum(DateOrder))
    decimals: Decimals | None = Field(default=None, sa_type=text_enum(Decimals))
    delimiter: str | None = Field(default=None, max_length=1, sa_column_kwargs=INTERNAL)
    currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)


Meaning = Literal[
    "date",
    "channel",
    "post_id",
    "url",
    "published_at",
    "title",
    "post_format",
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
Delimiter = Literal[",", ";", "\t"]
Year = Annotated[int, Constraint(strict=True, ge=2000, le=2200)]
_ORDER = Constraint(description="Of days written in three numbers; without it, the format's own.")


class ImportCreate(Shape):
    """
    A file to import. `channel_id`: whose figures these are, where the file does not say. `year`: of
    the file's last day, where its days have none. `exported_at`: when the network made the file;
    without it, its figures are the newest word, and totals so far stood on the day of its upload.
    """

    client_id: UUID
    file_id: UUID
    channel_id: UUID | None = None
    format: Annotated[
        FormatId | None, Constraint(description="Without it, the file's headers say.")
    ] = None
    mapping_id: UUID | None = None
    year: Year | None = None
    date_order: Annotated[DateOrder | None, _ORDER] = None
    timezone: Annotated[
        Zone | None, Constraint(description="Of times without one; else the channel's or client's.")
    ] = None
    exported_at: Instant | None = None
    dry_run: Annotated[
        Flag, Constraint(description="Say what would change, and change nothing.")
    ] = False


class ImportColumn(ReadShape):
    """A header of the file and what it means here; null: it is ignored."""

    header: str
    means: str | None


class ImportTable(ReadShape):
    """A table that was found in the file; `sheet` is empty but in a workbook."""

    sheet: str
    format: FormatId
    columns: list[ImportColumn]


class ImportedFigure(ReadShape):
    """A row as it was read. `subject`: as the file names it; a post by its network's id."""

    row: int
    date: date
    basis: Basis
    subject_type: Literal["channel", "post", "campaign"]
    subject: str
    currency: str | None
    values: dict[str, int]


class ImportFault(ReadShape):
    """What is wrong with one row; `row` is the number a spreadsheet shows."""

    row: int
    sheet: str
    column: str | None
    code: str
    detail: str


class ImportRead(ReadShape):
    """
    An import: read = stored + unchanged + rejected. `posts`: how many were noted. `faults`: the
    first hundred rows refused. `sample`: the first figures as they were read. `problem`: why it
    failed, as any other refusal is told; what was stored before it stays, and is not stored twice.
    """

    id: UUID
    client_id: UUID
    file_id: UUID
    channel_id: UUID | None
    mapping_id: UUID | None
    job_id: UUID
    format: FormatId | None
    year: int | None
    date_order: DateOrder | None
    timezone: str | None
    exported_at: datetime | None
    dry_run: bool
    state: ImportState
    read: int
    stored: int
    unchanged: int
    rejected: int
    posts: int
    first_day: date | None
    last_day: date | None
    tables: list[ImportTable]
    sample: list[ImportedFigure]
    faults: list[ImportFault]
    problem: dict[str, Any] | None
    requested_by: UUID | None
    created_at: datetime
    finished_at: datetime | None


class ImportQuery(PageQuery):
    """Filters of the list of imports."""

    client_id: UUID | None = None
    channel_id: UUID | None = None


class MappingColumn(Shape):
    """A header, and what its cells are. Two headers of the same metric are added up."""

    header: Line
    means: Meaning


_Columns = Annotated[list[MappingColumn], Constraint(min_length=1, max_length=100)]


class ImportMappingCreate(Shape):
    """
    A mapping. `lifetime`: the figures are totals so far of posts, else of the row's day.
    `currency`: of its columns of money; without it, the client's.
    """

    client_id: UUID
    name: Name
    columns: _Columns
    lifetime: Flag = False
    date_order: Annotated[DateOrder | None, _ORDER] = None
    decimals: Decimals | None = None
    delimiter: Delimiter | None = None
    currency: CurrencyCode | None = None


class ImportMappingUpdate(Shape):
    """What of a mapping may be changed; imports that used it stay as they are."""

    name: Name | MISSING = MISSING
    columns: _Columns | MISSING = MISSING
    lifetime: Flag | MISSING = MISSING
    date_order: DateOrder | None | MISSING = MISSING
    decimals: Decimals | None | MISSING = MISSING
    delimiter: Delimiter | None | MISSING = MISSING
    currency: CurrencyCode | None | MISSING = MISSING


class MappingColumnRead(ReadShape):
    """A header, and what its cells are."""

    header: str
    means: Meaning


class ImportMappingRead(ReadShape):
    """What the headers of a client's own kind of file mean."""

    id: UUID
    version: int
    client_id: UUID
    name: str
    columns: list[MappingColumnRead]
    lifetime: bool
    date_order: DateOrder | None
    decimals: Decimals | None
    delimiter: Delimiter | None
    currency: str | None
    created_at: datetime
    updated_at: datetime


class ImportMappingQuery(PageQuery):
    """Filters of the list of mappings."""

    client_id: UUID | None = None
