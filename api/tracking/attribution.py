"""
Who a sale is attributed to. Pure: the rule is data (`attribution.toml`), in versions that hold from
a day on, so that a published figure can be worked out again from what was told.

A code claims a sale on the days of its window. A link claims one within so many days, to the
instant, of having been followed; of several the last. Where both do, the rule's order says which.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any
from uuid import UUID


class Why(StrEnum):
    """
    By what a sale is attributed: `code` or `link`; or why it is nobody's: `unknown_code`,
    `code_outside_window`, `unknown_link`, `link_outside_window`, `no_touch`.
    """

    code = "code"
    link = "link"
    unknown_code = "unknown_code"
    code_outside_window = "code_outside_window"
    unknown_link = "unknown_link"
    link_outside_window = "link_outside_window"
    no_touch = "no_touch"


@dataclass(frozen=True)
class Rule:
    """One version: which comes first, and how long a link may claim a sale."""

    id: str
    version: int
    starts_on: date
    precedence: tuple[str, ...]
    window: timedelta


@dataclass(frozen=True)
class Code:
    """A promo code's window, in days of the client's calendar."""

    id: UUID
    collaboration_id: UUID
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Link:
    id: UUID
    collaboration_id: UUID


@dataclass(frozen=True)
class Touch:
    """A link that a buyer followed, and when."""

    link: str
    clicked_at: datetime


@dataclass(frozen=True)
class Claim:
    """To whom, and by what; or to nobody, and why."""

    why: Why
    collaboration_id: UUID | None = None
    code_id: UUID | None = None
    link_id: UUID | None = None


Codes = Mapping[str, Sequence[Code]]
Links = Mapping[str, Link]
_NO_TOUCH = Claim(Why.no_touch)


def attribute(
    rule: Rule,
    code: str | None,
    touches: Sequence[Touch],
    occurred_at: datetime,
    day: date,
    codes: Codes,
    links: Links,
) -> Claim:
    """Who claims a sale. `codes` by their key, `links` by theirs; `day` is the client's."""
    refused = _NO_TOUCH
    for kind in rule.precedence:
        if kind == "code":
            claim = _by_code(code, day, codes) if code else _NO_TOUCH
        else:
            claim = _by_link(rule, touches, occurred_at, links) if touches else _NO_TOUCH
        if claim.collaboration_id is not None:
            return claim
        if refused is _NO_TOUCH:
            refused = claim
    return refused


def _by_code(code: str, day: date, codes: Codes) -> Claim:
    known = codes.get(key_of(code))
    if not known:
        return Claim(Why.unknown_code)
    for each in known:
        if each.starts_on <= day <= each.ends_on:
            return Claim(Why.code, each.collaboration_id, code_id=each.id)
    return Claim(Why.code_outside_window)


def _by_link(rule: Rule, touches: Sequence[Touch], at: datetime, links: Links) -> Claim:
    known = [touch for touch in touches if touch.link in links]
    if not known:
        return Claim(Why.unknown_link)
    since = at - rule.window
    in_time = [touch for touch in known if since <= touch.clicked_at <= at]
    if not in_time:
        return Claim(Why.link_outside_window)
    # Two at the same instant: the one whose code is later in the alphabet, whoever is told first.
    last = links[max(in_time, key=lambda touch: (touch.clicked_at, touch.link)).link]
    return Claim(Why.link, last.collaboration_id, link_id=last.id)


def key_of(code: str) -> str:
    """What makes two spellings of a promo code the same."""
    return code.strip().upper()


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every version there has been."""
    told = tomllib.loads(resources.files("api.tracking").joinpath("attribution.toml").read_text())
    return tuple(_rule(told["id"], each) for each in told["versions"])


@lru_cache(maxsize=1024)
def rule_on(day: date) -> Rule:
    """The version in force on a day; the first one for days before it."""
    held = [rule for rule in rules() if rule.starts_on <= day] or [rules()[0]]
    return max(held, key=lambda rule: rule.starts_on)


def _rule(id: str, version: dict[str, Any]) -> Rule:
    return Rule(
        id,
        version["version"],
        version["from"],
        tuple(version["precedence"]),
        timedelta(days=version["window_days"]),
    )
