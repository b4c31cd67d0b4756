"""What stands around October: the year before it, the community, the competitors, what is usual."""

from api.demo.material import agreed
from api.demo.people import Json
from api.demo.stage import Stage

# Views of each channel in the months before the daily readings begin, in thousands.
_MONTHS = (
    *("2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"),
    *("2026-04", "2026-05", "2026-06", "2026-07", "2026-08"),
)
_VIEWS = {
    "instagram": (612, 655, 741, 548, 571, 602, 640, 668, 690, 655, 701),
    "tiktok": (208, 231, 290, 214, 226, 251, 262, 281, 302, 288, 319),
    "linkedin": (79, 81, 64, 72, 75, 77, 80, 78, 76, 61, 58),
    "facebook": (221, 214, 240, 190, 188, 186, 184, 181, 180, 172, 174),
}
_REVENUE = {"instagram": 410_000, "tiktok": 276_400}
# Messages of a day by weekday, from Monday on: on Saturdays there are most.
_DAILY = (58, 60, 64, 71, 88, 118, 97)

OBJECTIVES: list[Json] = [
    {
        "horizon": "long",
        "statement": {
            "es": "Que Aurora sea el café de barrio de quien busca café de verdad.",
            "en": "Make Aurora the local café of those who look for real coffee.",
        },
        "due_on": "2027-06-30",
    },
    {
        "horizon": "short",
        "statement": {
            "es": "Superar los 15 millones de visualizaciones en el año.",
            "en": "Pass 15 million views in the year.",
        },
        "due_on": "2026-12-31",
    },
]
YEAR_TARGETS: list[Json] = [
    {"kpi": "views", "value": 15_000_000},
]
COMPETITORS: list[Json] = [
    {"name": "Tostadero Sur", "handles": [{"network": "instagram", "handle": "tostaderosur"}]},
    {"name": "Molino & Co", "handles": [{"network": "instagram", "handle": "molinoyco"}]},
]
TOPIC: Json = {
    "name": "Café de especialidad",
    "keywords": ["café de especialidad", "tueste lento", "barista"],
    "networks": ["instagram", "tiktok"],
    "languages": ["es"],
}
MENTIONS = (230, 310, 95)  # the client's own first, then its competitors'
BENCHMARK: Json = {
    "kpi": "er_views",
    "starts_on": "2025-01-01",
    "ends_on": "2025-12-31",
    "numerator": 41,
    "denominator": 1000,
    "source_name": "Barómetro de redes en hostelería",
    "source_url": "https://barometro.example/hosteleria-2026",
    "published_on": "2026-02-12",
}


def look_back(stage: Stage) -> None:
    """The months before are typed in from the old reports, and the year gets its objectives."""
    readings = [
        {
            "date": f"{month}-01",
            "channel": stage.ids[network],
            "basis": "month",
            "views": views * 1000,
            "likes": views * 41,
            "comments": views * 3,
            "shares": views * 4,
        }
        for network, known in _VIEWS.items()
        for month, views in zip(_MONTHS, known, strict=True)
    ]
    readings += [
        {
            "date": agreed.MONTH[0],
            "channel": stage.ids[network],
            "basis": "month",
            "revenue_minor": minor,
        }
        for network, minor in _REVENUE.items()
    ]
    told = stage.community_manager.post("/v1/metrics/daily", {"readings": readings})
    client = {"client_id": stage.ids["client"]}
    for objective in OBJECTIVES:
        stage.social_media_manager.post("/v1/objectives", {**client, **objective})
    for target in YEAR_TARGETS:
        year = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
        stage.social_media_manager.post("/v1/kpi-targets", {**client, **year, **target})
    stage.tell(
        stage.community_manager.name,
        f"typed in eleven months before: {told['stored']} readings; the year has its objectives",
    )


def listen(stage: Stage) -> None:
    """How the community was answered, who else is spoken of, and what is usual."""
    client = {"client_id": stage.ids["client"]}
    days = [_answered(day) for day in range(1, 32)]
    stage.community_manager.post("/v1/community-figures", {**client, "figures": days})
    rivals = [
        stage.social_media_manager.post("/v1/competitors", {**client, **rival})
        for rival in COMPETITORS
    ]
    topic = stage.social_media_manager.post(
        "/v1/listening-topics",
        {**client, **TOPIC, "competitor_ids": [rival["id"] for rival in rivals]},
    )
    heard = zip((None, *(rival["id"] for rival in rivals)), MENTIONS, strict=True)
    month = {"basis": "month", "period_start": agreed.MONTH[0]}
    counts = [{"competitor_id": id, "mentions": mentions, **month} for id, mentions in heard]
    stage.community_manager.post("/v1/mention-counts", {"topic_id": topic["id"], "counts": counts})
    stage.owner.post("/v1/benchmarks", BENCHMARK)
    stage.tell(
        stage.social_media_manager.name,
        f"listened to {len(rivals)} competitors, and noted what is usual",
    )


def _answered(day: int) -> Json:
    """One day of October 2026, which began on a Thursday."""
    needing = _DAILY[(day + 2) % 7]
    late = needing // 17
    quick = needing - late
    return {
        "day": f"2026-10-{day:02d}",
        "messages": {
            "comment": needing + 22,
            "direct_message": needing // 3,
            "review": 1 + day % 2,
        },
        "items": {"needing_answer": needing, "answered": needing - needing // 40},
        "first_response": {
            "sample_size": needing,
            "sum_seconds": quick * 1_800 + late * 9_000,
            "buckets": [
                0,
                needing // 8,
                needing // 4,
                quick - needing // 8 - needing // 4,
                late,
                0,
                0,
            ],
        },
        "sla": {"hit": quick, "missed": late, "running_missed": 0, "open": 0},
        "sentiment": {"positive": needing // 3, "neutral": needing // 2, "negative": needing // 20},
    }
