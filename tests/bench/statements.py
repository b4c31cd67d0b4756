"""
The statements of the bare twin's writes, as our verbs send them, and of the report it reads. The
values that they name are the twin's to give.
"""

from api.metrics.figures import METRICS
from api.metrics.readings.months import SUMS

REPORT = """
select case when sha256 <> %(known)s then snapshot end from report_versions
where agency_id = %(agency)s and client_id = %(client)s and audience = 'client'
    and status <> 'superseded' order by ends_on desc, published_at desc limit 1
"""
PLANNED = (
    """select pg_try_advisory_xact_lock(hashtextextended(%(key)s, 0)), (
        select answer from idempotency_records where agency_id = %(agency)s and membership_id =
        current_setting('app.membership_id')::uuid and route = 'twin' and key_hash = %(key)s)""",
    "select * from scope_lines where agency_id = %(agency)s and id = %(line)s",
    """select s.* from scopes s join scope_lines l on l.agency_id = s.agency_id
        and l.scope_id = s.id where l.agency_id = %(agency)s and l.id = %(line)s""",
    """select c.over_scope from clients c join scope_lines l on l.agency_id = c.agency_id
        and l.client_id = c.id where l.agency_id = %(agency)s and l.id = %(line)s""",
    """select * from scope_lots where agency_id = %(agency)s and line_id = %(line)s
        and closed_at is null order by id for no key update""",
    """update scope_lots set reserved = reserved + 1, version = version + 1, updated_at = %(now)s
        where agency_id = %(agency)s and line_id = %(line)s and closed_at is null
        and reserved + delivered < quantity""",
    """insert into events (created_at, agency_id, id, client_id, type, subject_type, subject_id,
            subject_version, actor_kind, actor_label, audience, changed)
        select %(now)s, %(agency)s, %(event)s, client_id, 'deliverable.planned', 'deliverables',
            %(id)s, 1, 'user', 'twin', 'client', '{}' from scope_lines
        where agency_id = %(agency)s and id = %(line)s""",
    """insert into event_queue (agency_id, event_id, queued_at, attempts, due_at)
        values (%(agency)s, %(event)s, %(now)s, 0, %(now)s)""",
    """insert into deliverables (agency_id, id, created_at, updated_at, version, client_id, lot_id,
            campaign_id, label, units, over_scope, status, due_on, original_due_on,
            rounds_included, rounds_used, criteria, links, file_ids, work_text, depends_on)
        select l.agency_id, %(id)s, %(now)s, %(now)s, 1, l.client_id, t.id, s.campaign_id, l.label,
            1, false, 'planned', %(due)s, %(due)s, l.revision_rounds, 0, '{}', '[]', '[]', '{}',
            '[]'
        from scope_lines l join scopes s on s.agency_id = l.agency_id and s.id = l.scope_id
            join scope_lots t on t.agency_id = l.agency_id and t.line_id = l.id
        where l.agency_id = %(agency)s and l.id = %(line)s and t.closed_at is null limit 1
        returning row_to_json(deliverables)::text""",
)
_TOLD = """
insert into events (created_at, agency_id, id, client_id, type, subject_type, subject_id,
    subject_version, actor_kind, actor_label, audience, changed)
select %(now)s, %(agency)s, {id}, client_id, '{type}', '{subject}', %(line)s, 1, 'user', 'twin',
    'staff', '{{}}'
from budget_lines where agency_id = %(agency)s and id = %(line)s
"""
_QUEUED = """
insert into event_queue (agency_id, event_id, queued_at, attempts, due_at)
values (%(agency)s, {id}, %(now)s, 0, %(now)s)
"""
SPENT = (
    PLANNED[0],
    "select * from budget_lines where agency_id = %(agency)s and id = %(line)s",
    """select l.*, b.period_start, c.timezone from budget_lines l
        join budgets b on b.agency_id = l.agency_id and b.id = l.budget_id
        join clients c on c.agency_id = l.agency_id and c.id = l.client_id
        where l.agency_id = %(agency)s and l.id = %(line)s for no key update of l""",
    "select currency, settings from agencies where id = %(agency)s",
    """insert into budget_entries (agency_id, id, created_at, client_id, line_id, kind,
            amount_minor, units, currency, funded, category, paid_by, booked_on, source_type,
            source_id)
        select agency_id, %(entry)s, %(now)s, client_id, id, 'expense', %(amount)s, 0, currency,
            true, category, paid_by, %(today)s, 'expenses', %(id)s
        from budget_lines where agency_id = %(agency)s and id = %(line)s""",
    """update budget_lines set spent_minor = spent_minor + %(amount)s, version = version + 1,
            updated_at = %(now)s where agency_id = %(agency)s and id = %(line)s""",
    """update budgets b set version = b.version + 1, updated_at = %(now)s from budget_lines l
        where l.agency_id = %(agency)s and l.id = %(line)s and b.agency_id = l.agency_id
        and b.id = l.budget_id""",
    """select sum(o.allocated_minor), sum(o.spent_minor), sum(o.unfunded_minor)
        from budget_lines o join budget_lines l on l.agency_id = o.agency_id
        and l.budget_id = o.budget_id where l.agency_id = %(agency)s and l.id = %(line)s""",
    *(
        statement.format(id=f"%({id})s", type=f"{subject}.spent", subject=subject)
        for id, subject in (("event", "budget_lines"), ("other_event", "expenses"))
        for statement in (_TOLD, _QUEUED)
    ),
    """insert into expenses (agency_id, id, created_at, updated_at, version, client_id, budget_id,
            line_id, status, amount_minor, tax_minor, refunded_minor, currency, units,
            refunded_units, paid_by, already_spent, spent_on, supplier, receipt_ids, self_approved)
        select agency_id, %(id)s, %(now)s, %(now)s, 1, client_id, budget_id, id, 'posted',
            %(amount)s, 0, 0, currency, 0, 0, paid_by, false, %(today)s, %(supplier)s, '[]', false
        from budget_lines where agency_id = %(agency)s and id = %(line)s
        returning row_to_json(expenses)::text""",
)
TOLD = """
with told as (
    insert into events (created_at, agency_id, id, client_id, type, subject_type, subject_id,
        subject_version, actor_kind, actor_label, audience, changed)
    values (%(now)s, %(agency)s, %(event)s, %(client)s, %(type)s, %(subject_type)s, %(subject)s, 1,
        %(kind)s, 'twin', 'client', '{}')
)
insert into event_queue (agency_id, event_id, queued_at, attempts, due_at)
values (%(agency)s, %(event)s, %(now)s, 0, %(now)s)
"""
_APPROVED = """agency_id = %(agency)s and id in (select subject_id from approval_subjects
        where agency_id = %(agency)s and approval_id = %(approval)s)"""
