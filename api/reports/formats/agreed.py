"""The tables of the contract, of what was waited for, of chosen pieces and of what comes next."""

from collections.abc import Iterator

from api.reports.formats.cells import Column, Row, Table, count, money, share
from api.reports.sections.reader import Reader
from api.reports.snapshot.snapshot import ReportSnapshot

_BALANCE = ("granted", "carried", "deducted", "used", "over", "expired", "remaining")


def contract(snapshot: ReportSnapshot, reader: Reader) -> Iterator[Table]:
    """Until when, what is left, and what was given beyond it."""
    if (agreed := snapshot.contract) is None:
        return
    say = reader.words
    days = ("renews_on", "notice_by", "ends_on")
    columns = (
        Column("label", say("contract.title")),
        *(Column(name, say(f"contract.{name}")) for name in days),
    )
    agreements = tuple(
        Row(f"contract_{number}", (each.title, *(getattr(each, name) for name in days)))
        for number, each in enumerate(agreed.agreements, start=1)
    )
    yield Table("contract", "contract", say("section.contract"), columns, agreements)
    columns = (
        Column("label", say("contract.line")),
        *(Column(name, say(f"contract.{name}")) for name in _BALANCE),
        Column("expires_on", say("contract.then")),
    )
    retainers = tuple(
        Row(
            f"retainer_{number}",
            (
                reader.text(each.label),
                *(count(getattr(each, name)) for name in _BALANCE),
                each.expires_on,
            ),
        )
        for number, each in enumerate(agreed.retainers, start=1)
    )
    yield Table("contract", "balance", say("sheet.balance"), columns, retainers)
    columns = (
        Column("label", say("contract.given")),
        Column("units", say("contract.units")),
        Column("value", say("contract.worth")),
    )
    gifts = tuple(
        Row(f"gift_{number}", (reader.text(each.label), count(each.units), money(each.value_minor)))
        for number, each in enumerate(agreed.gifts, start=1)
    )
    total = Row("total", (say("label.total"), None, money(agreed.gifts_minor)))
    yield Table("contract", "gifts", say("sheet.gifts"), columns, gifts, total)


def waited(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say = reader.words
    columns = (
        Column("label", say("waited.what")),
        Column("owner", say("label.owner")),
        Column("since", say("waited.since")),
        Column("until", say("waited.until")),
        Column("days", say("waited.days")),
        Column("delayed", say("waited.delayed")),
    )
    rows = tuple(
        Row(
            f"wait_{number}",
            (
                reader.text(each.text),
                reader.optional(each.owner) or None,
                each.since,
                each.until,
                count(each.days),
                ", ".join(reader.text(label) for label in each.delayed) or None,
            ),
        )
        for number, each in enumerate(snapshot.waited, start=1)
    )
    return Table("waited", "waited", say("section.waited"), columns, rows)


def posts(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say = reader.words
    columns = (
        Column("label", say("label.piece")),
        Column("channel", say("label.channel")),
        Column("date", say("label.date")),
        Column("views", say("metric.views")),
        Column("engagements", say("metric.engagements")),
        Column("rate", say("metric.rate")),
        Column("why", say("post.why")),
        Column("url", say("label.link")),
    )
    rows = tuple(
        Row(
            each.id,
            (
                each.label,
                each.network,
                reader.formats.local_day(each.published_at),
                count(each.views),
                count(each.engagements),
                share(each.engagement_rate),
                say(f"post.{each.why}"),
                each.url,
            ),
        )
        for each in snapshot.posts
    )
    return Table("content", "posts", say("sheet.posts"), columns, rows)


def coming(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say = reader.words
    columns = (
        Column("label", say("outlook.what")),
        Column("channel", say("label.channel")),
        Column("units", say("contract.units")),
        Column("date", say("outlook.on")),
    )
    rows = tuple(
        Row(f"coming_{number}", (reader.text(each.label), each.network, count(each.units), each.on))
        for number, each in enumerate(snapshot.coming, start=1)
    )
    return Table("outlook", "coming", say("section.outlook"), columns, rows)
