"""The sample with everything a report can say in it: Café Aurora's October, and its year."""

import copy
from typing import Any

from api.reports.snapshot.collaborations import RESULTS, ReportCollaboration, totals_of
from api.reports.snapshot.snapshot import ReportSnapshot
from tests.reports import sample
from tests.reports.sample_words import text

_VIEWS = (1_120_400, 1_204_900, 1_418_300, 998_200, 1_031_700, 1_102_600, 1_187_400)
_LATER = (1_240_100, 1_262_800, 1_195_500, None, 1_346_300, 1_599_500)
_ENGAGEMENTS = (51_200, 55_340, 70_110, 43_900, 46_020, 50_230, 55_600)
_LATER_ENGAGEMENTS = (58_480, 60_900, 56_410, None, 66_560, 88_050)


def data() -> dict[str, Any]:
    """Every section has something to say; what is for the agency alone is in it too."""
    made = sample.data()
    for language, words in NARRATIVE.items():
        made["narrative"][language] |= copy.deepcopy(words)
    return {
        **made,
        "aims": [
            {
                "label": text("Que Aurora sea el café de barrio", "Make Aurora the local café"),
                "goal": "awareness",
            },
            {
                "label": text("1.500 pedidos en línea en el año", "1,500 online orders this year"),
                "due_on": "2026-12-31",
            },
        ],
        "year": year(),
        "waited": waited(),
        "contract": contract(),
        "posts": posts(),
        "community": community(),
        "collaborations": collaborations(),
        "competitors": competitors(),
        "benchmarks": [
            {
                "kpi": "er_views",
                "rate": {"numerator": 41, "denominator": 1000},
                "source": "Informe de hostelería",
                "published_on": "2026-02-01",
            }
        ],
        "coming": coming(),
        "effectiveness": {"delivered": 137, "on_time": 130, "late_by_client": 4, "rounds_over": 3},
    }


def internal() -> dict[str, Any]:
    """The same for the agency's own eyes."""
    made = data()
    made["report"] = {**made["report"], "audience": "internal"}
    return made


def year() -> dict[str, Any]:
    months = [f"2025-{month}-01" for month in (10, 11, 12)]
    months += [f"2026-{month:02d}-01" for month in range(1, 11)]
    counted = zip(months, (*_VIEWS, *_LATER), (*_ENGAGEMENTS, *_LATER_ENGAGEMENTS), strict=True)
    return {
        "start": "2026-01-01",
        "end": "2026-10-31",
        "figures": [
            {
                "id": "views",
                "unit": "count",
                "value": 12_400_000,
                "previous": {"value": 9_800_000},
                "target": 15_000_000,
                "state": "on_track",
            },
            {
                "id": "conversions",
                "unit": "count",
                "value": 1_140,
                "previous": {"value": 890},
                "target": 1_500,
                "state": "at_risk",
            },
            {
                "id": "cpa",
                "unit": "ratio_money",
                "numerator": 4_812_000,
                "denominator": 1_140,
                "previous": {"numerator": 3_900_000, "denominator": 890},
                "target": {"numerator": 4_000, "denominator": 1},
                "direction": "down",
                "state": "off_track",
            },
            {
                "id": "leads",
                "unit": "count",
                "quality": "missing",
                "missing_reason": "not_connected",
            },
        ],
        "months": [
            {"month": month, "views": views, "engagements": engagements}
            | ({"lacks": "not_recorded"} if views is None else {})
            for month, views, engagements in counted
        ],
    }


def waited() -> list[dict[str, Any]]:
    return [
        {
            "text": text("Cesiones de imagen de la plantilla", "Staff image releases"),
            "owner": "Clara Montes",
            "since": "2026-10-19",
            "days": 12,
            "delayed": [text("Vídeo de marca empleadora", "Employer-brand video")],
        },
        {
            "text": text("Textos legales del concurso", "Legal terms of the contest"),
            "owner": "Clara Montes",
            "since": "2026-10-05",
            "until": "2026-10-09",
            "days": 4,
        },
    ]


