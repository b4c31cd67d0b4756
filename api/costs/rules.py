"""What must hold of time, whatever was done to it."""

from tenants.invariants import hold

hold(
    "time_days.minutes",
    "A person's day is the sum of their entries, and has 1,440 minutes at most.",
    """
    select coalesce(d.membership_id, e.membership_id) from (
        select membership_id, worked_on, minutes from time_days where agency_id = :agency
    ) d
    full join (
        select membership_id, worked_on, sum(minutes) as minutes from time_entries
        where agency_id = :agency group by membership_id, worked_on
    ) e on e.membership_id = d.membership_id and e.worked_on = d.worked_on
    where coalesce(d.minutes, 0) <> coalesce(e.minutes, 0) or e.minutes > 1440
    """,
)
hold(
    "time_entries.closed",
    "No time of a closed day was entered or changed after the books last moved.",
    """
    select e.id from books b
    join time_entries e on e.agency_id = b.agency_id and e.worked_on <= b.closed_through
    where b.agency_id = :agency and e.updated_at > b.updated_at
    """,
)
hold(
    "cost_rates.closed",
    "No rate that closed days cost was set or changed after the books last moved.",
    """
    select r.id from books b
    join cost_rates r on r.agency_id = b.agency_id and r.starts_on <= b.closed_through
    where b.agency_id = :agency and r.updated_at > b.updated_at
    """,
)
