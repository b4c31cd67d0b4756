"""
What became of what was billed: earned, invoiced, credited, paid and open, for each document that
earned it, and what the invoices of the period come to.

A document's figures are net, by the lines of invoices that bill it. An invoice is paid as a whole
and not by its lines, so a line is paid once its invoice is, and open until then: nothing is shared
out, and nothing is rounded. Amounts of invoices are with their taxes.
"""

from collections.abc import Sequence
from typing import Any

from api.campaigns.consumption import ASKED

_DOCUMENT = (
    *("currency", "kind", "type", "id", "label", "delivered_minor", "invoiced_minor"),
    *("credited_minor", "paid_minor", "written_off_minor", "open_minor"),
)
_INVOICES = (
    *("currency", "invoices", "total_minor", "paid_minor", "applied_minor", "credited_minor"),
    *("written_off_minor", "open_minor", "returned_minor"),
)


def documents(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """What the rows of `SETTLED` say."""
    return [dict(zip(_DOCUMENT, row, strict=True)) for row in rows]


def invoices(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """What the rows of `ISSUED` say."""
    return [dict(zip(_INVOICES, row, strict=True)) for row in rows]


# What was earned in the period, by the contract, scope or line of one that earned it; what is
# passed on at cost names none, for whom it was paid to is not the client's to know.
SETTLED = f"""
{ASKED}, billed as (
    select b.id, b.currency, b.kind, b.amount_minor, b.label, b.earned_on,
        case when b.source_type in ('contracts', 'scopes') then b.source_type
            when t.line_id is not null then 'scope_lines' end as type,
        case when b.source_type in ('contracts', 'scopes') then b.source_id
            else t.line_id end as document
    from asked a
    join billables b on b.agency_id = %(agency)s and b.client_id = a.id
        and b.earned_on between a.first and a.last
    left join scope_lots t on t.agency_id = %(agency)s and t.id = case b.source_type
        when 'scope_lots' then b.source_id
        when 'deliverables' then (select d.lot_id from deliverables d
            where d.agency_id = %(agency)s and d.id = b.source_id)
        when 'unit_entries' then (select u.lot_id from unit_entries u
            where u.agency_id = %(agency)s and u.id = b.source_id)
        end
)
select b.currency, b.kind, b.type, b.document,
    (array_agg(b.label order by b.earned_on desc, b.id desc))[1],
    sum(b.amount_minor)::bigint,
    coalesce(sum(v.net), 0)::bigint,
    coalesce(sum(v.credited), 0)::bigint,
    coalesce(sum(v.net - v.credited) filter (where v.status = 'paid'), 0)::bigint,
    coalesce(sum(v.net - v.credited) filter (where v.status = 'uncollectible'), 0)::bigint,
    coalesce(sum(v.net - v.credited)
        filter (where v.status in ('finalised', 'partly_paid')), 0)::bigint
from billed b
left join lateral (
    select l.amount_minor as net, i.status, (
        select coalesce(sum(n.amount_minor), 0) from credit_note_lines n
        where n.agency_id = %(agency)s and n.invoice_line_id = l.id
    ) as credited
    from invoice_lines l
    join invoices i on i.agency_id = %(agency)s and i.id = l.invoice_id and i.status <> 'void'
    where l.agency_id = %(agency)s and l.billable_id = b.id and l.sealed
) v on true
group by b.currency, b.kind, b.type, b.document
order by b.currency, b.kind, b.type, b.document"""  # noqa: S608
ISSUED = f"""
{ASKED}
select i.currency, count(*), sum(i.total_minor)::bigint, sum(i.paid_minor)::bigint,
    sum(i.applied_minor)::bigint, sum(i.credited_minor)::bigint,
    sum(i.written_off_minor)::bigint, sum(i.open_minor)::bigint, sum(i.returned_minor)::bigint
from asked a
join invoices i on i.agency_id = %(agency)s and i.client_id = a.id
    and i.issued_on between a.first and a.last and i.status <> 'void'
group by i.currency
order by i.currency"""  # noqa: S608
