"""
What a collaboration came to, on one page: for the client without money, for the influencer and the
agency with what it cost and what that makes of each.

Both are composed when they are asked for, of what there is, and say what is missing. The PDF of one
content is rendered once, by the worker.
"""

import dataclasses
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from sqlmodel import Session
from starlette.responses import Response

from api.approvals import shown, subjects
from api.collaborations import moves
from api.collaborations.models import Collaboration
from api.collaborations.money import money
from api.collaborations.money.models import Instalment, InstalmentStatus
from api.collaborations.results import figures
from api.collaborations.results.figures import Figure, ResultMetric
from api.collaborations.terms import page
from api.documents import html as web
from api.documents import pdf, theme
from api.documents.pdf import PdfDocument
from api.documents.words import Words, words
from api.http.answers import Deferred, negotiate, preferred_locale, stored
from tenants import clients, database, jobs, storage
from tenants.jobs import JobState, Queue
from tenants.models import Agency, Client
from tenants.words import language

KIND = "collaborations.render"
FormatName = Literal["json", "html", "pdf"]
_API = Path(__file__).parents[2]
_PAGE = "collaborations/templates/result.html.j2"
_STYLE = "approvals/templates/decide.css.j2"
_PAPER = _API / "approvals" / "templates" / "document.typ"


def serve(
    session: Session, collaboration_id: UUID, format: FormatName | None, *, priced: bool
) -> Response | Deferred:
    """The result by Accept or `format`; `priced`: with the money, for who may read that."""
    chosen = format or negotiate(session, ["json", "html", "pdf"])
    row = database.get(session, Collaboration, collaboration_id)
    content = composed(session, row, priced=priced)
    digest = subjects.digest(content)
    if chosen == "json":
        return stored(session, digest, "application/json", subjects.canonical(content))
    locale = language(preferred_locale(session))
    if chosen == "pdf":
        return _paper(session, row, f"{digest} {locale}", priced=priced, locale=locale)
    made = _on_the_web(session, row, content, locale)
    headers = {"Content-Security-Policy": made.csp, "Content-Language": locale}
    kind = "text/html; charset=utf-8"
    return stored(session, f"{digest[:40]}.{locale}", kind, made.body, headers=headers)


def composed(session: Session, row: Collaboration, *, priced: bool) -> dict[str, Any]:
    """What there is to say: money stands in it only when it is `priced`."""
    told = figures.of(session, row.id)
    content: dict[str, Any] = {
        "collaboration_id": str(row.id),
        "title": row.title,
        "influencer": row.influencer_name,
        "status": row.status.value,
        "phase": moves.PHASES[row.status],
        "deliverables": [
            {
                "number": piece.number,
                "network": piece.network.value,
                "placement": piece.placement.value,
                "due_on": piece.due_on.isoformat(),
                "status": piece.status.value,
                "live_at": piece.live_at.isoformat() if piece.live_at else None,
            }
            for piece in moves.pieces_of(session, row)
        ],
        "figures": [_said(figure) for figure in told],
    }
    return content | {"amounts": _return(money.of(session, row), told)} if priced else content


def _said(figure: Figure) -> dict[str, Any]:
    return {
        "metric": figure.metric.value,
        "value": figure.value,
        "quality": figure.quality.value,
        "source": figure.source,
        "reason": figure.reason,
    }


def _return(parts: Any, told: list[Figure]) -> dict[str, Any] | None:
    """What it cost, and what that makes of each; nothing where no money is owed."""
    if not parts:
        return None
    cost = sum(_cost(part) for part in parts)
    revenue = next(each.value for each in told if each.metric is ResultMetric.revenue)
    return {
        "currency": parts[0].currency,
        "agreed_minor": sum(p.amount_minor for p in parts if p.status != InstalmentStatus.void),
        "earned_minor": sum(_earned(part) for part in parts),
        "clawed_back_minor": sum(part.clawed_back_minor for part in parts),
        "cost_minor": cost,
        "gain_minor": None if revenue is None else revenue - cost,
        "cost_per_each_minor": {
            metric.value: each for metric, each in figures.cost_per_each(cost, told).items()
        },
    }


def _earned(part: Instalment) -> int:
    return part.amount_minor if part.status is InstalmentStatus.earned else 0


def _cost(part: Instalment) -> int:
    return _earned(part) - part.clawed_back_minor


