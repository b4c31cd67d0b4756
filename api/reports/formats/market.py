"""The tables of what is around the work: the year, posts, the community, rivals, the contract."""

from collections.abc import Iterator, Sequence

from api.reports.formats.cells import (
    Amount,
    Cell,
    Column,
    Row,
    Table,
    count,
    money,
    of_kpi,
    share,
    target_of,
)
from api.reports.sections import kpis as tiles
from api.reports.sections.reader import Reader
from api.reports.snapshot import ReportSnapshot
from api.reports.snapshot_market import ReportDuration

Rows = list[tuple[str, tuple[Cell, ...]]]
Named = Sequence[tuple[str, str]]  # a column's metric, and the message that titles it

_POST: Named = (
    ("label", "label.piece"),
    ("network", "label.channel"),
    ("date", "label.date"),
    ("views", "metric.views"),
    ("engagements", "metric.engagements"),
    ("rate", "metric.rate"),
    ("why", "post.why"),
)
_RIVAL: Named = (
    ("label", "competitors.brand"),
    ("network", "field.network"),
    ("followers", "competitors.followers"),
    ("followers_net", "competitors.net"),
    ("posts", "competitors.posts"),
    ("engagements", "competitors.engagements"),
    ("er_followers", "competitors.er_followers"),
)
_RETAINER: Named = (
    ("label", "contract.line"),
    ("granted", "contract.granted"),
    ("carried", "contract.carried"),
    ("used", "contract.used"),
    ("over", "contract.over"),
    ("expired", "contract.expired"),
    ("remaining", "contract.remaining"),
)
_WAITED: Named = (
    ("text", "waited.what"),
    ("owner", "label.owner"),
    ("since", "waited.since"),
    ("until", "waited.until"),
    ("days", "waited.days"),
)


