"""
A client's month, written by somebody who has nothing but openapi.json: the package that
openapi-python-client makes. Run with the address of the API; prints what came of it as JSON.
"""

import io
import json
import sys
import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import httpx
from agency_client import models
from agency_client.api.approvals import decide_approval, get_approval, list_approvals
from agency_client.api.budgets import create_budget, enter_on_budget_line
from agency_client.api.campaigns import (
    activate_campaign,
    approve_deliverable,
    create_accrual,
    create_campaign,
    create_deliverable,
    create_scope,
    deliver_deliverable,
    propose_campaign,
    start_deliverable,
    submit_deliverable,
)
from agency_client.api.clients import (
    activate_contract,
    create_client,
    create_client_request,
    create_contract,
)
from agency_client.api.events import list_events
from agency_client.api.files import create_file, create_file_link
from agency_client.api.identity import (
    accept_invitation,
    create_agency,
    create_assignment,
    create_invitation,
    create_token,
    get_agency,
    update_agency,
)
from agency_client.api.jobs import get_job
from agency_client.api.metrics import create_channel, get_performance, record_readings
from agency_client.api.reports import (
    create_report,
    create_share_link,
    get_latest_report,
    list_share_links,
    publish_report,
    submit_report,
    update_report,
)
from agency_client.client import AuthenticatedClient, Client
from agency_client.types import UNSET, File, Response, Unset

T = TypeVar("T")

base, run = sys.argv[1:]
slug = f"python-{run}"
password = f"correct horse {run} battery"
calls: list[str] = []
hooks = {"event_hooks": {"request": [lambda request: calls.append(request.method)]}}
anybody = Client(base, httpx_args=hooks, timeout=httpx.Timeout(30))


@dataclass
class Colleague:
    id: UUID
    api: AuthenticatedClient


def speaker(token: str) -> AuthenticatedClient:
    return AuthenticatedClient(base, token, httpx_args=hooks, timeout=httpx.Timeout(30))


def ok(answer: Response[T | models.Problem]) -> T:
    if answer.parsed is None or isinstance(answer.parsed, models.Problem):
        raise SystemExit(f"{answer.status_code}: {answer.content!r}")
    return answer.parsed


def refused(answer: Response[T | models.Problem]) -> models.Problem:
    if not isinstance(answer.parsed, models.Problem):
        raise SystemExit(f"{answer.status_code}: not refused")
    return answer.parsed


def address(name: str) -> str:
    return f"{name}.{slug}@people.example"


def hire(by: AuthenticatedClient, name: str, invitation: models.InvitationCreate) -> Colleague:
    written = ok(create_invitation.sync_detailed(client=by, body=invitation))
    coming = models.InvitationAccept(token=written.token, name=name, password=password)
    accepted = ok(accept_invitation.sync_detailed(client=anybody, body=coming))
    return Colleague(accepted.membership.id, speaker(accepted.tokens.access_token))


def staff(by: AuthenticatedClient, name: str) -> Colleague:
    email = address(name.lower())
    kind = models.MembershipKind.STAFF
    return hire(by, name, models.InvitationCreate(email=email, name=name, kind=kind))


# The agency and its people.
signed_up = ok(
    create_agency.sync_detailed(
        client=anybody,
        body=models.AgencyCreate(
            name="Estudio Norte",
            slug=slug,
            locale="es-ES",
            timezone="Europe/Madrid",
            currency="EUR",
            owner=models.OwnerCreate(name="Nora Vives", email=address("nora"), password=password),
        ),
    )
)
form = models.TokenForm(
    grant_type=models.TokenFormGrantType.PASSWORD,
    username=address("nora"),
    password=password,
    agency=slug,
)
owner = speaker(ok(create_token.sync_detailed(client=anybody, body=form)).access_token)
form.password = "not this one"
wrong = refused(create_token.sync_detailed(client=anybody, body=form))
executive, manager, community = (staff(owner, name) for name in ("Irene", "Tomas", "Laia"))

