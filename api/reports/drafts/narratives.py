"""
A draft's words: what is written of them at a time, and what comes along from the report before.

They are kept by language and part, and a change brings only the parts it is about: whoever writes
the closing never sends, and never overwrites, what somebody else wrote of the channels.
"""

from enum import StrEnum
from typing import Any

from pydantic import MISSING

from api.reports.snapshot.figures import Account, Key, Words
from api.reports.snapshot.snapshot import ReportHighlight, Section, WrittenDay
from tenants.shapes import Shape

Narratives = dict[str, Any]  # language → part → words


class NarrativeUpdate(Shape):
    """
    What changes of a language's words, as a merge patch (RFC 7396): parts that are not sent stay.
    Of notes each key stands by itself, and null takes one away; a list is replaced whole.
    """

    headline: Words | MISSING = MISSING
    summary: Account | None | MISSING = MISSING
    highlights: tuple[ReportHighlight, ...] | MISSING = MISSING
    lowlights: tuple[Words, ...] | MISSING = MISSING
    learnings: tuple[Words, ...] | MISSING = MISSING
    channel_notes: dict[Key, Words | None] | MISSING = MISSING
    section_notes: dict[Section, Words | None] | MISSING = MISSING
    figure_notes: dict[Key, Words | None] | MISSING = MISSING
    day_notes: dict[WrittenDay, Words | None] | MISSING = MISSING
    next_steps: tuple[Words, ...] | MISSING = MISSING
    opportunities: tuple[Words, ...] | MISSING = MISSING
    threats: tuple[Words, ...] | MISSING = MISSING
    proposals: tuple[Words, ...] | MISSING = MISSING
    closing: Account | None | MISSING = MISSING


class CarriedPart(StrEnum):
    """What of a report's words can come along into the next; day and figure notes are its own."""

    channel_notes = "channel_notes"
    closing = "closing"
    learnings = "learnings"
    next_steps = "next_steps"
    opportunities = "opportunities"
    proposals = "proposals"
    section_notes = "section_notes"
    threats = "threats"


def merged(known: Any, change: Any) -> Any:
    """What was known with a change applied (RFC 7396)."""
    if not isinstance(change, dict):
        return change
    before = known if isinstance(known, dict) else {}
    stays = {key: value for key, value in before.items() if key not in change}
    told = {
        key: merged(before.get(key), value) for key, value in change.items() if value is not None
    }
    return stays | told


def filled(known: Narratives, brought: Narratives) -> Narratives:
    """What was known, with what is brought where nothing was said yet: no word is overwritten."""
    return {
        locale: _filled(known.get(locale) or {}, brought.get(locale) or {})
        for locale in known | {locale: words for locale, words in brought.items() if words}
    }


def _filled(mine: dict[str, Any], brought: dict[str, Any]) -> dict[str, Any]:
    made = dict(mine)
    for part, words in brought.items():
        if words and isinstance(words, dict):
            made[part] = words | (mine.get(part) or {})
        elif words and not mine.get(part):
            made[part] = words
    return made


def carried(narrative: Narratives, parts: list[CarriedPart], channels: set[str]) -> Narratives:
    """Of a version's words the parts asked for; notes on channels that are there this time too."""
    made: Narratives = {}
    for locale, words in narrative.items():
        made[locale] = {part.value: words[part.value] for part in parts if words.get(part.value)}
        if notes := made[locale].get("channel_notes"):
            made[locale]["channel_notes"] = {
                channel: note for channel, note in notes.items() if channel in channels
            }
    return made


def of_texts(texts: dict[str, dict[str, str]], locales: list[str]) -> Narratives:
    """A template's texts as the notes of their sections."""
    return {
        locale: {"section_notes": notes}
        for locale in locales
        if (notes := {part: said[locale] for part, said in texts.items() if locale in said})
    }


def silent(narrative: Narratives, locales: list[str]) -> list[str]:
    """The languages that have no headline yet: the least a report says."""
    return [each for each in locales if not (narrative.get(each) or {}).get("headline")]