def year(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say = reader.words
    columns = (
        Column("label", say("year.figure")),
        Column("value", say("year.so_far")),
        Column("value", say("year.year_before"), "previous"),
        Column("value", say("year.target"), "target"),
    )
    figures = snapshot.year.figures if snapshot.year else ()
    rows = tuple(
        Row(
            str(kpi.id),
            (
                tiles.label(kpi, reader),
                of_kpi(kpi, kpi),
                of_kpi(kpi, kpi.previous),
                target_of(kpi),
            ),
        )
        for kpi in figures
    )
    return Table("year", "year", say("section.year"), columns, rows)


def months(snapshot: ReportSnapshot, reader: Reader) -> Table:
    shown = snapshot.year.months if snapshot.year else ()
    rows: Rows = [
        (month.month.isoformat()[:7], (month.month, count(month.views), count(month.engagements)))
        for month in shown
    ]
    names = (
        ("month", "sheet.month"),
        ("views", "metric.views"),
        ("engagements", "metric.engagements"),
    )
    return _table("year", "months", "sheet.months", names, rows, reader)


def posts(snapshot: ReportSnapshot, reader: Reader) -> Table:
    rows: Rows = [
        (
            str(post.id),
            (
                reader.text(post.label),
                reader.text(post.network),
                reader.formats.local_day(post.published_at),
                count(post.views),
                count(post.engagements),
                share(post.engagement_rate),
                reader.words(f"post.{post.why}"),
            ),
        )
        for post in snapshot.posts
    ]
    return _table("content", "posts", "sheet.posts", _POST, rows, reader)


def waited(snapshot: ReportSnapshot, reader: Reader) -> Table:
    rows: Rows = [
        (
            f"wait_{number}",
            (
                reader.text(wait.text),
                reader.optional(wait.owner) or None,
                wait.since,
                wait.until,
                count(wait.days),
            ),
        )
        for number, wait in enumerate(snapshot.waited, start=1)
    ]
    return _table("waited", "waited", "section.waited", _WAITED, rows, reader)


def community(snapshot: ReportSnapshot, reader: Reader) -> Table:
    told, say = snapshot.community, reader.words
    rows: Rows = []
    if told is not None:
        rows = [
            (str(kind), (say(f"message.{kind}"), count(amount)))
            for kind, amount in told.messages.items()
        ]
        rows += [
            ("total", (say("community.total"), count(told.total))),
            ("median", (say("community.median"), _minutes(told.median))),
            ("p90", (say("community.p90"), _minutes(told.p90))),
            ("response_rate", (say("community.response_rate"), share(told.response_rate))),
            ("sla", (say("community.sla"), share(told.sla))),
            ("net_sentiment", (say("community.net_sentiment"), share(told.net_sentiment))),
        ]
    names = (("label", "sheet.figure"), ("value", "sheet.value"))
    return _table("community", "community", "section.community", names, rows, reader)


def rivals(snapshot: ReportSnapshot, reader: Reader) -> Table:
    shown = snapshot.competitors.accounts if snapshot.competitors else ()
    rows: Rows = [
        (
            f"account_{number}",
            (
                reader.text(rival.name),
                reader.text(rival.network),
                count(rival.followers),
                count(rival.followers_net),
                count(rival.posts),
                count(rival.engagements),
                share(rival.er_followers),
            ),
        )
        for number, rival in enumerate(shown, start=1)
    ]
    return _table("competitors", "rivals", "sheet.rivals", _RIVAL, rows, reader)


def voices(snapshot: ReportSnapshot, reader: Reader) -> Table:
    shown = snapshot.competitors.voices if snapshot.competitors else ()
    rows: Rows = [
        (
            f"topic_{topic}_brand_{number}",
            (
                reader.text(voice.topic),
                reader.text(brand.name),
                count(brand.mentions),
                Amount("ratio", None, brand.mentions, voice.total),
            ),
        )
        for topic, voice in enumerate(shown, start=1)
        for number, brand in enumerate(voice.brands, start=1)
    ]
    names = (
        ("topic", "sheet.fact"),
        ("label", "competitors.brand"),
        ("mentions", "competitors.mentions"),
        ("share", "competitors.share"),
    )
    return _table("competitors", "voices", "sheet.voices", names, rows, reader)


def retainers(snapshot: ReportSnapshot, reader: Reader) -> Table:
    shown = snapshot.contract.retainers if snapshot.contract else ()
    names = [name for name, _ in _RETAINER[1:]]
    rows: Rows = [
        (
            f"line_{number}",
            (reader.text(line.label), *(count(getattr(line, name)) for name in names)),
        )
        for number, line in enumerate(shown, start=1)
    ]
    return _table("contract", "retainers", "sheet.retainers", _RETAINER, rows, reader)


def gifts(snapshot: ReportSnapshot, reader: Reader) -> Table:
    contract = snapshot.contract
    rows: Rows = [
        (f"gift_{number}", (reader.text(gift.label), count(gift.units), money(gift.value_minor)))
        for number, gift in enumerate(contract.gifts if contract else (), start=1)
    ]
    if contract is not None and rows:
        last = (reader.words("label.total"), None, money(contract.gifts_minor))
        rows.append(("total", last))
    names = (("label", "sheet.fact"), ("units", "contract.units"), ("worth", "contract.worth"))
    return _table("contract", "gifts", "sheet.gifts", names, rows, reader)


def coming(snapshot: ReportSnapshot, reader: Reader) -> Table:
    rows: Rows = [
        (
            f"coming_{number}",
            (reader.text(each.label), each.on, count(each.units), reader.optional(each.network)),
        )
        for number, each in enumerate(snapshot.coming, start=1)
    ]
    names = (
        ("label", "outlook.what"),
        ("on", "outlook.on"),
        ("units", "contract.units"),
        ("network", "field.network"),
    )
    return _table("outlook", "coming", "section.outlook", names, rows, reader)


def around(snapshot: ReportSnapshot, reader: Reader) -> Iterator[Table]:
    """All of them, in the order the sections are usually read."""
    for made in (year, months, waited, posts, community, rivals, voices, retainers, gifts, coming):
        yield made(snapshot, reader)


def _table(
    section: str,
    name: str,
    title: str,
    names: Named,
    rows: Rows,
    reader: Reader,
) -> Table:
    columns = tuple(Column(metric, reader.words(message)) for metric, message in names)
    made = tuple(Row(key, cells) for key, cells in rows)
    return Table(section, name, reader.words(title), columns, made)


def _minutes(duration: ReportDuration | None) -> Amount:
    return Amount("minutes", duration.minutes if duration else None)
