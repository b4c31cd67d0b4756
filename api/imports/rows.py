"""
Tables in which a row is a reading: of a channel's day, or of a post as it stood. A row that says
nothing is refused, but for a post, which is worth noting by itself.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from api.clients.networks import key_of
from api.imports import cells
from api.imports.cells import Decimals, Misread
from api.imports.formats import Layout, plain
from api.imports.post_kinds import post_format
from api.imports.said import Figure, Given, Misplaced, Post, Said, at
from api.imports.sources import Row
from api.metrics.figures import METRICS, MONEY
from api.metrics.readings.uploads import Fault


def table(layout: Layout, rows: Iterator[Row], given: Given) -> Iterator[Said]:
    """The readings below a header."""
    width = len(layout.header)
    parts = Parts(layout, given)
    for number, found in rows:
        if len(found) < width or any(cell.strip() for cell in found[width:]):
            yield Fault(number, "", "wrong_cell_count")
        elif plain(found[0]) not in ("total", "totals", "totales"):
            yield parts.said(number, found)


_ADDRESS = re.compile(r"https?://[^\s<>\x22']+")


class Parts:
    """The cells of one layout's rows."""

    def __init__(self, layout: Layout, given: Given) -> None:
        self.layout, self.given = layout, given
        self.order = given.order or layout.format.order
        self.decimals = given.decimals or layout.format.decimals or Decimals.point
        self.currency = layout.currency
        self.metrics = {m: p for m, p in layout.places.items() if m in METRICS}
        self.of_posts = "post_id" in layout.places or bool(layout.format.id_in_url)

    def said(self, number: int, found: Sequence[str]) -> Figure | Fault:
        try:
            values = self._values(found)
            channel = at("account", self._channel, found)
            lifetime = self.layout.format.lifetime
            day = self.given.as_of if lifetime else at("date", self.day, found)
            post = self._post(found) if self.of_posts else None
        except Misplaced as misread:
            return Fault(number, f"/{self._told(misread.means)}", misread.code)
        if day is None:
            return Fault(number, "/date", "date_missing")
        if not values and post is None:
            return Fault(number, "", "nothing_said")
        currency = self.currency if not values.keys().isdisjoint(MONEY) else None
        source, basis = self.layout.format.source, "lifetime" if lifetime else "day"
        return Figure(number, day, channel, basis, source, currency, values, post)

    def _values(self, found: Sequence[str]) -> dict[str, int]:
        values = {}
        for metric, places in self.metrics.items():
            value = at(metric, self._value, metric, [found[place] for place in places])
            if value is not None:
                values[metric] = value
        return values

    def _told(self, means: str) -> str:
        """The column at fault; the id of a post may stand in its address."""
        return "url" if means == "post_id" and self.layout.format.id_in_url else means

    def _value(self, metric: str, found: list[str]) -> int | None:
        if metric in MONEY:
            currency = self.currency or self.given.currency
            read = [cells.amount(cell, currency, self.decimals) for cell in found]
        else:
            read = [cells.count(cell) for cell in found]
        known = [value for value in read if value is not None]
        return sum(known) if known else None

    def _channel(self, found: Sequence[str]) -> str:
        """The channel of the import; the file's own word must not be another's."""
        if name := self._cell("channel", found):
            return name
        account = (self._cell("account", found) or "").removeprefix("@")
        if self.given.channel is None:
            if not account:
                raise Misread("account_missing")
            network = next(iter(self.layout.format.networks))
            return f"{network}:{account}"
        if account and key_of(account) != self.given.handle_key:
            raise Misread("another_account")
        return self.given.channel

    def day(self, found: Sequence[str]) -> date | None:
        cell = found[self.layout.places["date"][0]]
        return cells.day(cell, self.order, self.given.year, self.given.as_of)

    def _post(self, found: Sequence[str]) -> Post:
        url = self._cell("url", found, 500)
        return Post(
            at("post_id", self._id, found, url),
            url if url and _ADDRESS.fullmatch(url) else None,
            at("published_at", self._published, found),
            self._cell("title", found),
            post_format(self._cell("post_format", found)),
        )

    def _id(self, found: Sequence[str], url: str | None) -> str:
        cell = self._cell("post_id", found) or ""
        if pattern := self.layout.format.id_in_url:
            match = pattern.search(url or "")
            cell = match[1] if match else ""
        external_id = cells.external_id(cell)
        if external_id is None or " " in external_id:
            raise Misread("post_without_id")
        return external_id

    def _published(self, found: Sequence[str]) -> datetime:
        said = self._cell("published_at", found) or ""
        given = self.given
        moment = cells.moment(said, self.order, given.year, given.as_of, given.zone)
        if moment is None:
            raise Misread("date_missing")
        return moment

    def _cell(self, means: str, found: Sequence[str], longest: int = 200) -> str | None:
        """The words of a column; of several, the longest."""
        said = [cells.text(found[place], longest) for place in self.layout.places.get(means, ())]
        return max((each for each in said if each), key=len, default=None)
