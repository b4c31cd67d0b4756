"""
Lists a page at a time: opaque cursors over (sort key, id), so that ties are broken by id.

A cursor is bound to its filters, its order and its agency, and authorises nothing: what it points
past is decided anew by who asks. A row that was there from the first page to the last is seen once.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Uuid, func, literal_column, select, tuple_
from sqlmodel import Session

from tenants import reads, second_layer, settings
from tenants.errors import BadRequest
from tenants.pipeline import Statement
from tenants.reads import Answer
from tenants.sight import Sight

LONGEST = 200
COUNTED = 10_000

Item = TypeVar("Item")


class InvalidCursor(BadRequest):
    """The cursor does not belong to this list with these filters; start without one."""


class PageQuery(BaseModel):
    """What every list takes; a list's own filters extend it."""

    model_config = ConfigDict(extra="ignore")

    limit: Annotated[int, Field(ge=1, le=LONGEST)] = 50
    cursor: Annotated[str | None, Field(max_length=1000, pattern="^[A-Za-z0-9_.-]*$")] = None
    include: Annotated[
        Literal["total"] | None, Field(description="`total`: count, up to 10,000.")
    ] = None


class Page(BaseModel, Generic[Item]):
    """One page. `next_cursor` is null on the last one; `total` only when it was asked for."""

    model_config = ConfigDict(from_attributes=True)

    data: Annotated[list[Item], Field(max_length=LONGEST)]
    next_cursor: str | None
    total: int | None


@dataclass(frozen=True)
class Rows:
    """A page of rows, before it is shaped."""

    data: Sequence[Any]
    next_cursor: str | None
    total: int | None


@dataclass(frozen=True)
class Order:
    """By one column and then by id. The column is NOT NULL and an index has it before the id."""

    column: str
    descending: bool = False


NEWEST = Order("id", descending=True)
OLDEST = Order("id")


@dataclass(frozen=True)
class Listing:
    """A page of `query` (a select of `model`), not asked for yet."""

    query: Any
    model: Any
    page: PageQuery
    order: Order = NEWEST

    def as_rows(self, session: Any) -> Rows:
        """The page as rows."""
        slice = _Slice(self, session.sight.agency_id)
        total = session.scalar(slice.counted()) if self.page.include == "total" else None
        return slice.page_of(list(session.exec(slice.cut(self.query))), total)

    def as_json(self, shape: type[BaseModel], **more: str) -> "_Question":
        """The page as a shape's JSON; `more` is the SQL of members that are no columns."""
        return _Question(self, shape, more)


def paginate(
    session: Session, query: Any, model: Any, page: PageQuery, order: Order = NEWEST
) -> Rows:
    """The page of `query` (a select of `model`) that `page` asks for, as rows."""
    return Listing(query, model, page, order).as_rows(session)


@dataclass(frozen=True)
class _Slice:
    """Where one caller's page of a listing begins and ends."""

    of: Listing
    agency_id: UUID

    @cached_property
    def columns(self) -> list[Any]:
        return [
            getattr(self.of.model, name) for name in dict.fromkeys((self.of.order.column, "id"))
        ]

    @cached_property
    def bound(self) -> str:
        """What a cursor is bound to: the agency, the list, its order and its filters."""
        of = self.of
        filters = of.page.model_dump(mode="json", exclude={"limit", "cursor", "include"})
        parts = [str(self.agency_id), of.model.__tablename__, of.order.column, filters]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def cut(self, query: Any) -> Any:
        """The query from the cursor on, in order, and one row more than a page holds."""
        of, columns = self.of, self.columns
        if of.page.cursor:
            after = tuple_(*_read(of.page.cursor, self.bound, columns))
            place = tuple_(*columns)
            query = query.where(place < after if of.order.descending else place > after)
        way = [column.desc() if of.order.descending else column.asc() for column in columns]
        return query.order_by(*way).limit(of.page.limit + 1)

    def counted(self, query: Any = None) -> Any:
        query = self.of.query if query is None else query
        return select(func.count()).select_from(query.limit(COUNTED).subquery())

    def page_of(self, rows: list[Any], total: int | None) -> Rows:
        keys = [column.key for column in self.columns]
        return self.shown(rows, total, lambda row: [getattr(row, key) for key in keys])

    def shown(self, rows: list[Any], total: int | None, key: Callable[[Any], list[Any]]) -> Rows:
        limit = self.of.page.limit
        more, rows = len(rows) > limit, rows[:limit]
        return Rows(rows, _write(key(rows[-1]), self.bound) if more else None, total)


@dataclass(frozen=True)
class _Question:
    """A listing as JSON: one statement, and one more where the total is wanted."""

    listing: Listing
    shape: type[BaseModel]
    more: Mapping[str, str]

    def statements(self, agency_id: UUID) -> list[Statement]:
        slice, query = _Slice(self.listing, agency_id), self.listing.query
        model = self.listing.model
        if second_layer.on:
            query = query.where(model.agency_id == agency_id)
        owners = (reads.owner_of(model), reads.influencer_of(model))
        whose = (literal_column(each, Uuid) for each in owners)
        shown = (reads.as_json(model, self.shape, **self.more), *whose, *slice.columns)
        made = [
            reads.compiled(slice.cut(query).with_only_columns(*shown, maintain_column_froms=True))
        ]
        if self.listing.page.include == "total":
            counted = query.with_only_columns(model.id, maintain_column_froms=True)
            made.append(reads.compiled(slice.counted(counted)))
        return made

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Answer:
        total = found[1][0][0] if len(found) > 1 else None
        slice = _Slice(self.listing, sight.agency_id)
        page = slice.shown(found[0], total, lambda row: list(row[3:]))
        model = self.listing.model
        rows = ",".join(row[0] for row in page.data if reads.shows(sight, model, *row[1:3]))
        end = json.dumps({"next_cursor": page.next_cursor, "total": page.total})
        return Answer(f'{{"data":[{rows}],{end[1:]}'.encode())


def _write(values: list[Any], bound: str) -> str:
    body = json.dumps([_plain(value) for value in values]).encode()
    seal = _seal(body, bound)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (body, seal))


def _read(cursor: str, bound: str, columns: list[Any]) -> list[Any]:
    try:
        body, seal = (
            base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in cursor.split(".")
        )
        if not hmac.compare_digest(seal, _seal(body, bound)):
            raise InvalidCursor
        values = json.loads(body)
        return [_typed(column, value) for column, value in zip(columns, values, strict=True)]
    except ValueError:
        raise InvalidCursor from None


def _seal(body: bytes, bound: str) -> bytes:
    return hmac.digest(settings.get().secret_key, bound.encode() + body, "sha256")[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, int | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _typed(column: Any, value: Any) -> Any:
    kind = column.type.python_type
    if kind is UUID:
        return UUID(value)
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    return value
