"""
Conversions, orders and days as they are read and kept: a statement for each, whatever their number.

A batch travels as one JSON document: ten thousand rows of parameters would take longer to write
than to store.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlmodel import Session, col, select

from api.collaborations.models import Collaboration
from api.tracking.attribution import Code, Codes, Link, Links
from api.tracking.models import PromoCode, TrackingLink
from api.tracking.orders import Order, Place, Sums
from tenants import clock, pipeline
from tenants.ids import id_of
from tenants.models import Client
from tenants.pipeline import Statement

Told = dict[tuple[str, str, str | None], tuple[int, datetime]]


def hold(session: Session, client: Client) -> None:
    """One batch of a client's conversions at a time."""
    key = f"conversions of {client.id} of {client.agency_id}"
    _ask(session, "select pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=key)


def told(session: Session, client: Client, order_ids: Sequence[str]) -> Told:
    """What has been told of some orders: kind, order and refund → amount and instant."""
    rows = _ask(
        session,
        "select kind, order_id, refund_id, amount_minor, occurred_at from conversions"
        " where agency_id = %(agency)s and client_id = %(client)s and order_id = any(%(ids)s)",
        **_of(client),
        ids=list(order_ids),
    )
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}


def orders(session: Session, client: Client, order_ids: Sequence[str]) -> dict[str, Order]:
    """Some orders, as far as they are known."""
    rows = _ask(
        session,
        "select order_id, currency, collaboration_id, sold_at, sold_on, sale_minor,"
        " refunded_minor, commission_bp from conversion_orders"
        " where agency_id = %(agency)s and client_id = %(client)s and order_id = any(%(ids)s)",
        **_of(client),
        ids=list(order_ids),
    )
    return {row[0]: Order(*row) for row in rows}


def codes(session: Session, client: Client, keys: Iterable[str]) -> Codes:
    """The windows of some codes of a client, by their key."""
    query = select(PromoCode).where(
        col(PromoCode.client_id) == client.id, col(PromoCode.code_key).in_(sorted(set(keys)))
    )
    found: dict[str, list[Code]] = {}
    for row in session.exec(query.order_by(col(PromoCode.starts_on))):
        window = Code(row.id, row.collaboration_id, row.starts_on, row.ends_on)
        found.setdefault(row.code_key, []).append(window)
    return found


def links(session: Session, client: Client, known_as: Iterable[str]) -> Links:
    """Some links of a client, by their code."""
    query = select(TrackingLink).where(
        col(TrackingLink.client_id) == client.id,
        col(TrackingLink.code).in_(sorted(set(known_as))),
    )
    return {row.code: Link(row.id, row.collaboration_id) for row in session.exec(query)}


def add_facts(session: Session, client: Client, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was told. The rows are new."""
    _ask(session, _FACTS, **_of(client), rows=to_json(rows).decode(), now=clock.now())


def put_orders(session: Session, client: Client, changed: Iterable[Order]) -> None:
    """Keep what orders have come to."""
    now = clock.now()
    rows = [
        {
            "id": id_of(now, client.id, each.order_id),
            "order_id": each.order_id,
            "collaboration_id": each.collaboration_id,
            "sold_at": each.sold_at,
            "sold_on": each.sold_on,
            "currency": each.currency,
            "sale_minor": each.sale_minor,
            "refunded_minor": each.refunded_minor,
            "commission_bp": each.commission_bp,
        }
        for each in changed
    ]
    _ask(session, _ORDERS, **_of(client), rows=to_json(rows).decode(), now=now)


def add_days(session: Session, client: Client, changed: Mapping[Place, Sums]) -> None:
    """Add to the sums of days."""
    whose = _influencers(session, {place.collaboration_id for place in changed})
    rows = [
        {
            "id": id_of(datetime.combine(day, time(), UTC), collaboration_id, "sales"),
            "collaboration_id": collaboration_id,
            "influencer_id": whose[collaboration_id],
            "day": day,
            **sums._asdict(),
        }
        for (collaboration_id, day), sums in sorted(changed.items())
    ]
    given = {"rows": to_json(rows).decode(), "now": clock.now(), "currency": client.currency}
    _ask(session, _DAYS, **_of(client), **given)


def _influencers(session: Session, ids: set[UUID]) -> dict[UUID, UUID]:
    query = select(Collaboration.id, Collaboration.influencer_id)
    return dict(session.exec(query.where(col(Collaboration.id).in_(sorted(ids)))).all())


def _of(client: Client) -> dict[str, Any]:
    return {"agency": client.agency_id, "client": client.id}


def _ask(session: Session, sql: str, **values: Any) -> list[Any]:
    return pipeline.ask_together(session.connection(), [Statement(sql, values)])[0]


_FACTS = """
    insert into conversions (agency_id, client_id, created_at, id, kind, order_id, refund_id,
        amount_minor, currency, occurred_at, source, collaboration_id, link_id, promo_code_id,
        attributed_by, rule, rule_version, recorded_by)
    select %(agency)s, %(client)s, %(now)s, id, kind, order_id, refund_id, amount_minor, currency,
        occurred_at, source, collaboration_id, link_id, promo_code_id, attributed_by, rule,
        rule_version, recorded_by
    from json_to_recordset(%(rows)s::json) as told (
        id uuid, kind text, order_id text, refund_id text, amount_minor bigint, currency text,
        occurred_at timestamptz, source text, collaboration_id uuid, link_id uuid,
        promo_code_id uuid, attributed_by text, rule text, rule_version int, recorded_by uuid)
"""
_ORDERS = """
    insert into conversion_orders (agency_id, client_id, created_at, id, order_id,
        collaboration_id, sold_at, sold_on, currency, sale_minor, refunded_minor, commission_bp)
    select %(agency)s, %(client)s, %(now)s, id, order_id, collaboration_id, sold_at, sold_on,
        currency, sale_minor, refunded_minor, commission_bp
    from json_to_recordset(%(rows)s::json) as told (
        id uuid, order_id text, collaboration_id uuid, sold_at timestamptz, sold_on date,
        currency text, sale_minor bigint, refunded_minor bigint, commission_bp int)
    on conflict (agency_id, client_id, order_id) do update set
        collaboration_id = excluded.collaboration_id, sold_at = excluded.sold_at,
        sold_on = excluded.sold_on, sale_minor = excluded.sale_minor,
        refunded_minor = excluded.refunded_minor, commission_bp = excluded.commission_bp
"""
_SUMS = Sums._fields
_DAYS = f"""
    insert into conversion_days (agency_id, client_id, created_at, id, collaboration_id,
        influencer_id, day, currency, {", ".join(_SUMS)})
    select %(agency)s, %(client)s, %(now)s, coalesce(d.id, told.id), told.collaboration_id,
        told.influencer_id, told.day, %(currency)s,
        {", ".join(f"coalesce(d.{name}, 0) + told.{name}" for name in _SUMS)}
    from json_to_recordset(%(rows)s::json) as told (
        id uuid, collaboration_id uuid, influencer_id uuid, day date,
        {", ".join(f"{name} bigint" for name in _SUMS)})
    left join conversion_days d on d.agency_id = %(agency)s and d.id = told.id
    on conflict (agency_id, id) do update set
        {", ".join(f"{name} = excluded.{name}" for name in _SUMS)}
"""  # noqa: S608 (names of our own)
