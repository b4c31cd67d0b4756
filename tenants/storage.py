"""
Stored bytes, by their SHA-256: a folder or S3 behind one interface (obstore).

Bytes are written before the row that names them, so that a row never points at nothing; the same
bytes are stored once per agency. They leave only by our own routes: a local store cannot sign.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import IO
from uuid import UUID

import obstore
from obstore.store import LocalStore, ObjectStore, from_url
from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from tenants import settings
from tenants.models import Audience
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    AgencyModel,
    InfluencerOwned,
    MaybeClientOwned,
    Wall,
    foreign,
    text_enum,
)

PIECE = 1024 * 1024  # bytes held at once, of bytes on their way in or out


class StoredFile(InfluencerOwned, MaybeClientOwned, AgencyModel, table=True):
    """
    What a stored run of bytes is, whose, and who may have it. All that is ever edited is the
    audience: what an influencer handed in for a collaboration is shown to the client later.
    """

    __tablename__ = "files"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        Index(None, "agency_id", "sha256"),
        foreign("uploaded_by", "memberships"),
        # All that is known here of influencers' work is that there is some of these ids.
        foreign("collaboration_id", "collaborations", client=True),
        foreign("influencer_id", "influencers"),
        CheckConstraint(
            "(collaboration_id is null) = (influencer_id is null)"
            " and (collaboration_id is null or client_id is not null)",
            "handed_in_for_work",
        ),
        Index(None, "agency_id", "client_id", "id"),
        Index(None, "agency_id", "collaboration_id", "id"),
        Index(None, "agency_id", "influencer_id", "id"),
    )
    wall = Wall.client

    audience: Audience = Field(default=Audience.internal, sa_type=text_enum(Audience))
    name: str = Field(max_length=255, sa_column_kwargs=PERSONAL)
    media_type: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    collaboration_id: UUID | None = None
    influencer_id: UUID | None = None
    uploaded_by: UUID | None = None
    uploaded_by_name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)


def put(agency_id: UUID, body: bytes) -> str:
    """Store bytes under their hash, and return it. Holds no session: it may cross a network."""
    digest = hashlib.sha256(body).hexdigest()
    obstore.put(_store(), _path(agency_id, digest), body)
    return digest


def put_file(agency_id: UUID, file: IO[bytes]) -> str:
    """The same, of what is too large to hold: read twice, a piece at a time."""
    digest = hash_of(file)
    path = _path(agency_id, digest)
    obstore.put(_store(), path, file, chunk_size=5 * PIECE, max_concurrency=1)
    return digest


def hash_of(file: IO[bytes]) -> str:
    """The SHA-256 of a file, which is left at its start."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def read(agency_id: UUID, sha256: str) -> bytes:
    """The bytes of a hash; FileNotFoundError when there are none."""
    return bytes(obstore.get(_store(), _path(agency_id, sha256)).bytes())


def stream(agency_id: UUID, sha256: str, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a hash from `start` up to and without `end`, a piece at a time."""
    found = obstore.get(_store(), _path(agency_id, sha256), options={"range": (start, end)})
    return (bytes(piece) for piece in found.stream(min_chunk_size=PIECE))


def _path(agency_id: UUID, sha256: str) -> str:
    return f"{agency_id.hex}/{sha256[:2]}/{sha256}"


@lru_cache(maxsize=1)
def _store() -> ObjectStore:
    configured = settings.get().storage_url
    if configured and "://" in configured:
        return from_url(configured)
    folder = configured or str(settings.get().home / "files")
    return LocalStore(folder, mkdir=True)
