"""
Stored bytes, by their SHA-256: a folder or S3 behind one interface (obstore).

Bytes are written before the row that names them, so that a row never points at nothing; the same
bytes are stored once per agency. They leave only by our own routes: a local store cannot sign.
"""

import hashlib
from functools import lru_cache
from uuid import UUID

import obstore
from obstore.store import LocalStore, ObjectStore, from_url
from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field, Session

from tenants import database, settings
from tenants.database import INTERNAL, PERSONAL, AgencyModel, MaybeClientOwned, Wall


class StoredFile(MaybeClientOwned, AgencyModel, table=True):
    """What a stored run of bytes is, and whose."""

    __tablename__ = "files"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        Index(None, "agency_id", "sha256"),
        Index(None, "agency_id", "client_id", "id"),
    )
    wall = Wall.client

    shared: bool = Field(default=False)
    name: str = Field(max_length=255, sa_column_kwargs=PERSONAL)
    media_type: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)


def put(agency_id: UUID, body: bytes) -> str:
    """Store bytes under their hash, and return it. Holds no session: it may cross a network."""
    digest = hashlib.sha256(body).hexdigest()
    obstore.put(_store(), _path(agency_id, digest), body)
    return digest


def read(agency_id: UUID, sha256: str) -> bytes:
    """The bytes of a hash; FileNotFoundError when there are none."""
    return bytes(obstore.get(_store(), _path(agency_id, sha256)).bytes())


def record(
    session: Session,
    *,
    sha256: str,
    size: int,
    name: str,
    media_type: str,
    client_id: UUID | None,
    shared: bool = False,
) -> StoredFile:
    """Name bytes that are already stored."""
    file = StoredFile(
        sha256=sha256,
        size=size,
        name=name,
        media_type=media_type,
        client_id=client_id,
        shared=shared,
    )
    database.add(session, file)
    return file


def _path(agency_id: UUID, sha256: str) -> str:
    return f"{agency_id.hex}/{sha256[:2]}/{sha256}"


@lru_cache(maxsize=1)
def _store() -> ObjectStore:
    configured = settings.get().storage_url
    if configured and "://" in configured:
        return from_url(configured)
    folder = configured or str(settings.get().home / "files")
    return LocalStore(folder, mkdir=True)
