"""
What can be done to the roster: somebody taken on, changed, archived, found.

Accounts and rates are an influencer's own, and part of their version; tags and notes are the
agency's. What an influencer changes of themselves is done by the agency's hand, to the one row that
their log-in is bound to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.influencers import accounts, finding
from api.influencers.models import (
    Influencer,
    InfluencerAccount,
    InfluencerDossier,
    InfluencerStatus,
    InfluencerWord,
)
from api.influencers.shapes import InfluencerCard, InfluencerQuery, InfluencerRead, OwnProfile
from tenants import database, outbox, reads
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import NEWEST, Listing, Order
from tenants.pipeline import Statement
from tenants.reads import Answer, Question
from tenants.sight import Sight

MOVES: dict[InfluencerStatus, frozenset[InfluencerStatus]] = {
    InfluencerStatus.active: frozenset({InfluencerStatus.paused, InfluencerStatus.archived}),
    InfluencerStatus.paused: frozenset({InfluencerStatus.active, InfluencerStatus.archived}),
    InfluencerStatus.archived: frozenset({InfluencerStatus.active}),
}
_TOLD = {
    InfluencerStatus.active: "influencer.activated",
    InfluencerStatus.paused: "influencer.paused",
    InfluencerStatus.archived: "influencer.archived",
}
_DOSSIER = ("tags", "notes")
_LARGEST = Order("audience_size", descending=True)
_BY_WORD = Order("word")


def search(session: Session, page: InfluencerQuery) -> Question:
    """The roster; archived people only when asked for by name."""
    query = finding.chosen(page)
    if page.q is not None:
        listing = Listing(query, InfluencerWord, page, _BY_WORD)
        return Walked(listing.as_json(InfluencerCard, **_CARD))
    order = _LARGEST if page.sort == "audience" else NEWEST
    return Walked(Listing(query, Influencer, page, order).as_json(InfluencerCard, **_OF_CARD))


def read(influencer_id: UUID) -> Question:
    """Somebody on the roster, with all that the agency knows."""
    return One(influencer_id)


def create(session: Session, **values: Any) -> Question:
    """Take somebody on."""
    dossier = {name: values.pop(name) for name in _DOSSIER}
    of_them = {name: values.pop(name) for name in ("accounts", "rates")}
    influencer = Influencer(**values)
    database.add(session, influencer, InfluencerDossier(id=influencer.id, **dossier))
    accounts.keep(session, influencer, of_them["accounts"])
    accounts.keep_rates(session, influencer, of_them["rates"])
    _index(session, influencer, dossier["tags"])
    outbox.emit(session, "influencer.created", influencer)
    session.flush()
    return One(influencer.id)


def update(session: Session, influencer_id: UUID, **changes: Any) -> Question:
    """Change somebody, pause or archive them, or take them up again."""
    influencer = database.get(session, Influencer, influencer_id, lock=True)
    status = changes.get("status", influencer.status)
    told = "influencer.updated"
    if status is not influencer.status:
        if status not in MOVES[influencer.status]:
            allowed = sorted(str(each) for each in MOVES[influencer.status])
            raise MoveNotAllowed(influencer.status, allowed)
        told = _TOLD[status]
    _change(session, influencer, changes)
    outbox.emit(session, told, influencer)
    session.flush()
    return One(influencer.id)


def own(session: Session) -> Question:
    """What an influencer sees of themselves."""
    return Own()


def update_own(session: Session, **changes: Any) -> Question:
    """What an influencer changes of themselves, by the agency's hand."""
    own_id = session.sight.influencer_id  # type: ignore[attr-defined]
    if own_id is None:
        raise NotFound
    with database.acting_for_agency(session, None):
        influencer = database.get(session, Influencer, own_id, lock=True)
        _change(session, influencer, changes)
        outbox.emit(session, "influencer.updated", influencer)
        session.flush()
    return Own()


def _change(session: Session, influencer: Influencer, changes: dict[str, Any]) -> None:
    dossier = database.get(session, InfluencerDossier, influencer.id)
    dossier.sqlmodel_update({name: changes.pop(name) for name in _DOSSIER if name in changes})
    if (given := changes.pop("accounts", None)) is not None:
        accounts.keep(session, influencer, given)
    if (given := changes.pop("rates", None)) is not None:
        accounts.keep_rates(session, influencer, given)
    influencer.sqlmodel_update(changes)
    database.touch(influencer)
    _index(session, influencer, dossier.tags)


