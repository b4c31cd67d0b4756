"""Any two brand colours give a palette that can be read."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.documents.theme import contrast, palette

hex_colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")

_PAIRS = (
    *(("ink", ground, 7.0) for ground in ("bg", "card", "soft")),
    *(("muted", ground, 4.5) for ground in ("bg", "card", "soft")),
    *(("primary", ground, 4.5) for ground in ("bg", "card", "soft")),
    *(("accent_ink", ground, 4.5) for ground in ("bg", "card")),
    ("accent", "card", 3.0),
    *((status, f"{status}_bg", 4.5) for status in ("good", "warn", "bad", "wait", "idle")),
    *((status, "card", 4.5) for status in ("good", "bad")),
    ("on_hero", "hero", 7.0),
    ("on_hero_muted", "hero", 4.5),
    ("hero_accent", "hero", 4.5),
)


class TestPalette:
    @settings(max_examples=60, deadline=None)
    @given(primary=hex_colours, accent=hex_colours)
    @example(primary="#E1FD66", accent="#E07A5F")
    def test_can_be_read_whatever_the_brand(self, primary: str, accent: str) -> None:
        made = palette(primary, accent)
        for colours in (made.light, made.dark):
            for ink, ground, ratio in _PAIRS:
                assert contrast(colours[ink], colours[ground]) >= ratio, (ink, ground)

    def test_holds_the_same_roles_by_day_and_night(self) -> None:
        made = palette("#12403C", "#E07A5F")
        assert made.light.keys() == made.dark.keys()
        assert all(re.fullmatch(r"#[0-9A-F]{6}", colour) for colour in made.light.values())

    @pytest.mark.parametrize("brand", ["#12403C", "#F2C500"])
    def test_leaves_the_brand_on_the_cover_alone(self, brand: str) -> None:
        assert palette(brand, "#E07A5F").light["hero"] == brand

    @pytest.mark.parametrize("colour", ["red", "#FFF", "#12403C;}", "url(x)"])
    def test_refuses_what_is_no_colour(self, colour: str) -> None:
        with pytest.raises(ValueError, match="#RRGGBB"):
            palette(colour, "#000000")
