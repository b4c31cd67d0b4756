"""What can be done to a report's draft: begun, worded, refreshed, filled from the one before."""

from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.metrics.posts.models import PublishedPost
from api.reports import periods
from api.reports.drafts import narratives
from api.reports.drafts.narratives import CarriedPart
from api.reports.drafts.shapes import ReportQuery
from api.reports.figures import figures
from api.reports.models import (
    PeriodKind,
    Report,
    ReportKind,
    ReportStatus,
    ReportVersion,
    VersionStatus,
)
from api.reports.schedules import report_templates
from api.reports.schedules.template_models import ReportTemplate
from api.reports.snapshot.snapshot import ReportSnapshot
from tenants import clock, database, outbox
from tenants.errors import Conflict, Forbidden, NotFound, Unprocessable
from tenants.models import Audience, Client, Membership, MembershipKind, MembershipStatus
from tenants.pages import Listing, Order

_DUTIES = {
    ("write", Audience.client): "reports:write_client",
    ("write", Audience.internal): "reports:write_internal",
    ("publish", Audience.client): "reports:publish_client",
    ("publish", Audience.internal): "reports:publish_internal",
}


class ReportExists(Conflict):
    """There is a report for this client, audience, kind and period already; edit that one."""


class ReviewerIsAuthor(Unprocessable):
    """Who reviews a report is an active member of the staff, and not its author."""


class NothingToCarryOver(Conflict):
    """No report before this one, of its kind, audience and kind of period, stands published."""


def search(session: Session, page: ReportQuery) -> Listing:
    """The drafts in sight, the most recently begun first."""
    query = select(Report)
    for name in ("client_id", "audience", "status"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(Report, name) == wanted)
    if page.due_before:
        query = query.where(col(Report.due_on) < page.due_before)
    return Listing(query, Report, page, Order("starts_on", descending=True))


def create(session: Session, client_id: UUID, **values: Any) -> Report:
    """Begin a report: its draft opens with the platform's figures in it."""
    client = database.get(session, Client, client_id)
    check_duty(session, "write", values["audience"], client.id)
    meant = values["audience"], values["kind"], values["period"]
    template = report_templates.chosen(session, client.id, values.pop("template_id"), *meant)
    days = periods.bounds(values["period"], values.pop("starts_on"), values.pop("ends_on"))
    author_id: UUID = _sight(session).membership_id
    said = {name: value for name, value in values.items() if value is not None}
    return begin(session, client, template, days, author_membership_id=author_id, **said)


def begin(
    session: Session,
    client: Client,
    template: ReportTemplate | None,
    days: tuple[date, date],
    **said: Any,
) -> Report:
    """Open the draft of a period: what is said wins over the template, which is copied."""
    periods.check_begun(client, days[0])
    report = Report(
        client_id=client.id,
        starts_on=days[0],
        ends_on=days[1],
        figures_as_of=clock.now(),
        **{**_usual(client, template, said["period"], days[1]), **said},
    )
    if template is not None:
        texts = narratives.of_texts(template.texts, report.locales)
        report.narrative = narratives.filled(report.narrative, texts)
    check_reviewer(session, report)
    _refuse_second(session, report)
    report.figures = figures.collect(session, client, report)
    with database.refusing_twice("uq_reports_period", ReportExists()):
        database.add(session, report)
    outbox.emit(session, "report.created", report)
    return report


def _usual(
    client: Client, template: ReportTemplate | None, period: PeriodKind, last: date
) -> dict[str, Any]:
    """What a draft is made of where nobody says otherwise."""
    usual: dict[str, Any] = {
        "audience": Audience.client,
        "kind": ReportKind.periodic,
        "compare": periods.usual_comparison(period),
        "locales": [client.locale.partition("-")[0]],
        "due_on": last + periods.DUE_AFTER,
        "narrative": {},
    }
    if template is None:
        return usual
    return usual | {
        "template_id": template.id,
        "compare": template.compare,
        "locales": template.locales,
        "layout": template.sections,
        "needs_review": template.needs_review,
        "data_lag_days": template.data_lag_days,
        "due_on": last + timedelta(days=template.data_lag_days) + periods.DUE_AFTER,
    }


def update(session: Session, report_id: UUID, **changes: Any) -> Report:
    """Change a draft; what was handed over for review, or approved, is a draft again."""
    report = held(session, report_id, "write")
    if "narrative" in changes:
        changes["narrative"] = narratives.merged(report.narrative, changes["narrative"])
    if "due_on" in changes:
        changes["due_on"] = changes["due_on"] or report.ends_on + periods.DUE_AFTER
        report.reminder = None
    if changes.get("chosen_content"):
        changes["chosen_content"] = _posts(session, report, changes["chosen_content"])
    report.sqlmodel_update(changes)
    check_reviewer(session, report)
    reopen(report)
    database.touch(report)
    if {"compare", "chosen_content"} & changes.keys():
        _refresh(session, report)
    outbox.emit(session, "report.updated", report)
    return report


