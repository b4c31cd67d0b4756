"""Drawing on paper and on screen with the same hand.

A drawing has no style attribute, no id and no script, so it stands under a strict content policy
and is the same bytes every time. A colour is asked for by its role: on screen it becomes a class,
so it follows the reader's dark mode; on paper it becomes the colour itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

Attribute = str | float | int | None
Anchor = Literal["start", "middle", "end"]


def number(value: float) -> str:
    """A coordinate to a tenth: finer is not seen, and longer is not the same on every machine."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def element(tag: str, *children: str, **attributes: Attribute) -> Markup:
    """One escaped element; `font_size=` becomes `font-size`, `class_=` becomes `class`."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(escape(child) for child in children)
    return Markup(f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>")


def _value(value: str | float | int) -> Markup:
    return escape(number(value) if isinstance(value, float) else value)


def text_width(text: str, size: float) -> float:
    """Roughly how wide a label is in the sans face: enough to keep two from touching."""
    return len(text) * size * 0.56


@dataclass(frozen=True, slots=True)
class Paint:
    """How a role becomes a colour: `screen` by class, `paper` by the colours given."""

    medium: Literal["screen", "paper"]
    colours: Mapping[str, str]
    font: str

    def fill(self, role: str) -> dict[str, Attribute]:
        return {"class_": f"f-{role}"} if self._screen else {"fill": self.colours[role]}

    def stroke(self, role: str) -> dict[str, Attribute]:
        if self._screen:
            return {"class_": f"k-{role}"}
        return {"stroke": self.colours[role], "fill": "none"}

    def drawing(self, width: float, height: float, parts: Iterable[Markup], label: str) -> Markup:
        """The whole picture. `label` is read aloud in its place; on paper the caller says it."""
        size: dict[str, Attribute] = {"width": number(width), "height": number(height)}
        if self._screen:
            size |= {"class_": "chart", "role": "img", "aria_label": label}
        else:
            size |= {"font_family": self.font}
        return element(
            "svg",
            *parts,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(width)} {number(height)}",
            **size,
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        role: str = "muted",
        size: float = 10.5,
        anchor: Anchor = "start",
        weight: int | None = None,
    ) -> Markup:
        return element(
            "text",
            words,
            x=float(x),
            y=float(y),
            font_size=float(size),
            text_anchor=anchor,
            font_weight=weight,
            **self.fill(role),
        )

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        role: str,
        width: float = 1,
        dashes: str | None = None,
    ) -> Markup:
        return element(
            "line",
            x1=float(start[0]),
            y1=float(start[1]),
            x2=float(end[0]),
            y2=float(end[1]),
            stroke_width=float(width),
            stroke_dasharray=dashes,
            **self.stroke(role),
        )

    def box(
        self, x: float, y: float, width: float, height: float, role: str, radius: float = 2.5
    ) -> Markup:
        return element(
            "rect",
            x=float(x),
            y=float(y),
            width=float(max(width, 0)),
            height=float(height),
            rx=float(radius),
            **self.fill(role),
        )

    def dot(self, x: float, y: float, radius: float, role: str) -> Markup:
        return element("circle", cx=float(x), cy=float(y), r=float(radius), **self.fill(role))

    def curve(self, path: str, role: str, width: float, dashes: str | None = None) -> Markup:
        return element(
            "path",
            d=path,
            stroke_width=float(width),
            stroke_dasharray=dashes,
            stroke_linejoin="round",
            stroke_linecap="round",
            **self.stroke(role),
        )

    def shade(self, path: str, role: str) -> Markup:
        return element("path", d=path, opacity="0.1", **self.fill(role))

    @property
    def _screen(self) -> bool:
        return self.medium == "screen"
