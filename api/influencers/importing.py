"""A table of people taken onto the roster, all of them or none; and the roster as a table."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.clients.networks import key_of
from api.http import sheets
from api.influencers import accounts, finding, sheet
from api.influencers.account_shapes import MILLION
from api.influencers.models import (
    Influencer,
    InfluencerAccount,
    InfluencerDossier,
    InfluencerRate,
    InfluencerWord,
)
from api.influencers.shapes import InfluencerCreate, InfluencerFilter, RosterImported, RowFault
from api.influencers.sheet import Fault, Sheet
from tenants import database, outbox, words
from tenants.errors import Unprocessable
from tenants.money import exponent

MOST = 20_000  # rows of a table that leaves


class RowsRefused(Unprocessable):
    """Nothing was stored: `faults` says what is wrong with which row. A dry run says the same."""


class RosterTooLarge(Unprocessable):
    """More than 20,000 rows; name fewer people, by a filter."""


def take(session: Session, body: bytes, *, dry_run: bool) -> RosterImported:
    """Take a table of people onto the roster. A dry run only says what would come of it."""
    said = sheet.read(body)
    said.faults += _known_already(session, said)
    said.faults.sort(key=lambda each: (each.row, each.column or ""))
    faults = _told(session, said.faults)
    if said.faults and not dry_run:
        raise RowsRefused(extra={"faults": [each.model_dump() for each in faults]})
    if not dry_run:
        with database.refusing_twice(accounts.HANDLES, accounts.OnTheRosterAlready()):
            _store(session, [person for _, person in said.people])
    return RosterImported(
        rows=said.rows,
        people=len(said.people),
        stored=0 if dry_run else len(said.people),
        faults=faults,
    )


def _known_already(session: Session, said: Sheet) -> Iterator[Fault]:
    """Accounts that somebody on the roster has, or somebody else in the same table."""
    rows: dict[tuple[str, str], int] = {}
    for numbers, person in said.people:
        for place, each in enumerate(person.accounts):
            key = (each.network.value, key_of(each.handle))
            row = numbers[min(place, len(numbers) - 1)]
            if key in rows:
                yield Fault(row, "handle", "repeated")
            rows.setdefault(key, row)
    asked = {"networks": [each for each, _ in rows], "handles": [each for _, each in rows]}
    sight = session.sight  # type: ignore[attr-defined]
    found = session.connection().execute(_KNOWN, {"agency": sight.agency_id, **asked})
    for network, handle in found:
        yield Fault(rows[network, handle], "handle", "on_the_roster_already")


_KNOWN = text(
    "select a.network, a.handle_key from unnest(cast(:networks as text[]),"
    " cast(:handles as text[])) as said (network, handle)"
    " join influencer_accounts a on a.agency_id = :agency and a.network = said.network"
    " and a.handle_key = said.handle"
)


def _told(session: Session, faults: Sequence[Fault]) -> list[RowFault]:
    locale = session.info["exchange"].locale
    return [
        RowFault(
            row=each.row,
            column=each.column,
            code=each.code,
            detail=words.fault(locale, each.code, each.words),
        )
        for each in faults[: sheet.MOST_TOLD]
    ]


def _store(session: Session, people: Sequence[InfluencerCreate]) -> None:
    """Parents first, each kind in one statement."""
    rows: list[list[Any]] = [[], [], [], [], []]
    for person in people:
        said = person.model_dump()
        dossier = InfluencerDossier(tags=said.pop("tags"), notes=said.pop("notes"))
        given, rates = said.pop("accounts"), said.pop("rates")
        influencer = Influencer(**said)
        dossier.id = influencer.id
        mine = [accounts.account_of(influencer, **each) for each in given]
        accounts.add_up(influencer, mine)
        found = finding.words_of(influencer, mine, dossier.tags)
        rows[0].append(influencer)
        rows[1].append(dossier)
        rows[2] += mine
        rows[3] += (accounts.rate_of(influencer, **each) for each in rates)
        rows[4] += (InfluencerWord(id=influencer.id, word=word) for word in sorted(found))
    for each in rows:
        session.add_all(each)
        session.flush()
    for influencer in rows[0]:
        outbox.emit(session, "influencer.created", influencer)


def export(session: Session, wanted: InfluencerFilter, locale: str) -> Response:
    """The roster, a row for each account of somebody and each of their rates."""
    found = session.exec(finding.chosen(wanted).with_only_columns(Influencer.id).limit(MOST + 1))
    ids = list(found)
    if len(ids) > MOST:
        raise RosterTooLarge
    people = _of(session, Influencer, Influencer.id, ids)
    dossiers = {
        each.id: each for each in _of(session, InfluencerDossier, InfluencerDossier.id, ids)
    }
    owned: dict[Any, tuple[list[Any], list[Any]]] = {id: ([], []) for id in ids}
    owns: tuple[Any, ...] = (InfluencerAccount, InfluencerRate)
    for place, model in enumerate(owns):
        for row in _of(session, model, model.influencer_id, ids):
            owned[row.influencer_id][place].append(row)
    rows = [row for each in people for row in _rows(each, dossiers.get(each.id), *owned[each.id])]
    if len(rows) > MOST:
        raise RosterTooLarge
    return sheets.answer("influencers", locale, [sheet.COLUMNS, *rows])


def _of(session: Session, model: Any, column: Any, ids: Sequence[Any]) -> Sequence[Any]:
    return session.exec(select(model).where(col(column).in_(ids)).order_by(col(model.id))).all()


def _rows(
    influencer: Influencer,
    dossier: InfluencerDossier | None,
    owned: Sequence[InfluencerAccount],
    rates: Sequence[InfluencerRate],
) -> Iterator[list[Any]]:
    """An account with a rate of its network beside it, until both are told."""
    left = list(rates)
    for account in owned or [None]:  # type: ignore[list-item]
        mine = [each for each in left if account and each.network is account.network]
        left = [each for each in left if each not in mine]
        for rate in mine or [None]:  # type: ignore[list-item]
            yield _row(influencer, dossier, account, rate)
    for rate in left:
        yield _row(influencer, dossier, None, rate)


def _row(influencer: Influencer, dossier: Any, account: Any, rate: Any) -> list[Any]:
    shown = {name: getattr(influencer, name) for name in sheet.COLUMNS if hasattr(influencer, name)}
    shown |= {name: sheet.BETWEEN.join(shown[name]) for name in ("languages", "categories")}
    shown |= {"tags": sheet.BETWEEN.join(dossier.tags) if dossier else None}
    shown["notes"] = dossier.notes if dossier else None
    if account is not None:
        shown |= {
            name: getattr(account, name)
            for name in ("network", "handle", "url", "followers", "measured_on")
        }
        shown |= {"engagement_basis": account.engagement_basis}
        shown["engagement_on"] = account.engagement_on
        if account.engagement_millionths is not None:
            shown["engagement_rate"] = account.engagement_millionths / MILLION
    if rate is not None:
        shown |= {"network": rate.network, "placement": rate.placement, "currency": rate.currency}
        shown["price"] = Decimal(rate.amount_minor).scaleb(-exponent(rate.currency))
    return [shown.get(name) for name in sheet.COLUMNS]
