"""A whole report, as an agency would send it: Estudio Norte for Café Aurora, October 2026.

Invented, but it adds up. Tests take it apart; the demonstration shows it as it is.
"""

import copy
import datetime as dt
from typing import Any

from api.reports.snapshot.figures import ReportChannel, Span, totals_of
from api.reports.snapshot.snapshot import ReportSnapshot

_PERIOD = Span(start=dt.date(2026, 10, 1), end=dt.date(2026, 10, 31))

# fmt: off
_DAILY_VIEWS = {
    "instagram": (
        22888, 23801, 28122, 26960, 25861, 26709, 24286, 46226, 37953, 34314, 30141,
        29840, 26228, 25686, 22528, 25848, 25170, 26041, 23981, 24607, 25418, 29770,
        32018, 32056, 29251, 26895, 23797, 24608, 24370, 27031, 28896,
    ),
    "tiktok": (
        12284, 12838, 11869, 13661, 13054, 13196, 10568, 10641, 12000, 11925, 12251,
        12393, 11884, 28535, 23253, 19306, 27141, 21457, 17590, 15539, 13688, 32027,
        23029, 22056, 17809, 15783, 13360, 12061, 12007, 11822, 13173,
    ),
    "linkedin": (
        2718, 2831, 966, 1004, 2725, 2806, 3062, 3129, 2886, 987, 991, 2783, 2485, 2826,
        2913, 2493, 1050, 984, 2673, 2976, 3018, 2833, 2863, 1039, 955, 3089, 3098,
        3075, 2608, 2824, 910,
    ),
    "facebook": (
        5127, 5139, 6200, 5517, 5087, 5297, 5155, 5775, 5712, 5810, 6439, 5103, 5198,
        4905, 5406, 5248, 5813, 6325, 4642, 5200, 5054, 4920, 5610, 5206, 5943, 5671,
        5737, 4735, 5266, 4831, 6329,
    ),
}
_DAILY_VIEWS_BEFORE = (
    43254, 43362, 46215, 45674, 43136, 40412, 45651, 43390, 45359, 48966, 50306,
    44926, 42387, 43732, 41134, 42986, 50412, 48075, 43848, 44395, 42027, 43184,
    42560, 49079, 49662, 46401, 41798, 45665, 43998, 44306,
)
# fmt: on

# id, name, then (now, before) of followers, reach, views, engagements, clicks and pieces
_CHANNELS = (
    (
        "instagram",
        "Instagram",
        (48620, 46910),
        (312400, 268900),
        (861300, 742600),
        (38940, 31210),
        (4120, 3480),
        (22, 20),
    ),
    (
        "tiktok",
        "TikTok",
        (21340, 18870),
        (284700, 203500),
        (498200, 351900),
        (41860, 27640),
        (1310, 890),
        (12, 10),
    ),
    (
        "linkedin",
        "LinkedIn",
        (6480, 6330),
        (38900, 41200),
        (71600, 76300),
        (2940, 3020),
        (690, 720),
        (8, 8),
    ),
    (
        "facebook",
        "Facebook",
        (15210, 15240),
        (92600, 96800),
        (168400, 175500),
        (4310, 4690),
        (880, 950),
        (14, 14),
    ),
)


def text(es: str, en: str) -> dict[str, str]:
    return {"es": es, "en": en}


def channels() -> list[dict[str, Any]]:
    return [_channel(*row) for row in _CHANNELS]


def _channel(
    key: str, name: str, followers: tuple[int, int], *counts: tuple[int, int]
) -> dict[str, Any]:
    names = ("reach", "views", "engagements", "clicks", "posts")
    metrics = dict(zip(names, counts, strict=True))
    (views, views_before), (engagements, engagements_before) = counts[1], counts[2]
    return {
        "id": key,
        "network": key,
        "name": name,
        "followers": _change(*followers),
        "metrics": {name: _change(*values) for name, values in metrics.items()},
        "engagement_rate": {
            "numerator": engagements,
            "denominator": views,
            "previous": {"numerator": engagements_before, "denominator": views_before},
        },
        "daily": [
            {"date": f"2026-10-{day:02d}", "views": value}
            for day, value in enumerate(_DAILY_VIEWS[key], start=1)
        ],
    }


