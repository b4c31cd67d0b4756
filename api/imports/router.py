"""Routes of imports and saved mappings; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.imports import imports, mappings, reading
from api.imports.models import (
    ImportCreate,
    ImportMapping,
    ImportMappingCreate,
    ImportMappingQuery,
    ImportMappingRead,
    ImportMappingUpdate,
    ImportQuery,
    ImportRead,
)
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("imports")


@router.post(
    "/imports",
    status_code=202,
    response_model=ImportRead,
    dependencies=[needs("imports:write")],
    responses=problems(
        NotFound,
        imports.FileNotFigures,
        imports.FormatAndMapping,
        imports.ChannelOfAnotherNetwork,
        reading.YearNeeded,
    ),
)
def create_import(data: ImportCreate, session: RequestSession) -> Any:
    """
    Import figures from an uploaded file, or try to (`dry_run`); the job tells how far it is.

    Read are the exports of Meta Business Suite, LinkedIn (`.xls`), TikTok Studio, X, YouTube Studio
    and GA4, our own layout as CSV, NDJSON or JSON, and whatever a saved mapping explains. The same
    file twice is once. An import that cannot be read ends `failed` with a `problem`:
    `format_unknown` (with what was looked for), `year_needed`, `channel_needed`,
    `nothing_to_import`, `header_twice`, `currencies_differ`, `period_not_said`,
    `period_not_whole`, `import_unreadable`, `import_too_wide`, `workbook_too_large`,
    `json_too_large`.
    """
    return imports.request(session, **data.model_dump())


@router.get(
    "/imports",
    response_model=Page[ImportRead],
    dependencies=[needs("imports:read")],
    responses=problems(InvalidCursor),
)
def list_imports(page: Annotated[ImportQuery, Query()], session: RequestSession) -> Any:
    """List the imports in your sight, newest first."""
    return imports.search(session, page)


@router.get(
    "/imports/{import_id}",
    response_model=ImportRead,
    dependencies=[needs("imports:read")],
    responses=problems(NotFound),
)
def get_import(import_id: UUID, session: RequestSession) -> Any:
    """Read an import: how far it is, what was understood, and which rows were refused."""
    return imports.read(session, import_id)


@router.post(
    "/import-mappings",
    status_code=201,
    response_model=ImportMappingRead,
    dependencies=[needs("import_mappings:write")],
    responses=problems(NotFound, mappings.MappingExists, mappings.MappingForm),
)
def create_import_mapping(data: ImportMappingCreate, session: RequestSession) -> Any:
    """Save what the headers of a client's own kind of file mean."""
    return mappings.create(session, **data.model_dump())


@router.get(
    "/import-mappings",
    response_model=Page[ImportMappingRead],
    dependencies=[needs("import_mappings:read")],
    responses=problems(InvalidCursor),
)
def list_import_mappings(
    page: Annotated[ImportMappingQuery, Query()], session: RequestSession
) -> Any:
    """List the saved mappings in your sight, newest first."""
    return mappings.search(session, page)


@router.get(
    "/import-mappings/{mapping_id}",
    response_model=ImportMappingRead,
    dependencies=[needs("import_mappings:read")],
    responses=problems(NotFound),
)
def get_import_mapping(mapping_id: UUID, session: RequestSession) -> Any:
    """Read a saved mapping."""
    return Lookup(ImportMapping, mapping_id)


@router.patch(
    "/import-mappings/{mapping_id}",
    response_model=ImportMappingRead,
    dependencies=[needs("import_mappings:write")],
    responses=problems(NotFound, mappings.MappingExists, mappings.MappingForm),
)
def update_import_mapping(
    mapping_id: UUID, data: ImportMappingUpdate, session: RequestSession
) -> Any:
    """Change a saved mapping, for the imports to come."""
    return mappings.update(session, mapping_id, **data.model_dump())


@router.delete(
    "/import-mappings/{mapping_id}",
    status_code=204,
    dependencies=[needs("import_mappings:write")],
    responses=problems(NotFound),
)
def delete_import_mapping(mapping_id: UUID, session: RequestSession) -> None:
    """Take a saved mapping back; what was imported with it stays."""
    mappings.delete(session, mapping_id)
