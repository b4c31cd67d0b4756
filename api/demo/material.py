"""What the story is about: the scope sold, the budget agreed, and the account executive's words."""

from typing import Any

Json = dict[str, Any]

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

REQUESTS: list[Json] = [
    {
        "text": {"es": es, "en": en},
        "owner_name": "Clara Montes",
        "due_on": due,
        "subject_kind": kind,
    }
    for es, en, due, kind in (
        (
            "Mover 800 € de Facebook a TikTok en noviembre",
            "Move €800 from Facebook to TikTok in November",
            "2026-11-07",
            "other",
        ),
        (
            "Comentarios a la estrategia del cuarto trimestre",
            "Comments on the fourth-quarter strategy",
            "2026-11-10",
            "approval",
        ),
        (
            "Firmar las cesiones de imagen de la plantilla",
            "Sign the staff image releases",
            "2026-11-09",
            "file",
        ),
    )
]
OUR_PROMISES: list[tuple[str, str, str, bool]] = [
    (
        "Renovar los textos de perfil de los cuatro canales",
        "Renew the profile texts of the four channels",
        "2026-10-09",
        True,
    ),
    (
        "Tercera pieza de Marc Vidal y enlace de reserva",
        "Marc Vidal’s third piece with booking link",
        "2026-11-27",
        False,
    ),
    (
        "Ampliar el turno de comunidad en fines de semana",
        "Extend weekend community cover",
        "2026-11-28",
        False,
    ),
]

NARRATIVE: Json = {
    "es": {
        "headline": "Octubre: un 32 % más de interacción, y TikTok en su mejor mes.",
        "summary": (
            "La campaña de otoño **«Vuelve el tueste lento»** llevó a TikTok a su récord de "
            "visualizaciones y a Instagram a superar los 48.000 seguidores. Cumplimos **cinco de "
            "los seis objetivos** del mes.\n\nNos quedamos cortos en clics al sitio. Para "
            "noviembre proponemos mover inversión de Facebook a TikTok y reforzar los enlaces de "
            "reserva en *stories*."
        ),
        "highlights": [
            {
                "title": "TikTok, motor de crecimiento",
                "body": "2.470 seguidores nuevos y un 41,6 % más de visualizaciones, con la misma "
                "inversión.",
            },
            {
                "title": "Pedidos en línea por encima del objetivo",
                "body": "412 pedidos atribuidos, frente a un objetivo de 400.",
            },
            {
                "title": "Todo lo contratado de redes, entregado",
                "body": "96 piezas en cuatro canales y tres *stories* más, sin coste.",
            },
        ],
        "lowlights": [
            "7.000 clics al sitio frente a 7.500 previstos: las *stories* llevaban el enlace en "
            "la tercera viñeta."
        ],
        "learnings": [
            "Los vídeos con barista a cámara retienen 2,1 veces más que las piezas de producto.",
            "Los carruseles «guardables» (recetas) triplican los guardados, pero apenas generan "
            "clics.",
        ],
        "figure_notes": {"clicks": "Desde el 3 de noviembre el enlace va en la primera viñeta."},
        "day_notes": {
            "2026-10-08": "Se estrena «El tueste lento en 40 segundos».",
            "2026-10-22": "Marc Vidal publica el latte de calabaza.",
        },
        "next_steps": [
            "Enlaces de reserva en la primera viñeta de todas las *stories*.",
            "Una serie corta con baristas, que es lo que más se ve hasta el final.",
        ],
        "closing": "Octubre confirma que las personas detrás de la barra son vuestra mejor "
        "campaña. Gracias por abrirnos la puerta.",
    },
    "en": {
        "headline": "October: 32% more engagement, and TikTok’s best month.",
        "summary": (
            "The autumn campaign **“Slow roast is back”** took TikTok to a record month for views "
            "and Instagram past 48,000 followers. We met **five of the month’s six targets**.\n\n"
            "We fell short on site clicks. For November we propose moving budget from Facebook to "
            "TikTok and strengthening booking links in *stories*."
        ),
        "highlights": [
            {
                "title": "TikTok drives growth",
                "body": "2,470 new followers and 41.6% more views, on the same spend.",
            },
            {
                "title": "Online orders above target",
                "body": "412 attributed orders, against a target of 400.",
            },
            {
                "title": "Everything contracted is out",
                "body": "96 pieces on four channels and three *stories* more, at no charge.",
            },
        ],
        "lowlights": [
            "7,000 site clicks against 7,500 planned: stories carried the link in their third "
            "frame."
        ],
        "learnings": [
            "Videos with a barista on camera retain 2.1 times better than product pieces.",
            "“Saveable” carousels (recipes) triple saves but generate hardly any clicks.",
        ],
        "figure_notes": {"clicks": "Since 3 November the link stands on the first frame."},
        "day_notes": {
            "2026-10-08": "“Slow roast in 40 seconds” comes out.",
            "2026-10-22": "Marc Vidal publishes the pumpkin latte.",
        },
        "next_steps": [
            "Booking links on the first frame of every story.",
            "A short series with baristas: it is what people watch to the end.",
        ],
        "closing": "October confirms that the people behind the bar are your best campaign. "
        "Thank you for opening the door to us.",
    },
}

