"""
The logo that reports and the mails about them bear: a client's own, else the agency's.

A version takes it over when it is frozen, so that what was published keeps its face.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import UploadFile
from pydantic import Field as Constraint
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary, UniqueConstraint, or_
from sqlmodel import Field, Session, col, select
from starlette.responses import Response

from api.documents import logos
from api.documents.logos import LARGEST, Logo
from api.http.answers import Deferred, stored
from tenants import database, outbox
from tenants.errors import Conflict, Forbidden
from tenants.models import Client
from tenants.pages import Listing, PageQuery
from tenants.shapes import ReadShape, Shape
from tenants.tables import INTERNAL, SECRET, Resource, Wall, foreign


class LogoBeingSet(Conflict):
    """Somebody else is setting this logo just now."""


class ReportLogo(Resource, table=True):
    """A logo, drawn anew as a small PNG: the agency's, or one client's (`of_client_id`)."""

    __tablename__ = "report_logos"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        foreign("of_client_id", "clients"),
        UniqueConstraint(
            *("agency_id", "of_client_id"),
            name="uq_report_logos_whose",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("octet_length(png) <= 131072", "is_small"),
    )
    wall = Wall.agency

    of_client_id: UUID | None = None
    png: bytes = Field(sa_type=LargeBinary, sa_column_kwargs=SECRET)
    width: int
    height: int
    sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)


class ReportLogoCreate(Shape):
    """
    The logo that reports are to bear: the agency's or, with `client_id`, that client's own. It
    takes the place of the one before; versions that are out keep theirs.
    """

    client_id: UUID | SkipJsonSchema[None] = None  # a form leaves it out
    file: Annotated[
        UploadFile,
        Constraint(
            description="A PNG or a JPEG, up to 2 MiB and 16 megapixels.",
            json_schema_extra={"format": "binary", "maxLength": LARGEST},
        ),
    ]


class ReportLogoRead(ReadShape):
    """A logo as it is kept: a small PNG. `of_client_id` is null for the agency's."""

    id: UUID
    version: int
    of_client_id: UUID | None
    width: int
    height: int
    sha256: str
    created_at: datetime
    updated_at: datetime


def search(session: Session, page: PageQuery) -> Listing:
    """The agency's logo and those of the clients in sight."""
    clients = cast(database.Session, session).sight.client_ids
    own = col(ReportLogo.of_client_id)
    query = select(ReportLogo)
    if clients is not None:
        query = query.where(or_(own.is_(None), own.in_(sorted(clients))))
    return Listing(query, ReportLogo, page)


def picture(session: Session, logo_id: UUID) -> Response | Deferred:
    """A logo in sight as it is kept; 304 when it is known."""
    logo = database.get(session, ReportLogo, logo_id)
    if logo.of_client_id:
        database.get(session, Client, logo.of_client_id)
    return stored(session, logo.sha256, "image/png", logo.png)


def check_owner(session: Session, client_id: UUID | None) -> UUID:
    """Whose logo it is may set it: who has the duty for the client, or who runs the agency."""
    sight = cast(database.Session, session).sight
    if client_id:
        database.get(session, Client, client_id)
    elif not sight.may("agency:write"):
        raise Forbidden
    agency_id: UUID = sight.agency_id
    return agency_id


def keep(session: Session, client_id: UUID | None, logo: Logo) -> ReportLogo:
    """Take a logo for the one that is borne from now on."""
    check_owner(session, client_id)
    kept = _of(session, client_id, lock=True)
    said: dict[str, Any] = {
        "png": logo.png,
        "width": logo.width,
        "height": logo.height,
        "sha256": hashlib.sha256(logo.png).hexdigest(),
    }
    if kept is None:
        kept = ReportLogo(of_client_id=client_id, **said)
        with database.refusing_twice("uq_report_logos_whose", LogoBeingSet()):
            database.add(session, kept)
    else:
        kept.sqlmodel_update(said)
    outbox.emit(session, "report_logo.set", kept)
    return kept


def delete(session: Session, logo_id: UUID) -> None:
    """Bear it no longer: the agency's, or drawn initials, take its place."""
    logo = database.get(session, ReportLogo, logo_id)
    check_owner(session, logo.of_client_id)
    logo = database.get(session, ReportLogo, logo_id, lock=True)
    outbox.emit(session, "report_logo.deleted", logo)
    session.delete(logo)


def borne(session: Session, client_id: UUID) -> Logo | None:
    """The logo for a client's reports now."""
    found = _of(session, client_id) or _of(session, None)
    return Logo(found.png, found.width, found.height) if found else None


def drawing(session: Session, client_id: UUID) -> str | None:
    """The same, as what a version keeps of it."""
    logo = borne(session, client_id)
    return logos.as_svg(logo) if logo else None


def _of(session: Session, client_id: UUID | None, *, lock: bool = False) -> ReportLogo | None:
    query = select(ReportLogo).where(col(ReportLogo.of_client_id).is_not_distinct_from(client_id))
    return session.exec(query.with_for_update() if lock else query).first()
