"""
What each database role may do to each table, and to whose rows: the walls, said a second time.

Whose rows are in sight follows from the wall that the table's model names; what a role may do at
all is written down in `walls.md`, so that a change of anybody's rights in the database shows as a
changed line. `trespass.py` tries both.

    python -m tests.isolation.walls --write
"""

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from api import tables as _tables  # noqa: F401  (every model there is)
from migrations.scratch import migrated
from tenants.ids import new_id
from tenants.tables import Wall

WRITTEN = Path(__file__).with_name("walls.md")
ROLES = ("staff", "scoped", "contact", "influencer", "link", "platform")
WORDS = {"read": "SELECT", "add": "INSERT", "edit": "UPDATE", "remove": "DELETE"}

# What everybody may say, and few may hear: a row of no client is anybody's to add.
TOLD = ("events", "event_queue")
# A personal table that owner and admin manage for everybody.
MANAGED = ("sessions",)
# table → its column that says whether a client may see a row: the value that shows, and that hides.
SHOWN: dict[str, tuple[str, Any, Any]] = {
    "approval_decisions": ("level", "client", "internal"),
    "approval_subjects": ("level", "client", "internal"),
    "approvals": ("level", "client", "internal"),
    "budget_lines": ("status", "active", "draft"),
    "budgets": ("status", "active", "draft"),
    "campaigns": ("status", "active", "draft"),
    "change_order_budgets": ("shared", True, False),
    "change_order_cancels": ("shared", True, False),
    "change_order_lines": ("shared", True, False),
    "change_orders": ("status", "submitted", "draft"),
    "contracts": ("status", "active", "draft"),
    "collaborations": ("contracted_at", datetime(2026, 1, 1, tzinfo=UTC), None),
    "comments": ("audience", "client", "internal"),
    "files": ("audience", "client", "internal"),
    "invoice_lines": ("shared", True, False),
    "invoices": ("due_on", date(2026, 12, 1), None),
    "jobs": ("shared", True, False),
    "report_artifacts": ("audience", "client", "internal"),
    "report_versions": ("audience", "client", "internal"),
    "scope_lines": ("shared", True, False),
    "scopes": ("status", "submitted", "draft"),
    "submissions": ("inside", False, True),
}
# Tables of which a contact has their own rows alone.
OWN = ("report_openings",)
# table → the column that a link opens by.
OPENED = {
    "approval_decisions": "approval_id",
    "approvals": "id",
    "report_artifacts": "report_id",
    "report_versions": "report_id",
}

# table → the column by which a row is an influencer's.
INFLUENCERS = {
    **dict.fromkeys(
        (
            "asset_uses",
            "collaboration_answers",
            "collaboration_deliverables",
            "collaboration_endings",
            "collaboration_instalments",
            "collaboration_results",
            "collaboration_terms",
            "collaborations",
            "conversion_days",
            "disclosure_verdicts",
            "exclusivities",
            "link_clicks",
            "live_checks",
            "live_posts",
            "promo_codes",
            "submissions",
            "tracking_links",
            "usage_rights",
        ),
        "influencer_id",
    ),
    "connect_accounts": "payee_id",
    "files": "influencer_id",
    "influencer_accounts": "influencer_id",
    "influencer_rates": "influencer_id",
    "influencers": "id",
    "ledger_entries": "payee_id",
    "payables": "payee_id",
    "payee_details": "payee_id",
    "payees": "id",
    "payout_items": "payee_id",
    "payouts": "payee_id",
}
# table → its column that says whether its influencer may see a row: the value that shows, and that
# hides.
OFFERED: dict[str, tuple[str, Any, Any]] = {
    "collaborations": ("invited_at", datetime(2026, 1, 1, tzinfo=UTC), None),
}

US, THEM, CLIENT, OTHER_CLIENT, THEIR_CLIENT, ME, OTHER, SUBJECT = (new_id() for _ in range(8))
CREATOR, OTHER_CREATOR, THEIR_CREATOR = new_id(), new_id(), new_id()
# table → what a row must say for its influencer to add it.
PROPOSED: dict[str, dict[str, Any]] = {
    "payee_details": {"status": "proposed", "said_by": ME},
    "payees": {"status": "no_account"},
}


@dataclass(frozen=True)
class Row:
    """Whose a planted row is."""

    label: str
    agency: UUID
    client: UUID | None
    member: UUID
    shown: bool = True
    opened: bool = True
    creator: UUID = CREATOR
    offered: bool = True