def _sections(content: dict[str, Any], locale: str, timezone: str) -> list[shown.Section]:
    """The result as it is laid out: labelled values, and tables."""
    said, money_of = words(language(locale)), content.get("amounts") or {}
    currency = money_of.get("currency", "EUR")
    rows = []
    for figure in content["figures"]:
        each = money_of.get("cost_per_each_minor", {}).get(figure["metric"])
        is_money = figure["metric"] == ResultMetric.revenue
        reason = figure["reason"]
        rows.append(
            {
                "metric": said(f"collaboration_result.{figure['metric']}"),
                "figure": _money(figure["value"], currency) if is_money else figure["value"],
                "cost_of_each": _money(each, currency),
                "quality": said(f"collaboration_result.{figure['quality']}"),
                "source": _source(figure["source"], said),
                "because": said(f"collaboration_result.{reason}") if reason else None,
            }
        )
    pieces = [
        {**piece, "status": said(f"collaboration_result.piece.{piece['status']}")}
        for piece in content["deliverables"]
    ]
    about = {
        "type": "collaboration_results",
        "influencer": content["influencer"],
        "status": said(f"collaboration_result.{content['phase']}"),
        "deliverables": pieces,
        "figures": rows,
    }
    amounts = {key: value for key, value in money_of.items() if key != "cost_per_each_minor"}
    return shown.sections({"subjects": [{**about, **amounts}]}, locale, timezone)


def _money(amount_minor: int | None, currency: str) -> dict[str, Any] | None:
    """An amount as the layout takes it; what there is none of stays so."""
    return None if amount_minor is None else {"amount_minor": amount_minor, "currency": currency}


def _source(source: str | None, said: Words) -> str | None:
    """Who says it: the platform's own ways in the reader's language, a network by its name."""
    named = (f"collaboration_result.by.{source}", f"network.{source}")
    return next((said(name) for name in named if name in said), source)


def _on_the_web(
    session: Session, row: Collaboration, content: dict[str, Any], locale: str
) -> web.HtmlDocument:
    agency, client = _around(session, row)
    values: dict[str, object] = {
        "w": words(locale),
        "language": locale,
        "agency": agency.name,
        "client": client.name,
        "title": row.title,
        "sections": _sections(content, locale, client.timezone),
        **page.colours(agency.branding),
    }
    return web.page(_API, _PAGE, _STYLE, values)


def laid_out(session: Session, row: Collaboration, *, priced: bool, locale: str) -> PdfDocument:
    """The page on paper."""
    agency, client = _around(session, row)
    content = composed(session, row, priced=priced)
    said = words(locale)
    palette = theme.palette(
        agency.branding.get("primary") or page.PRIMARY, agency.branding.get("accent") or page.ACCENT
    )
    sections = _sections(content, locale, client.timezone)
    view = {
        "language": locale,
        "agency": agency.name,
        "title": row.title,
        "for_client": said("decide.for_client", client=client.name),
        "asked_on": row.influencer_name,
        "fingerprint": said("collaboration_result.fingerprint"),
        "sha256": subjects.digest(content),
        "sections": [dataclasses.asdict(section) for section in sections],
        "light": palette.light,
        "fonts": {"serif": theme.SERIF, "sans": theme.SANS},
    }
    return pdf.document(_PAPER, view, {}, row.created_at)


def _paper(
    session: Session, row: Collaboration, about: str, *, priced: bool, locale: str
) -> Response | Deferred:
    """The PDF of one content, or the job that makes it: there is one, whoever asks."""
    with database.acting_for_agency(session, row.client_id):
        job = jobs.enqueue(
            session,
            KIND,
            client_id=row.client_id,
            queue=Queue.render,
            period=row.created_at,
            about=f"{row.id} {priced} {about}",
            collaboration_id=str(row.id),
            priced=priced,
            locale=locale,
        )
        if job.state is JobState.failed:
            job = jobs.requeue(session, job.id)
    if job.state is not JobState.succeeded or job.result is None:
        return Response(
            status_code=202,
            headers={"Location": f"/v1/jobs/{job.id}", "Retry-After": "1"},
            content=f'{{"job_id":"{job.id}"}}',
            media_type="application/json",
        )
    sha256, agency_id = str(job.result["sha256"]), row.agency_id
    headers = {"Content-Disposition": f'inline; filename="{sha256[:16]}.pdf"'}
    read = lambda: storage.read(agency_id, sha256)  # noqa: E731
    return stored(session, sha256, "application/pdf", read, headers=headers)


def _around(session: Session, row: Collaboration) -> tuple[Agency, Client]:
    """Whose page it is: an influencer may read neither row, and knows both names."""
    with database.acting_for_agency(session, row.client_id):
        client = database.get(session, Client, row.client_id)
        return clients.current_agency(session), client
