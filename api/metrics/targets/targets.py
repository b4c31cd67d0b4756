"""What can be done to KPI targets: set, changed, taken back, and found for a period."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.models import Campaign
from api.metrics.kpis import CATALOGUE, RATES, KpiId
from api.metrics.models import KpiTarget
from api.strategy.models import Objective
from tenants import database, outbox
from tenants.errors import Conflict, NotFound, Unprocessable
from tenants.models import Client
from tenants.pages import Listing


class TargetExists(Conflict):
    """The client, or this campaign, already has a target for this KPI and period."""


class TargetEndsBeforeItStarts(Unprocessable):
    """The period ends before it starts."""


class TargetForm(Unprocessable):
    """A count or money has a `value`; a ratio has `numerator` and `denominator`; a cost either."""


def search(session: Session, page: Any) -> Listing:
    """The targets in sight, newest first."""
    query = select(KpiTarget)
    if page.client_id:
        query = query.where(col(KpiTarget.client_id) == page.client_id)
    for name in ("kpi", "objective_id", "campaign_id"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(KpiTarget, name) == value)
    return Listing(query, KpiTarget, page)


def create(session: Session, client_id: UUID, kpi: KpiId, **values: Any) -> KpiTarget:
    """Set what a KPI should reach in a period, of a client or one campaign of theirs."""
    client = database.get(session, Client, client_id, lock=True)
    _check_client(session, client.id, values)
    if values["ends_on"] < values["starts_on"]:
        raise TargetEndsBeforeItStarts(pointer="/ends_on")
    values["direction"] = values["direction"] or CATALOGUE[kpi].direction
    if CATALOGUE[kpi].unit in ("money", "ratio_money"):
        values["currency"] = values["currency"] or client.currency
    target = KpiTarget(client_id=client.id, kpi=kpi.value, **values)
    _check_form(target)
    _check_free(session, target)
    database.add(session, target)
    outbox.emit(session, "kpi_target.created", target)
    return target


def update(session: Session, target_id: UUID, **changes: Any) -> KpiTarget:
    target = database.get(session, KpiTarget, target_id, lock=True)
    _check_client(session, target.client_id, changes)
    after = KpiTarget(**{**target.model_dump(), **changes})
    _check_form(after)
    target.sqlmodel_update(changes)
    database.touch(target)
    outbox.emit(session, "kpi_target.updated", target)
    return target


def delete(session: Session, target_id: UUID) -> None:
    """Take a target back; published reports keep the one they were frozen with."""
    target = database.get(session, KpiTarget, target_id, lock=True)
    outbox.emit(session, "kpi_target.deleted", target)
    session.delete(target)


def of_period(session: Session, client_id: UUID, start: date, end: date) -> dict[str, KpiTarget]:
    """
    The client's target of each KPI for a period: the one set for exactly these days; for a rate
    also one whose period holds them, the shortest such. A quarter's count is no target for its
    months, and a campaign's is none for the client.
    """
    query = select(KpiTarget).where(
        col(KpiTarget.client_id) == client_id,
        col(KpiTarget.campaign_id).is_(None),
        col(KpiTarget.starts_on) <= start,
        col(KpiTarget.ends_on) >= end,
    )
    found: dict[str, KpiTarget] = {}
    for target in sorted(session.exec(query), key=lambda row: row.ends_on - row.starts_on):
        exact = (target.starts_on, target.ends_on) == (start, end)
        if exact or CATALOGUE[KpiId(target.kpi)].unit in RATES:
            found.setdefault(target.kpi, target)
    return found


def _check_client(session: Session, client_id: UUID, given: Mapping[str, Any]) -> None:
    """What a target names is its own client's."""
    named: dict[str, type[Objective | Campaign]] = {
        "objective_id": Objective,
        "campaign_id": Campaign,
    }
    for name, model in named.items():
        id = given.get(name)
        if id is not None and database.get(session, model, id).client_id != client_id:
            raise NotFound


def _check_form(target: KpiTarget) -> None:
    unit = CATALOGUE[KpiId(target.kpi)].unit
    for name in ("", "baseline_"):
        value = getattr(target, f"{name}value")
        rate = getattr(target, f"{name}numerator"), getattr(target, f"{name}denominator")
        given = value is not None, rate != (None, None)
        if name and not any(given):
            continue
        fits = {(True, False): unit != "ratio", (False, True): unit in RATES}
        if None in rate and rate != (None, None) or not fits.get(given, False):
            raise TargetForm(pointer=f"/{name}value")


def _check_free(session: Session, target: KpiTarget) -> None:
    taken = select(KpiTarget.id).where(
        col(KpiTarget.client_id) == target.client_id,
        col(KpiTarget.kpi) == target.kpi,
        col(KpiTarget.starts_on) == target.starts_on,
        col(KpiTarget.ends_on) == target.ends_on,
        col(KpiTarget.campaign_id).is_not_distinct_from(target.campaign_id),
    )
    if session.exec(taken).first():
        raise TargetExists(pointer="/kpi")
