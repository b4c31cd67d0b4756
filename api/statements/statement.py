"""
A client's money in one answer, from what both sides may see: contracts in force, accepted scopes
and what is offered, budgets in force or proposed, and what was billed.

Nothing here reads costs, payees or time. The statements travel together; what the months of a
contract and the periods of what renews come to is decided here, by the rules that bill them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count, takewhile
from typing import Any, NamedTuple, Self
from uuid import UUID

from pydantic_core import to_json

from api.budgets import pacing
from api.budgets.budgets import PeriodBackwards
from api.budgets.models import PaidBy
from api.campaigns import periods
from api.campaigns.consumption import ASKED
from api.campaigns.lot_models import Renews
from api.campaigns.periods import DAY
from api.clients import fees
from api.statements import settlement
from api.statements.settlement import ISSUED, SETTLED
from api.statements.shapes import StatementSection
from tenants import clock, reads, words
from tenants.errors import Unprocessable
from tenants.money import LARGEST
from tenants.pipeline import Statement
from tenants.reads import Answer
from tenants.sight import Sight


class StatementTooLarge(Unprocessable):
    """The amounts add up to more than 2^53 - 1 minor units; ask for fewer days."""


class Figures(NamedTuple):
    """The four figures of a document, or of several added up."""

    planned_minor: int = 0
    committed_minor: int = 0
    actual_minor: int = 0
    forecast_minor: int = 0

    def plus(self, other: Self) -> "Figures":
        return Figures(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Kind(NamedTuple):
    """What makes a row of the statement."""

    section: StatementSection
    category: str | None
    pass_through: bool
    paid_by: str
    currency: str


class Document(NamedTuple):
    """One document and its figures."""

    type: str
    id: UUID
    label: dict[str, str]
    period_start: date | None
    period_end: date | None
    figures: Figures


class _Contract(NamedTuple):
    """One row of `_CONTRACTS`."""

    id: UUID
    title: str
    monthly_fee_minor: int
    currency: str
    since: date
    until: date | None
    in_force: bool
    billed_minor: int


class _Renewing(NamedTuple):
    """One row of `_RETAINERS`: a line that renews, and its periods that were billed."""

    id: UUID
    label: dict[str, str]
    currency: str
    period_minor: int
    renewal: dict[str, Any]
    starts_on: date
    ends_on: date | None
    in_force: bool
    opened_until: date | None
    billed_minor: int
    overage_minor: int


@dataclass(frozen=True)
class Statements:
    """Asks for a client's statement of a period of whole days; this month, unless said."""

    client_id: UUID
    start: date | None = None
    end: date | None = None

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        values = {
            "agency": agency_id,
            "client": self.client_id,
            "first": self.start,
            "last": self.end,
            "now": clock.now(),
        }
        return [Statement(each, values) for each in _ASKED]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Answer:
        reads.check_client(sight, permission, self.client_id if found[0] else None)
        start, end = found[0][0]
        if end < start:
            raise PeriodBackwards(pointer="?to")
        documents = [
            *(_of_contract(_Contract(*row), start, end) for row in found[1]),
            *(_of_row(StatementSection.scopes, row) for row in found[2]),
            *(_of_renewing(_Renewing(*row), start, end) for row in found[3]),
            *(_of_row(StatementSection.budgets, row) for row in found[4]),
        ]
        rows = _rows(documents)
        totals = _totals(rows)
        settled, issued = settlement.documents(found[5]), settlement.invoices(found[6])
        amounts = [each["figures"] for each in totals] + settled + issued
        if any(
            isinstance(each, int) and abs(each) > LARGEST
            for row in amounts
            for each in row.values()
        ):
            raise StatementTooLarge(pointer="?to")
        return Answer(
            to_json(
                {
                    "client_id": self.client_id,
                    "period_start": start,
                    "period_end": end,
                    "rows": [
                        kind._asdict()
                        | {
                            "figures": _added(each.figures for each in behind)._asdict(),
                            "documents": [
                                each._asdict() | {"figures": each.figures._asdict()}
                                for each in behind
                            ],
                        }
                        for kind, behind in rows.items()
                    ],
                    "totals": totals,
                    "settlement": settled,
                    "invoices": issued,
                }
            )
        )