# An edit of what was seen, and one of what no longer stands.
etag = get_agency.sync_detailed(client=owner).headers["etag"]
colours = models.AgencyUpdate(branding=models.BrandingUpdate(primary="#12403C", accent="#E07A5F"))
branded = ok(update_agency.sync_detailed(client=owner, body=colours, if_match=etag))
stale = refused(update_agency.sync_detailed(client=owner, body=colours, if_match=etag))

# The client, its team and its contract.
client = ok(
    create_client.sync_detailed(
        client=owner,
        body=models.ClientCreate(
            name="Café Aurora",
            sector=models.LocalizedLine(es="Cafeterías", en="Coffee"),
            status=models.ClientStatus.ACTIVE,
            lead_membership_id=executive.id,
        ),
    )
)
for duty, colleague in (
    (models.Duty.SOCIAL_MEDIA_MANAGER, manager),
    (models.Duty.COMMUNITY_MANAGER, community),
):
    lead = models.AssignmentCreate(membership_id=colleague.id, duty=duty, is_lead=True)
    ok(create_assignment.sync_detailed(client.id, client=owner, body=lead))
approver = hire(
    owner,
    "Clara Montes",
    models.InvitationCreate(
        email=address("clara"),
        kind=models.MembershipKind.CLIENT_CONTACT,
        duties=[models.InvitedDuty(client_id=client.id, duty=models.Duty.APPROVER)],
    ),
)
contract = ok(
    create_contract.sync_detailed(
        client=executive.api,
        body=models.ContractCreate(
            client_id=client.id,
            title="Gestión de redes 2026",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            monthly_fee=models.MoneyWrite(amount_minor=340_000, currency="EUR"),
        ),
    )
)
in_force = ok(activate_contract.sync_detailed(contract.id, client=executive.api))

# One proposal: campaign, scope and budget.
start, end = date(2026, 10, 1), date(2026, 10, 31)
budget = ok(
    create_budget.sync_detailed(
        client=manager.api,
        body=models.BudgetCreate(
            client_id=client.id,
            name="Octubre 2026",
            period_start=start,
            period_end=end,
            lines=[
                models.BudgetLineCreate(
                    category=category,
                    label=models.LocalizedLine(es=label),
                    planned_minor=planned,
                )
                for category, label, planned in (
                    (models.LineCategory.PAID_MEDIA, "Publicidad", 600_000),
                    (models.LineCategory.CONTINGENCY, "Reserva", 100_000),
                )
            ],
        ),
    )
)
campaign = ok(
    create_campaign.sync_detailed(
        client=executive.api,
        body=models.CampaignCreate(
            client_id=client.id,
            name="Vuelve el tueste lento",
            goal=models.CampaignGoal.AWARENESS,
            formats=[models.CampaignFormat.PROMOTION, models.CampaignFormat.ADS],
            starts_on=start,
            ends_on=end,
            budget_id=budget.id,
            contract_id=contract.id,
        ),
    )
)
scope = ok(
    create_scope.sync_detailed(
        client=executive.api,
        body=models.ScopeCreate(
            client_id=client.id,
            campaign_id=campaign.id,
            contract_id=contract.id,
            title="Alcance de octubre",
            currency="EUR",
            starts_on=start,
            ends_on=end,
            lines=[
                models.ScopeLineCreate(
                    label=models.LocalizedLine(es="Reels", en="Reels"),
                    kind="reel",
                    measure=models.LineMeasure.PIECE,
                    quantity=2,
                    unit_price=models.UnitPrice(amount_minor=9_000, currency="EUR"),
                    revision_rounds=2,
                    due_on=end,
                ),
                models.ScopeLineCreate(
                    label=models.LocalizedLine(es="Comunidad (días)", en="Community (days)"),
                    kind="community",
                    measure=models.LineMeasure.SERVICE_PERIOD,
                    quantity=31,
                    unit_price=models.UnitPrice(amount_minor=3_500, currency="EUR"),
                ),
            ],
        ),
    )
)
proposal = models.CampaignPropose(scope_id=scope.id, budget_id=budget.id)
ok(propose_campaign.sync_detailed(campaign.id, client=executive.api, body=proposal))

