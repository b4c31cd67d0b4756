"""
The bench's data: the demo's agency with its published report, and around it, by SQL, as many
agencies, clients, channels and days as the size says. Loaded once into a home of its own, whose
name is the hash of what made it.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from api.metrics.figures import METRICS
from api.metrics.readings.months import SUMS
from api.processes import Platform
from migrations import run
from tenants.embedded import Engines
from tests.influencers import size as roster

_DRIVER = "+psycopg"

ROOT = Path("var/bench")
DELIVERABLES = 500
CHANGE_ORDERS, WORK = 40, 2_000
BUDGETS, BUDGET_LINES, ENTRIES = 12, 10, 100_000
PEOPLE = 100_000  # on the roster of the first agency
AGREED = "00000000-0000-7000-8005-000000000001"  # a campaign whose scope was changed so often
BOARD = "00000000-0000-7000-8005-000000000002"  # one with as many deliverables, and no more to come


@dataclass(frozen=True)
class Size:
    name: str
    agencies: int
    clients: int = 20
    channels: int = 4
    days: int = 365

    @property
    def readings(self) -> int:
        return self.agencies * self.clients * self.channels * self.days


SIZES = {each.name: each for each in (Size("small", 2), Size("full", 200))}


def load(size: Size, say: Any) -> Path:
    """The home that holds the data; made when it is not there yet."""
    home = ROOT / f"{size.name}-{_hash()}"
    if (home / "loaded").exists():
        return home.resolve()
    for old in ROOT.glob(f"{size.name}-*"):
        shutil.rmtree(old)
    home.mkdir(parents=True)
    with Platform(home) as platform:
        say("playing the demo")
        people = platform.fill()
        if people is None:
            raise SystemExit("the demo could not be played")
    with (
        Engines(home.resolve()) as engines,
        psycopg.connect(plain(engines.owner_url)) as connection,
    ):
        for what, statement in _steps(size, people):
            say(what)
            connection.execute(statement)
            connection.commit()
        say(f"{PEOPLE:,} people on a roster")
        roster.fill(engines.owner_url, people["agency"]["id"], PEOPLE)
        connection.autocommit = True
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
    (home / "people.json").write_text(json.dumps(people))
    (home / "loaded").touch()
    return home.resolve()


def _hash() -> str:
    made = hashlib.sha256(Path(__file__).read_bytes())
    for story in [Path(roster.__file__), *sorted(Path("api/demo").rglob("*.py"))]:
        made.update(story.read_bytes())
    made.update(run.head().encode())
    return made.hexdigest()[:12]


def _steps(size: Size, people: dict[str, Any]) -> list[tuple[str, str]]:
    """Clones of the demo's rows, under ids that are counted up."""
    agency = people["agency"]["id"]
    mine = f"agency_id = '{agency}'"
    return [
        ("keys and triggers off while loading", "set session_replication_role = replica"),
        (
            f"{size.agencies} agencies",
            clone(
                "agencies",
                f"id = '{agency}'",
                f"generate_series(2, {size.agencies}) a",
                "'id', " + id_of("1", "a") + ", 'slug', 'bench-' || a",
            ),
        ),
        ("their numbers", _numbers(agency)),
        (
            f"{size.clients} clients each",
            clone(
                "clients",
                f"t.{mine}",
                f"bench_agencies g, generate_series(1, {size.clients}) c",
                "'agency_id', g.id, 'id', " + id_of("2", "g.n * 1000 + c") + ","
                " 'name', 'Client ' || g.n || '-' || c, 'slug', 'bench-' || c",
                limit=True,
            ),
        ),
        (
            f"{size.channels} channels each",
            clone(
                "channels",
                f"t.{mine}",
                f"bench_agencies g, generate_series(1, {size.clients}) c,"
                f" generate_series(1, {size.channels}) h",
                "'agency_id', g.id, 'client_id', " + id_of("2", "g.n * 1000 + c") + ","
                " 'id', " + id_of("3", "(g.n * 1000 + c) * 10 + h") + ", 'status', 'active',"
                " 'handle', 'bench' || h, 'handle_key', 'bench' || h,"
                " 'network', (array['instagram', 'tiktok', 'linkedin', 'x'])[1 + h % 4]",
                limit=True,
            ),
        ),
        (f"{size.readings:,} readings", _readings(size, "metric_readings")),
        ("their current rows", _readings(size, "metric_current")),
        (
            "what their months add up to",
            "insert into metric_months select agency_id, client_id, subject_type, subject_id,"
            f" date_trunc('month', period_start)::date, {SUMS} from metric_current"
            " where subject_id::text like '00000000-0000-7000-8003%'"
            " group by agency_id, client_id, subject_type, subject_id,"
            " date_trunc('month', period_start)",
        ),
        (
            f"{DELIVERABLES} deliverables",
            clone(
                "deliverables",
                f"t.{mine} and t.campaign_id is not null",
                f"generate_series(1, {DELIVERABLES}) d",
                "'id', " + id_of("4", "d") + ", 'status', case when d % 2 = 0 then 'planned'"
                " else 'in_progress' end, 'due_on', date '2027-01-01' + d % 90,"
                " 'approval_id', null, 'blocked_cause', null, 'blocked_since', null,"
                " 'proof_url', null, 'delivered_on', null, 'published_at', null",
                limit=True,
            ),
        ),
        *_agreed(mine, people["ids"]["campaign"]),
        *_spent(mine),
        ("room for more", f"update scope_lots set quantity = 1000000000 where {mine}"),
        ("keys and triggers on", "set session_replication_role = default"),
    ]


