"""What must hold between conversions, orders, days and codes."""

from tenants.invariants import hold
from tenants.money import part_of_sql

_LEFT = "greatest(sale_minor - refunded_minor, 0)::numeric"
_SHARE = part_of_sql(_LEFT, "commission_bp", "10000")

hold(
    "conversion_orders.facts",
    "An order's sale and refunds are what was told of it.",
    """
    select o.id from conversion_orders o
    left join (
        select agency_id, client_id, order_id,
            coalesce(sum(amount_minor) filter (where kind = 'sale'), 0) as sold,
            coalesce(sum(amount_minor) filter (where kind = 'refund'), 0) as refunded
        from conversions where agency_id = :agency group by 1, 2, 3
    ) f on f.agency_id = o.agency_id and f.client_id = o.client_id and f.order_id = o.order_id
    where o.agency_id = :agency
        and (o.sale_minor, o.refunded_minor) is distinct from (f.sold, f.refunded)
    """,
)
hold(
    "conversion_days.orders",
    "A collaboration's day is the sum of its orders of that day, and of the share of each.",
    f"""
    select d.id from conversion_days d
    left join (
        select agency_id, collaboration_id, sold_on, count(*) as conversions,
            sum(sale_minor) as revenue, sum(least(refunded_minor, sale_minor)) as refunded,
            sum({_SHARE}) as share
        from conversion_orders
        where agency_id = :agency and collaboration_id is not null group by 1, 2, 3
    ) o on o.agency_id = d.agency_id and o.collaboration_id = d.collaboration_id
        and o.sold_on = d.day
    where d.agency_id = :agency
        and (d.conversions, d.revenue_minor, d.refunded_minor, d.commission_minor)
        is distinct from (o.conversions, o.revenue::bigint, o.refunded::bigint, o.share::bigint)
    """,  # noqa: S608 (words of our own)
)
hold(
    "promo_codes.windows",
    "Two windows of one code of a client share no day.",
    """
    select a.id from promo_codes a
    join promo_codes b on b.agency_id = a.agency_id and b.client_id = a.client_id
        and b.code_key = a.code_key and b.id <> a.id
        and b.starts_on <= a.ends_on and b.ends_on >= a.starts_on
    where a.agency_id = :agency
    """,
)
