"""Programs, whom they are for, and the addresses at which people answer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import FULL, close_function, isolate

revision = "programs"
down_revision = "roster"
branch_labels = None
depends_on = None

_TABLES = ("programs", "candidates", "program_links")


def upgrade() -> None:
    op.create_table(
        "programs",
        *_keys(),
        sa.Column(
            "kind",
            _one_of("programkind", "influencer", "ambassador", "blogger_outreach", "partner"),
            nullable=False,
        ),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "status",
            _one_of("programstatus", "draft", "active", "paused", "closed"),
            nullable=False,
        ),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("brief", postgresql.JSONB(), nullable=False),
        sa.Column("perks", postgresql.JSONB(), nullable=False),
        sa.Column("monthly_activity", sa.Integer(), nullable=True),
        *_owned("programs"),
        _to("programs", "campaign_id", "campaigns"),
        _check("programs", "ends_on is null or ends_on >= starts_on", "ends_after_it_starts"),
        _check("programs", "monthly_activity > 0", "activity_is_positive"),
    )
    _index("programs", "client_id", "status", "id")
    op.create_table(
        "candidates",
        *_keys(),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            _one_of(
                "candidatestatus",
                *("shortlisted", "invited", "accepted", "active", "completed"),
                *("declined", "dropped"),
            ),
            nullable=False,
        ),
        sa.Column("status_reason", sa.String(4000), nullable=True),
        sa.Column("next_action", sa.String(200), nullable=True),
        sa.Column("next_action_on", sa.Date(), nullable=True),
        sa.Column("owner_membership_id", sa.Uuid(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        *_owned("candidates"),
        _to("candidates", "program_id", "programs"),
        _of_agency("candidates", "influencer_id", "influencers"),
        _of_agency("candidates", "owner_membership_id", "memberships"),
        sa.UniqueConstraint(
            *("agency_id", "program_id", "influencer_id"),
            name=op.f("uq_candidates_agency_id_program_id_influencer_id"),
        ),
        _check(
            "candidates",
            "status <> 'dropped' or status_reason is not null",
            "dropped_for_a_reason",
        ),
    )
    _index("candidates", "program_id", "status", "id")
    _index("candidates", "influencer_id", "id")
    _index("candidates", "next_action_on", "id")
    op.create_table(
        "program_links",
        *_keys(),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("message", sa.String(4000), nullable=True),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", _one_of("joinanswer", "accepted", "declined"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        *_owned("program_links"),
        _to("program_links", "candidate_id", "candidates"),
        _check(
            "program_links",
            "(answer is null) = (answered_at is null)",
            "an_answer_has_its_moment",
        ),
    )
    _index("program_links", "candidate_id")
    for table in _TABLES:
        isolate(table, "client_internal", staff=FULL if table == "candidates" else _EDIT)
    op.execute(SIGHT_OF_PROGRAM_LINK)
    close_function("sight_of_program_link(uuid, uuid, text)")


_EDIT = "select, insert, update"


def _keys() -> tuple[sa.Column, ...]:  # type: ignore[type-arg]
    return (
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
    )


def _owned(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f(f"fk_{table}_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f(f"uq_{table}_agency_id_client_id_id")
        ),
    )


def _to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["agency_id", "client_id", column],
        [f"{parent}.agency_id", f"{parent}.client_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_agency_id_client_id_{column}"),
    )


def _of_agency(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["agency_id", column],
        [f"{parent}.agency_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_agency_id_{column}"),
    )


def _check(table: str, condition: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(
        *values, name=f"{name}_known", native_enum=False, create_constraint=True, length=40
    )


def _index(table: str, *columns: str) -> None:
    name = op.f(f"ix_{table}_agency_id_{'_'.join(columns)}")
    op.create_index(name, table, ["agency_id", *columns])


# Who holds a link and what it invites them to: all that its page says, for the link's own role may
# read none of it. Who does not know the secret learns nothing; who does learns too that it is over.
SIGHT_OF_PROGRAM_LINK = """
create function sight_of_program_link(p_agency uuid, p_link uuid, p_secret_hash text)
returns table (
    client_id uuid, candidate_id uuid, name text, email text, locale text, message text,
    expires_at timestamptz, revoked_at timestamptz, answer text, answered_at timestamptz,
    candidate_status text, program_status text, program_name text, program_kind text,
    brief jsonb, perks jsonb, monthly_activity integer, starts_on date, ends_on date,
    client_name text, timezone text, agency_name text, branding jsonb
)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select l.client_id, l.candidate_id, l.name, l.email, l.locale, l.message,
        l.expires_at, l.revoked_at, l.answer, l.answered_at,
        k.status, p.status, p.name, p.kind, p.brief, p.perks, p.monthly_activity,
        p.starts_on, p.ends_on, c.name, c.timezone, a.name, a.branding
    from program_links l
    join agencies a on a.id = l.agency_id
    join clients c on c.agency_id = l.agency_id and c.id = l.client_id
    join candidates k on k.agency_id = l.agency_id and k.id = l.candidate_id
    join programs p on p.agency_id = l.agency_id and p.id = k.program_id
    where l.agency_id = p_agency
        and l.id = p_link
        and l.secret_hash = p_secret_hash
        and a.status not in ('suspended', 'closed')
$$
"""


def downgrade() -> None:
    op.execute("drop function sight_of_program_link")
    for table in reversed(_TABLES):
        op.drop_table(table)