def contract() -> dict[str, Any]:
    return {
        "agreements": [
            {
                "title": "Servicio integral de redes 2026",
                "renews_on": "2027-01-01",
                "notice_by": "2026-12-02",
            }
        ],
        "retainers": [
            {
                "label": text("Horas de comunidad", "Community hours"),
                "measure": "hours",
                "granted": 40,
                "carried": 6,
                "used": 38,
                "remaining": 8,
                "rolls_over": True,
            },
            {
                "label": text("Piezas de refuerzo", "Extra pieces"),
                "measure": "piece",
                "granted": 4,
                "used": 3,
                "over": 0,
                "expired": 0,
                "remaining": 1,
                "expires_on": "2026-11-30",
            },
        ],
        "gifts": [
            {"label": text("Stories", "Stories"), "units": 3, "value_minor": 13_500},
            {"label": text("Fotografías", "Photo posts"), "units": 1, "value_minor": 9_000},
            {"label": text("Atención en festivo", "Holiday cover"), "units": 1},
        ],
        "gifts_minor": 22_500,
    }


def posts() -> list[dict[str, Any]]:
    shown = (
        ("best", "Latte de calabaza, paso a paso", "TikTok", 22, 98_400, 11_280),
        ("best", "El tueste lento en 40 segundos", "Instagram", 8, 61_200, 5_540),
        ("worst", "Horario de festivos", "Facebook", 11, 9_400, 96),
    )
    return [
        {
            "id": f"post-{day}",
            "label": title,
            "network": network,
            "published_at": f"2026-10-{day:02d}T12:00:00+02:00",
            "url": f"https://{network.lower()}.example/cafeaurora/{day}",
            "why": why,
            "views": views,
            "engagements": engagements,
            "engagement_rate": {"numerator": engagements, "denominator": views},
        }
        for why, title, network, day, views, engagements in shown
    ]


def community() -> dict[str, Any]:
    messages = {"comment": 1_840, "direct_message": 412, "mention": 230, "review": 38, "forum": 0}
    return {
        "messages": messages,
        "total": sum(messages.values()),
        "median": {"response_minutes": 38},
        "p90": {"response_minutes": 240, "estimated": True},
        "response_rate": {"numerator": 936, "denominator": 962},
        "sla": {"numerator": 906, "denominator": 962},
        "net_sentiment": {"numerator": 514, "denominator": 2_238},
    }


def competitors() -> dict[str, Any]:
    brands = (("Café Aurora", True, 230), ("Tostadero Sur", False, 310), ("Molino & Co", False, 95))
    accounts = (
        ("Café Aurora", True, 48_620, 1_710, 22, 38_940),
        ("Tostadero Sur", False, 61_300, 840, 31, None),
    )
    return {
        "voices": [
            {
                "topic": "Café de especialidad",
                "keywords": ["café de especialidad", "tueste lento"],
                "networks": ["instagram", "tiktok"],
                "languages": ["es"],
                "days": 31,
                "brands": [
                    {"name": name, "own": own, "mentions": mentions}
                    for name, own, mentions in brands
                ],
                "total": sum(mentions for _, _, mentions in brands),
            }
        ],
        "accounts": [
            {
                "name": name,
                "network": "Instagram",
                "own": own,
                "followers": followers,
                "followers_net": net,
                "posts": count,
                "engagements": engagements,
                "er_followers": {"numerator": engagements, "denominator": followers}
                if engagements is not None
                else None,
            }
            for name, own, followers, net, count, engagements in accounts
        ],
    }


def result(value: int | None, quality: str = "actual", **more: Any) -> dict[str, Any]:
    if value is None:
        return {"quality": "missing", "lacks": "not_yet"}
    return {"value": value, "quality": quality, **more}


def collaboration(
    number: int, influencer: str, phase: str, counts: tuple[int, int, int], *results: Any
) -> dict[str, Any]:
    agreed, live, verified = counts
    return {
        "id": f"collaboration-{number}",
        "influencer": influencer,
        "campaign": "Otoño en taza",
        "phase": phase,
        "agreed": agreed,
        "live": live,
        "verified": verified,
        "posts": [
            {
                "network": "instagram",
                "published_at": f"2026-10-{8 + each:02d}T17:00:00Z",
                "url": f"https://www.instagram.com/reel/{number}{each}/",
            }
            for each in range(live)
        ],
        "figures": dict(zip(RESULTS, results, strict=True)),
    }