APPROVAL = """
select id, client_id, title, document from approvals
where agency_id = %(agency)s and id = current_setting('app.subject_id')::uuid for no key update
"""
DECIDED = (
    """insert into approval_decisions (agency_id, id, created_at, client_id, approval_id, level,
            outcome, content_sha256, decided_by_name, decided_by_email, decided_from, link_id,
            self_approved, deemed)
        select agency_id, %(id)s, %(now)s, client_id, id, level, 'approved', content_sha256, 'twin',
            'twin@aurora.example', '127.0.0.1', %(link)s, false, false
        from approvals where agency_id = %(agency)s and id = %(approval)s""",
    "select set_config('role', 'app_scoped', true)",
    """select * from approval_subjects where agency_id = %(agency)s
        and approval_id = %(approval)s order by id""",
    f"select * from deliverables where {_APPROVED} for no key update",
    """update approvals set status = 'approved', decided_at = %(now)s, updated_at = %(now)s,
        version = version + 1 where agency_id = %(agency)s and id = %(approval)s""",
    f"""update deliverables set status = 'approved', updated_at = %(now)s, version = version + 1
        where {_APPROVED}""",
    "select set_config('role', 'app_link', true)",
)
ISSUED_BEFORE = (
    PLANNED[0],
    "select * from invoice_settings where agency_id = %(agency)s",
    """select p.* from billing_profiles p join invoices i on i.agency_id = p.agency_id
        and i.client_id = p.client_id where i.agency_id = %(agency)s and i.id = %(id)s""",
    """select * from invoice_lines where agency_id = %(agency)s and invoice_id = %(id)s
        order by position""",
    "select * from tax_rates where agency_id = %(agency)s",
    "select timezone from agencies where id = %(agency)s",
    """update invoice_lines set sealed = true, shared = true
        where agency_id = %(agency)s and invoice_id = %(id)s""",
    """select client_id, net_minor, tax_minor, total_minor from invoices
        where agency_id = %(agency)s and id = %(id)s for no key update""",
)
COUNTED = """
insert into document_counters (agency_id, id, created_at, series, year, last)
values (%(agency)s, %(counter)s, %(now)s, 'F', %(year)s, 1)
on conflict (agency_id, series, year) do update set last = document_counters.last + 1
returning last
"""
ISSUED = (
    """insert into issued_documents (agency_id, id, created_at, client_id, kind, invoice_id, series,
            year, sequence, number, issued_on, due_on, currency, net_minor, tax_minor, total_minor,
            content, sha256)
        select agency_id, id, %(now)s, client_id, 'invoice', id, 'F', %(year)s, %(sequence)s,
            %(number)s, %(today)s, %(due)s, currency, net_minor, tax_minor, total_minor,
            to_jsonb(invoices), %(sha256)s
        from invoices where agency_id = %(agency)s and id = %(id)s""",
    """update invoices set status = 'finalised', open_minor = total_minor, number = %(number)s,
            issued_on = %(today)s, due_on = %(due)s, overdue_at = %(due)s, updated_at = %(now)s,
            version = version + 1
        where agency_id = %(agency)s and id = %(id)s returning row_to_json(invoices)::text""",
)
TOLD_BEFORE = (
    """select kind, order_id, refund_id, amount_minor, occurred_at from conversions
        where agency_id = %(agency)s and client_id = %(client)s and order_id = any(%(ids)s)""",
    """select order_id, currency, collaboration_id, sold_at, sold_on, sale_minor, refunded_minor,
        commission_bp from conversion_orders where agency_id = %(agency)s
        and client_id = %(client)s and order_id = any(%(ids)s)""",
    """select influencer_id from collaborations
        where agency_id = %(agency)s and id = %(collaboration)s""",
)
KEPT = """
insert into idempotency_records (agency_id, membership_id, route, key_hash, body_hash, answer,
    expires_at)
values (%(agency)s, current_setting('app.membership_id')::uuid, 'twin', %(key)s, '', %(answer)s,
    %(now)s + interval '1 day')
"""
_ROW = "client_id, subject_id, period_start"
_CAST = "cast(%(clients)s as uuid[]), cast(%(channels)s as uuid[]), cast(%(dates)s as date[])"
_FIGURES = ", ".join(METRICS)
_ARRAYS = ", ".join(f"cast(%({name})s as bigint[])" for name in METRICS)
_SHARED = "%(agency)s, 'channel', 'day', 'manual', %(now)s, '{}'"
_COLUMNS = "agency_id, subject_type, basis, source, captured_at, missing"
INGEST = f"""
with told as (
    select * from unnest({_CAST}, {_ARRAYS}) as r({_ROW}, {_FIGURES})
), stored as (
    insert into metric_readings ({_COLUMNS}, received_at, {_ROW}, {_FIGURES})
    select {_SHARED}, %(now)s, {_ROW}, {_FIGURES} from told
)
insert into metric_current ({_COLUMNS}, held, {_ROW}, {_FIGURES})
select {_SHARED}, '{{}}', {_ROW}, {_FIGURES} from told
on conflict (agency_id, client_id, subject_type, subject_id, basis, period_start) do update set
    captured_at = excluded.captured_at,
    {", ".join(f"{name} = excluded.{name}" for name in METRICS)}
"""
MONTHS = f"""
insert into metric_months (agency_id, client_id, subject_type, subject_id, month, cells)
select %(agency)s, t.client_id, 'channel', t.subject_id, t.month, (
    select {SUMS} from metric_current m where m.agency_id = %(agency)s
        and m.client_id = t.client_id and m.subject_type = 'channel'
        and m.subject_id = t.subject_id and m.basis = 'day' and m.period_start >= t.month
        and m.period_start < t.month + interval '1 month'
) from unnest({_CAST}) as t(client_id, subject_id, month)
on conflict (agency_id, client_id, subject_type, subject_id, month)
do update set cells = excluded.cells
"""