# The client decides once, on what was shown.
waiting = ok(list_approvals.sync_detailed(client=approver.api, waiting_on="me"))
approval = ok(get_approval.sync_detailed(waiting.data[0].id, client=approver.api))
decision = models.ApprovalDecide(
    outcome=models.ApprovalOutcome.APPROVED, content_sha256=approval.content_sha256
)
decided = ok(decide_approval.sync_detailed(approval.id, client=approver.api, body=decision))
active = ok(activate_campaign.sync_detailed(campaign.id, client=executive.api))

# A reel on its way, and a day counted.
reels, days = scope.lines
piece = ok(
    create_deliverable.sync_detailed(
        client=community.api, body=models.DeliverableCreate(line_id=reels.id)
    )
).id
work = models.WorkSubmit(url="https://files.example/tueste.mp4")
ok(start_deliverable.sync_detailed(piece, client=community.api))
ok(submit_deliverable.sync_detailed(piece, client=community.api, body=work))
ok(approve_deliverable.sync_detailed(piece, client=manager.api))
ok(approve_deliverable.sync_detailed(piece, client=approver.api))
proof = models.ProofCreate(
    url="https://instagram.example/p/tueste",
    published_at=datetime.fromisoformat("2026-10-08T18:30:00+02:00"),
)
delivered = ok(deliver_deliverable.sync_detailed(piece, client=community.api, body=proof))
one_day = models.AccrualCreate(quantity=1, counted_on=start)
ok(create_accrual.sync_detailed(days.id, client=community.api, body=one_day))

# Money: two kinds of one body, and a refusal by name.
media, reserve = budget.lines
commitment = models.BudgetCommitmentCreate(kind="commitment", amount_minor=500_000, payee="Meta")
committed = ok(enter_on_budget_line.sync_detailed(media.id, client=manager.api, body=commitment))
transfer = models.BudgetTransferCreate(
    kind="transfer", amount_minor=50_000, to_line_id=media.id, note="It rained."
)
moved = ok(enter_on_budget_line.sync_detailed(reserve.id, client=manager.api, body=transfer))
commitment.amount_minor = 900_000
too_much = refused(
    enter_on_budget_line.sync_detailed(media.id, client=manager.api, body=commitment)
)

# What happened on the network: a CSV file, and rows of which one is wrong.
ok(
    create_channel.sync_detailed(
        client=community.api,
        body=models.ChannelCreate(
            client_id=client.id,
            network=models.Network.INSTAGRAM,
            handle="aurora",
            name="Instagram",
        ),
    )
)
table = b"date,channel,views,likes\n2026-10-01,instagram:aurora,1200,90\n"
uploaded = ok(record_readings.sync_detailed(client=community.api, body=File(io.BytesIO(table))))
missing = models.ReadingWriteMissing()
missing["reach"] = models.ReadingWriteMissingAdditionalProperty.NOT_YET
readings = models.ReadingsWrite(
    readings=[
        models.ReadingWrite(
            date=date(2026, 10, 2), channel="instagram:aurora", views=800, missing=missing
        ),
        models.ReadingWrite(date=date(2026, 10, 2), channel="instagram:nobody", views=1),
    ]
)
partly = record_readings.sync_detailed(client=community.api, body=readings)
rejected = ok(partly)
performance = ok(
    get_performance.sync_detailed(
        client.id,
        client=executive.api,
        from_=start,
        to=end,
        group_by=models.GetPerformanceGroupBy.CHANNEL,
    )
)

