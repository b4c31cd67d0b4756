"""A whole report, as an agency would send it: Estudio Norte for Café Aurora, October 2026.

Invented, but it adds up. Tests take it apart; the demonstration shows it as it is.
"""

from typing import Any

from api.reports.snapshot.snapshot import ReportSnapshot
from tests.reports.sample_figures import budget, channels, kpis, totals
from tests.reports.sample_words import narrative, text


def deliverables() -> list[dict[str, Any]]:
    done = (
        (
            text("Calendario editorial de noviembre", "November content calendar"),
            None,
            "piece",
            1,
            1,
            "2026-10-26",
        ),
        (text("Reels", "Reels"), "Instagram", "piece", 12, 12, "2026-10-31"),
        (text("Carruseles", "Carousels"), "Instagram", "piece", 6, 6, "2026-10-31"),
        (text("Fotografías", "Photo posts"), "Instagram", "piece", 4, 4, "2026-10-31"),
        (text("Stories", "Stories"), "Instagram", "piece", 40, 43, "2026-10-31"),
        (text("Vídeos cortos", "Short videos"), "TikTok", "piece", 12, 12, "2026-10-31"),
        (text("Publicaciones", "Posts"), "LinkedIn", "piece", 8, 8, "2026-10-31"),
        (text("Publicaciones", "Posts"), "Facebook", "piece", 14, 14, "2026-10-31"),
        (text("Concepto visual de otoño", "Autumn key visual"), None, "piece", 1, 1, "2026-10-05"),
        (
            text("Sesión fotográfica de temporada", "Seasonal photo shoot"),
            None,
            "piece",
            1,
            1,
            "2026-10-16",
        ),
        (
            text("Gestión de colaboraciones", "Collaboration management"),
            "IG · TikTok",
            "piece",
            2,
            2,
            "2026-10-22",
        ),
        (
            text("Gestión de comunidad (días)", "Community management (days)"),
            text("Todos", "All"),
            "service_period",
            31,
            31,
            "2026-10-31",
        ),
    )
    lines = [
        {
            "line": number,
            "label": label,
            "channel": channel,
            "measure": measure,
            "contracted": contracted,
            "delivered": delivered,
            "over_serviced": max(delivered - contracted, 0),
            "due_on": due,
            "status": "delivered",
        }
        for number, (label, channel, measure, contracted, delivered, due) in enumerate(
            done, start=1
        )
    ]
    strategy = {
        "line": 13,
        "label": text("Estrategia del cuarto trimestre", "Fourth-quarter strategy"),
        "measure": "milestone",
        "contracted": 1,
        "in_progress": 1,
        "due_on": "2026-10-30",
        "status": "in_review",
        "note": text(
            "Borrador entregado el 30 oct; esperamos tus comentarios.",
            "Draft delivered on 30 Oct; awaiting your comments.",
        ),
    }
    video = {
        "line": 14,
        "label": text("Vídeo de marca empleadora", "Employer-brand video"),
        "channel": "LinkedIn",
        "measure": "piece",
        "contracted": 1,
        "due_on": "2026-11-12",
        "original_due_on": "2026-10-21",
        "status": "blocked",
        "blocked_cause": "client",
        "note": text(
            "Pendiente de la cesión de imagen de la plantilla.",
            "Pending image releases from staff.",
        ),
    }
    return [*lines, strategy, video]


def content() -> list[dict[str, Any]]:
    pieces = (
        ("Latte de calabaza, paso a paso", "Pumpkin latte, step by step", "TikTok", 22, "latte"),
        ("El tueste lento en 40 segundos", "Slow roast in 40 seconds", "Instagram", 8, "tueste"),
        ("¿Cuánto cuesta un buen café?", "What does a good coffee cost?", "TikTok", 14, "precio"),
        ("5 recetas para hacer en casa", "5 recipes to make at home", "Instagram", 12, "recetas"),
    )
    return [
        {
            "label": text(es, en),
            "channel": channel,
            "published_at": f"2026-10-{day:02d}T12:00:00+02:00",
            "url": f"https://{channel.lower()}.example/cafeaurora/{slug}",
        }
        for es, en, channel, day, slug in pieces
    ]


def _promise(es: str, en: str, owner: str, due: str, **more: Any) -> dict[str, Any]:
    return {"text": text(es, en), "owner": owner, "due_on": due, **more}