OURS = Row("ours", US, CLIENT, ME)
OTHER_CLIENTS = Row("another client's", US, OTHER_CLIENT, OTHER, creator=OTHER_CREATOR)
OTHER_CREATORS = Row("another influencer's", US, CLIENT, ME, creator=OTHER_CREATOR)
ELSEWHERE = Row("our influencer's, for another client", US, OTHER_CLIENT, ME)
THEIRS = Row("another agency's", THEM, THEIR_CLIENT, OTHER, creator=THEIR_CREATOR)
# Nothing but its agency tells it from ours.
THEIRS_BY_OUR_IDS = Row("another agency's by our ids", THEM, CLIENT, ME)
ROWS = (
    OURS,
    Row("a colleague's", US, CLIENT, OTHER),
    Row("not shown", US, CLIENT, ME, shown=False),
    Row("not opened", US, CLIENT, ME, opened=False),
    OTHER_CREATORS,
    ELSEWHERE,
    Row("not offered", US, CLIENT, ME, offered=False),
    OTHER_CLIENTS,
    Row("of no client", US, None, OTHER),
    THEIRS,
    Row("another agency's, of no client", THEM, None, OTHER),
    THEIRS_BY_OUR_IDS,
)


@lru_cache(maxsize=1)
def models() -> dict[str, Any]:
    """table → its model."""
    known = {each.class_.__tablename__: each.class_ for each in SQLModel._sa_registry.mappers}
    return dict(sorted(known.items()))


def agency_column(table: str) -> str | None:
    return "id" if table == "agencies" else _column(table, "agency_id")


def client_column(table: str) -> str | None:
    return "id" if table == "clients" else _column(table, "client_id")


def _column(table: str, name: str) -> str | None:
    return name if name in models()[table].__table__.c else None


def in_sight(table: str, role: str, row: Row) -> bool:
    """Whether a role may see a row, as far as rows go."""
    wall = models()[table].wall
    if role == "platform" or row.agency != US:
        return role == "platform"
    if role == "staff":
        return wall is not Wall.personal or row.member == ME or table in MANAGED
    if wall is Wall.personal:
        return row.member == ME
    if role == "influencer" and table in INFLUENCERS:
        return row.creator == CREATOR and row.offered
    return wall is Wall.agency or (row.client == CLIENT and _is_put_before(table, role, row))


def _is_put_before(table: str, role: str, row: Row) -> bool:
    if table in OWN and role == "contact" and row.member != ME:
        return False
    return role == "scoped" or (row.shown and (role == "contact" or row.opened))


def may_add(table: str, role: str, row: Row) -> bool:
    """Whether a role that may add rows may add this one."""
    if table in TOLD and row.agency == US and role != "platform":
        of_any = role in ("staff", "influencer") or client_column(table) is None
        return of_any or row.client in (None, CLIENT)
    return in_sight(table, role, row)


@lru_cache(maxsize=1)
def written() -> dict[str, dict[str, frozenset[str]]]:
    """table → role → the words of `walls.md`."""
    found = {}
    for line in WRITTEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith(("| table", "| ---")):
            table, _, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            words = (frozenset(cell.split(", ")) - {"no"} for cell in cells)
            found[table] = dict(zip(ROLES, words, strict=True))
    return found


def as_it_is(connection: Connection) -> str:
    """The whole table, as the database has it."""
    lines = [
        "# Which database role may do what",
        "",
        "Made by `python -m tests.isolation.walls --write` from the rights the roles really have;",
        "`tests/isolation/test_walls.py` tries every cell, with rows of everybody. Whose rows a",
        "role reaches with a right is the wall's to say (`migrations/isolation.py`).",
        "`edit (x)` is a right to that column alone.",
        "",
        f"| table | wall | {' | '.join(ROLES)} |",
        "| --- " * (len(ROLES) + 2) + "|",
        *(line_of(connection, table) for table in models()),
    ]
    return "\n".join(lines) + "\n"


_RIGHTS = """
select role, array_agg(case when whole then word else word || ' (' || columns || ')' end order by n)
from unnest(cast(:roles as text[])) role,
unnest(cast(:words as text[]), cast(:privileges as text[])) with ordinality w(word, privilege, n),
has_table_privilege('app_' || role, :table, privilege) whole,
lateral (
    select string_agg(attname, ' ' order by attname) as columns from pg_attribute
    where attrelid = cast(:table as regclass) and attnum > 0 and not attisdropped
        and has_column_privilege('app_' || role, attrelid, attnum,
            case privilege when 'DELETE' then 'UPDATE' else privilege end)
) held
where whole or (columns is not null and privilege <> 'DELETE')
group by role
"""


def line_of(connection: Connection, table: str) -> str:
    """A table's line."""
    asked = {
        "table": table,
        "roles": list(ROLES),
        "words": list(WORDS),
        "privileges": list(WORDS.values()),
    }
    rights = {role: words for role, words in connection.execute(text(_RIGHTS), asked)}  # noqa: C416
    cells = (", ".join(rights.get(role, [])) or "no" for role in ROLES)
    return f"| {table} | {models()[table].wall} | {' | '.join(cells)} |"


if __name__ == "__main__":
    with migrated() as engine, engine.connect() as made:
        now = as_it_is(made)
    if "--write" in sys.argv:
        WRITTEN.write_text(now, encoding="utf-8")
    sys.exit(0 if WRITTEN.read_text(encoding="utf-8") == now else 1)
