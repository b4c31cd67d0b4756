"""
The few things that most sections are made of: figures in a row, a table, a drawing, a list, a word.

A section that is made of nothing else has no layout of its own: both templates know these.
"""

from dataclasses import dataclass

from api.reports.sections.reader import Fact, Lines, Share


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; figures stand to the right."""

    name: str
    is_figure: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`role` makes a pill of it, `tone` colours it (up, down, flat), `address` links it."""

    text: str
    note: str = ""
    role: str = ""
    tone: str = ""
    address: str = ""


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`stacks`: on a phone each row becomes a paragraph; else the table scrolls."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row = ()
    title: str = ""
    stacks: bool = True
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Facts:
    items: tuple[Fact, ...]
    title: str = ""
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Figure:
    """One drawing with its title, what is read aloud in its place, and its legend."""

    title: str
    drawing: str
    alt: str
    legend: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Drawings side by side."""

    items: tuple[Figure, ...]
    title: str = ""
    kind: str = "figures"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A titled list; `role` colours its edge."""

    lines: tuple[Lines, ...]
    title: str = ""
    role: str = "accent"
    kind: str = "bullets"


@dataclass(frozen=True, slots=True)
class Remark:
    """A small word under the rest."""

    text: str
    title: str = ""
    kind: str = "remark"


Part = Table | Facts | Figures | Bullets | Remark