def _agreed(mine: str, campaign: str) -> list[tuple[str, str]]:
    """A campaign whose scope was changed forty times, with all the work on it."""
    sold = f"t.{mine} and t.campaign_id = '{campaign}' and t.status = 'accepted'"
    under = f"t.{mine} and t.measure = 'piece'"
    versions, lines, work = CHANGE_ORDERS + 1, 20, WORK
    day = "timestamptz '2026-01-01' + v * interval '1 day'"
    last = f"{versions} * 100"
    return [
        (
            "two campaigns",
            clone(
                "campaigns",
                f"t.id = '{campaign}'",
                "generate_series(1, 2) n",
                f"'id', {id_of('5', 'n')}",
            ),
        ),
        (
            "a board",
            clone(
                "deliverables",
                f"t.{mine} and t.campaign_id = '{campaign}' and t.approval_id is null",
                f"generate_series(1, {DELIVERABLES}) d",
                f"'id', {id_of('b', 'd')}, 'campaign_id', {id_of('5', '2')}, 'due_on',"
                " date '2027-01-01' + d % 90, 'delivered_on', null, 'status',"
                " (array['planned', 'in_progress', 'internal_review', 'approved'])[1 + d % 4]",
                limit=True,
            ),
        ),
        (
            f"{CHANGE_ORDERS} change orders",
            clone(
                "scopes",
                sold,
                f"generate_series(1, {versions}) v",
                f"'id', {id_of('6', 'v')}, 'campaign_id', {id_of('5', '1')}, 'number', 100000 + v,"
                " 'version_number', v, 'copy_of', null, 'approval_id', null,"
                f" 'status', case when v = {versions} then 'accepted' else 'superseded' end,"
                f" 'starts_on', '2026-01-01', 'ends_on', '2026-12-31', 'accepted_at', {day},"
                f" 'superseded_at', case when v < {versions} then {day} + interval '1 day' end",
                limit=True,
            ),
        ),
        (
            f"{lines} lines each",
            clone(
                "scope_lines",
                under,
                f"generate_series(1, {versions}) v, generate_series(1, {lines}) l",
                f"'id', {id_of('7', 'v * 100 + l')}, 'scope_id', {id_of('6', 'v')}, 'position', l,"
                f" 'continues', null, 'origin_id', {id_of('7', '100 + l')}, 'shared', true",
                limit=True,
            ),
        ),
        (
            "their lots",
            clone(
                "scope_lots",
                f"t.{mine}",
                f"generate_series(1, {lines}) l",
                f"'id', {id_of('8', 'l')}, 'line_id', {id_of('7', f'{last} + l')}, 'number', 1,"
                " 'starts_on', '2026-01-01', 'ends_on', '2026-12-31', 'closed_at', null",
                limit=True,
            ),
        ),
        (
            f"{work} deliverables",
            clone(
                "deliverables",
                f"t.{mine} and t.campaign_id = '{campaign}' and t.approval_id is null",
                f"generate_series(1, {work}) d",
                f"'id', {id_of('9', 'd')}, 'lot_id', {id_of('8', f'1 + d % {lines}')},"
                f" 'campaign_id', {id_of('5', '1')}, 'units', 1, 'over_scope', false,"
                " 'due_on', date '2026-01-01' + d % 365, 'blocked_cause', null,"
                " 'status', case when d % 2 = 0 then 'delivered' else 'planned' end,"
                " 'delivered_on', case when d % 2 = 0 then date '2026-01-01' + d % 330 end,"
                " 'blocked_since', null, 'proof_url', case when d % 2 = 0 then"
                " 'https://instagram.com/p/' || d end",
                limit=True,
            ),
        ),
        (
            "what was counted",
            clone(
                "unit_entries",
                f"t.{mine} and t.kind = 'delivery'",
                f"generate_series(2, {work}, 2) d",
                f"'id', {id_of('a', 'd')}, 'lot_id', {id_of('8', f'1 + d % {lines}')},"
                f" 'deliverable_id', {id_of('9', 'd')}, 'quantity', 1, 'over_quantity', 0,"
                " 'counted_on', date '2026-01-01' + d % 330",
                limit=True,
            ),
        ),
    ]


