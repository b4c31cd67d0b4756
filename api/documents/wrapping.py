"""The lines a text takes where nothing lays it out for us, by the widths of our own letters."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

from api.documents import theme
from api.documents.html import FONTS

_FACES = {
    (theme.SANS, False): "Inter_400Regular.ttf",
    (theme.SANS, True): "Inter_700Bold.ttf",
    (theme.SERIF, False): "Fraunces_400Regular.ttf",
    (theme.SERIF, True): "Fraunces_600SemiBold.ttf",
}
_UNIT = 100  # the size at which letters are measured

Face = tuple[str, bool]  # a family, and whether it is bold


def lines(text: str, face: Face, size: float, width: float) -> list[str]:
    """A text broken after its spaces, and within a word that is longer than a line."""
    room = width * _UNIT / size
    found, left = [""], room
    for word in re.split("(?<=[ \n])", text):
        for piece in _pieces(word, face, room):
            if found[-1] and _wide(piece.rstrip(" \n"), face) > left:
                found.append("")
                left = room
            found[-1] += piece
            left -= _wide(piece, face)
    return found


def cut(text: str, face: Face, size: float, width: float, most: int) -> str:
    """What of a text finds room in `most` lines, and a sign where there is more of it."""
    found = lines(text, face, size, width)
    if len(found) <= most:
        return text
    shown = "".join(found[:most]).rstrip()
    while len(lines(f"{shown}…", face, size, width)) > most:
        shown = shown[:-1].rstrip()
    return f"{shown}…"


def _pieces(word: str, face: Face, room: float) -> Iterator[str]:
    """The word, or as much of it as stands in one line, then the next."""
    piece, left = "", room
    for letter in word:
        wide = 0 if letter in " \n" else _advance(letter, face)
        if piece and wide > left:
            yield piece
            piece, left = "", room
        piece += letter
        left -= wide
    yield piece


def _wide(word: str, face: Face) -> float:
    return sum(_advance(letter, face) for letter in word)


@cache
def _advance(letter: str, face: Face) -> float:
    """Letters of the Far East and pictures come from other fonts, and are as wide as high."""
    if unicodedata.east_asian_width(letter) in "WF":
        return _UNIT
    return float(_font(face).getlength(letter))


@cache
def _font(face: Face) -> Any:
    from PIL import ImageFont  # noqa: PLC0415 - megabytes, for those only that make slides

    basic = ImageFont.Layout.BASIC
    return ImageFont.truetype(FONTS / _FACES[face], _UNIT, layout_engine=basic)