def _change(value: int, previous: int) -> dict[str, int]:
    return {"value": value, "previous": previous}


def totals(
    shown: list[dict[str, Any]], period: Span = _PERIOD, before: tuple[int, ...] | None = None
) -> dict[str, Any] | None:
    if not shown:
        return None
    models = [ReportChannel.model_validate(channel) for channel in shown]
    days = _DAILY_VIEWS_BEFORE if before is None else before
    return totals_of(models, period, days).model_dump(mode="json")


def _count(key: str, value: int, before: int, target: int | None, unit: str = "count") -> Any:
    return {
        "id": key,
        "unit": unit,
        "value": value,
        "previous": {"value": before},
        "target": target,
    }


def kpis() -> list[dict[str, Any]]:
    return [
        _count("reach", 728600, 610400, 680000),
        _count("views", 1599500, 1346300, 1450000),
        {
            "id": "er_views",
            "unit": "ratio",
            "numerator": 88050,
            "denominator": 1599500,
            "previous": {"numerator": 66560, "denominator": 1346300},
            "target": {"numerator": 5, "denominator": 100},
        },
        _count("followers_net", 4300, 2760, 3500, unit="signed_count"),
        _count("clicks", 7000, 6040, 7500),
        _count("conversions", 412, 348, 400),
        {
            **_count("first_response", 38, 52, 60, unit="minutes"),
            "direction": "down",
        },
        {
            "id": "sla",
            "unit": "ratio",
            "numerator": 906,
            "denominator": 962,
            "previous": {"numerator": 744, "denominator": 816},
            "target": {"numerator": 95, "denominator": 100},
        },
    ]


def budget() -> dict[str, Any]:
    lines = [
        _line("Publicidad en redes", "Paid social", "paid_media", 600000, 42000, 541236),
        _line("Colaboraciones", "Collaborations", "influencers", 480000, 220000, 240000),
        _line("Producción de contenido", "Content production", "production", 320000, 0, 298050),
        {
            **_line("Atrezo y desplazamientos", "Props and travel", "travel", 64820, 0, 64820),
            "note": text(
                "Repetición de la sesión de fotos por lluvia (aprobada el 13 oct).",
                "Photo shoot repeated because of rain (approved 13 Oct).",
            ),
        },
        _line("Herramientas y escucha", "Tools and listening", "tools", 40000, 0, 38500),
        {
            **_line(
                "Reserva de contingencia", "Contingency reserve", "contingency", 95180, 35000, 0
            ),
            "note": text(
                "Vigilancia reforzada tras la incidencia, hasta el 15 nov.",
                "Extra monitoring after the incident, until 15 Nov.",
            ),
        },
    ]
    return {
        "currency": "EUR",
        "lines": lines,
        "totals": budget_totals(lines),
        "fees": {"amount_minor": 340000},
    }


def budget_totals(lines: list[dict[str, Any]]) -> dict[str, int]:
    names = ("allocated_minor", "committed_minor", "spent_minor", "unfunded_minor")
    sums = {name: sum(line.get(name, 0) for line in lines) for name in names}
    left = sums["allocated_minor"] - sums["committed_minor"] - sums["spent_minor"]
    return {**sums, "available_minor": left}


def _line(
    es: str, en: str, category: str, allocated: int, committed: int, spent: int
) -> dict[str, Any]:
    return {
        "label": text(es, en),
        "category": category,
        "allocated_minor": allocated,
        "committed_minor": committed,
        "spent_minor": spent,
    }


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


def narrative() -> dict[str, Any]:
    return copy.deepcopy({"es": _SPANISH, "en": _ENGLISH})