def _spent(mine: str) -> list[tuple[str, str]]:
    """A budget for each month of the client's year, with all that was spent on its lines."""
    month = "date '2026-01-01' + (b - 1) * interval '1 month'"
    budgets, lines = f"generate_series(1, {BUDGETS}) b", f"generate_series(1, {BUDGET_LINES}) l"
    return [
        (
            f"{BUDGETS} budgets",
            clone(
                "budgets",
                f"t.{mine} and t.status = 'active'",
                budgets,
                f"'id', {id_of('f', 'b')}, 'approval_id', null, 'period_start', ({month})::date,"
                f" 'period_end', ({month} + interval '1 month')::date - 1",
                limit=True,
            ),
        ),
        (
            f"{BUDGET_LINES} lines each",
            clone(
                "budget_lines",
                f"t.{mine} and t.status = 'active'",
                f"{budgets}, {lines}",
                f"'id', {id_of('f', 'b * 1000 + l')}, 'budget_id', {id_of('f', 'b')},"
                " 'campaign_id', null, 'category', (array['paid_media', 'influencers', "
                "'production', 'tools', 'travel'])[1 + l % 5]",
                limit=True,
            ),
        ),
        (
            f"{ENTRIES:,} entries",
            clone(
                "budget_entries",
                f"t.{mine} and t.kind = 'expense' and t.reversal_of is null",
                f"generate_series(1, {ENTRIES}) e",
                f"'id', {id_of('f', '1000000 + e')}, 'source_id', {id_of('f', '2000000 + e')},"
                f" 'line_id', {id_of('f', f'(1 + e % {BUDGETS}) * 1000 + 1 + e % {BUDGET_LINES}')},"
                " 'booked_on', date '2026-01-01' + e % 365",
                limit=True,
            ),
        ),
    ]


def id_of(kind: str, number: str) -> str:
    return f"('00000000-0000-7000-800{kind}-' || lpad(to_hex({number}), 12, '0'))::uuid"


def _numbers(agency: str) -> str:
    return (
        "create temporary table bench_agencies as"
        " select id, case when id = '" + agency + "' then 1 else substr(slug, 7)::int end as n"
        f" from agencies where id = '{agency}' or slug like 'bench-%'"
    )


def clone(table: str, template: str, series: str, changed: str, *, limit: bool = False) -> str:
    one = f"(select * from {table} t where {template}{' limit 1' if limit else ''}) t"
    record = f"jsonb_populate_record(t::{table}, jsonb_build_object({changed}))"
    return (
        f"insert into {table} select (made).* from (select {record} as made from {one}, {series}) x"
    )


def _readings(size: Size, table: str) -> str:
    """A figure for every metric, from a hash: no two clients alike, and the same each time."""
    money = "currency" if table == "metric_readings" else "spend_currency, revenue_currency"
    euros = "'EUR'" if table == "metric_readings" else "'EUR', 'EUR'"
    more, given = (
        ("received_at,", "now(),") if table == "metric_readings" else ("held,", "'{}'::jsonb,")
    )
    figures = ", ".join(
        f"(k * {7 + 2 * place} + d * {13 + place}) % {900 + 100 * place} + 1"
        for place, _ in enumerate(METRICS)
    )
    return (
        f"insert into {table} (agency_id, client_id, subject_type, subject_id, basis, period_start,"
        f" source, captured_at, missing, {more} {money}, {', '.join(METRICS)})"
        " select agency_id, client_id, 'channel', id, 'day', date '2026-12-31' - d, 'manual',"
        f" timestamptz '2026-01-01T00:00:00Z', '{{}}'::jsonb, {given} {euros}, {figures}"
        " from (select *, ('x' || right(id::text, 7))::bit(28)::int as k from channels"
        f" where id::text like '00000000-0000-7000-8003%') c, generate_series(0, {size.days - 1}) d"
    )


def plain(url: str) -> str:
    """A database address without its driver, as psycopg reads it."""
    return url.replace(_DRIVER, "", 1)
