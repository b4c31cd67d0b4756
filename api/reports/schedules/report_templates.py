"""What can be done to a report template: made, changed, archived; and which one a draft takes."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from api.reports.models import PeriodKind, ReportKind
from api.reports.periods import usual_comparison
from api.reports.schedules.template_models import (
    ReportTemplate,
    ReportTemplateQuery,
    TemplateStatus,
)
from tenants import database, outbox
from tenants.errors import Forbidden, Unprocessable
from tenants.models import Audience, Client
from tenants.pages import Listing


class TemplateDoesNotFit(Unprocessable):
    """The template is archived, or for another client, audience, kind or period."""


def search(session: Session, page: ReportTemplateQuery) -> Listing:
    """The agency's templates and those of the clients in sight, newest first."""
    query = select(ReportTemplate).where(col(ReportTemplate.status) == page.status, _seen(session))
    if page.client_id:
        database.get(session, Client, page.client_id)
        query = query.where(_for_client(page.client_id))
    if page.audience:
        query = query.where(col(ReportTemplate.audience) == page.audience)
    return Listing(query, ReportTemplate, page)


def get(session: Session, template_id: UUID, *, lock: bool = False) -> ReportTemplate:
    """The door to a template: a client's own is there for whoever sees the client."""
    template = database.get(session, ReportTemplate, template_id)
    if template.of_client_id:
        database.get(session, Client, template.of_client_id)
    return database.get(session, ReportTemplate, template_id, lock=True) if lock else template


def create(session: Session, client_id: UUID | None, **values: Any) -> ReportTemplate:
    """Say how a kind of report is made, for one client or for all."""
    _check_owner(session, client_id)
    values["compare"] = values["compare"] or usual_comparison(values["period"])
    template = ReportTemplate(of_client_id=client_id, **values)
    database.add(session, template)
    outbox.emit(session, "report_template.created", template)
    return template


def update(session: Session, template_id: UUID, **changes: Any) -> ReportTemplate:
    """Change a template; the drafts that were opened from it stay as they are."""
    _check_owner(session, get(session, template_id).of_client_id)
    template = get(session, template_id, lock=True)
    template.sqlmodel_update(changes)
    database.touch(template)
    outbox.emit(session, "report_template.updated", template)
    return template


def chosen(
    session: Session,
    client_id: UUID,
    template_id: UUID | None,
    audience: Audience,
    kind: ReportKind,
    period: PeriodKind,
) -> ReportTemplate | None:
    """The template named; else the client's own for this, else the agency's, the oldest of each."""
    if template_id:
        template = get(session, template_id)
        if not _fits(template, client_id, audience, kind, period):
            raise TemplateDoesNotFit(pointer="/template_id")
        return template
    query = select(ReportTemplate).where(
        col(ReportTemplate.status) == TemplateStatus.active,
        col(ReportTemplate.audience) == audience,
        col(ReportTemplate.kind) == kind,
        col(ReportTemplate.period) == period,
        _for_client(client_id),
    )
    own_first = col(ReportTemplate.of_client_id).is_(None)
    return session.exec(query.order_by(own_first, col(ReportTemplate.id)).limit(1)).first()


def _fits(
    template: ReportTemplate,
    client_id: UUID,
    audience: Audience,
    kind: ReportKind,
    period: PeriodKind,
) -> bool:
    meant = (template.audience, template.kind, template.period, template.status)
    return meant == (audience, kind, period, TemplateStatus.active) and template.of_client_id in (
        None,
        client_id,
    )


def _for_client(client_id: UUID) -> Any:
    own = col(ReportTemplate.of_client_id)
    return or_(own.is_(None), own == client_id)


def _seen(session: Session) -> Any:
    """Of clients out of sight nothing is listed: the table is the agency's, so the list says so."""
    clients = cast(database.Session, session).sight.client_ids
    own = col(ReportTemplate.of_client_id)
    return own.is_(None) | (own.is_not(None) if clients is None else own.in_(sorted(clients)))


def _check_owner(session: Session, client_id: UUID | None) -> None:
    """A client's own is made by whoever has the duty there; the agency's by those who run it."""
    if client_id:
        database.get(session, Client, client_id)
    elif not cast(database.Session, session).sight.may("agency:write"):
        raise Forbidden
