"""
What a client's days cost, whoever paid it: the agency's fees, and what budgets booked as spent.

A contract's fee counts by its days; what else was billed, on the day it was earned. Media,
production and the rest are what the budgets' ledger says was spent, funded or not, and what
collaborations earned after their budget was closed. This is the one place that adds them up:
reports, performance and returns all say the same figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session

from api.budgets.models import EntryKind, LineCategory
from api.clients.fees import fee_for, months
from api.collaborations.money import spending
from billing.receivable.billable_models import BillableKind
from tenants import database, pipeline
from tenants.pipeline import Statement

_SPENT = (EntryKind.expense, EntryKind.refund)
# A contract's fee counts by its days, and what is passed on at cost stands in the budget.
_ELSEWHERE = (BillableKind.monthly_fee, BillableKind.pass_through)
_PARTS = {
    LineCategory.paid_media: "media_minor",
    LineCategory.production: "production_minor",
}


@dataclass(frozen=True)
class Investment:
    """
    `parts` and their `total_minor` in the client's currency; None where nothing was invested in it,
    or more came back than went out. `is_mixed`: something was paid in another currency too.
    """

    parts: dict[str, int]
    total_minor: int | None
    is_mixed: bool


Days = tuple[date, date]


def statement(
    agency_id: UUID,
    client_id: UUID,
    spans: Sequence[Days],
    *,
    campaign_id: UUID | None = None,
    as_of: datetime | None = None,
) -> Statement:
    """
    Asks for what `investment` reads: a row of each span. It can travel with other questions.
    `as_of`: of what had been booked, billed and agreed by then. Of a campaign: what the lines of
    budgets that name it booked, what was spent on its collaborations on lines that name none, and
    what was billed for its scopes; a contract's fee is no campaign's.
    """
    asked = _asked(agency_id, spans)
    more = {"client": client_id, "campaign": campaign_id, "as_of": as_of}
    return Statement(_ASKED[campaign_id is not None, as_of is not None], asked | more)


def statement_of_all(agency_id: UUID, spans: Sequence[Days]) -> Statement:
    """The same of every client in sight: its id, and what `investment` reads of it."""
    return Statement(_OF_ALL, _asked(agency_id, spans))


def _asked(agency_id: UUID, spans: Sequence[Days]) -> dict[str, Any]:
    return {
        "agency": agency_id,
        "firsts": [first for first, _ in spans],
        "lasts": [last for _, last in spans],
        "spent": [each.value for each in _SPENT],
        "elsewhere": [each.value for each in _ELSEWHERE],
    }


def investment(row: Sequence[Any], first: date, last: date, currency: str) -> Investment:
    """What the statement's row of a span says."""
    spent, billed, contracts = row
    amounts: dict[str, dict[str, int]] = {}

    def add(in_currency: str, part: str, minor: int) -> None:
        of_it = amounts.setdefault(in_currency, {})
        of_it[part] = of_it.get(part, 0) + minor

    for in_currency, category, minor in spent or ():
        add(in_currency, _PARTS.get(LineCategory(category), "other_minor"), minor)
    for in_currency, minor in billed or ():
        add(in_currency, "fee_minor", minor)
    for in_currency, monthly, starts_on, ends_on in contracts or ():
        until = min(date.fromisoformat(ends_on), last) if ends_on else last
        for days in months(max(date.fromisoformat(starts_on), first), until):
            add(in_currency, "fee_minor", fee_for(monthly, *days))
    parts = amounts.pop(currency, {})
    total = sum(parts.values())
    is_known = total > 0 and min(parts.values()) >= 0
    is_mixed = any(minor for others in amounts.values() for minor in others.values())
    return Investment(parts, total if is_known else None, is_mixed)


def of(session: Session, client_id: UUID, days: Days, currency: str) -> Investment:
    """The same, in a transaction that has entered already."""
    own = cast(database.Session, session)
    asked = statement(own.sight.agency_id, client_id, [days])
    ((row,),) = pipeline.ask_together(own.connection(), [asked])
    return investment(row, *days, currency)


_PARTS_OF = """
    (
        select json_agg(json_build_array(currency, category, minor)) from (
            select currency, category, sum(amount_minor) as minor from (
                select currency, category, amount_minor from budget_entries
                where agency_id = %(agency)s and client_id = {client} and kind = any(%(spent)s)
                    and booked_on between span.first and span.last {entries}
                union all
                select currency, '{influencers}', amount_minor from ({unbooked}) unbooked
                where earned_on between span.first and span.last {earned}
            ) spent
            group by currency, category
        ) booked
    ),
    (
        select json_agg(json_build_array(currency, minor)) from (
            select currency, sum(amount_minor) as minor from billables
            where agency_id = %(agency)s and client_id = {client}
                and kind <> all(%(elsewhere)s)
                and earned_on between span.first and span.last {billed}
            group by currency
        ) billed
    ),
    (
        select json_agg(json_build_array(currency, monthly_fee_minor, starts_on, last_day))
        from contracts cross join lateral (select {ends_on} as last_day) known
        where agency_id = %(agency)s and client_id = {client} and {in_force}
            and monthly_fee_minor is not null and starts_on <= span.last
            and (last_day is null or last_day >= span.first)
    )"""
