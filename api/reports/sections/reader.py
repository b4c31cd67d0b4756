"""Who reads: the language, the way figures are written in it, and the medium it is drawn for."""

import datetime as dt
from dataclasses import dataclass

from api.documents import markup
from api.documents.formats import Formats
from api.documents.markup import Run
from api.documents.svg import Paint
from api.documents.words import Words
from api.reports.snapshot.figures import Text

NO_FIGURE = "—"

Lines = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name, its figure, and a word below it."""

    name: str
    value: str
    note: str = ""
    role: str = "ink"


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a whole, as its legend says it."""

    name: str
    value: str
    percent: str
    role: str


@dataclass(frozen=True, slots=True)
class Reader:
    """`languages` are the report's, the first being what a text falls back to."""

    formats: Formats
    words: Words
    paint: Paint
    languages: tuple[str, ...]
    reference: dt.date

    def text(self, value: Text | str) -> str:
        """A text in the reader's language, or in the first one it was written in."""
        return markup.plain(self._chosen(value))

    def runs(self, value: Text | str) -> Lines:
        return markup.inline(self._chosen(value))

    def optional(self, value: Text | str | None) -> str:
        return "" if value is None else self.text(value)

    def reason(self, reason: Text | str | None, otherwise: str) -> str:
        """Why a figure is missing: a known reason, or the words given for it."""
        if isinstance(reason, dict):
            return self.text(reason)
        return self.words(f"reason.{reason or otherwise}")

    def network(self, name: str) -> str:
        """A network as it writes itself; any other place as it was called."""
        known = f"network.{name}"
        return self.words(known) if known in self.words else self.text(name)

    def day(self, date: dt.date) -> str:
        return self.formats.near_date(date, self.reference)

    def _chosen(self, value: Text | str) -> str:
        if isinstance(value, str):
            return value
        texts = {str(language): text for language, text in value.items()}
        wanted = (self.formats.language, *self.languages, *texts)
        return next(texts[language] for language in wanted if language in texts)
