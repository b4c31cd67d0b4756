"""
Whether a caption says that it is advertising as the rules of its readers' country want it said.
Pure: the rules are data (`packs/*.toml`), each in versions that hold from a day on.

    judge(caption, country, language, network, placement, relation, on_date) -> verdict

A verdict names the rule, its version and its reasons, so that it can be understood, and made again,
when the rule has changed. No pack is legal advice: each says that its wording wants a lawyer's eye.
What a caption cannot show (words that are spoken, or set into the picture) is `advice`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple


class Relation(StrEnum):
    """What ties the author to the brand."""

    paid = "paid"
    gift = "gift"
    affiliate = "affiliate"
    family = "family"


class Judgement(StrEnum):
    """`unknown`: there is no rule for that country and day."""

    valid = "valid"
    invalid = "invalid"
    unknown = "unknown"


class Reason(StrEnum):
    """
    Why. `tag` and `label` make a caption valid: its own words, or the network's paid-partnership
    label where the rule lets that do. The others make it invalid: `absent` nothing says it,
    `short_form` only what readers do not understand, `below_fold` said where nobody looks,
    `among_hashtags` hidden in a row of them, `wrong_language`, `wrong_relation` words for another
    tie (a gift that was paid), `label_alone` the network's label where it does not do by itself.
    """

    tag = "tag"
    label = "label"
    absent = "absent"
    short_form = "short_form"
    below_fold = "below_fold"
    among_hashtags = "among_hashtags"
    wrong_language = "wrong_language"
    wrong_relation = "wrong_relation"
    label_alone = "label_alone"
    no_rule = "no_rule"


@dataclass(frozen=True)
class Wording:
    """Words that say it, in one language; for some relations, or (none named) for every one."""

    text: str
    language: str
    relations: frozenset[Relation]


@dataclass(frozen=True)
class Rule:
    """One version of a country's rules. `folds`: how many characters a network shows at first."""

    country: str
    version: int
    starts_on: date
    review: str
    sources: tuple[str, ...]
    accepted: tuple[Wording, ...]
    short_forms: tuple[str, ...]
    negations: tuple[str, ...]
    label_suffices: bool
    hashtags_before: int
    folds: Mapping[str, int]
    advice: Mapping[str, str]


@dataclass(frozen=True)
class Verdict:
    """What was found, by which version of which rule, and why."""

    judgement: Judgement
    rule: str | None
    version: int | None
    reasons: tuple[Reason, ...]
    advice: tuple[str, ...] = ()


def judge(
    caption: str,
    country: str,
    language: str,
    network: str,
    placement: str,
    relation: Relation,
    on_date: date,
    *,
    label: bool = False,
) -> Verdict:
    """Judge a caption by the rule in force. `label`: the network's own says paid partnership."""
    rule = rule_of(country, on_date)
    if rule is None:
        return Verdict(Judgement.unknown, None, None, (Reason.no_rule,))
    said = plain(caption)
    spoken = language.partition("-")[0].lower()
    reasons = _reasons(rule, said, spoken, network, relation, label)
    found = {Reason.tag, Reason.label} & set(reasons)
    judgement = Judgement.valid if found else Judgement.invalid
    advice = rule.advice.get(placement)
    return Verdict(judgement, rule.country, rule.version, reasons, (advice,) if advice else ())


def _reasons(
    rule: Rule, said: str, language: str, network: str, relation: Relation, label: bool
) -> tuple[Reason, ...]:
    faults = set()
    for wording, at in _found(rule, said):
        wrong = _faults(rule, wording, at, said, language, network, relation)
        if not wrong:
            return (Reason.tag,)
        faults |= wrong
    if label and rule.label_suffices:
        return (Reason.label,)
    if label:
        faults.add(Reason.label_alone)
    if not faults and any(True for form in rule.short_forms for _ in _places(form, said)):
        faults.add(Reason.short_form)
    return tuple(each for each in Reason if each in faults) or (Reason.absent,)


