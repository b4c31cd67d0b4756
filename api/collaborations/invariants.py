"""What must hold between the rows of collaborations, whatever was done to them."""

from tenants.invariants import hold

hold(
    "influencer_windows.free_of_conflict",
    "No two clients' promises to be an influencer's only one contradict each other.",
    """
    select a.id from influencer_windows a
    join influencer_windows b on b.agency_id = a.agency_id and b.influencer_id = a.influencer_id
        and b.holder <> a.holder and b.released_at is null
        and a.starts_at < b.ends_at and b.starts_at < a.ends_at
        and (a.category = b.category or jsonb_exists(a.against, b.brand))
    where a.agency_id = :agency and a.exclusive and a.released_at is null
    """,
)
hold(
    "collaborations.stand_where_their_pieces_do",
    "A collaboration at work stands where the least advanced of its pieces does.",
    """
    select c.id from collaborations c
    join collaboration_deliverables d
        on d.agency_id = c.agency_id and d.collaboration_id = c.id
    where c.agency_id = :agency
        and c.status in ('content_due', 'in_review', 'approved', 'live', 'verified')
    group by c.agency_id, c.id, c.status
    having min(array_position(
            array['content_due', 'in_review', 'approved', 'live', 'verified', 'cancelled'],
            d.status::text))
        <> array_position(
            array['content_due', 'in_review', 'approved', 'live', 'verified'], c.status::text)
    """,
)
hold(
    "collaboration_instalments.earned_once",
    "What was earned is one expense of its amount, and one payable where we are the ones to pay.",
    """
    select i.id from collaboration_instalments i
    join expenses e on e.agency_id = i.agency_id and e.id = i.expense_id
    left join payables p on p.agency_id = i.agency_id and p.id = i.payable_id
    where i.agency_id = :agency and i.status = 'earned'
        and (e.amount_minor <> i.amount_minor
            or (e.paid_by = 'agency') <> (p.id is not null)
            or p.amount_minor not between i.amount_minor - i.clawed_back_minor and i.amount_minor)
    """,
)
hold(
    "collaboration_instalments.within_the_fee",
    "The parts of a fee, less what sales that were given back took off commission, come to no more"
    " than the terms in force.",
    """
    select c.id from collaborations c
    join lateral (
        select sum(i.amount_minor - case i.kind when 'commission' then i.clawed_back_minor
            else 0 end) as owed from collaboration_instalments i
        where i.agency_id = c.agency_id and i.collaboration_id = c.id and i.status <> 'void'
    ) i on true
    join lateral (
        select t.fee_minor from collaboration_terms t
        join collaboration_answers a
            on a.agency_id = t.agency_id and a.terms_id = t.id and a.answer = 'accepted'
        where t.agency_id = c.agency_id and t.collaboration_id = c.id
        order by t.number desc limit 1
    ) t on true
    where c.agency_id = :agency and i.owed > t.fee_minor
    """,
)
