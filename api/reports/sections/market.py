"""The voice of the customers and of the market: how they were answered, who is spoken of."""

from fractions import Fraction

from api.documents import charts
from api.documents.theme import SERIES
from api.reports.sections.parts import (
    Cell,
    Column,
    Facts,
    Figure,
    Figures,
    Part,
    Remark,
    Row,
    Table,
)
from api.reports.sections.reader import NO_FIGURE, Fact, Reader, Share
from api.reports.snapshot.figures import ReportRate
from api.reports.snapshot.market import ReportCommunity, ReportDuration, ReportRival, ReportVoice
from api.reports.snapshot.snapshot import ReportSnapshot

_MOST_ACCOUNTS = 40


def community(snapshot: ReportSnapshot, reader: Reader) -> tuple[Part, ...]:
    told = snapshot.community
    if told is None:
        return ()
    made: list[Part] = [Facts(_answered(told, reader))]
    if kinds := _kinds(told, reader):
        made.append(Figures((kinds,)))
    if not told.is_whole:
        made.append(Remark(reader.words("community.partial")))
    return tuple(made)


def _answered(told: ReportCommunity, reader: Reader) -> tuple[Fact, ...]:
    label = reader.words
    facts = []
    if told.total is not None:
        facts.append(Fact(label("community.total"), reader.formats.count(told.total)))
    for name, duration in (("median", told.median), ("p90", told.p90)):
        if duration is not None:
            note = label("tile.estimated") if duration.estimated else ""
            facts.append(Fact(label(f"community.{name}"), _minutes(duration, reader), note))
    for name, rate in (("response_rate", told.response_rate), ("sla", told.sla)):
        if rate is not None and rate.denominator:
            facts.append(
                Fact(label(f"community.{name}"), _percent(rate, reader), _of(rate, reader))
            )
    if (felt := told.net_sentiment) is not None and felt.denominator:
        share = reader.formats.signed_percent(Fraction(felt.numerator, felt.denominator))
        facts.append(Fact(label("community.net_sentiment"), share))
    return tuple(facts)


def _minutes(duration: ReportDuration, reader: Reader) -> str:
    return ("≥\u00a0" if duration.at_least else "") + reader.formats.minutes(
        duration.response_minutes
    )


def _percent(rate: ReportRate, reader: Reader) -> str:
    return reader.formats.percent(Fraction(rate.numerator, rate.denominator))


def _of(rate: ReportRate, reader: Reader) -> str:
    count = reader.formats.count
    return reader.words("label.of", part=count(rate.numerator), all=count(rate.denominator))


def _kinds(told: ReportCommunity, reader: Reader) -> Figure | None:
    kinds = sorted(told.messages.items(), key=lambda kind: -kind[1])
    amounts = [
        (reader.words(f"message.{name}"), amount, role)
        for (name, amount), role in zip(kinds, SERIES, strict=False)
    ]
    return _stacked(reader.words("community.kinds"), amounts, reader)


def _stacked(title: str, amounts: list[tuple[str, int, str]], reader: Reader) -> Figure | None:
    whole = sum(amount for _, amount, _ in amounts)
    if not whole:
        return None
    legend = tuple(
        Share(
            name,
            reader.formats.count(amount),
            reader.formats.percent(Fraction(amount, whole)),
            role,
        )
        for name, amount, role in amounts
    )
    said = ", ".join(f"{share.name} {share.percent}" for share in legend)
    alt = reader.words("chart.share", title=title, list=said)
    bars = [(amount, role) for _, amount, role in amounts]
    return Figure(title, charts.stack(reader.paint, bars, alt, width=350), alt, legend)


def competitors(snapshot: ReportSnapshot, reader: Reader) -> tuple[Part, ...]:
    told = snapshot.competitors
    if told is None:
        return ()
    made: list[Part] = []
    for voice in told.voices:
        made += _voice(voice, reader)
    if told.accounts:
        made.append(_accounts(told.accounts, reader))
    return tuple(made)


def _voice(voice: ReportVoice, reader: Reader) -> list[Part]:
    label = reader.words
    heads = (
        Column(label("competitors.brand")),
        Column(label("competitors.mentions"), True),
        Column(label("competitors.share"), True),
    )
    brands = sorted(voice.brands, key=lambda brand: -brand.mentions)
    rows = tuple(
        (
            Cell(brand.name, note=label("competitors.own") if brand.own else ""),
            Cell(reader.formats.count(brand.mentions)),
            Cell(_share(brand.mentions, voice.total, reader)),
        )
        for brand in brands
    )
    whole = reader.formats.count(voice.total)
    total: Row = (
        Cell(label("label.total")),
        Cell(whole),
        Cell(_share(voice.total, voice.total, reader)),
    )
    title = label("competitors.voice", topic=voice.topic)
    return [Table(heads, rows, total, title=title, stacks=False), Remark(_universe(voice, reader))]


def _share(part: int, whole: int, reader: Reader) -> str:
    return reader.formats.percent(Fraction(part, whole)) if whole else NO_FIGURE


def _universe(voice: ReportVoice, reader: Reader) -> str:
    """What was asked, of whom, on how many days: without it a share says nothing."""
    named = {
        "keywords": ", ".join(voice.keywords),
        "networks": ", ".join(map(reader.network, voice.networks)),
        "languages": ", ".join(voice.languages),
    }
    said = [
        reader.words(f"competitors.{name}", list=listed) for name, listed in named.items() if listed
    ]
    days = reader.formats.count(voice.days)
    return " ".join([*said, reader.words.number("competitors.days", voice.days, count=days)])


def _accounts(accounts: tuple[ReportRival, ...], reader: Reader) -> Table:
    label = reader.words
    names = ("followers", "net", "posts", "engagements", "er_followers")
    heads = (
        Column(label("competitors.account")),
        *(Column(label(f"competitors.{name}"), True) for name in names),
    )
    rows = tuple(_account(each, reader) for each in accounts[:_MOST_ACCOUNTS])
    return Table(heads, rows, title=label("competitors.accounts"), stacks=False)


def _account(each: ReportRival, reader: Reader) -> Row:
    count, rate = reader.formats.count, each.er_followers
    own = reader.words("competitors.own") if each.own else ""
    net = each.followers_net

    def shown(value: int | None) -> Cell:
        return Cell(NO_FIGURE if value is None else count(value))

    return (
        Cell(
            each.name, note=" · ".join(part for part in (reader.network(each.network), own) if part)
        ),
        shown(each.followers),
        Cell(NO_FIGURE if net is None else reader.formats.signed(net)),
        shown(each.posts),
        shown(each.engagements),
        Cell(NO_FIGURE if rate is None or not rate.denominator else _percent(rate, reader)),
    )
