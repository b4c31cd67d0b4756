"""What tables are made of: their columns' types and tags, their keys, and the wall of each."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Enum,
    ForeignKeyConstraint,
    MetaData,
    UniqueConstraint,
)
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from tenants import clock
from tenants.ids import new_id

SQLModel.metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

UTC_TIMESTAMP: Any = DateTime(timezone=True)


def text_enum(kind: type[StrEnum]) -> Any:
    """A column type: the values as text with a CHECK, never a native enum (its `=` leaks)."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=f"{kind.__name__.lower()}_known",
        values_callable=lambda members: [member.value for member in members],
    )


class Wall(StrEnum):
    """What a table is, to the row policies; each table names one in its migration."""

    platform = "platform"  # no agency's: the application's roles have no grant
    agency = "agency"  # the agency's staff
    client = "client"  # staff with the client in sight, and that client's contacts what is shared
    client_internal = "client_internal"  # staff with the client in sight, never the client
    personal = "personal"  # the person's own rows


class Sensitivity(StrEnum):
    """What a column holds; tagged with `info`, for exports, masking and erasure."""

    public = "public"
    internal = "internal"
    personal = "personal"
    secret = "secret"


def tagged(kind: Sensitivity, **kwargs: Any) -> dict[str, Any]:
    return {"info": {"sensitivity": kind.value}, **kwargs}


PERSONAL = tagged(Sensitivity.personal)


SECRET = tagged(Sensitivity.secret)


PUBLIC = tagged(Sensitivity.public)


INTERNAL = tagged(Sensitivity.internal)


class PlatformModel(SQLModel):
    """A row that belongs to no agency."""

    wall: ClassVar[Wall] = Wall.platform

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)


class AgencyModel(SQLModel):
    """A row of one agency; the session fills `agency_id`, and no verb takes it."""

    wall: ClassVar[Wall] = Wall.agency

    agency_id: UUID = Field(default=None, primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)


class ClientOwned(SQLModel):
    """Mixed into a row that belongs to one client."""

    client_id: UUID = Field()


class MaybeClientOwned(SQLModel):
    """Mixed into a row that belongs to a client or to the agency as a whole."""

    client_id: UUID | None = Field(default=None)


class InfluencerOwned(SQLModel):
    """
    Mixed into a row that a logged-in influencer may see when it is theirs: its migration says
    `let_influencer`. The column that holds their influencer's id is `influencer_column`.
    """

    influencer_column: ClassVar[str] = "influencer_id"


class Resource(AgencyModel):
    """A row that people edit: it counts its versions, for ETag and If-Match."""

    updated_at: datetime = Field(
        default_factory=clock.now, sa_type=UTC_TIMESTAMP, sa_column_kwargs={"onupdate": clock.now}
    )
    version: int = Field(default=1, sa_type=BigInteger)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        table = getattr(cls, "__table__", None)
        return {} if table is None else {"version_id_col": table.c.version}


def foreign(
    column: str, table: str, *, client: bool = False, name: str | None = None
) -> ForeignKeyConstraint:
    """
    A key to another row of the agency; with `client`, of the same client too. `name`: where its own
    would be longer than PostgreSQL keeps names (63 bytes).
    """
    owners = ["agency_id", "client_id"] if client else ["agency_id"]
    targets = [f"{table}.{owner}" for owner in owners]
    return ForeignKeyConstraint([*owners, column], [*targets, f"{table}.id"], name=name)


def client_owned(*others: Any) -> tuple[Any, ...]:
    """Table arguments of a row that belongs to a client: the key that its children point at."""
    return (
        ForeignKeyConstraint(["agency_id", "client_id"], ["clients.agency_id", "clients.id"]),
        UniqueConstraint("agency_id", "client_id", "id"),
        *others,
    )


def owner_of(row: AgencyModel | PlatformModel) -> UUID | None:
    """The client a row belongs to, if it belongs to one."""
    if row.__tablename__ == "clients":
        return row.id
    return getattr(row, "client_id", None)


def influencer_of(row: AgencyModel) -> UUID | None:
    """The influencer whose a row is, if it is one's."""
    return getattr(row, row.influencer_column) if isinstance(row, InfluencerOwned) else None
