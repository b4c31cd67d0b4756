"""
An influencer's accounts on networks, and what they ask for: each list is sent whole.

An account is known by its network and handle, and one that stays keeps its id. One handle on one
network is one person of the agency's roster.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid5

from sqlmodel import Session, col, delete, select

from api.clients.networks import bare, key_of
from api.influencers.account_shapes import MILLION
from api.influencers.models import Influencer, InfluencerAccount, InfluencerRate
from tenants import database
from tenants.errors import Conflict

HANDLES = "uq_influencer_accounts_agency_id_network_handle_key"


class OnTheRosterAlready(Conflict):
    """Somebody on the roster has this handle on this network, perhaps archived."""


def keep(session: Session, influencer: Influencer, given: Sequence[dict[str, Any]]) -> None:
    """Make an influencer's accounts these, and no others."""
    query = select(InfluencerAccount).where(col(InfluencerAccount.influencer_id) == influencer.id)
    known = {each.id: each for each in session.exec(query.with_for_update())}
    wanted = [account_of(influencer, **each) for each in given]
    for gone in known.keys() - {each.id for each in wanted}:
        session.delete(known[gone])
    session.flush()
    # In one order, so that two who name the same accounts wait for each other in a row.
    for place, each in sorted(enumerate(wanted), key=lambda e: (e[1].network, e[1].handle_key)):
        taken = OnTheRosterAlready(pointer=f"/accounts/{place}")
        with database.refusing_twice(HANDLES, taken):
            if (same := known.get(each.id)) is not None:
                same.sqlmodel_update(each.model_dump(exclude={"agency_id", "id", "created_at"}))
                session.flush()
            else:
                database.add(session, each)
    add_up(influencer, wanted)


def account_of(influencer: Influencer, **said: Any) -> InfluencerAccount:
    """An account as it is kept."""
    network, handle = said.pop("network"), said.pop("handle")
    engagement, key = said.pop("engagement", None), key_of(handle)
    account = InfluencerAccount(
        id=uuid5(influencer.id, f"{network}:{key}"),
        influencer_id=influencer.id,
        network=network,
        handle=bare(handle),
        handle_key=key,
        **said,
    )
    if engagement is not None:
        account.engagement_millionths = round(engagement["rate"] * MILLION)
        account.engagement_basis = engagement["basis"]
        account.engagement_on = engagement["measured_on"]
    return account


def add_up(influencer: Influencer, accounts: Iterable[InfluencerAccount]) -> None:
    """What all accounts come to: the audience, and the rate of the largest that has one."""
    accounts = list(accounts)
    influencer.audience_size = sum(each.followers or 0 for each in accounts)
    rated = [each for each in accounts if each.engagement_millionths is not None]
    rated.sort(key=lambda each: (-(each.followers or 0), each.network, each.handle_key))
    influencer.engagement_millionths = rated[0].engagement_millionths if rated else None


def keep_rates(session: Session, influencer: Influencer, given: Iterable[dict[str, Any]]) -> None:
    """Make what an influencer asks for these rates, and no others."""
    mine = col(InfluencerRate.influencer_id) == influencer.id
    session.exec(delete(InfluencerRate).where(mine).execution_options(synchronize_session=False))
    database.add(session, *(rate_of(influencer, **each) for each in given))


def rate_of(influencer: Influencer, network: Any, placement: Any, price: Any) -> InfluencerRate:
    return InfluencerRate(
        influencer_id=influencer.id, network=network, placement=placement, **price
    )
