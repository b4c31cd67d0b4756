"""
Lists a page at a time: opaque cursors over (sort key, id), so that ties are broken by id.

A cursor is bound to its filters, its order and its agency, and authorises nothing: what it points
past is decided anew by who asks. A row that was there from the first page to the last is seen once.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select, tuple_
from sqlmodel import Session, SQLModel

from tenants import settings
from tenants.errors import BadRequest

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


def paginate(
    session: Session, query: Any, model: Any, page: PageQuery, order: Order = NEWEST
) -> Rows:
    """The page of `query` (a select of `model`) that `page` asks for."""
    bound = _bound_to(session, model, page, order)
    columns = [getattr(model, name) for name in dict.fromkeys((order.column, "id"))]
    total = _count(session, query) if page.include == "total" else None
    if page.cursor:
        after = tuple_(*_read(page.cursor, bound, columns))
        place = tuple_(*columns)
        query = query.where(place < after if order.descending else place > after)
    way = [column.desc() if order.descending else column.asc() for column in columns]
    rows = list(session.exec(query.order_by(*way).limit(page.limit + 1)))
    more = len(rows) > page.limit
    rows = rows[: page.limit]
    next_cursor = _write([getattr(rows[-1], c.key) for c in columns], bound) if more else None
    return Rows(rows, next_cursor, total)


def _count(session: Session, query: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(query.limit(COUNTED).subquery())))  # type: ignore[arg-type]


def _bound_to(session: Any, model: type[SQLModel], page: PageQuery, order: Order) -> str:
    filters = page.model_dump(mode="json", exclude={"limit", "cursor", "include"})
    parts = [str(session.sight.agency_id), str(model.__tablename__), order.column, filters]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


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