# A file, and back again by its link.
picture = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
artwork = ok(
    create_file.sync_detailed(
        client=community.api,
        body=models.FileCreate(
            client_id=client.id,
            audience=models.Audience.CLIENT,
            file=File(io.BytesIO(picture), file_name="logo.gif", mime_type="image/gif"),
        ),
    )
)
artwork_link = ok(create_file_link.sync_detailed(artwork.id, client=approver.api))
returned = httpx.get(base + httpx.URL(artwork_link.address).path).content == picture

# A retry is done once.
request = models.PromiseCreate(
    client_id=client.id,
    text=models.LocalizedLine(es="Permisos"),
    owner_name="Clara",
    due_on=date(2026, 10, 20),
    subject_kind=models.PromiseSubject.APPROVAL,
)
first, again = (
    create_client_request.sync_detailed(
        client=executive.api, body=request, idempotency_key=f"releases-{run}"
    )
    for _ in range(2)
)

# The report: written, published, rendered, read in each form, shared.
report = ok(
    create_report.sync_detailed(
        client=executive.api,
        body=models.ReportCreate(
            client_id=client.id,
            period=models.PeriodKind.MONTH,
            starts_on=start,
            locales=[models.Language.ES],
        ),
    )
).id
words = models.ReportUpdate(
    narrative=models.ReportUpdateNarrative(
        es=models.NarrativeUpdate(headline="Octubre, el mejor mes.", highlights=[])
    )
)
ok(update_report.sync_detailed(report, client=executive.api, body=words, if_match="*"))
ok(submit_report.sync_detailed(report, client=executive.api))
gaps = models.ReportPublish(accept_gaps=models.LocalizedText(es="Solo hay un día medido."))
version = ok(publish_report.sync_detailed(report, client=executive.api, body=gaps))
job = ok(get_job.sync_detailed(version.render_job_id, client=executive.api))
while job.state in (models.JobState.QUEUED, models.JobState.RUNNING):
    time.sleep(0.1)
    job = ok(get_job.sync_detailed(version.render_job_id, client=executive.api))
snapshot = ok(get_latest_report.sync_detailed(client.id, client=approver.api))
if isinstance(snapshot, models.RenderingRead):
    raise SystemExit("the report is still being rendered")
# These functions know one media type an answer, and it is JSON.
pdf = approver.api.get_httpx_client().get(
    f"/v1/clients/{client.id}/reports/latest", params={"format": "pdf"}
)
link = ok(
    create_share_link.sync_detailed(
        report, client=executive.api, body=models.ShareLinkCreate(days=30)
    )
)
links = ok(list_share_links.sync_detailed(report, client=executive.api))

# Everything that happened, page by page.
events = 0
cursor: str | Unset | None = UNSET
while cursor is not None:
    page = ok(list_events.sync_detailed(client=owner, limit=20, cursor=cursor))
    events += len(page.data)
    cursor = page.next_cursor

kpis = snapshot.kpis or []
narrative = snapshot.narrative.es
print(
    json.dumps(
        {
            "agency": signed_up.agency.slug == slug,
            "wrong": wrong.code,
            "branded": branded.branding.primary,
            "stale": stale.code,
            "contract": in_force.status,
            "decided": decided.status,
            "campaign": active.status,
            "delivered": delivered.status,
            "committed": committed.amount_minor,
            "moved": moved.kind,
            "tooMuch": too_much.code,
            "uploaded": uploaded.stored,
            "artwork": [artwork.media_type, returned],
            "partly": [partly.status_code, rejected.stored, rejected.errors[0].row],
            "views": performance.totals.views.value,
            "channels": len(performance.channels or []),
            "once": ok(first).id == ok(again).id and again.headers["idempotent-replayed"],
            "job": job.state,
            "version": snapshot.report.version,
            "kpi": next(each.value for each in kpis if each.id == "views"),
            "headline": narrative.headline if narrative else None,
            "deliverables": [each.delivered for each in snapshot.deliverables or []],
            "pdf": pdf.content[:5].decode(),
            "shared": [len(links.data), "#" in link.address],
            "events": events > 20,
            "calls": len(calls),
        }
    )
)