_SPANISH: dict[str, Any] = {
    "headline": (
        "Octubre: un 32 % más de interacción y una crisis resuelta en menos de veinte horas."
    ),
    "summary": (
        "La campaña de otoño **«Vuelve el tueste lento»** y las dos colaboraciones de "
        "*influencers* llevaron a TikTok a su récord de visualizaciones y a Instagram "
        "a superar los 48.000 seguidores. Cumplimos **seis de los ocho objetivos** "
        "del mes.\n\nNos quedamos cortos en clics al sitio y, por ocho décimas, en el "
        "compromiso de respuesta: el fin de semana del 17 de octubre recibimos en 36 "
        "horas el volumen de una semana normal. Con lo aprendido, para noviembre "
        "proponemos mover inversión de Facebook a TikTok y reforzar los enlaces de "
        "reserva en *stories*."
    ),
    "highlights": [
        {
            "title": "TikTok, motor de crecimiento",
            "body": (
                "2.470 seguidores nuevos y un 41,6 % más de visualizaciones, con la "
                "misma inversión."
            ),
        },
        {
            "title": "Pedidos en línea por encima del objetivo",
            "body": ("412 pedidos atribuidos, 283 de ellos con código de las colaboraciones."),
        },
        {
            "title": "Respondemos en 38 minutos",
            "body": ("Catorce minutos menos que en septiembre, con un 20 % más de mensajes."),
        },
    ],
    "lowlights": [
        (
            "7.000 clics al sitio frente a los 7.500 previstos: las *stories* "
            "llevaban el enlace en la tercera viñeta."
        ),
        (
            "La inversión aún no vuelve en ventas del mes: el objetivo acordado de la "
            "campaña es notoriedad, y así se mide."
        ),
    ],
    "learnings": [
        ("Los vídeos con barista a cámara retienen 2,1 veces más que las piezas de producto."),
        (
            "Los carruseles «guardables» (recetas) triplican los guardados, pero "
            "apenas generan clics."
        ),
        (
            "Sin guion de crisis previo habríamos tardado en publicar: la aprobación "
            "exprés funcionó."
        ),
    ],
    "channel_notes": {
        "instagram": (
            "Los *reels* de «El taller del barista» concentran el 58 % de las "
            "interacciones del canal."
        ),
        "tiktok": (
            "«Latte de calabaza, paso a paso» es el vídeo más visto del año; el canal "
            "ya aporta casi la mitad de la interacción."
        ),
        "linkedin": (
            "Ligero retroceso: el vídeo de marca empleadora se movió a noviembre y "
            "faltó una pieza ancla."
        ),
        "facebook": (
            "Canal maduro; proponemos reducir frecuencia y reservarlo para servicio y "
            "eventos locales."
        ),
    },
}

_ENGLISH: dict[str, Any] = {
    "headline": ("October: 32% more engagement, and a crisis resolved in under twenty hours."),
    "summary": (
        "The autumn campaign **“Slow roast is back”** and the two influencer "
        "collaborations took TikTok to a record month for views and Instagram past "
        "48,000 followers. We met **six of the month’s eight targets**.\n\nWe fell "
        "short on site clicks and, by eight tenths of a point, on the response "
        "commitment: on the weekend of 17 October we received a normal week’s volume "
        "in 36 hours. Building on that, for November we propose moving budget from "
        "Facebook to TikTok and strengthening booking links in stories."
    ),
    "highlights": [
        {
            "title": "TikTok drives growth",
            "body": ("2,470 new followers and 41.6% more views, on the same spend."),
        },
        {
            "title": "Online orders above target",
            "body": ("412 attributed orders, 283 of them with a collaboration code."),
        },
        {
            "title": "We reply in 38 minutes",
            "body": ("Fourteen minutes faster than September, with 20% more messages."),
        },
    ],
    "lowlights": [
        (
            "7,000 site clicks against the 7,500 planned: the stories carried the "
            "link on their third frame."
        ),
        (
            "The investment does not yet return as sales within the month: the agreed "
            "goal of the campaign is awareness, and it is measured so."
        ),
    ],
    "learnings": [
        ("Videos with a barista on camera retain 2.1 times better than product pieces."),
        ("“Saveable” carousels (recipes) triple saves but generate hardly any clicks."),
        (
            "Without a crisis playbook we would have been slower to publish: fast- "
            "track approval worked."
        ),
    ],
    "channel_notes": {
        "instagram": ("The “Barista workshop” reels account for 58% of the channel’s engagements."),
        "tiktok": (
            "“Pumpkin latte, step by step” is the most viewed video of the year; the "
            "channel now brings almost half of all engagement."
        ),
        "linkedin": (
            "Slight decline: the employer-brand video moved to November, leaving the "
            "month without an anchor piece."
        ),
        "facebook": (
            "A mature channel; we propose lowering frequency and keeping it for "
            "service and local events."
        ),
    },
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
