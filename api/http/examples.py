"""
A body for each operation that people begin with: read in the documentation, played by mocks.

Each is taken as it stands, but for its ids, which name nothing.
"""

from typing import Any

_ID = "019a0000-0000-7000-8000-00000000000"
CLIENT, CONTRACT, CAMPAIGN, BUDGET, SCOPE, LINE, MEMBER, DELIVERABLE = (
    f"{_ID}{n}" for n in range(1, 9)
)
_MONTH = ("2026-10-01", "2026-10-31")

BODIES: dict[str, Any] = {
    "AgencyCreate": {
        "name": "Estudio Norte",
        "slug": "estudio-norte",
        "locale": "es-ES",
        "timezone": "Europe/Madrid",
        "currency": "EUR",
        "owner": {
            "name": "Nora Vives",
            "email": "nora@estudionorte.example",
            "password": "tuesta lento, sirve pronto",
        },
    },
    "TokenForm": {
        "grant_type": "password",
        "username": "nora@estudionorte.example",
        "password": "tuesta lento, sirve pronto",
        "agency": "estudio-norte",
    },
    "InvitationCreate": {
        "email": "clara@cafeaurora.example",
        "name": "Clara Montes",
        "kind": "client_contact",
        "duties": [{"client_id": CLIENT, "duty": "approver"}],
    },
    "AssignmentCreate": {
        "membership_id": MEMBER,
        "duty": "community_manager",
        "is_lead": True,
    },
    "ClientCreate": {
        "name": "Café Aurora",
        "sector": {"es": "Cafeterías de especialidad", "en": "Speciality coffee"},
        "status": "active",
        "lead_membership_id": MEMBER,
    },
    "ContractCreate": {
        "client_id": CLIENT,
        "title": "Gestión de redes 2026",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "renews_on": "2027-01-01",
        "notice_days": 60,
        "monthly_fee": {"amount_minor": 340_000, "currency": "EUR"},
        "payer_name": "Aurora Cafés SL",
    },
    "BudgetCreate": {
        "client_id": CLIENT,
        "name": "Octubre 2026",
        "period_start": _MONTH[0],
        "period_end": _MONTH[1],
        "lines": [
            {
                "category": "paid_media",
                "label": {"es": "Publicidad en redes", "en": "Paid social"},
                "planned_minor": 600_000,
                "paid_by": "client",
            }
        ],
    },
    "CampaignCreate": {
        "client_id": CLIENT,
        "name": "Vuelve el tueste lento",
        "goal": "awareness",
        "formats": ["promotion", "ads"],
        "starts_on": _MONTH[0],
        "ends_on": _MONTH[1],
        "budget_id": BUDGET,
        "contract_id": CONTRACT,
    },
    "ScopeCreate": {
        "client_id": CLIENT,
        "campaign_id": CAMPAIGN,
        "contract_id": CONTRACT,
        "title": "Alcance de octubre",
        "currency": "EUR",
        "starts_on": _MONTH[0],
        "ends_on": _MONTH[1],
        "lines": [
            {
                "label": {"es": "Reels", "en": "Reels"},
                "kind": "reel",
                "measure": "piece",
                "quantity": 12,
                "network": "Instagram",
                "unit_price": {"amount_minor": 9_000, "currency": "EUR"},
                "revision_rounds": 2,
                "due_on": _MONTH[1],
            }
        ],
    },
    "CampaignPropose": {"scope_id": SCOPE, "budget_id": BUDGET},
    "ApprovalDecide": {"outcome": "changes_requested", "reason": "El logo, más grande al final."},
    "DeliverableCreate": {
        "line_id": LINE,
        "label": {"es": "El tueste lento en 40 segundos", "en": "Slow roast in 40 seconds"},
    },
    "ProofCreate": {
        "url": "https://instagram.example/p/tueste",
        "published_at": "2026-10-08T18:30:00+02:00",
        "network": "Instagram",
    },
    "AccrualCreate": {"quantity": 1, "counted_on": _MONTH[0]},
    "CommentCreate": {
        "subject_type": "deliverables",
        "subject_id": DELIVERABLE,
        "audience": "client",
        "body": "¿Subimos el logo al final del reel?",
        "mentions": [MEMBER],
    },
    "ExpenseCreate": {
        "line_id": LINE,
        "amount_minor": 278_050,
        "currency": "EUR",
        "supplier": "Estudio Luz y Grano",
        "document_number": "A-1184",
        "spent_on": "2026-10-28",
    },
    "ChannelCreate": {
        "client_id": CLIENT,
        "network": "instagram",
        "handle": "cafeaurora",
        "name": "Instagram",
    },
    "ReadingsWrite": {
        "readings": [
            {"date": _MONTH[0], "channel": "instagram:cafeaurora", "views": 22_520, "likes": 622}
        ]
    },
    "PromiseCreate": {
        "client_id": CLIENT,
        "text": {"es": "Permisos de imagen", "en": "Image releases"},
        "owner_name": "Clara Montes",
        "due_on": "2026-10-20",
        "subject_kind": "file",
    },
    "ReportCreate": {
        "client_id": CLIENT,
        "period": "month",
        "starts_on": _MONTH[0],
        "locales": ["es", "en"],
    },
    "ReportUpdate": {
        "narrative": {
            "en": {
                "headline": "October: interactions up by a third.",
                "highlights": [{"title": "TikTok grows", "body": "2,470 new followers."}],
            }
        }
    },
    "ReportWithdraw": {
        "number": 1,
        "reason": {"en": "A reading was attributed to the wrong channel."},
    },
}
