"""What can be done to a saved mapping: made, changed, taken back; and what it is as a format."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.imports.cells import DateOrder, Decimals
from api.imports.formats import Column, Format, FormatId, plain
from api.imports.models import ImportMapping, ImportMappingQuery
from api.metrics.figures import METRICS
from tenants import database, outbox
from tenants.errors import Conflict, Unprocessable
from tenants.models import Client
from tenants.pages import Listing


class MappingExists(Conflict):
    """The client has a mapping of this name already."""


class MappingForm(Unprocessable):
    """A mapping needs a figure and what it is of; only columns of figures are added up."""


_NAME_TAKEN = "uq_import_mappings_agency_id_client_id_name"
_PARTS = ("name", "columns", "lifetime", "date_order", "decimals", "delimiter", "currency")


def search(session: Session, page: ImportMappingQuery) -> Listing:
    """The mappings in sight, newest first."""
    query = select(ImportMapping)
    if page.client_id:
        query = query.where(col(ImportMapping.client_id) == page.client_id)
    return Listing(query, ImportMapping, page)


def create(session: Session, client_id: UUID, **values: Any) -> ImportMapping:
    """Save what the headers of a client's file mean."""
    client = database.get(session, Client, client_id)
    _check(values["columns"], values["lifetime"])
    mapping = ImportMapping(client_id=client.id, **values)
    with database.refusing_twice(_NAME_TAKEN, MappingExists(pointer="/name")):
        database.add(session, mapping)
    outbox.emit(session, "import_mapping.created", mapping)
    return mapping


def update(session: Session, mapping_id: UUID, **changes: Any) -> ImportMapping:
    """Change a mapping, for the imports to come."""
    mapping = database.get(session, ImportMapping, mapping_id, lock=True)
    _check(changes.get("columns", mapping.columns), changes.get("lifetime", mapping.lifetime))
    mapping.sqlmodel_update(changes)
    database.touch(mapping)
    with database.refusing_twice(_NAME_TAKEN, MappingExists(pointer="/name")):
        session.flush()
    outbox.emit(session, "import_mapping.updated", mapping)
    return mapping


def delete(session: Session, mapping_id: UUID) -> None:
    """Take a mapping back; what was imported with it keeps what it meant then."""
    mapping = database.get(session, ImportMapping, mapping_id, lock=True)
    outbox.emit(session, "import_mapping.deleted", mapping)
    session.delete(mapping)


def kept(mapping: ImportMapping) -> dict[str, Any]:
    """A mapping as an import keeps it."""
    return mapping.model_dump(mode="json", include=set(_PARTS))


def format_of(kept: dict[str, Any]) -> Format:
    """A mapping as a format: all of its headers are needed."""
    headers: dict[str, list[str]] = {}
    for each in kept["columns"]:
        headers.setdefault(each["means"], []).append(plain(each["header"]))
    columns = (Column(means, (tuple(named),), needed=True) for means, named in headers.items())
    return Format(
        FormatId.mapping,
        tuple(columns),
        source="mapping",
        lifetime=kept["lifetime"],
        order=DateOrder(kept["date_order"] or DateOrder.dmy),
        decimals=Decimals(kept["decimals"]) if kept["decimals"] else None,
        currency=kept["currency"],
    )


def _check(columns: Sequence[dict[str, Any]], lifetime: bool) -> None:
    means = [each["means"] for each in columns]
    headers = [plain(each["header"]) for each in columns]
    facts = [each for each in means if each not in METRICS]
    whole = {"post_id"} if lifetime else {"date"}
    if "post_id" in means:
        whole.add("published_at")
    if (
        not set(means) & set(METRICS)
        or not whole <= set(means)
        or len(set(headers)) != len(headers)
        or len(set(facts)) != len(facts)
    ):
        raise MappingForm(pointer="/columns")