def _of_contract(contract: _Contract, start: date, end: date) -> tuple[Kind, Document]:
    """The months of a contract that begin in the period: what they come to, and what was billed."""
    term = (contract.since, min(contract.until or end, end))
    begun = [month for month in fees.months(*term) if month[0] >= start]
    planned = sum(fees.fee_for(contract.monthly_fee_minor, *month) for month in begun)
    open_minor = planned - contract.billed_minor if contract.in_force else 0
    figures = Figures(
        planned, open_minor, contract.billed_minor, contract.billed_minor + open_minor
    )
    kind = Kind(StatementSection.fees, None, False, PaidBy.agency, contract.currency)
    label = dict.fromkeys(words.LOCALES, contract.title)
    return kind, Document("contracts", contract.id, label, contract.since, contract.until, figures)


def _of_renewing(line: _Renewing, start: date, end: date) -> tuple[Kind, Document]:
    """The periods of a line that begin in the days asked about, and what was used beyond them."""
    last = min(line.ends_on or end, end)
    renews = Renews(line.renewal["renews"])
    after = max(start - DAY, line.opened_until or date.min)
    first = periods.place_of(line.starts_on, renews, max(after, line.starts_on))
    ahead = takewhile(
        lambda day: day <= last,
        (periods.begins(line.starts_on, renews, place) for place in count(first)),
    )
    coming = sum(line.period_minor for day in ahead if day > after)
    actual = line.billed_minor + line.overage_minor
    open_minor = coming if line.in_force else 0
    figures = Figures(line.billed_minor + coming, open_minor, actual, actual + open_minor)
    kind = Kind(StatementSection.retainers, None, False, PaidBy.agency, line.currency)
    shown = Document("scope_lines", line.id, line.label, line.starts_on, line.ends_on, figures)
    return kind, shown


def _of_row(section: StatementSection, row: Sequence[Any]) -> tuple[Kind, Document]:
    category, pass_through, paid_by, currency, type, id, label, first, last, *figures = row
    kind = Kind(section, category, pass_through, paid_by, currency)
    return kind, Document(type, id, label, first, last, Figures(*figures))


def _rows(documents: Iterable[tuple[Kind, Document]]) -> dict[Kind, list[Document]]:
    found: dict[Kind, list[Document]] = defaultdict(list)
    for kind, document in documents:
        found[kind].append(document)
    return found


def _totals(rows: dict[Kind, list[Document]]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], Figures] = defaultdict(Figures)
    for kind, behind in rows.items():
        key = (kind.currency, kind.paid_by)
        found[key] = found[key].plus(_added(each.figures for each in behind))
    return [
        {"currency": currency, "paid_by": paid_by, "figures": figures._asdict()}
        for (currency, paid_by), figures in sorted(found.items())
    ]


def _added(figures: Iterable[Figures]) -> Figures:
    total = Figures()
    for each in figures:
        total = total.plus(each)
    return total


