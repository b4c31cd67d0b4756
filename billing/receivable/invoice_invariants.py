"""What must hold of invoices, and between them, the ledger and their numbers."""

from tenants import invariants

invariants.hold(
    "invoices.in_the_ledger",
    "What the ledger says a client owes in a currency is what its invoices say is open.",
    """select c.id from clients c
        cross join lateral (
            select currency from invoices where agency_id = c.agency_id and client_id = c.id
            union select currency from ledger_entries
            where agency_id = c.agency_id and client_id = c.id and account = 'receivable'
        ) k
        where c.agency_id = :agency and (
            select coalesce(sum(i.open_minor), 0) from invoices i
            where i.agency_id = c.agency_id and i.client_id = c.id and i.currency = k.currency
        ) <> (
            select coalesce(sum(e.amount_minor), 0) from ledger_entries e
            where e.agency_id = c.agency_id and e.client_id = c.id and e.account = 'receivable'
                and e.currency = k.currency
        )""",
)
invariants.hold(
    "client_credits.in_the_ledger",
    "What the ledger owes a client is what is left of its credits, in every currency.",
    """select c.id from clients c
        cross join lateral (
            select currency from client_credits where agency_id = c.agency_id and client_id = c.id
            union select currency from ledger_entries
            where agency_id = c.agency_id and client_id = c.id and account = 'client_credit'
        ) k
        where c.agency_id = :agency and (
            select coalesce(sum(i.left_minor), 0) from client_credits i
            where i.agency_id = c.agency_id and i.client_id = c.id and i.currency = k.currency
                and i.kind <> 'deposit'
        ) + (
            select coalesce(sum(e.amount_minor), 0) from ledger_entries e
            where e.agency_id = c.agency_id and e.client_id = c.id and e.account = 'client_credit'
                and e.currency = k.currency
        ) <> 0""",
)
invariants.hold(
    "client_credits.uses",
    "What is left of a credit is its amount less its uses.",
    """select c.id from client_credits c
        where c.agency_id = :agency and c.left_minor <> c.amount_minor - (
            select coalesce(sum(u.amount_minor), 0) from credit_uses u
            where u.agency_id = c.agency_id and u.credit_id = c.id
        )""",
)
invariants.hold(
    "invoices.paid",
    "What an invoice says was paid and credited is what its payments and credit notes come to.",
    """select i.id from invoices i
        where i.agency_id = :agency and (i.paid_minor <> (
            select coalesce(sum(p.applied_minor), 0) from payments p
            where p.agency_id = i.agency_id and p.invoice_id = i.id
        ) or i.applied_minor <> (
            select coalesce(sum(u.amount_minor), 0) from credit_uses u
            where u.agency_id = i.agency_id and u.invoice_id = i.id and u.kind = 'applied'
        ) or i.credited_minor <> (
            select coalesce(sum(n.applied_minor), 0) from credit_notes n
            where n.agency_id = i.agency_id and n.invoice_id = i.id
        ) or i.returned_minor <> (
            select coalesce(sum(n.total_minor - n.applied_minor), 0) from credit_notes n
            where n.agency_id = i.agency_id and n.invoice_id = i.id
        ))""",
)
invariants.hold(
    "invoices.as_issued",
    "An invoice with a number is what its document says; its lines are sealed and add up to it.",
    """select i.id from invoices i
        left join issued_documents d on d.agency_id = i.agency_id and d.id = i.id
        where i.agency_id = :agency and i.number is not null and (
            (i.number, i.currency, i.net_minor, i.tax_minor, i.total_minor, i.issued_on, i.due_on)
            is distinct from
            (d.number, d.currency, d.net_minor, d.tax_minor, d.total_minor, d.issued_on, d.due_on)
            or i.net_minor <> (
                select coalesce(sum(l.amount_minor), 0) from invoice_lines l
                where l.agency_id = i.agency_id and l.invoice_id = i.id and l.sealed
            )
        )""",
)
invariants.hold(
    "issued_documents.without_gaps",
    "The numbers of a series run from one to its last, each once.",
    """select c.id from document_counters c
        left join lateral (
            select count(*) as count, min(d.sequence) as first, max(d.sequence) as last
            from issued_documents d
            where d.agency_id = c.agency_id and d.series = c.series and d.year = c.year
        ) d on true
        where c.agency_id = :agency
            and (d.count, d.first, d.last) is distinct from (c.last, 1::bigint, c.last)""",
)
invariants.hold(
    "invoiced_billables.on_their_invoice",
    "A billable that is taken stands on a line of a live invoice, and the other way round.",
    """select b.id from invoiced_billables b
        left join invoices i on i.agency_id = b.agency_id and i.id = b.invoice_id
        where b.agency_id = :agency and (i.status = 'void' or not exists (
            select from invoice_lines l where l.agency_id = b.agency_id
                and l.invoice_id = b.invoice_id and l.billable_id = b.billable_id
        ))
        union all
        select l.id from invoice_lines l
        join invoices i on i.agency_id = l.agency_id and i.id = l.invoice_id
        where l.agency_id = :agency and l.billable_id is not null and i.status <> 'void'
            and not exists (
                select from invoiced_billables b where b.agency_id = l.agency_id
                    and b.billable_id = l.billable_id and b.invoice_id = l.invoice_id
            )""",
)
