"""What slides say in words: figures under their names, shares, leads, points and promises."""

from collections.abc import Iterable, Sequence

from api.documents import theme
from api.documents.fitting import Paragraph
from api.reports.sections.reader import Fact, Lines, Share
from api.reports.sections.work import Owed
from api.reports.view import Told


def facts(shown: Iterable[Fact]) -> list[Paragraph]:
    told: list[Paragraph] = []
    for fact in shown:
        told.append(Paragraph(fact.name, 12, "muted", leads=True))
        told.append(Paragraph(fact.value, 22, "primary", font=theme.SERIF))
    return told


def tile(fact: Fact) -> list[Paragraph]:
    """A figure on a plate of its own, and the word below it."""
    told = [
        Paragraph(fact.name, 13, "muted", leads=True),
        Paragraph(fact.value, 28, "primary", font=theme.SERIF),
    ]
    return [*told, Paragraph(fact.note, 12, "muted")] if fact.note else told


def shares(legend: Iterable[Share]) -> list[Paragraph]:
    return [
        paragraph
        for share in legend
        for paragraph in (
            Paragraph(share.name, 12, "muted", leads=True),
            Paragraph(f"{share.value} · {share.percent}", 18, bold=True),
        )
    ]


def highlight(lead: Told) -> tuple[Paragraph, Paragraph]:
    title = Paragraph(lead.title, 15, "primary", bold=True, leads=True)
    return title, Paragraph(said(lead.body), 12)


def points(lines: Iterable[Lines]) -> list[Paragraph]:
    return [Paragraph(said(line), 16) for line in lines]


def promise(owed: Owed) -> Paragraph:
    parts = (owed.text, owed.owner, owed.due)
    return Paragraph(" · ".join(part for part in parts if part), 14)


def said(line: Sequence[object]) -> str:
    return "".join(str(getattr(run, "text", "")) for run in line)