def _faults(
    rule: Rule,
    wording: Wording,
    at: int,
    said: str,
    language: str,
    network: str,
    relation: Relation,
) -> set[Reason]:
    """What is wrong with words that say it, where they stand."""
    wrong = set()
    if wording.language not in ("any", language):
        wrong.add(Reason.wrong_language)
    if wording.relations and relation not in wording.relations:
        wrong.add(Reason.wrong_relation)
    fold = rule.folds.get(network)
    if fold is not None and at + len(wording.text) > fold:
        wrong.add(Reason.below_fold)
    if wording.text.startswith("#") and _hashtags_before(said, at) > rule.hashtags_before:
        wrong.add(Reason.among_hashtags)
    return wrong


def _found(rule: Rule, said: str) -> Iterator[tuple[Wording, int]]:
    for wording in rule.accepted:
        for at in _places(wording.text, said):
            if not said[:at].endswith(rule.negations):
                yield wording, at


def _places(words: str, said: str) -> Iterator[int]:
    """Where words stand by themselves: `#ad` is no part of `#adventure`."""
    for match in _whole(words).finditer(said):
        yield match.start()


@lru_cache(maxsize=1024)
def _whole(words: str) -> re.Pattern[str]:
    before = r"(?<![\w#@])" if words[0] == "#" or words[0].isalnum() else ""
    after = r"(?![\w])" if words[-1].isalnum() else ""
    return re.compile(before + re.escape(words) + after)


_ROW = re.compile(r"(?:[#@][\w.]+|https?://\S+)\s*\Z")


def _hashtags_before(said: str, at: int) -> int:
    """How many hashtags, names and links stand in a row in front of a place."""
    count, end = 0, at
    while (found := _ROW.search(said[max(0, end - 200) : end])) is not None:
        count += 1
        end -= len(found.group())
    return count


# Marks that show nothing, and would part the letters of a word.
_UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u2060-\u2064\u202a-\u202e\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)


def plain(caption: str) -> str:
    """A caption as it reads: one form for each letter, small, blanks as one, nothing unseen."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", caption)).casefold()
    return re.sub(r"\s+", " ", seen).strip()


def rule_of(country: str, on_date: date) -> Rule | None:
    """The version that was in force for a country on a day."""
    held = [rule for rule in rules() if rule.country == country and rule.starts_on <= on_date]
    return max(held, key=lambda rule: rule.starts_on, default=None)


def matching(country: str | None, on_date: date | None) -> list[Rule]:
    """The versions of a country's rules, or of all; with a day, those that were in force then."""
    held = [rule for rule in rules() if country in (None, rule.country)]
    if on_date is None:
        return held
    return [rule for rule in held if rule is rule_of(rule.country, on_date)]


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every version of every pack, by country and version."""
    packs = resources.files("api.proof").joinpath("packs").iterdir()
    texts = [pack.read_text("utf-8") for pack in packs if pack.name.endswith(".toml")]
    made = [rule for each in texts for rule in _read(tomllib.loads(each))]
    return tuple(sorted(made, key=lambda rule: (rule.country, rule.version)))


def _read(pack: dict[str, Any]) -> Iterator[Rule]:
    for version in pack["versions"]:
        yield Rule(
            country=pack["country"],
            version=version["version"],
            starts_on=version["from"],
            review=pack["review"],
            sources=tuple(version["sources"]),
            accepted=tuple(_wordings(version["accepted"])),
            short_forms=tuple(plain(form) for form in version["short_forms"]),
            negations=tuple(plain(each) + " " for each in pack["negations"]),
            label_suffices=version["label_suffices"],
            hashtags_before=version["hashtags_before"],
            folds=pack["folds"],
            advice=version.get("advice", {}),
        )


class _Group(NamedTuple):
    language: str
    relations: frozenset[Relation]
    words: list[str]


def _wordings(groups: list[dict[str, Any]]) -> Iterator[Wording]:
    for each in groups:
        group = _Group(
            each["language"], frozenset(map(Relation, each.get("for", ()))), each["words"]
        )
        for words in group.words:
            yield Wording(plain(words), group.language, group.relations)
