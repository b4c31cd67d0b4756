"""What must hold of the ledger, and between it, payables and the gates before them."""

from tenants import invariants

invariants.hold(
    "ledger.balanced",
    "A transaction has as many entries as it says, of its currency, and they sum to zero.",
    """select t.id from ledger_transactions t
        left join lateral (
            select count(*) as entries, coalesce(sum(e.amount_minor), 0) as total,
                bool_and(e.currency = t.currency) as alike
            from ledger_entries e where e.agency_id = t.agency_id and e.transaction_id = t.id
        ) s on true
        where t.agency_id = :agency
            and (s.entries <> t.entry_count or s.total <> 0 or s.alike is not true)""",
)
invariants.hold(
    "ledger.owes_what_is_payable",
    "What the ledger owes a payee is what their payables come to that are not paid or cancelled.",
    """select p.id from payees p
        cross join lateral (
            select currency from payables where agency_id = p.agency_id and payee_id = p.id
            union select currency from ledger_entries
            where agency_id = p.agency_id and payee_id = p.id and account = 'creators_payable'
        ) c
        where p.agency_id = :agency and (
            select coalesce(sum(a.amount_minor), 0) from payables a
            where a.agency_id = p.agency_id and a.payee_id = p.id and a.currency = c.currency
                and a.kind = 'owed' and a.status not in ('paid', 'cancelled')
        ) <> (
            select coalesce(-sum(e.amount_minor), 0) from ledger_entries e
            where e.agency_id = p.agency_id and e.payee_id = p.id and e.currency = c.currency
                and e.account = 'creators_payable')""",
)
invariants.hold(
    "ledger.asks_back_what_is_due",
    "What the ledger asks back of a payee is what is left of their claw-backs.",
    """select p.id from payees p
        cross join lateral (
            select currency from payables where agency_id = p.agency_id and payee_id = p.id
            union select currency from ledger_entries
            where agency_id = p.agency_id and payee_id = p.id and account = 'creator_receivables'
        ) c
        where p.agency_id = :agency and (
            select coalesce(sum(a.amount_minor - a.recovered_minor), 0) from payables a
            where a.agency_id = p.agency_id and a.payee_id = p.id and a.currency = c.currency
                and a.status = 'clawback_due'
        ) <> (
            select coalesce(sum(e.amount_minor), 0) from ledger_entries e
            where e.agency_id = p.agency_id and e.payee_id = p.id and e.currency = c.currency
                and e.account = 'creator_receivables')""",
)
invariants.hold(
    "payables.gates",
    "A payable's gates are open where the newest word about them does not satisfy them.",
    """select a.id from payables a
        where a.agency_id = :agency and a.kind = 'owed'
            and a.status not in ('paid', 'cancelled') and exists (
            select from jsonb_array_elements_text(a.gates) g(code)
            where a.open_gates ? g.code = coalesce((
                select w.satisfied from gate_words w
                where w.agency_id = a.agency_id and w.source_type = a.source_type
                    and w.source_id = a.source_id and w.code = g.code
                    and (w.part is null or w.part = a.part)
                order by w.number desc limit 1), false))""",
)
invariants.hold(
    "payouts.add_up",
    "A payout comes to what it pays less what it deducts, all of one payee and currency.",
    """select p.id from payouts p
        left join lateral (
            select coalesce(sum(i.amount_minor) filter (where i.amount_minor > 0), 0) as gross,
                coalesce(-sum(i.amount_minor) filter (where i.amount_minor < 0), 0) as deducted,
                bool_and(a.payee_id = p.payee_id and a.currency = p.currency
                    and (a.kind = 'owed') = (i.amount_minor > 0)
                    and (a.kind <> 'owed' or a.amount_minor = i.amount_minor)) as alike
            from payout_items i
            join payables a on a.agency_id = i.agency_id and a.id = i.payable_id
            where i.agency_id = p.agency_id and i.payout_id = p.id
        ) s on true
        where p.agency_id = :agency and (s.alike is not true
            or (s.gross, s.deducted) is distinct from (p.gross_minor, p.deducted_minor))""",
)
invariants.hold(
    "payouts.in_the_ledger",
    "What has left by a payout is in the ledger once, and is not while it has not left.",
    """select p.id from payouts p
        left join lateral (
            select coalesce(sum(e.amount_minor), 0) as moved from ledger_entries e
            where e.agency_id = p.agency_id and e.source_type = 'payouts' and e.source_id = p.id
                and e.account = 'bank'
        ) s on true
        where p.agency_id = :agency
            and s.moved <> case when p.status = 'paid' then -p.amount_minor else 0 end""",
)
invariants.hold(
    "payables.in_their_payout",
    "What is submitted or paid is so in one payout, which is as far; what is not is in none.",
    """select a.id from payables a
        left join payout_items i on i.agency_id = a.agency_id and i.payable_id = a.id
            and i.amount_minor > 0 and not i.given_back
        left join payouts p on p.agency_id = i.agency_id and p.id = i.payout_id
        where a.agency_id = :agency and a.kind = 'owed' and (
            i.payout_id is distinct from a.payout_id
            or (a.status = 'paid') is distinct from coalesce(p.status = 'paid', false)
            or p.status in ('failed', 'returned', 'canceled'))""",
)
invariants.hold(
    "payables.deducted",
    "Payouts deduct no more of a claw-back than it says they do, and recover no more.",
    """select a.id from payables a
        left join lateral (
            select coalesce(-sum(i.amount_minor) filter (where not i.given_back), 0) as deducted,
                coalesce(-sum(i.amount_minor) filter (where p.status = 'paid'), 0) as recovered
            from payout_items i
            join payouts p on p.agency_id = i.agency_id and p.id = i.payout_id
            where i.agency_id = a.agency_id and i.payable_id = a.id
        ) s on true
        where a.agency_id = :agency and a.kind = 'clawback'
            and (s.deducted > a.deducted_minor or s.recovered > a.recovered_minor)""",
)