NOTES: dict[str, tuple[str, str]] = {
    "instagram": (
        "Los *reels* de «El taller del barista» concentran el 58 % de las interacciones del canal.",
        "The “Barista workshop” reels account for 58% of the channel’s engagements.",
    ),
    "tiktok": (
        "«Latte de calabaza, paso a paso» es el vídeo más visto; el canal ya aporta casi la mitad "
        "de la interacción.",
        "“Pumpkin latte, step by step” is the most viewed video; the channel now brings almost "
        "half of all engagement.",
    ),
    "linkedin": (
        "Ligero retroceso: el vídeo de marca empleadora se movió a noviembre.",
        "Slight decline: the employer-brand video moved to November.",
    ),
    "facebook": (
        "Canal maduro; proponemos reducir frecuencia y reservarlo para servicio y eventos locales.",
        "A mature channel; we propose lowering frequency and keeping it for service and local "
        "events.",
    ),
}

CORRECTION = {
    "es": "Gasto en producción: una factura de octubre llegó el 3 de noviembre.",
    "en": "Production spend: an October invoice arrived on 3 November.",
}
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

# Who is on the roster, and what each is offered for the campaign.
CREATORS: dict[str, Json] = {
    "lucia": {
        "name": "Lucía Ferrer",
        "email": "lucia@ferrer.example",
        "country": "ES",
        "languages": ["es"],
        "categories": ["food"],
        "accounts": [{"network": "instagram", "handle": "lucia.en.taza", "followers": 84_300}],
        "tags": ["café"],
    },
    "marc": {
        "name": "Marc Vidal",
        "country": "ES",
        "languages": ["es", "ca"],
        "categories": ["food"],
        "accounts": [{"network": "tiktok", "handle": "marcvidal.barista", "followers": 131_000}],
        "tags": ["café", "vídeo"],
    },
}
MARC: Json = {"name": "Marc Vidal", "email": "hola@marcvidal.example"}


def _terms(network: str, placement: str, what: str, due_on: str, fee: int) -> Json:
    return {
        "category": "coffee",
        "starts_on": "2026-10-01",
        "ends_on": "2026-10-31",
        "deliverables": [
            {
                "network": network,
                "placement": placement,
                "description": what,
                "due_on": due_on,
                "revision_rounds": 1,
            }
        ],
        "fee": {"currency": "EUR", "fixed_minor": fee},
        # No more than an earlier day may be said for: the story is told in one go.
        "min_live_days": 2,
    }


