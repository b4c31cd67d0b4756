"""Files kept with an influencer. Each is a client's, and seen by whoever sees that client."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.files import files
from api.influencers.models import Influencer, InfluencerDocument
from tenants import database, outbox
from tenants.errors import Conflict, NotFound
from tenants.models import Audience, Client
from tenants.pages import Listing


class DocumentKept(Conflict):
    """This file is kept with the influencer already."""


def create(
    session: Session, influencer_id: UUID, client_id: UUID, file_id: UUID, **said: Any
) -> InfluencerDocument:
    """Keep a file of a client's with an influencer."""
    influencer = database.get(session, Influencer, influencer_id)
    client = database.get(session, Client, client_id)
    files.check_for(session, file_id, client.id, Audience.internal, "/file_id")
    document = InfluencerDocument(
        influencer_id=influencer.id, client_id=client.id, file_id=file_id, **said
    )
    key = "uq_influencer_documents_agency_id_influencer_id_file_id"
    with database.refusing_twice(key, DocumentKept(pointer="/file_id")):
        database.add(session, document)
    outbox.emit(session, "influencer_document.added", document)
    return document


def search(session: Session, influencer_id: UUID, page: Any) -> Listing:
    """The documents in sight of an influencer, newest first."""
    database.get(session, Influencer, influencer_id)
    query = select(InfluencerDocument).where(col(InfluencerDocument.influencer_id) == influencer_id)
    return Listing(query, InfluencerDocument, page)


def remove(session: Session, influencer_id: UUID, document_id: UUID) -> None:
    """Keep a file with the influencer no longer; the file itself stays the client's."""
    document = database.get(session, InfluencerDocument, document_id, lock=True)
    if document.influencer_id != influencer_id:
        raise NotFound
    outbox.emit(session, "influencer_document.removed", document)
    session.delete(document)
