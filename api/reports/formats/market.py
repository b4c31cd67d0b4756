"""The tables of the year, the community and the competitors."""

from collections.abc import Iterator

from api.reports.formats.cells import Amount, Cell, Column, Row, Table, count, share
from api.reports.formats.figures import kpi_columns, kpi_row
from api.reports.sections.reader import Reader
from api.reports.snapshot.market import ReportCommunity, ReportDuration, ReportRival
from api.reports.snapshot.snapshot import ReportSnapshot


def year(snapshot: ReportSnapshot, reader: Reader) -> Iterator[Table]:
    """The figures of the year so far, and thirteen months."""
    if (told := snapshot.year) is None:
        return
    say = reader.words
    figures = tuple(kpi_row(figure, reader) for figure in told.figures)
    yield Table("year", "year", say("section.year"), kpi_columns(reader), figures)
    columns = (
        Column("month", say("sheet.month")),
        Column("views", say("metric.views")),
        Column("engagements", say("metric.engagements")),
        Column("remark", say("sheet.remark")),
    )
    months = tuple(
        Row(
            f"{each.month:%Y-%m}",
            (
                each.month,
                count(each.views),
                count(each.engagements),
                reader.reason(each.lacks, "not_recorded") if each.lacks else None,
            ),
        )
        for each in told.months
    )
    yield Table("year", "months", say("sheet.months"), columns, months)


def community(snapshot: ReportSnapshot, reader: Reader) -> Table:
    say, told = reader.words, snapshot.community
    columns = (Column("label", say("sheet.figure")), Column("value", say("sheet.value")))
    rows = tuple(_answered(told, reader)) if told else ()
    return Table("community", "community", say("section.community"), columns, rows)


def _answered(told: ReportCommunity, reader: Reader) -> Iterator[Row]:
    say = reader.words
    for name, messages in sorted(told.messages.items()):
        yield Row(name, (say(f"message.{name}"), count(messages)))
    yield Row("total", (say("community.total"), count(told.total)))
    for name in ("median", "p90"):
        yield Row(name, (say(f"community.{name}"), _minutes(getattr(told, name))))
    for name in ("response_rate", "sla", "net_sentiment"):
        yield Row(name, (say(f"community.{name}"), share(getattr(told, name))))


def _minutes(duration: ReportDuration | None) -> Amount:
    return Amount("minutes", duration.response_minutes if duration else None)


def competitors(snapshot: ReportSnapshot, reader: Reader) -> Iterator[Table]:
    """Who is spoken of how often, and the accounts beside the client's own."""
    if (told := snapshot.competitors) is None:
        return
    say = reader.words
    columns = (
        Column("topic", say("sheet.topic")),
        Column("label", say("competitors.brand")),
        Column("mentions", say("competitors.mentions")),
        Column("share", say("competitors.share")),
    )
    voices = tuple(
        Row(
            f"voice_{number}_{place}",
            (
                voice.topic,
                brand.name,
                count(brand.mentions),
                Amount("ratio", numerator=brand.mentions, denominator=voice.total),
            ),
        )
        for number, voice in enumerate(told.voices, start=1)
        for place, brand in enumerate(voice.brands, start=1)
    )
    yield Table("competitors", "voices", say("competitors.share"), columns, voices)
    names = ("followers", "net", "posts", "engagements", "er_followers")
    heads = (
        Column("label", say("competitors.account")),
        Column("network", say("label.channel")),
        *(Column(name, say(f"competitors.{name}")) for name in names),
    )
    accounts = tuple(
        Row(f"account_{number}", _account(each)) for number, each in enumerate(told.accounts, 1)
    )
    yield Table("competitors", "accounts", say("sheet.accounts"), heads, accounts)


def _account(each: ReportRival) -> tuple[Cell, ...]:
    counted = (each.followers, each.followers_net, each.posts, each.engagements)
    return each.name, each.network, *map(count, counted), share(each.er_followers)