_PERIOD = f"{ASKED} select a.first, a.last from asked a"  # noqa: S608
# What was billed of the months that begin in the period, and of the days given back in it.
_CONTRACTS = f"""
{ASKED}
select p.id, p.title, p.monthly_fee_minor, p.currency,
    greatest(p.starts_on, date_trunc('month', p.in_force_on)::date), p.ends_on,
    p.status <> 'ended', (
        select coalesce(sum(b.amount_minor), 0)::bigint from billables b
        where b.agency_id = %(agency)s and b.source_type = 'contracts' and b.source_id = p.id
            and b.period_start between a.first and a.last
    )
from asked a
join contracts p on p.agency_id = %(agency)s and p.client_id = a.id
where p.status <> 'draft' and p.monthly_fee_minor is not null
    and greatest(p.starts_on, date_trunc('month', p.in_force_on)::date) <= a.last
    and (p.ends_on is null or p.ends_on >= a.first)
order by p.starts_on, p.id"""  # noqa: S608
# A scope in force: what it sells once is billed since it was accepted, a milestone when it is
# delivered; what it passes through stands in a budget. A later version that is offered plans what
# it would add.
_SCOPES = f"""
{ASKED}, sold as (
    select s.id, s.campaign_id, s.status, s.number, s.title, s.currency, s.starts_on, s.ends_on,
        coalesce(sum(v.amount) filter (where l.measure <> 'pass_through'), 0)
            as total,
        coalesce(sum(v.amount) filter (where l.measure not in ('pass_through', 'milestone')), 0)
            as once,
        coalesce(sum(m.billed), 0) as reached,
        coalesce(sum((t.quantity - t.delivered) * l.unit_price_minor)
            filter (where l.measure = 'milestone'), 0) as ahead
    from asked a
    join scopes s on s.agency_id = %(agency)s and s.client_id = a.id
    join scope_lines l on l.agency_id = %(agency)s and l.scope_id = s.id and l.renewal is null
    left join scope_lots t on t.agency_id = %(agency)s and t.line_id = l.id
    cross join lateral (select l.quantity * l.unit_price_minor as amount) v
    left join lateral (
        select sum(b.amount_minor) as billed from billables b
        where b.agency_id = %(agency)s and l.measure = 'milestone' and (
            (b.source_type = 'deliverables' and b.source_id in (select d.id from deliverables d
                where d.agency_id = %(agency)s and d.lot_id = t.id))
            or (b.source_type = 'unit_entries' and b.source_id in (select u.id from unit_entries u
                where u.agency_id = %(agency)s and u.lot_id = t.id))
        )
    ) m on true
    where s.status in ('accepted', 'submitted') and not s.inside
        and coalesce(s.starts_on, (coalesce(s.accepted_at, s.submitted_at)
            at time zone a.timezone)::date) <= a.last
        and (s.ends_on is null or s.ends_on >= a.first)
    group by s.agency_id, s.id
)
select null, false, 'agency', s.currency, 'scopes', s.id,
    json_build_object('en', s.title, 'es', s.title), s.starts_on, s.ends_on,
    (case when s.status = 'accepted' then s.once + s.reached + s.ahead
        else s.total - coalesce(base.once + base.reached + base.ahead, 0) end)::bigint,
    (case when s.status = 'accepted' then s.ahead else 0 end)::bigint,
    (case when s.status = 'accepted' then s.once + s.reached else 0 end)::bigint,
    (case when s.status = 'accepted' then s.once + s.reached + s.ahead else 0 end)::bigint
from sold s
left join sold base on s.status = 'submitted' and base.status = 'accepted'
    and base.campaign_id = s.campaign_id
order by s.number"""  # noqa: S608
# A line that renews: the periods that were opened and billed, and what was used beyond them.
_RETAINERS = f"""
{ASKED}
select l.id, l.label, l.currency, l.quantity * l.unit_price_minor, l.renewal, s.starts_on,
    s.ends_on, s.status = 'accepted', t.opened_until, t.billed, t.overage
from asked a
join scopes s on s.agency_id = %(agency)s and s.client_id = a.id
join scope_lines l on l.agency_id = %(agency)s and l.scope_id = s.id and l.renewal is not null
    and l.measure <> 'pass_through'
cross join lateral (
    select max(t.starts_on) as opened_until,
        coalesce(sum(b.amount_minor) filter (where b.kind = 'retainer_period'), 0)::bigint
            as billed,
        coalesce(sum(b.amount_minor) filter (where b.kind = 'overage'), 0)::bigint as overage
    from scope_lots t
    left join billables b on b.agency_id = %(agency)s and b.source_type = 'scope_lots'
        and b.source_id = t.id and b.period_start between a.first and a.last
    where t.agency_id = %(agency)s and t.line_id = l.id
) t
where s.status in ('accepted', 'submitted') and not s.inside
    and s.starts_on <= a.last and (s.ends_on is null or s.ends_on >= a.first)
order by s.number, l.position, l.id"""  # noqa: S608
# What a line comes to by the end of its budget follows from its pace. What the other side paid
# than the line says stands apart, as its own.
_BUDGETS = f"""
{ASKED}
select l.category, l.pass_through, w.payer, l.currency,
    'budget_lines', l.id, l.label, b.period_start, b.period_end,
    case when w.names then case when b.status = 'proposed' then l.planned_minor
        else l.allocated_minor end else 0 end,
    case when w.names then l.committed_minor else 0 end,
    case when w.names then e.gone::bigint - l.other_payer_minor else l.other_payer_minor end,
    case when w.names then p.forecast::bigint - l.other_payer_minor else l.other_payer_minor end
from asked a
join clients c on c.agency_id = %(agency)s and c.id = a.id
join budgets b on b.agency_id = %(agency)s and b.client_id = a.id
{pacing.DAYS.format(now="%(now)s")}
join budget_lines l on l.agency_id = %(agency)s and l.budget_id = b.id
cross join lateral (
    select l.allocated_minor::numeric as allocated, l.committed_minor::numeric as committed,
        l.spent_minor::numeric as spent, l.unfunded_minor::numeric as unfunded
) f
{pacing.FOLLOWS}
cross join lateral (
    select l.paid_by as payer, true as names
    union all
    select case l.paid_by when 'agency' then 'client' else 'agency' end, false
    where l.other_payer_minor <> 0
) w
where b.status in ('proposed', 'active', 'closed') and not b.inside
    and b.period_start <= a.last and b.period_end >= a.first
order by b.period_start, b.id, l.id, w.names desc"""  # noqa: S608
_ASKED = (_PERIOD, _CONTRACTS, _SCOPES, _RETAINERS, _BUDGETS, SETTLED, ISSUED)