TERMS: dict[str, Json] = {
    "lucia": {
        **_terms("instagram", "reel", "Su mañana con el tueste lento.", "2026-10-14", 240_000),
        "rights": [
            {
                "asset": "El reel",
                "media": ["social"],
                "territories": ["ES"],
                "uses": ["organic"],
                "starts_on": "2026-10-01",
                "ends_on": "2027-03-31",
            }
        ],
        "exclusivities": [
            {"category": "coffee", "starts_on": "2026-10-01", "ends_on": "2026-11-30"}
        ],
    },
    "marc": _terms("tiktok", "video", "El latte de calabaza, paso a paso.", "2026-10-22", 220_000),
}
TITLES = {"lucia": "La mañana de Lucía", "marc": "Latte de calabaza, paso a paso"}
CAPTIONS = {
    "lucia": "#publicidad Mi mañana empieza despacio, con el tueste lento de Café Aurora.",
    "marc": "#publicidad Latte de calabaza, paso a paso, con el tueste lento de Café Aurora.",
}
UNDISCLOSED = "Latte de calabaza, paso a paso, con el tueste lento de Café Aurora."
OUT = {
    "lucia": ("https://instagram.example/p/lucia-tueste", "2026-10-14T09:00:00+02:00"),
    "marc": ("https://tiktok.example/@marcvidal.barista/latte", "2026-10-22T18:00:00+02:00"),
}
SHOP = "https://tienda.cafeaurora.example/otono"
CODE: Json = {"code": "LUCIA10", "starts_on": "2026-10-01", "ends_on": "2026-12-31"}
RESULTS: Json = {
    "reach": {"value": 61_400, "quality": "actual"},
    "views": {"value": 92_750, "quality": "actual"},
    "engagements": {"value": 7_503, "quality": "actual"},
    "likes": {"value": 5_312, "quality": "actual"},
    "comments": {"value": 287, "quality": "actual"},
    "saves": {"value": 1_904, "quality": "actual"},
    "shares": {"missing": "not_offered"},
}

ORDERS: list[Json] = [
    {
        "kind": "sale",
        "order_id": f"A-{4_100 + number}",
        "amount_minor": 3_200 + number * 370 % 2_100,
        "currency": "EUR",
        "occurred_at": f"2026-10-{15 + number % 15}T12:{number % 60:02d}:00+02:00",
        "code": CODE["code"],
    }
    for number in range(118)
]
# A grinder that came broken.
REFUND: Json = {
    **{name: ORDERS[7][name] for name in ("order_id", "currency", "amount_minor")},
    "kind": "refund",
    "refund_id": "D-12",
    "occurred_at": "2026-10-30T10:00:00+01:00",
}

ISSUER: Json = {
    "name": "Estudio Norte SL",
    "tax_id": "B12345674",
    "address": "Calle Colón 24, 3.º\n46004 Valencia\nEspaña",
    "bank_text": {
        "es": "Transferencia a ES79 2100 0813 6101 2345 6789, con el número de la factura.",
        "en": "By transfer to ES79 2100 0813 6101 2345 6789, with the number of the invoice.",
    },
    "footer": {
        "es": "Estudio Norte SL · Registro Mercantil de Valencia, hoja V-123456",
        "en": "Estudio Norte SL · Companies Register of Valencia, sheet V-123456",
    },
}
VAT: Json = {"name": {"es": "IVA", "en": "VAT"}, "percent": "21"}
BUYER: Json = {
    "legal_name": "Aurora Cafés SL",
    "tax_id": "B87654321",
    "address": "Plaza del Ayuntamiento 7\n46002 Valencia\nEspaña",
    "contacts": [{"name": "Clara Montes", "email": "facturas@cafeaurora.example", "locale": "es"}],
}
BANK: Json = {"debtor_name": "Estudio Norte SL", "debtor_iban": "ES7921000813610123456789"}
PAYEE: Json = {
    "legal_name": "Lucía Ferrer Soler",
    "tax_id": "12345678Z",
    "country": "ES",
    "address": "Calle Sueca 41\n46006 Valencia",
    "method": "bank_transfer",
    "iban": "ES9121000418450200051332",
}
