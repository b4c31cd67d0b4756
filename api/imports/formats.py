"""
What a file's headers say it is. A format is a declaration: which headers it needs, which others it
knows, in English and Spanish, and what they mean here. Headers are compared without case, marks of
width and doubled spaces; columns may stand in any order, and those not named are ignored.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from api.clients.networks import Network
from api.imports.cells import DateOrder, Decimals
from api.imports.sources import Row
from api.metrics.figures import METRICS, MONEY
from api.metrics.readings.uploads import COLUMNS
from tenants.errors import Unprocessable
from tenants.money import is_currency

# What a column can mean besides a metric.
FACTS = ("date", "channel", "account", "post_id", "url", "published_at", "title", "post_format")
MEANINGS = (*FACTS, *METRICS)


class HeaderTwice(Unprocessable):
    """A header that is needed stands twice in the file, and its columns may differ."""


class CurrenciesDiffer(Unprocessable):
    """Two columns of money are in different currencies; one reading is in one."""


class FormatId(StrEnum):
    """Whose export a file is, and of what; `mapping`: what a saved mapping says."""

    tidy_csv = "tidy_csv"
    tidy_ndjson = "tidy_ndjson"
    tidy_json = "tidy_json"
    instagram_posts = "instagram_posts"
    facebook_posts = "facebook_posts"
    meta_daily = "meta_daily"
    linkedin_content = "linkedin_content"
    linkedin_posts = "linkedin_posts"
    linkedin_followers = "linkedin_followers"
    linkedin_visitors = "linkedin_visitors"
    tiktok_overview = "tiktok_overview"
    tiktok_followers = "tiktok_followers"
    tiktok_content = "tiktok_content"
    x_content = "x_content"
    x_account = "x_account"
    youtube_content = "youtube_content"
    ga4_channels = "ga4_channels"
    mapping = "mapping"


class Manner(StrEnum):
    """How the rows below a header are read."""

    table = "table"  # a row is a reading
    titled = "titled"  # a day and a number; what is counted stands above
    grouped = "grouped"  # the rows add up to one reading of the period that stands above
    tidy = "tidy"  # our own layout


@dataclass(frozen=True)
class Column:
    """
    What a column means. `ways`: its headers, any of them; the headers of one way are added up
    (organic and sponsored).
    """

    means: str
    ways: tuple[tuple[str, ...], ...]
    needed: bool = False


@dataclass(frozen=True)
class Format:
    """
    What a network's export looks like. `lifetime`: figures are totals so far of posts, as they
    stood on the file's day; else they are of the row's own day.
    """

    id: FormatId
    columns: tuple[Column, ...]
    networks: frozenset[Network] = frozenset()
    source: str = "import"
    manner: Manner = Manner.table
    lifetime: bool = False
    order: DateOrder = DateOrder.mdy
    decimals: Decimals | None = None
    without_year: bool = False
    id_in_url: re.Pattern[str] | None = None
    currency: str | None = None

    @property
    def needed(self) -> list[str]:
        return [each.ways[0][0] for each in self.columns if each.needed]


@dataclass(frozen=True)
class Layout:
    """A header that was recognised: which cells mean what."""

    format: Format
    header: Sequence[str]
    row: int
    places: dict[str, tuple[int, ...]]
    currency: str | None = None
    above: Sequence[Row] = field(default=(), repr=False)

    def meaning(self, place: int) -> str | None:
        """What a cell means: one of MEANINGS, or nothing that is kept."""
        found = (means for means, places in self.places.items() if place in places)
        return next((means for means in found if means in MEANINGS), None)

    def header_of(self, means: str) -> str | None:
        places = self.places.get(means)
        return self.header[places[0]] if places else None


def column(means: str, *headers: str, needed: bool = False) -> Column:
    return Column(means, tuple((header,) for header in headers), needed)


def added(means: str, *ways: tuple[str, ...], needed: bool = False) -> Column:
    return Column(means, ways, needed)


def plain(header: str) -> str:
    """A header as it is compared."""
    found = unicodedata.normalize("NFKC", header).replace("\ufeff", "").casefold()
    return " ".join(found.split()).strip("\"' ")


def recognise(formats: Iterable[Format], row: Row, above: Sequence[Row] = ()) -> Layout | None:
    """What a row is the header of: the format of which it has the most columns."""
    number, cells = row
    headers = [plain(cell) for cell in cells]
    found = [
        (places, format) for format in formats if (places := _places(format, headers)) is not None
    ]
    if not found:
        return None
    places, format = max(found, key=lambda each: len(each[0]))
    _check_once(headers, places)
    currency = _currency(format, headers, places)
    return Layout(format, [cell[:120] for cell in cells], number, places, currency, list(above))


def _places(format: Format, headers: list[str]) -> dict[str, tuple[int, ...]] | None:
    if format.manner is Manner.tidy and not set(headers) <= set(COLUMNS):
        return None
    named = {header: place for place, header in reversed(list(enumerate(headers)))}
    bare = {_bare(header)[0]: place for header, place in named.items()}
    found = {}
    for each in format.columns:
        known = named | bare if each.means in MONEY else named
        way = next((way for way in each.ways if all(name in known for name in way)), None)
        if way is not None:
            found[each.means] = tuple(known[name] for name in way)
        elif each.needed:
            return None
    return found


_IN_CURRENCY = re.compile(r"(.*?)\s*\(([a-z]{3})\)")


def _bare(header: str) -> tuple[str, str | None]:
    """`estimated earnings (usd)` → its name and its currency."""
    found = _IN_CURRENCY.fullmatch(header)
    if found and is_currency(found[2].upper()):
        return found[1], found[2].upper()
    return header, None


def _check_once(headers: list[str], places: dict[str, tuple[int, ...]]) -> None:
    used = [headers[place] for each in places.values() for place in each]
    if any(headers.count(header) > 1 for header in used):
        raise HeaderTwice


def _currency(format: Format, headers: list[str], places: dict[str, tuple[int, ...]]) -> str | None:
    said = {
        currency
        for means in MONEY
        for place in places.get(means, ())
        if (currency := _bare(headers[place])[1] or format.currency)
    }
    if len(said) > 1:
        raise CurrenciesDiffer
    return next(iter(said), None)
