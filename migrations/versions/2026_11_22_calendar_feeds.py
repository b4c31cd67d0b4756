"""Addresses at which calendar programs read what their owners may see."""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import FULL, close_function, isolate

revision = "calendar_feeds"
down_revision = "punctuality"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("of_client_id", sa.Uuid(), nullable=True),
        sa.Column(
            "duty",
            sa.Enum(
                "account_executive",
                "social_media_manager",
                "community_manager",
                "approver",
                "viewer",
                name="duty_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_calendar_feeds_agency_id_membership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "of_client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_calendar_feeds_agency_id_of_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_calendar_feeds")),
    )
    op.create_index(
        op.f("ix_calendar_feeds_agency_id_membership_id_id"),
        "calendar_feeds",
        ["agency_id", "membership_id", "id"],
        unique=False,
    )
    isolate("calendar_feeds", "personal", staff=FULL)
    op.execute(SIGHT_OF_CALENDAR_FEED)
    close_function("sight_of_calendar_feed(uuid, uuid, text, timestamptz)")


# `sight_of_session`, for whoever knows a feed's secret: its owner, as far as they see now.
SIGHT_OF_CALENDAR_FEED = """
create function sight_of_calendar_feed(
    p_agency uuid, p_feed uuid, p_secret_hash text, p_now timestamptz
)
returns table (
    user_id uuid, membership_id uuid, name text, locale text, kind text, role text,
    duties jsonb, client_ids uuid[], agency_status text, db_role text
)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select m.user_id, m.id, m.name, u.locale, m.kind, m.role,
        coalesce(d.duties, '{}'), coalesce(d.client_ids, '{}'), a.status,
        case
            when m.kind = 'client_contact' then 'app_contact'
            when m.kind = 'influencer' then 'app_influencer'
            when m.role in ('owner', 'admin') then 'app_staff'
            else 'app_scoped'
        end
    from calendar_feeds f
    join agencies a on a.id = f.agency_id
    join memberships m on m.agency_id = f.agency_id and m.id = f.membership_id
    join users u on u.id = m.user_id
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
    where f.agency_id = p_agency
        and f.id = p_feed
        and f.secret_hash = p_secret_hash
        and m.status = 'active'
        and u.disabled_at is null
        and a.status not in ('suspended', 'closed')
$$
"""


def downgrade() -> None:
    op.execute("drop function sight_of_calendar_feed")
    op.drop_table("calendar_feeds")
