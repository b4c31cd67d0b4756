"""What must hold between budgets, lines, entries and expenses (see `tenants.invariants`)."""

from tenants import invariants

# A balance in money → the kinds whose entries add up to it, and whether they are funded.
_MONEY = {
    "allocated_minor": ("'allocation', 'transfer'", "true"),
    "committed_minor": ("'commitment', 'release'", "true"),
    "spent_minor": ("'expense', 'refund'", "e.funded"),
    "unfunded_minor": ("'expense', 'refund'", "not e.funded"),
}
_UNITS = {
    "allocated_units": "'allocation', 'transfer'",
    "committed_units": "'commitment', 'release'",
    "spent_units": "'expense', 'refund'",
}


def _differs(*sums: str) -> str:
    """A query for the lines of which one of these balances is not that sum of its entries."""
    names = ", ".join(f"l.{each.rpartition(' as ')[2]}" for each in sums)
    return f"""
        select l.id from budget_lines l
        left join lateral (
            select {", ".join(sums)} from budget_entries e
            where e.agency_id = l.agency_id and e.line_id = l.id
        ) s on true
        where l.agency_id = :agency and ({names}) is distinct from
            ({", ".join(f"s.{each.rpartition(' as ')[2]}" for each in sums)})"""  # noqa: S608


invariants.hold(
    "budget_lines.balances",
    "A line's balances are the sums of its entries.",
    _differs(
        *(
            f"coalesce(sum(e.amount_minor) filter (where e.kind in ({kinds}) and {only}), 0)"
            f" as {name}"
            for name, (kinds, only) in _MONEY.items()
        )
    ),
)
invariants.hold(
    "budget_lines.other_payer",
    "What a line says the other side paid is the sum of what it did pay.",
    _differs(
        "coalesce(sum(e.amount_minor) filter (where e.kind in ('expense', 'refund')"
        " and e.paid_by <> l.paid_by), 0) as other_payer_minor"
    ),
)
invariants.hold(
    "budget_lines.units",
    "A line's balances in units are the sums of its entries' units.",
    _differs(
        *(
            f"coalesce(sum(e.units) filter (where e.kind in ({kinds})), 0) as {name}"
            for name, kinds in _UNITS.items()
        )
    ),
)
invariants.hold(
    "budget_lines.within_allocation",
    "What is committed and spent on a line is not above what it is allocated.",
    """select id from budget_lines where agency_id = :agency
        and committed_minor + spent_minor > allocated_minor""",
)
invariants.hold(
    "budget_lines.unfunded_covered_first",
    "A line has nothing available while something on it is unfunded.",
    """select id from budget_lines where agency_id = :agency
        and unfunded_minor > 0 and committed_minor + spent_minor <> allocated_minor""",
)
invariants.hold(
    "budget_lines.like_their_budget",
    "A line has its budget's currency, state and client.",
    """select l.id from budget_lines l
        join budgets b on b.agency_id = l.agency_id and b.id = l.budget_id
        where l.agency_id = :agency
            and (l.currency, l.status, l.client_id) is distinct from
                (b.currency, b.status, b.client_id)""",
)
invariants.hold(
    "budget_entries.like_their_line",
    "An entry is in its line's currency, and counts units only where the line names one.",
    """select e.id from budget_entries e
        join budget_lines l on l.agency_id = e.agency_id and l.id = e.line_id
        where e.agency_id = :agency
            and (e.currency <> l.currency or (e.units <> 0 and l.unit is null))""",
)
invariants.hold(
    "budget_entries.in_their_period",
    "No entry is dated before its budget's period.",
    """select e.id from budget_entries e
        join budget_lines l on l.agency_id = e.agency_id and l.id = e.line_id
        join budgets b on b.agency_id = l.agency_id and b.id = l.budget_id
        where e.agency_id = :agency and e.booked_on < b.period_start""",
)
invariants.hold(
    "budgets.closed_settled",
    "A closed budget has nothing unfunded, committed or pending.",
    """select b.id from budgets b where b.agency_id = :agency and b.status = 'closed' and (
            exists (select from budget_lines l where l.agency_id = b.agency_id
                and l.budget_id = b.id and (l.unfunded_minor > 0 or l.committed_minor > 0))
            or exists (select from expenses x where x.agency_id = b.agency_id
                and x.budget_id = b.id and x.status = 'pending'))""",
)
invariants.hold(
    "expenses.in_the_ledger",
    "A posted expense is on its line with what it was; a pending or refused one is not.",
    """select x.id from expenses x
        left join lateral (
            select sum(e.amount_minor) as amount_minor, sum(e.units) as units
            from budget_entries e
            where e.agency_id = x.agency_id and e.source_type = 'expenses'
                and e.source_id = x.id and e.line_id = x.line_id and e.kind = 'expense'
        ) s on true
        where x.agency_id = :agency and (s.amount_minor, s.units) is distinct from
            (case when x.status = 'posted' then x.amount_minor end,
             case when x.status = 'posted' then x.units end)""",
)
