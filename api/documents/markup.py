"""The few marks a person may write: paragraphs, "- " lists, **bold**, *italic*, links to https.

Read once into a tree that every output walks. What a person wrote is only ever a value: it is
never handed to a parser of HTML or of anything else, so there is nothing to sanitise.
"""

import re
from dataclasses import dataclass
from typing import Literal

NBSP = "\u00a0"

_BLANK_LINE = re.compile(r"\n[ \t]*\n")
# No nesting and no line breaks inside a mark: what does not match stays as it was typed.
_MARK = re.compile(
    r"\*\*(?P<strong>[^*\n]+)\*\*"
    r"|\*(?P<emphasis>[^*\s](?:[^*\n]*[^*\s])?)\*"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?P<address>https://[^\s)]+)\)"
)
_FIGURE_AND_SIGN = re.compile(r"(?<=\d) (?=[%€$£])")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one kind; `address` only for links."""

    kind: Literal["text", "strong", "emphasis", "link"]
    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph is one line of runs; a list is several."""

    kind: Literal["paragraph", "list"]
    lines: tuple[tuple[Run, ...], ...]


def plain(text: str) -> str:
    """Text without marks: only "32 %" is held together, so no line begins with the sign."""
    return _FIGURE_AND_SIGN.sub(NBSP, text)


def inline(text: str) -> tuple[Run, ...]:
    """One line of text as runs."""
    text = plain(text)
    runs: list[Run] = []
    position = 0
    for match in _MARK.finditer(text):
        if match.start() > position:
            runs.append(Run("text", text[position : match.start()]))
        runs.append(_marked(match))
        position = match.end()
    if position < len(text):
        runs.append(Run("text", text[position:]))
    return tuple(runs)


def _marked(match: re.Match[str]) -> Run:
    if match["strong"] is not None:
        return Run("strong", match["strong"])
    if match["emphasis"] is not None:
        return Run("emphasis", match["emphasis"])
    return Run("link", match["label"], match["address"])


def blocks(text: str) -> tuple[Block, ...]:
    """A whole text as paragraphs and lists."""
    found: list[Block] = []
    for chunk in _BLANK_LINE.split(text.strip()):
        found.extend(_chunk(chunk.strip().splitlines()))
    return tuple(found)


def _chunk(lines: list[str]) -> list[Block]:
    """A list may follow its sentence without a blank line between."""
    found: list[Block] = []
    sentence: list[str] = []
    items: list[tuple[Run, ...]] = []
    for line in (line.strip() for line in lines):
        if line.startswith("- "):
            _close_sentence(sentence, found)
            items.append(inline(line[2:].strip()))
        else:
            _close_list(items, found)
            sentence.append(line)
    _close_sentence(sentence, found)
    _close_list(items, found)
    return found


def _close_sentence(sentence: list[str], found: list[Block]) -> None:
    if any(sentence):
        found.append(Block("paragraph", (inline(" ".join(sentence)),)))
    sentence.clear()


def _close_list(items: list[tuple[Run, ...]], found: list[Block]) -> None:
    if items:
        found.append(Block("list", tuple(items)))
    items.clear()
