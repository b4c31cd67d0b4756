"""The market of a report's period: how the community was answered, the competitors, the usual."""

from typing import Any

from sqlmodel import Session

from api.benchmarks import fitting
from api.community import answers
from api.listening import voice
from api.metrics.performance import competition
from api.metrics.periods import Period
from tenants.models import Client

Shown = dict[str, Any]


def community(session: Session, client: Client, period: Period) -> Shown | None:
    """How the client's messages were answered; null where nobody told."""
    told = answers.of_client(session, client.id, period)["totals"]
    messages = {
        name: each.value for name, each in told["messages"].items() if each.value is not None
    }
    made: Shown = {}
    if messages:
        made |= {"messages": messages, "total": sum(messages.values())}
        made["is_whole"] = all(each.complete for each in told["messages"].values() if each.value)
    for name in ("median", "p90"):
        if told["first_response"][name]["seconds"] is not None:
            made[name] = _duration(told["first_response"][name])
    rates = {
        "response_rate": told["response_rate"],
        "sla": told["sla_attainment"],
        "net_sentiment": told["net_sentiment"],
    }
    made |= {name: rate for name, each in rates.items() if (rate := _rate(each)) is not None}
    return made or None


def _duration(told: Shown) -> Shown:
    return {
        "response_minutes": -(-told["seconds"] // 60),  # never said to be quicker than it was
        "at_least": told["at_least"],
        "estimated": str(told["quality"]) == "estimated",
    }


def _rate(made: Shown) -> Shown | None:
    if made["missing_reason"] is not None or not made["denominator"]:
        return None
    return {"numerator": made["numerator"], "denominator": made["denominator"]}


def competitors(session: Session, client: Client, period: Period) -> Shown | None:
    """Share of voice with its question, and the accounts beside each other."""
    voices = [
        made
        for topic in voice.of_client(session, client.id, period)["topics"]
        for version in topic["versions"]
        if (made := _voice(topic, version)) is not None
    ]
    found = competition.comparison(session, client.id, period)["networks"]
    accounts = [account for network in found for account in _beside(network, client)]
    made = {"voices": voices, "accounts": accounts}
    return {name: rows for name, rows in made.items() if rows} or None


def _voice(topic: Shown, version: Shown) -> Shown | None:
    """Null where a brand of the universe was not counted: that is not zero."""
    rates = [_rate(each["sov"]) for each in version["brands"]]
    known = [
        (each, rate)
        for each, rate in zip(version["brands"], rates, strict=True)
        if rate is not None
    ]
    if None in rates:
        return None
    return {
        "topic": topic["name"],
        "keywords": version["keywords"],
        "networks": [str(each) for each in version["networks"]],
        "languages": version["languages"],
        "days": version["days_compared"],
        "brands": [
            {
                "name": each["name"],
                "own": each["competitor_id"] is None,
                "mentions": rate["numerator"],
            }
            for each, rate in known
        ],
        "total": sum(rate["numerator"] for _, rate in known),
    }


def _beside(network: Shown, client: Client) -> list[Shown]:
    """The accounts of a network of which something is known; none without a competitor's."""
    shown = [
        _account(each, network["network"], client)
        for each in (*network["own"], *network["competitors"])
    ]
    known = [each for each in shown if set(each) & {"followers", "posts", "engagements"}]
    return known if any(not each["own"] for each in known) else []


def _account(each: Shown, network: Any, client: Client) -> Shown:
    figures = {
        name: each[name].value
        for name in ("followers", "followers_net", "posts", "engagements")
        if each[name].value is not None
    }
    own = each["competitor_id"] is None
    made = {"name": client.name if own else each["name"], "network": str(network), "own": own}
    rate = _rate(each["er_followers"])
    return {**made, **figures} | ({"er_followers": rate} if rate else {})


def benchmarks(session: Session, client: Client, period: Period, shown: set[str]) -> list[Shown]:
    """What is usual over all networks, for the figures that are shown; the newest of each."""
    found: dict[str, Shown] = {}
    for row in fitting.of_client(session, client.id, period)["benchmarks"]:
        told = row["benchmark"]
        foreign = told.currency not in (None, client.currency)
        if told.kpi in shown and told.network is None and not foreign:
            found.setdefault(told.kpi, _benchmark(told))
    return [*found.values()]


def _benchmark(told: Any) -> Shown:
    made = {
        "kpi": told.kpi,
        "source": told.source_name,
        "published_on": told.published_on.isoformat(),
    }
    if told.value is not None:
        return {**made, "value": told.value}
    return {**made, "rate": {"numerator": told.numerator, "denominator": told.denominator}}