_SPANS = """
    unnest(cast(%(firsts)s as date[]), cast(%(lasts)s as date[])) with ordinality
        as span(first, last, place)"""
# Of all that is known now. Put in force once, neither a contract's fee nor its first day changes.
_ALL = {
    "entries": "",
    "earned": "",
    "clawed_back": "i.clawed_back_minor",
    "billed": "",
    "in_force": "in_force_on is not null",
    "ends_on": "contracts.ends_on",
}
_EXPENSES = spending.expenses("work.agency_id = %(agency)s and work.campaign_id = %(campaign)s")
_OF_CAMPAIGN = {
    # On its own lines anything; on those of no campaign, what was spent on its collaborations, less
    # what came back of it.
    "entries": f"""and id in (
                select e.id from budget_lines l
                join budget_entries e on e.agency_id = l.agency_id and e.line_id = l.id
                where l.agency_id = %(agency)s and l.campaign_id = %(campaign)s
                union all
                select unnest(array[e.id, back.id]) from ({_EXPENSES}
                ) x
                join budget_entries e on e.agency_id = %(agency)s
                    and e.source_type = 'expenses' and e.source_id = x.id
                left join budget_entries back
                    on back.agency_id = e.agency_id and back.reversal_of = e.id
            )""",  # noqa: S608
    "earned": "and campaign_id = %(campaign)s",
    # What a billable is of: a scope, a deliverable, a period of a line, or units that were counted.
    "billed": """and source_id in (
                select id from scopes where agency_id = %(agency)s and campaign_id = %(campaign)s
                union all
                select id from deliverables
                where agency_id = %(agency)s and campaign_id = %(campaign)s
                union all
                select unnest(array[l.id, u.id]) from scopes s
                join scope_lines n on n.agency_id = s.agency_id and n.scope_id = s.id
                join scope_lots l on l.agency_id = n.agency_id and l.line_id = n.id
                left join unit_entries u on u.agency_id = l.agency_id and u.lot_id = l.id
                where s.agency_id = %(agency)s and s.campaign_id = %(campaign)s
            )""",
    "in_force": "false",
}
_KNOWN = "and created_at <= %(as_of)s"
# What was said of a contract by then, and of what was asked back; the last word first.
_TOLD = """from events told where told.agency_id = %(agency)s and told.subject_type = 'contracts'
                and told.subject_id = contracts.id and told.created_at <= %(as_of)s"""
_CLAWED_BACK = """coalesce((
                select (told.changed ->> 'clawed_back_minor')::bigint from events told
                where told.agency_id = %(agency)s
                    and told.subject_type = 'collaboration_instalments'
                    and told.subject_id = i.id and told.created_at <= %(as_of)s
                    and told.changed ? 'clawed_back_minor'
                order by told.created_at desc, told.id desc limit 1
            ), 0)"""


def _written(*, of_campaign: bool, known: bool) -> str:
    parts = _ALL | (_OF_CAMPAIGN if of_campaign else {})
    if known:
        parts["entries"] += f" {_KNOWN}"
        parts["earned"] += " and earned_at <= %(as_of)s"
        parts["clawed_back"] = _CLAWED_BACK
        parts["billed"] += f" {_KNOWN}"
        parts["ends_on"] = f"""(
                select (told.changed ->> 'ends_on')::date {_TOLD} and told.changed ? 'ends_on'
                order by told.created_at desc, told.id desc limit 1
            )"""
    if known and not of_campaign:
        parts["in_force"] = f"exists (select {_TOLD} and told.type = 'contract.activated')"
    asked = _asked_of("%(client)s", parts, of_campaign=of_campaign)
    return f"select {asked} from {_SPANS} order by place"  # noqa: S608


def _asked_of(client: str, parts: dict[str, str], *, of_campaign: bool = False) -> str:
    asked = spending.unbooked_by_line if of_campaign else spending.unbooked
    unbooked = asked(f"i.agency_id = %(agency)s and i.client_id = {client}", parts["clawed_back"])
    more = {"unbooked": unbooked, "influencers": LineCategory.influencers.value}
    return _PARTS_OF.format(client=client, **more, **parts)


_ASKED = {
    (of_campaign, known): _written(of_campaign=of_campaign, known=known)
    for of_campaign in (False, True)
    for known in (False, True)
}
_OF_ALL = f"""
select c.id, {_asked_of("c.id", _ALL)}
from clients c cross join {_SPANS} where c.agency_id = %(agency)s and c.status <> 'ended'
order by c.id, place
"""  # noqa: S608
