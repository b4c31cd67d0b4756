"""Routes of what reports are begun from, and of what begins them: templates and schedules."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.reports.schedules import report_templates, schedules
from api.reports.schedules.models import (
    ReportSchedule,
    ReportScheduleCreate,
    ReportScheduleQuery,
    ReportScheduleRead,
    ReportScheduleUpdate,
)
from api.reports.schedules.template_models import (
    ReportTemplateCreate,
    ReportTemplateQuery,
    ReportTemplateRead,
    ReportTemplateUpdate,
)
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.quotas import QuotaExceeded
from tenants.reads import Lookup

router = domain_router("reports")


@router.post(
    "/report-templates",
    status_code=201,
    response_model=ReportTemplateRead,
    dependencies=[needs("report_templates:write")],
    responses=problems(NotFound),
)
def create_report_template(data: ReportTemplateCreate, session: RequestSession) -> Any:
    """Say how a kind of report is made: for one client, or, as owner or admin, for all."""
    return report_templates.create(session, **data.model_dump())


@router.get(
    "/report-templates",
    response_model=Page[ReportTemplateRead],
    dependencies=[needs("report_templates:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_report_templates(
    page: Annotated[ReportTemplateQuery, Query()], session: RequestSession
) -> Any:
    """List the agency's templates, and those of the clients in your sight, newest first."""
    return report_templates.search(session, page)


@router.get(
    "/report-templates/{template_id}",
    response_model=ReportTemplateRead,
    dependencies=[needs("report_templates:read")],
    responses=problems(NotFound),
)
def get_report_template(template_id: UUID, session: RequestSession) -> Any:
    """Read a template."""
    return report_templates.get(session, template_id)


@router.patch(
    "/report-templates/{template_id}",
    response_model=ReportTemplateRead,
    dependencies=[needs("report_templates:write")],
    responses=problems(NotFound),
)
def update_report_template(
    template_id: UUID, data: ReportTemplateUpdate, session: RequestSession
) -> Any:
    """Change or archive a template, for the drafts to come; those it opened stay as they are."""
    return report_templates.update(session, template_id, **data.model_dump())


@router.post(
    "/report-schedules",
    status_code=201,
    response_model=ReportScheduleRead,
    dependencies=[needs("report_schedules:write")],
    responses=problems(
        QuotaExceeded,
        NotFound,
        schedules.ScheduleExists,
        schedules.ScheduleNeedsPeriod,
        schedules.ScheduleStartsTooEarly,
        schedules.WritersOfSchedule,
        report_templates.TemplateDoesNotFit,
    ),
)
def create_report_schedule(data: ReportScheduleCreate, session: RequestSession) -> Any:
    """Have a client's report begun by itself, week after week, month after month."""
    return schedules.create(session, **data.model_dump())


@router.get(
    "/report-schedules",
    response_model=Page[ReportScheduleRead],
    dependencies=[needs("report_schedules:read")],
    responses=problems(InvalidCursor),
)
def list_report_schedules(
    page: Annotated[ReportScheduleQuery, Query()], session: RequestSession
) -> Any:
    """List the schedules in your sight, newest first."""
    return schedules.search(session, page)


@router.get(
    "/report-schedules/{schedule_id}",
    response_model=ReportScheduleRead,
    dependencies=[needs("report_schedules:read")],
    responses=problems(NotFound),
)
def get_report_schedule(schedule_id: UUID, session: RequestSession) -> Any:
    """Read a schedule, and which period it opens next."""
    return Lookup(ReportSchedule, schedule_id)


@router.patch(
    "/report-schedules/{schedule_id}",
    response_model=ReportScheduleRead,
    dependencies=[needs("report_schedules:write")],
    responses=problems(QuotaExceeded, NotFound, schedules.WritersOfSchedule),
)
def update_report_schedule(
    schedule_id: UUID, data: ReportScheduleUpdate, session: RequestSession
) -> Any:
    """Change who writes and when, pause it, or take it up again."""
    return schedules.update(session, schedule_id, **data.model_dump())