def _index(session: Session, influencer: Influencer, tags: Sequence[str]) -> None:
    session.flush()
    query = select(InfluencerAccount).where(col(InfluencerAccount.influencer_id) == influencer.id)
    words = finding.words_of(influencer, session.exec(query), tags)
    finding.keep(session, influencer, words)


def _rate(column: str) -> str:
    return f"({column}::numeric / 1000000)::float8"


_MINE = "a.agency_id = influencers.agency_id and a.influencer_id = influencers.id"
_AUDIENCE = (
    "json_build_object('countries', coalesce(a.audience -> 'countries', '{}'),"
    " 'ages', coalesce(a.audience -> 'ages', '{}'),"
    " 'genders', coalesce(a.audience -> 'genders', '{}'))"
)
_ENGAGEMENT = (
    "case when a.engagement_millionths is not null then json_build_object("
    f"'rate', {_rate('a.engagement_millionths')}, 'basis', a.engagement_basis,"
    " 'measured_on', a.engagement_on) end"
)
_DOSSIERS = (
    " from influencer_dossiers d where d.agency_id = influencers.agency_id and d.id ="
    " influencers.id)"
)


def _all_of(table: str, object: str, order: str) -> str:
    return (
        f"(select coalesce(json_agg(json_build_object({object}) order by {order}), '[]'::json)"  # noqa: S608
        f" from {table} a where {_MINE})"
    )


_OWN = {
    "engagement_rate": _rate("influencers.engagement_millionths"),
    "accounts": _all_of(
        "influencer_accounts",
        "'id', a.id, 'network', a.network, 'handle', a.handle, 'url', a.url,"
        " 'followers', a.followers, 'measured_on', a.measured_on,"
        f" 'audience', {_AUDIENCE}, 'engagement', {_ENGAGEMENT}",
        "a.network, a.handle_key",
    ),
    "rates": _all_of(
        "influencer_rates",
        "'network', a.network, 'placement', a.placement, 'price',"
        " json_build_object('amount_minor', a.amount_minor, 'currency', a.currency)",
        "a.network, a.placement, a.currency",
    ),
}
_WHOLE = {
    **_OWN,
    "tags": f"coalesce((select d.tags{_DOSSIERS}, '[]')",
    "notes": f"(select d.notes{_DOSSIERS}",
}
_OF_CARD = {
    "engagement_rate": _OWN["engagement_rate"],
    "tags": _WHOLE["tags"],
    "accounts": _all_of(
        "influencer_accounts",
        "'network', a.network, 'handle', a.handle, 'followers', a.followers,"
        f" 'engagement_rate', {_rate('a.engagement_millionths')}",
        "a.network, a.handle_key",
    ),
}
_CARD = {f"{name}": f"influencers.{name}" for name in InfluencerCard.model_fields} | _OF_CARD
_ONE = (
    f"select {reads.members(Influencer, InfluencerRead, **_WHOLE)}::text, influencers.version,"  # noqa: S608
    " influencers.id from influencers"
    " where influencers.agency_id = %(agency)s and influencers.id = %(id)s"
)
_ME = (
    f"select {reads.members(Influencer, OwnProfile, **_OWN)}::text, influencers.version,"  # noqa: S608
    " influencers.id from influencers where influencers.agency_id = %(agency)s"
    " and influencers.id = nullif(current_setting('app.influencer_id', true), '')::uuid"
)


@dataclass(frozen=True)
class One:
    """Asks for somebody on the roster."""

    id: UUID

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        return [Statement(_ONE, {"agency": agency_id, "id": self.id})]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Answer:
        return _answer(sight, found)


@dataclass(frozen=True)
class Walked:
    """
    A page that is found by walking along indexes until it is full. Of several filters the planner
    knows too little, and would rather read everybody once than somebody too often; and what it
    plans once for whatever is looked for (a prepared statement's plan) knows nothing at all.
    """

    page: Question

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        return [Statement(_WALK, {}), *self.page.statements(agency_id)]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Answer:
        made: Answer = self.page.answer(sight, permission, found[1:])
        return made


_WALK = (
    "select set_config('plan_cache_mode', 'force_custom_plan', true),"
    " set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),"
    " set_config('enable_seqscan', 'off', true)"
)


class Own:
    """Asks for whom the caller is on the roster."""

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        return [Statement(_ME, {"agency": agency_id})]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Answer:
        return _answer(sight, found)


def _answer(sight: Sight, found: Sequence[list[Any]]) -> Answer:
    body, version, id = found[0][0] if found[0] else (None, None, None)
    if body is None or not reads.shows(sight, Influencer, None, id):
        raise NotFound
    return Answer(body.encode(), version)