def promises() -> dict[str, list[dict[str, Any]]]:
    client, agency = "Café Aurora", "Estudio Norte"
    return {
        "kept": [
            _promise(
                "Renovar los textos de perfil de los cuatro canales",
                "Refresh the profile texts of the four channels",
                agency,
                "2026-10-09",
                status="done",
                settled_on="2026-10-07",
            ),
            _promise(
                "Guion de crisis con aprobación exprés",
                "Crisis playbook with fast-track approval",
                agency,
                "2026-10-12",
                status="done",
                settled_on="2026-10-14",
                note=text("Dos días más tarde de lo dicho.", "Two days later than promised."),
            ),
            _promise(
                "Prueba de formato largo en Facebook",
                "Test of a long format on Facebook",
                agency,
                "2026-10-30",
                status="dropped",
                note=text(
                    "Acordado contigo el 15 oct: el canal baja de frecuencia.",
                    "Agreed with you on 15 Oct: the channel slows down.",
                ),
            ),
        ],
        "requests": [
            _promise(
                "Mover 800 € de Facebook a TikTok en noviembre",
                "Move €800 from Facebook to TikTok in November",
                client,
                "2026-11-07",
            ),
            _promise(
                "Comentarios a la estrategia del cuarto trimestre",
                "Comments on the fourth-quarter strategy",
                client,
                "2026-11-10",
            ),
            _promise(
                "Firmar las cesiones de imagen de la plantilla",
                "Sign the staff image releases",
                client,
                "2026-10-19",
            ),
        ],
        "commitments": [
            _promise(
                "Tercera pieza de Marc Vidal y enlace de reserva",
                "Marc Vidal’s third piece with booking link",
                agency,
                "2026-11-06",
            ),
            _promise(
                "Plan de renovación con Lucía Ferrer",
                "Renewal plan with Lucía Ferrer",
                agency,
                "2026-11-13",
            ),
            _promise(
                "Ampliar turno de comunidad en fines de semana",
                "Extend weekend community cover",
                agency,
                "2026-11-14",
            ),
        ],
    }


def data() -> dict[str, Any]:
    """The snapshot as JSON, to be changed by a test before it is frozen."""
    shown = channels()
    return {
        "report": {
            "id": "rep_01JBX7C9V2",
            "version": 2,
            "kind": "periodic",
            "period": {"kind": "month", "start": "2026-10-01", "end": "2026-10-31"},
            "compare": {"kind": "previous_month", "start": "2026-09-01", "end": "2026-09-30"},
            "published_at": "2026-11-04T10:30:00+01:00",
            "as_of": "2026-11-02T06:00:00+01:00",
            "timezone": "Europe/Madrid",
            "currency": "EUR",
            "locales": ["es", "en"],
            "supersedes": {
                "version": 1,
                "reason": text(
                    "Corrección del gasto en producción (factura recibida el 3 nov).",
                    "Production spend corrected (invoice received 3 Nov).",
                ),
            },
        },
        "agency": {
            "name": "Estudio Norte",
            "tagline": text("Comunicación social con criterio", "Social media with judgement"),
            "branding": {"primary": "#12403C", "accent": "#E07A5F"},
        },
        "client": {
            "name": "Café Aurora",
            "sector": text(
                "Cafeterías de especialidad · 14 locales", "Speciality coffee · 14 shops"
            ),
        },
        "author": {
            "name": "Irene Salvatierra",
            "title": text("Directora de cuentas", "Account director"),
            "email": "irene@estudionorte.example",
        },
        "narrative": narrative(),
        "kpis": kpis(),
        "channels": shown,
        "totals": totals(shown),
        "annotations": [
            _annotation(8, "Lucía Ferrer", "Lucía Ferrer", "collaboration"),
            _annotation(17, "Incidencia", "Incident", "incident"),
            _annotation(22, "Marc Vidal", "Marc Vidal", "collaboration"),
        ],
        "content": content(),
        "paid": {
            "spend_minor": 541236,
            "impressions": 486000,
            "clicks": 3870,
            "conversions": 129,
        },
        "investment": {
            "fee_minor": 340000,
            "media_minor": 541236,
            "production_minor": 298050,
            "other_minor": 343320,
            "total_minor": 1522606,
            "revenue_minor": 686400,
            "roi": {"numerator": 686400 - 1522606, "denominator": 1522606},
        },
        "budget": budget(),
        "deliverables": deliverables(),
        **promises(),
    }


def _annotation(day: int, es: str, en: str, kind: str) -> dict[str, Any]:
    return {"date": f"2026-10-{day:02d}", "label": text(es, en), "kind": kind}


def snapshot() -> ReportSnapshot:
    return ReportSnapshot.model_validate(data())
