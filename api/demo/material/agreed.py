"""What is sold and agreed: the month, the scope, the budget and what is spent of it."""

from typing import Any

from api.demo.people import Json

MONTH = ("2026-10-01", "2026-10-31")

BRANDING: Json = {
    "primary": "#12403C",
    "accent": "#E07A5F",
    "tagline": {
        "es": "Comunicación social con criterio",
        "en": "Social media with judgement",
    },
}

SECTOR = {
    "es": "Cafeterías de especialidad · 14 locales",
    "en": "Speciality coffee · 14 shops",
}

BRIEF = {
    "es": "Dar a conocer el tueste lento de otoño y llevar pedidos a la tienda en línea.",
    "en": "Make the slow autumn roast known and bring orders to the online shop.",
}

CHANNELS = (
    ("instagram", "cafeaurora", "Instagram"),
    ("tiktok", "cafeaurora", "TikTok"),
    ("linkedin", "cafe-aurora", "LinkedIn"),
    ("facebook", "cafeaurora", "Facebook"),
)


def _line(es: str, en: str, kind: str, quantity: int, network: str | None, **more: Any) -> Json:
    return {
        "label": {"es": es, "en": en},
        "kind": kind,
        "measure": more.pop("measure", "piece"),
        "quantity": quantity,
        "network": network,
        "unit_price": {"amount_minor": more.pop("price"), "currency": "EUR"},
        "revision_rounds": 2,
        "due_on": more.pop("due_on", "2026-10-31"),
    }


SCOPE_LINES: list[Json] = [
    _line(
        "Calendario editorial de noviembre",
        "November content calendar",
        "calendar",
        1,
        None,
        price=25_000,
        due_on="2026-10-26",
    ),
    _line("Reels", "Reels", "reel", 12, "Instagram", price=9_000),
    _line("Carruseles", "Carousels", "carousel", 6, "Instagram", price=6_000),
    _line("Fotografías", "Photo posts", "photo", 4, "Instagram", price=4_000),
    _line("Stories", "Stories", "story", 40, "Instagram", price=1_200),
    _line("Vídeos cortos", "Short videos", "video", 12, "TikTok", price=8_500),
    _line("Publicaciones", "Posts", "post", 8, "LinkedIn", price=4_500),
    _line("Publicaciones", "Posts", "post", 14, "Facebook", price=2_500),
    _line(
        "Concepto visual de otoño",
        "Autumn key visual",
        "key_visual",
        1,
        None,
        price=45_000,
        due_on="2026-10-05",
    ),
    _line(
        "Sesión fotográfica de temporada",
        "Seasonal photo shoot",
        "shoot",
        1,
        None,
        price=60_000,
        due_on="2026-10-16",
    ),
    _line(
        "Gestión de comunidad (días)",
        "Community management (days)",
        "community",
        31,
        None,
        measure="service_period",
        price=3_500,
    ),
    _line(
        "Estrategia del cuarto trimestre",
        "Fourth-quarter strategy",
        "strategy",
        1,
        None,
        measure="milestone",
        price=70_000,
        due_on="2026-10-30",
    ),
    _line(
        "Vídeo de marca empleadora",
        "Employer-brand video",
        "video",
        1,
        "LinkedIn",
        price=90_000,
        due_on="2026-10-21",
    ),
]

# What of each line is delivered, when its last piece went out, and where it can be seen.
DELIVERED: dict[int, tuple[int, str, str | None]] = {
    0: (1, "2026-10-26T12:00:00+01:00", None),
    1: (12, "2026-10-30T18:00:00+01:00", "https://instagram.example/cafeaurora/reels"),
    2: (6, "2026-10-29T11:00:00+01:00", "https://instagram.example/cafeaurora/recetas"),
    3: (4, "2026-10-27T10:00:00+01:00", "https://instagram.example/cafeaurora/otono"),
    4: (40, "2026-10-31T20:00:00+01:00", None),
    5: (12, "2026-10-29T19:00:00+01:00", "https://tiktok.example/cafeaurora/barista"),
    6: (8, "2026-10-28T09:00:00+01:00", "https://linkedin.example/cafe-aurora/equipo"),
    7: (14, "2026-10-31T17:00:00+01:00", "https://facebook.example/cafeaurora/locales"),
    8: (1, "2026-10-05T16:00:00+02:00", None),
    9: (1, "2026-10-16T14:00:00+02:00", None),
}

BUDGET_LINES: list[Json] = [
    {
        "category": category,
        "label": {"es": es, "en": en},
        "planned_minor": planned,
        "paid_by": paid_by,
    }
    for category, es, en, planned, paid_by in (
        ("paid_media", "Publicidad en redes", "Paid social", 600_000, "client"),
        ("influencers", "Colaboraciones", "Collaborations", 480_000, "agency"),
        ("production", "Producción de contenido", "Content production", 320_000, "agency"),
        ("travel", "Atrezo y desplazamientos", "Props and travel", 60_000, "agency"),
        ("tools", "Herramientas y escucha", "Tools and listening", 40_000, "agency"),
        ("contingency", "Reserva de contingencia", "Contingency reserve", 100_000, "agency"),
    )
]

# Who decides for the client without a log-in.
BOSS: Json = {"name": "Lola Aurora", "email": "lola@aurora.example"}

# line → (spent, on what, by whom)
EXPENSES: list[tuple[int, int, str, str]] = [
    (0, 541_236, "Meta Platforms Ireland", "FB-2026-10"),
    (2, 278_050, "Estudio Luz y Grano", "A-1184"),
    (4, 38_500, "Escucha Social SL", "2026/918"),
]
COMMITMENTS: list[tuple[int, int, str]] = [
    (0, 42_000, "Meta Platforms Ireland"),
    (5, 35_000, "Refuerzo de comunidad"),
]

TARGETS: list[Json] = [
    {"kpi": "reach", "value": 680_000},
    {"kpi": "views", "value": 1_450_000},
    {"kpi": "er_views", "numerator": 5, "denominator": 100},
    {"kpi": "followers_net", "value": 3_500},
    {"kpi": "clicks", "value": 7_500},
    {"kpi": "conversions", "value": 400},
]
# A shoot repeated because of rain: more than the line had, and already spent.
OVERSPENT = (3, 64_820, "Atrezo Ruzafa", "771")
MISSING_MINOR = 4_820
LATE_INVOICE = (2, 20_000, "Estudio Luz y Grano", "A-1201")

HOURS: Json = {
    "title": "Bolsa de horas",
    "lines": [
        {
            "label": {"es": "Horas de comunidad", "en": "Community hours"},
            "kind": "hours",
            "measure": "hours",
            "quantity": 10,
            "unit_price": {"amount_minor": 4_500, "currency": "EUR"},
            "renewal": {"renews": "month", "rollover": "capped", "rollover_cap": 5},
        }
    ],
}

WINTER: Json = {
    "title": "Invierno en taza",
    "starts_on": "2026-12-01",
    "ends_on": "2027-02-28",
    "lines": [
        {
            "label": {"es": es, "en": en},
            "kind": kind,
            "measure": "piece",
            "quantity": quantity,
            "network": "Instagram",
            "unit_price": {"amount_minor": price, "currency": "EUR"},
            "revision_rounds": 1,
        }
        for es, en, kind, quantity, price in (
            ("Reels de invierno", "Winter reels", "reel", 9, 24_000),
            ("Carruseles de invierno", "Winter carousels", "carousel", 6, 12_000),
        )
    ],
}
