"""What must hold between lots, what was written down of them, and work."""

from tenants import invariants

# What an entry does to its lot's balance.
_UNITS = "case e.kind when 'grant' then e.quantity else e.over_quantity - e.quantity end"
_DONE = "e.kind in ('delivery', 'accrual', 'reversal')"


invariants.hold(
    "scope_lots.counts",
    "What a lot counts is the sum of its entries, kind by kind.",
    f"""
        select t.id from scope_lots t
        left join lateral (
            select coalesce(sum(e.quantity) filter (where e.kind = 'grant'), 0) as quantity,
                coalesce(sum(e.quantity - e.over_quantity) filter (where {_DONE}), 0) as delivered,
                coalesce(sum(e.over_quantity) filter (where {_DONE}), 0) as over_serviced,
                coalesce(sum(e.quantity) filter (where e.kind = 'expiry'), 0) as expired,
                coalesce(sum(e.quantity) filter (where e.kind = 'deduction'), 0) as deducted
            from unit_entries e where e.agency_id = t.agency_id and e.lot_id = t.id
        ) s on true
        where t.agency_id = :agency and
            (t.quantity, t.delivered, t.over_serviced, t.expired, t.deducted) is distinct from
            (s.quantity, s.delivered, s.over_serviced, s.expired, s.deducted)""",  # noqa: S608
)
invariants.hold(
    "scope_lots.reserved",
    "What a lot has reserved is what open work has drawn from it.",
    """
        select t.id from scope_lots t
        left join lateral (
            select coalesce(sum(d.units), 0) as units from deliverables d
            where d.agency_id = t.agency_id and d.lot_id = t.id and not d.over_scope
                and d.status not in ('delivered', 'cancelled')
        ) s on true
        where t.agency_id = :agency and t.reserved <> s.units""",
)
invariants.hold(
    "scope_lots.balance",
    "No lot's balance, which is what is free and reserved, has ever been below zero.",
    f"""
        select t.id from scope_lots t
        cross join lateral (
            select min(b.balance) as lowest, sum(b.units) as units from (
                select {_UNITS} as units,
                    sum({_UNITS}) over (order by e.counted_on) as balance
                from unit_entries e where e.agency_id = t.agency_id and e.lot_id = t.id
                    and t.settles_on is not null
            ) b
        ) s
        where t.agency_id = :agency and t.settles_on is not null
            and (s.lowest < 0 or s.units is distinct from
                t.quantity - t.delivered - t.expired - t.deducted)""",  # noqa: S608
)
invariants.hold(
    "scope_lots.one_after_the_other",
    "The lots of a line that renews follow each other without a gap.",
    """
        select t.id from scope_lots t
        join scope_lots f on f.agency_id = t.agency_id and f.line_id = t.line_id
            and f.number = t.number - 1
        where t.agency_id = :agency and t.settles_on is not null
            and t.starts_on <> f.ends_on + 1""",
)
