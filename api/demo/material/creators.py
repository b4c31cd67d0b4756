"""Who works with the client: the roster, their terms, their posts and what those sold."""

from api.demo.people import Json

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
