"""The roster, and the influencer's wall: whoever logs in as one sees what is theirs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import AGENCY, CLIENT, close_function, isolate, let_influencer

revision = "influencers"
down_revision = "report_logos"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "influencers",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "paused",
                "archived",
                name="influencerstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("country", sa.String(2), nullable=True),
        sa.Column("city", sa.String(120), nullable=True),
        sa.Column("languages", postgresql.JSONB(), nullable=False),
        sa.Column("categories", postgresql.JSONB(), nullable=False),
        sa.Column("bio", sa.String(4000), nullable=True),
        sa.Column("audience_size", sa.BigInteger(), nullable=False),
        sa.Column("engagement_millionths", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "audience_size >= 0", name=op.f("ck_influencers_audience_is_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_influencers_agency_id_membership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "invitation_id"],
            ["invitations.agency_id", "invitations.id"],
            name=op.f("fk_influencers_agency_id_invitation_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_influencers")),
        sa.UniqueConstraint(
            "agency_id", "membership_id", name=op.f("uq_influencers_agency_id_membership_id")
        ),
    )
    for columns in (["status", "id"], ["audience_size", "id"], ["invitation_id"]):
        op.create_index(
            op.f(f"ix_influencers_agency_id_{'_'.join(columns)}"),
            "influencers",
            ["agency_id", *columns],
        )
    # Whoever accepts an invitation is bound to their row by the platform, which let them in.
    isolate("influencers", "agency", platform="select, update")
    let_influencer("influencers", "id")
    # What is theirs is for some client, whom they do not see: they may tell of any, and read none.
    op.execute(f"alter policy influencer_tells on events with check ({_OURS})")
    for name, signature, found in _SIGHTS:
        op.execute(f"drop function {name}({signature})")
        op.execute(found.format(influencer=_COLUMN, which=_WHICH))
        close_function(f"{name}({signature})")


_OURS = AGENCY.format(agency="agency_id")
_COLUMN = ", influencer_id uuid"
# Only of a member who is one is the roster asked.
_WHICH = """,
        case when m.kind = 'influencer' then (
            select i.id from influencers i
            where i.agency_id = m.agency_id and i.membership_id = m.id
        ) end"""

_MEMBER = """
returns table (
    user_id uuid, membership_id uuid, name text, locale text, kind text, role text,
    duties jsonb, client_ids uuid[], agency_status text, db_role text{influencer}
)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select m.user_id, m.id, m.name, u.locale, m.kind, m.role,
        coalesce(d.duties, '{{}}'), coalesce(d.client_ids, '{{}}'), a.status,
        case
            when m.kind = 'client_contact' then 'app_contact'
            when m.kind = 'influencer' then 'app_influencer'
            when m.role in ('owner', 'admin') then 'app_staff'
            else 'app_scoped'
        end{which}
"""

_DUTIES = """
    left join lateral (
        select jsonb_object_agg(held.client_id, held.duties) as duties,
            array_agg(held.client_id) as client_ids
        from (
            select x.client_id, jsonb_agg(distinct x.duty) as duties
            from assignments x
            where x.agency_id = m.agency_id
                and x.membership_id = m.id
                and x.starts_on <= (p_now at time zone a.timezone)::date
                and (x.ends_on is null or x.ends_on >= (p_now at time zone a.timezone)::date)
            group by x.client_id
        ) held
    ) d on true
"""

_OF_SESSION = (
    "create function sight_of_session(p_agency uuid, p_session uuid, p_now timestamptz)"
    + _MEMBER
    + """
    from sessions s
    join agencies a on a.id = s.agency_id
    join memberships m on m.agency_id = s.agency_id and m.id = s.membership_id
    join users u on u.id = m.user_id
    """
    + _DUTIES
    + """
    where s.agency_id = p_agency
        and s.id = p_session
        and s.revoked_at is null
        and s.expires_at > p_now
        and m.status = 'active'
        and u.disabled_at is null
        and a.status <> 'closed'
$$
"""
)

_OF_FEED = (
    "create function sight_of_calendar_feed("
    "p_agency uuid, p_feed uuid, p_secret_hash text, p_now timestamptz)"
    + _MEMBER
    + """
    from calendar_feeds f
    join agencies a on a.id = f.agency_id
    join memberships m on m.agency_id = f.agency_id and m.id = f.membership_id
    join users u on u.id = m.user_id
    """
    + _DUTIES
    + """
    where f.agency_id = p_agency
        and f.id = p_feed
        and f.secret_hash = p_secret_hash
        and m.status = 'active'
        and u.disabled_at is null
        and a.status not in ('suspended', 'closed')
$$
"""
)

_SIGHTS = (
    ("sight_of_session", "uuid, uuid, timestamptz", _OF_SESSION),
    ("sight_of_calendar_feed", "uuid, uuid, text, timestamptz", _OF_FEED),
)


def downgrade() -> None:
    op.execute(
        f"alter policy influencer_tells on events with check ({_OURS}"
        f" and (client_id is null or {CLIENT.format(agency='agency_id', client='client_id')}))"
    )
    for name, signature, found in _SIGHTS:
        op.execute(f"drop function {name}({signature})")
        op.execute(found.format(influencer="", which=""))
        close_function(f"{name}({signature})")
    op.drop_table("influencers")
