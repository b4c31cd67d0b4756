"""The sample's channels, KPIs and budget: invented, but they add up."""

import datetime as dt
from typing import Any

from api.reports.snapshot.figures import ReportChannel, Span, totals_of
from tests.reports.sample_words import text

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