def refresh(session: Session, report_id: UUID) -> Report:
    """Fetch the platform's figures anew into the draft; what was approved is a draft again."""
    report = held(session, report_id, "write")
    if report.status is ReportStatus.approved:
        reopen(report)
    _refresh(session, report)
    outbox.emit(session, "report.refreshed", report)
    return report


def carry_over(session: Session, report_id: UUID, parts: list[CarriedPart], layout: bool) -> Report:
    """Fill what is still empty from the report before; no word that stands is overwritten."""
    report = held(session, report_id, "write")
    before = _last_before(session, report)
    channels = {channel["id"] for channel in report.figures.get("channels", ())}
    brought = narratives.carried(
        before.model_dump(mode="json", include={"narrative"})["narrative"], parts, channels
    )
    mine = {locale: words for locale, words in brought.items() if locale in report.locales}
    report.narrative = narratives.filled(report.narrative, mine)
    if layout and report.layout is None and before.layout:
        report.layout = list(before.layout)
    if not session.is_modified(report):
        return report
    reopen(report)
    outbox.emit(session, "report.carried_over", report)
    return report


def held(session: Session, report_id: UUID, verb: str) -> Report:
    """A draft, locked, for somebody whose duty is to `write` or `publish` for its readers."""
    report = database.get(session, Report, report_id)
    check_duty(session, verb, report.audience, report.client_id)
    return database.get(session, Report, report_id, lock=True)


def check_duty(session: Session, verb: str, audience: Audience, client_id: UUID) -> None:
    """A client's report is the account executive's; an internal one, of those who do the work."""
    if not _sight(session).may(_DUTIES[verb, audience], client_id):
        raise Forbidden


def check_reviewer(session: Session, report: Report) -> None:
    """A reviewer is one of the staff, and never the author."""
    if report.reviewer_membership_id is None:
        return
    reviewer = database.get(session, Membership, report.reviewer_membership_id)
    staff = (reviewer.kind, reviewer.status) == (MembershipKind.staff, MembershipStatus.active)
    if not staff or reviewer.id == report.author_membership_id:
        raise ReviewerIsAuthor(pointer="/reviewer_membership_id")


def told_to(version: ReportVersion) -> str:
    """Who hears of a version: the client of theirs, the staff alone of an internal one."""
    return "client" if version.audience is Audience.client else "staff"


def reopen(report: Report) -> None:
    """Make it a draft again: whoever approved it has not seen what it says now."""
    report.status = ReportStatus.draft
    report.approved_by_membership_id = report.approved_at = None


def _posts(session: Session, report: Report, chosen: list[UUID]) -> list[str]:
    """The ids of published posts, each of this client."""
    mine = select(PublishedPost.id).where(
        col(PublishedPost.client_id) == report.client_id, col(PublishedPost.id).in_(chosen)
    )
    if set(session.exec(mine)) != set(chosen):
        raise NotFound
    return [str(each) for each in dict.fromkeys(chosen)]


def _last_before(session: Session, report: Report) -> ReportSnapshot:
    query = select(ReportVersion.snapshot).where(
        col(ReportVersion.client_id) == report.client_id,
        col(ReportVersion.audience) == report.audience,
        col(ReportVersion.kind) == report.kind,
        col(ReportVersion.period) == report.period,
        col(ReportVersion.status) == VersionStatus.published,
        col(ReportVersion.ends_on) < report.starts_on,
    )
    newest = col(ReportVersion.ends_on).desc(), col(ReportVersion.published_at).desc()
    found = session.exec(query.order_by(*newest).limit(1)).first()
    if found is None:
        raise NothingToCarryOver
    return ReportSnapshot.model_validate_json(found)


def _refresh(session: Session, report: Report) -> None:
    client = database.get(session, Client, report.client_id)
    report.figures_as_of = clock.now()
    report.figures = figures.collect(session, client, report)


def _refuse_second(session: Session, report: Report) -> None:
    same = select(Report.id).where(
        *(
            getattr(Report, name).is_not_distinct_from(getattr(report, name))
            for name in ("client_id", "audience", "kind", "starts_on", "ends_on", "template_id")
        )
    )
    if session.exec(same).first():
        raise ReportExists


def _sight(session: Session) -> Any:
    return cast(database.Session, session).sight