def collaborations() -> dict[str, Any]:
    """Two that were paid for, and one that has not begun; 1,750.00 in all."""
    none = [result(None)] * 6
    lucia = [
        result(41_200),
        result(98_400),
        result(11_280),
        result(1_930, partial=True),
        result(61),
    ]
    marc = [
        *(result(18_600, "manual"), result(52_000, "estimated"), result(3_120, "manual")),
        *(result(640), result(14)),
    ]
    rows = [
        collaboration(1, "Lucía Ferrer", "delivered", (3, 2, 2), *lucia, result(244_000)),
        collaboration(2, "Marc Vidal", "completed", (1, 1, 1), *marc, result(56_000)),
        collaboration(3, "Noa Prat", "agreed", (2, 0, 0), *none),
    ]
    rows[0]["disclosure"], rows[1]["disclosure"] = "valid", "mending"
    waits = ["disclosure_valid", "min_live_days"]
    money: tuple[tuple[int, int, int, list[str]], ...] = (
        *((150_000, 125_000, 25_000, waits), (50_000, 50_000, -4_000, [])),
        (30_000, 0, 0, []),
    )
    for row, (agreed, spent, owed, open_gates) in zip(rows, money, strict=True):
        row["money"] = {"agreed_minor": agreed, "spent_minor": spent, "owed_minor": owed}
        row["money"]["waits"] = open_gates
    shown = [ReportCollaboration.model_validate(row) for row in rows]
    return {
        "rows": rows,
        "totals": totals_of(shown).model_dump(mode="json"),
        "cost": {
            "spent_minor": 175_000,
            "paid": 2,
            "per_engagement": {"numerator": 175_000, "denominator": 14_400},
            "per_conversion": {"numerator": 175_000, "denominator": 75},
            "roi": {"numerator": 125_000, "denominator": 175_000},
        },
    }


def coming() -> list[dict[str, Any]]:
    return [
        {
            "label": text("Navidad en taza", "Christmas in a cup"),
            "kind": "campaign",
            "on": "2026-11-16",
        },
        {
            "label": text("Vídeo de marca empleadora", "Employer-brand video"),
            "kind": "deliverable",
            "on": "2026-11-12",
            "network": "LinkedIn",
        },
        {
            "label": text("Reels", "Reels"),
            "kind": "deliverable",
            "on": "2026-11-30",
            "units": 12,
            "network": "Instagram",
        },
    ]


NARRATIVE: dict[str, dict[str, Any]] = {
    "es": {
        "figure_notes": {"clicks": "El enlace va en la primera viñeta desde el 3 de noviembre."},
        "day_notes": {
            "2026-10-08": "Lucía Ferrer enseña la receta del **tueste lento**.",
            "2026-10-24": "Sale el artículo del periódico local.",
        },
        "next_steps": [
            "Enlaces de reserva en la primera viñeta de todas las *stories*.",
            "Cuarta pieza de Marc Vidal, con código propio.",
        ],
        "opportunities": ["Dos locales abren terraza en diciembre."],
        "threats": ["Tostadero Sur anuncia suscripción a domicilio."],
        "proposals": ["Ampliar el contrato con producción de vídeo."],
        "closing": "Octubre nos enseñó que un buen guion vale más que diez reuniones. Gracias.",
    },
    "en": {
        "figure_notes": {"clicks": "The link stands on the first frame since 3 November."},
        "day_notes": {
            "2026-10-08": "Lucía Ferrer shows the **slow roast** recipe.",
            "2026-10-24": "The local paper’s article comes out.",
        },
        "next_steps": [
            "Booking links on the first frame of every story.",
            "Marc Vidal’s fourth piece, with a code of its own.",
        ],
        "opportunities": ["Two shops open a terrace in December."],
        "threats": ["Tostadero Sur announces home subscriptions."],
        "proposals": ["Extend the contract with video production."],
        "closing": "October taught us that a good script beats ten meetings. Thank you.",
    },
}


def snapshot() -> ReportSnapshot:
    return ReportSnapshot.model_validate(data())
