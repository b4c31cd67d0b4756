"""Two brand colours in, a complete accessible palette out, for paper, light screen and dark screen.

An agency picks its colours for a logo, not for eight-point text: contrast is computed against every
surface a colour will sit on, by the WCAG 2.2 formula, and one that fails is moved until it holds.
"""

import colorsys
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

SERIF = "Fraunces"
SANS = "Inter"

TEXT_CONTRAST = 4.7
SHAPE_CONTRAST = 3.0
SERIES = ("c1", "c2", "c3", "c4", "c5", "c6")

_HEX = re.compile(r"#[0-9A-Fa-f]{6}\Z")
_BLACK = "#000000"
_WHITE = "#FFFFFF"
_INK = "#1D1B19"
_GOOD, _WARN, _BAD, _WAIT = "#2F7D5B", "#B4690E", "#B3382C", "#4A6C96"

Colours = dict[str, str]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colour by role, as `#RRGGBB`. Both modes hold the same roles."""

    light: Colours
    dark: Colours


@dataclass(frozen=True, slots=True)
class _Surface:
    page: str
    card: str
    ink: str
    is_dark: bool


def _channels(colour: str) -> tuple[float, float, float]:
    if not _HEX.match(colour):
        raise ValueError("a colour is written #RRGGBB")
    return (
        int(colour[1:3], 16) / 255,
        int(colour[3:5], 16) / 255,
        int(colour[5:7], 16) / 255,
    )


def _hex(red: float, green: float, blue: float) -> str:
    parts = (max(0, min(255, round(part * 255))) for part in (red, green, blue))
    return "#" + "".join(f"{part:02X}" for part in parts)


def mix(first: str, second: str, share: float) -> str:
    """`first` with `share` (0 to 1) of `second` in it."""
    one, other = _channels(first), _channels(second)
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return _hex(red, green, blue)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(part) for part in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio from 1 to 21, WCAG 2.2."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, on: str, ratio: float = TEXT_CONTRAST) -> str:
    """`colour`, moved as little as it takes to reach `ratio` on the surface `on`."""
    if luminance(on) > 0.18:
        steps = (mix(colour, _BLACK, step / 50) for step in range(51))
    else:
        steps = (_lighter(colour, step / 50) for step in range(51))
    best = _BLACK if luminance(on) > 0.18 else _WHITE
    return next((step for step in steps if contrast(step, on) >= ratio), best)


def _lighter(colour: str, share: float) -> str:
    """Lightened by hue, so that in the dark a brand keeps its colour instead of fading to grey."""
    if share == 0:
        return colour
    hue, light, saturation = colorsys.rgb_to_hls(*_channels(colour))
    return _hex(*colorsys.hls_to_rgb(hue, light + (1 - light) * share, saturation * 0.8))


def _readable_on_all(colour: str, surfaces: tuple[str, ...], ratio: float = TEXT_CONTRAST) -> str:
    for surface in surfaces:
        colour = readable(colour, surface, ratio)
    return colour


def _hue_distance(first: str, second: str) -> float:
    one, other = (colorsys.rgb_to_hls(*_channels(colour))[0] for colour in (first, second))
    return min(abs(one - other), 1 - abs(one - other))


def _series(primary: str, accent: str, surface: _Surface) -> Colours:
    """Chart colours: the brand's two first, then those of a fixed set farthest from the accent.

    A fixed gold beside a golden accent would be two names for one colour.
    """
    fixed = ["#D9A441", "#7A93B8", "#8C6A9E", "#6E9E7C", "#C97B94"]
    fixed.sort(key=lambda colour: _hue_distance(colour, accent) < 0.07)
    ratio = SHAPE_CONTRAST if surface.is_dark else 2.2
    colours = [primary, accent, *(readable(colour, surface.card, ratio) for colour in fixed[:4])]
    return dict(zip(SERIES, colours, strict=True))


def _statuses(surface: _Surface) -> Colours:
    roles = {"good": _GOOD, "warn": _WARN, "bad": _BAD, "wait": _WAIT}
    neutral = mix(surface.ink, surface.page, 0.42)
    roles["idle"] = neutral
    colours: Colours = {}
    for role, colour in roles.items():
        ground = mix(surface.card, colour, 0.13)
        colours[f"{role}_bg"] = ground
        colours[role] = _readable_on_all(colour, (ground, surface.card))
    return colours


def _colours(primary: str, accent: str, surface: _Surface) -> Colours:
    card = surface.card
    brand = readable(primary, card, 5 if surface.is_dark else TEXT_CONTRAST)
    soft = mix(card, brand, 0.10) if surface.is_dark else mix(card, primary, 0.07)
    brand = _readable_on_all(brand, (soft, surface.page))
    shape = readable(accent, card, SHAPE_CONTRAST)
    muted = mix(surface.ink, surface.page, 0.42)
    return {
        "bg": surface.page,
        "card": card,
        "ink": surface.ink,
        "muted": _readable_on_all(muted, (surface.page, soft, card)),
        "line": mix(card, surface.ink, 0.12),
        "hair": mix(card, surface.ink, 0.07),
        "ghost": mix(card, surface.ink, 0.30),
        "track": mix(card, surface.ink, 0.10),
        "soft": soft,
        "primary": brand,
        "accent": shape,
        "accent_ink": _readable_on_all(accent, (card, surface.page)),
        **_series(brand, shape, surface),
        **_statuses(surface),
    }


def _cover(primary: str, accent: str) -> Colours:
    """A light brand stays as it is, under dark ink: darkened for white ink, yellow is olive."""
    is_light = luminance(primary) > 0.4
    ground, ink = (primary, _INK) if is_light else (readable(primary, _WHITE, 7), _WHITE)
    return {
        "hero": ground,
        "on_hero": ink,
        "on_hero_muted": readable(mix(ground, ink, 0.72), ground),
        "on_hero_line": mix(ground, ink, 0.25),
        "hero_accent": readable(accent, ground, 4.8),
    }


@lru_cache(maxsize=64)
def palette(primary: str, accent: str) -> Palette:
    """Every colour a document uses. Raises ValueError unless both colours are `#RRGGBB`."""
    light = _Surface(page="#FBF8F4", card=_WHITE, ink=_INK, is_dark=False)
    dark = _Surface(page="#131716", card="#1B211F", ink="#F1EDE7", is_dark=True)
    cover = _cover(primary, accent)
    return Palette(
        light={**_colours(primary, accent, light), **cover},
        dark={**_colours(primary, accent, dark), **cover},
    )


PRIMARY, ACCENT = "#24313F", "#B4690E"  # of an agency that has chosen no colours


def of_agency(branding: Mapping[str, Any]) -> Colours:
    """An agency's colours by role, on paper and light screens."""
    primary, accent = branding.get("primary") or PRIMARY, branding.get("accent") or ACCENT
    return palette(primary, accent).light
