"""
What collaborations cost, as SQL for those above who add costs up.

A budget line that names a campaign says whose all of its spending is. On lines that name none a
collaboration's campaign bears what was spent on what was set aside for it: what it earned, and what
somebody entered by hand. What it earned when its budget was closed is an expense of no budget and a
cost all the same: of the day it was earned, less what was asked back.

Statements are planned each time they are asked. `offset 0` parts them into a few joins each: how
all of them might be ordered took the planner ten times as long as to answer.
"""


def _sources(collaboration: str) -> str:
    """What sets money aside for a collaboration: its first terms, and those that amended them."""
    return f"""(
        select 'collaborations' as type, {collaboration} as id
        union all
        select 'collaboration_terms', t.id from collaboration_terms t
        where t.agency_id = work.agency_id and t.collaboration_id = {collaboration}
    )"""  # noqa: S608


def expenses(where: str) -> str:
    """The expenses of collaborations `work` on lines of no campaign, and whose they are."""
    return f"""
    select x.id, k.campaign_id from (
        select k.agency_id, k.line_id, k.id, work.campaign_id from (
            select work.agency_id, work.campaign_id, source.type, source.id
            from collaborations work cross join lateral {_sources("work.id")} source
            where {where} offset 0
        ) work
        join budget_entries k on k.agency_id = work.agency_id and k.kind = 'commitment'
            and k.source_type = work.type and k.source_id = work.id
        offset 0
    ) k
    join budget_lines l on l.agency_id = k.agency_id and l.id = k.line_id
        and l.campaign_id is null
    join expenses x on x.agency_id = k.agency_id and x.line_id = k.line_id
        and x.commitment_id = k.id
    offset 0"""  # noqa: S608


def unbooked(where: str, clawed_back: str = "i.clawed_back_minor") -> str:
    """What instalments `i` earned outside of any budget, on the client's day."""
    return f"""
    select i.agency_id, i.client_id, i.collaboration_id, i.currency, i.earned_at,
        (i.earned_at at time zone w.timezone)::date as earned_on,
        i.amount_minor - {clawed_back} as amount_minor
    from collaboration_instalments i
    join clients w on w.agency_id = i.agency_id and w.id = i.client_id
    where i.status = 'earned' and i.expense_id is null and {where}
    offset 0"""  # noqa: S608


def unbooked_by_line(where: str, clawed_back: str = "i.clawed_back_minor") -> str:
    """The same with the line that it was set aside on then, and whose that makes it."""
    # Not `order by … limit 1`, for which all that budgets ever booked would be looked through.
    line = f"""(
            select (array_agg(k.line_id order by k.id desc))[1]
            from {_sources("work.collaboration_id")} source
            join budget_entries k on k.agency_id = work.agency_id and k.kind = 'commitment'
                and k.source_type = source.type and k.source_id = source.id
                and k.created_at <= work.earned_at
        )"""  # noqa: S608
    return f"""
    select u.client_id, coalesce(l.campaign_id, c.campaign_id) as campaign_id, u.currency,
        l.paid_by, l.pass_through, u.earned_at, u.earned_on, u.amount_minor
    from (
        select work.*, {line} as line_id from ({unbooked(where, clawed_back)}) work offset 0
    ) u
    join collaborations c on c.agency_id = u.agency_id and c.id = u.collaboration_id
    join budget_lines l on l.agency_id = u.agency_id and l.id = u.line_id
    offset 0"""  # noqa: S608
