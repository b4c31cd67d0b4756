"""The agency, its people, its clients, and who may see what.

One idea. Imports nothing of the application. Names each new table's wall (migrations/isolation.py).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import (
    APPEND,
    EDIT,
    FULL,
    OUTSIDERS,
    READ,
    close_function,
    isolate,
    reveal,
)

revision = "people"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("slug", sa.String(63), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "trialing",
                "active",
                "past_due",
                "suspended",
                "closed",
                name="agencystatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("branding", JSONB(), nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("slug", name=op.f("uq_agencies_slug")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
    )
    op.create_table(
        "memberships",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("title", JSONB(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "staff",
                "influencer",
                "client_contact",
                name="membershipkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "admin",
                "member",
                name="agencyrole_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "suspended",
                "removed",
                name="membershipstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_memberships_agency_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("agency_id", "user_id", name=op.f("uq_memberships_agency_id_user_id")),
    )
    op.create_index(op.f("ix_memberships_user_id"), "memberships", ["user_id"], unique=False)
    op.create_table(
        "clients",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("slug", sa.String(63), nullable=False),
        sa.Column("sector", JSONB(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "prospect",
                "onboarding",
                "active",
                "paused",
                "in_notice",
                "ended",
                name="clientstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column(
            "approval_mode",
            sa.Enum(
                "none",
                "internal",
                "internal_and_client",
                name="approvalmode_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("lead_membership_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "lead_membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_clients_agency_id_lead_membership_id"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_clients_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_clients")),
        sa.UniqueConstraint("agency_id", "slug", name=op.f("uq_clients_agency_id_slug")),
    )
    op.create_index(
        op.f("ix_clients_agency_id_status_id"),
        "clients",
        ["agency_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "invitations",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "staff",
                "influencer",
                "client_contact",
                name="membershipkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "admin",
                "member",
                name="agencyrole_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("duties", JSONB(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "accepted",
                "revoked",
                name="invitationstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "invited_by"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_invitations_agency_id_invited_by"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_invitations_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_invitations")),
    )
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["agency_id", "email_key"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "sessions",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("user_agent", sa.String(200), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_sessions_agency_id_membership_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_sessions")),
    )
    op.create_index(
        op.f("ix_sessions_agency_id_membership_id_id"),
        "sessions",
        ["agency_id", "membership_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sessions_user_id_address_hash"),
        "sessions",
        ["user_id", "address_hash"],
        unique=False,
    )
    op.create_table(
        "assignments",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
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
            nullable=False,
        ),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("stands_in_for", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "ends_on is null or ends_on >= starts_on",
            name=op.f("ck_assignments_ends_after_it_starts"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_assignments_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_assignments_agency_id_membership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "stands_in_for"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_assignments_agency_id_stands_in_for"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_assignments")),
    )
    op.create_index(
        op.f("ix_assignments_agency_id_client_id"),
        "assignments",
        ["agency_id", "client_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assignments_agency_id_membership_id"),
        "assignments",
        ["agency_id", "membership_id"],
        unique=False,
    )
    op.create_index(
        "uq_assignments_lead",
        "assignments",
        ["agency_id", "client_id", "duty"],
        unique=True,
        postgresql_where=sa.text("is_lead"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("successor", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "session_id"],
            ["sessions.agency_id", "sessions.id"],
            name=op.f("fk_refresh_tokens_agency_id_session_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(
        op.f("ix_refresh_tokens_agency_id_session_id"),
        "refresh_tokens",
        ["agency_id", "session_id"],
        unique=False,
    )

    isolate("agencies", "agency", scoped=READ, platform=EDIT, agency="id")
    reveal("agencies", *OUTSIDERS, agency="id")
    isolate("memberships", "agency", scoped=READ, platform=EDIT)
    isolate("invitations", "agency", scoped=READ, platform="select, update")
    isolate("clients", "client", shared="true", client="id", platform=READ)
    isolate("assignments", "client_internal", staff=FULL, scoped=READ, platform=APPEND)
    isolate("sessions", "personal", staff="select, update", managed=True, platform=EDIT)
    isolate("users", "platform", platform=EDIT)
    isolate("refresh_tokens", "platform", platform=EDIT)
    op.execute(SIGHT_OF_SESSION)
    close_function("sight_of_session(uuid, uuid, timestamptz)")


# Who a log-in is right now, and how far it sees. The log-in role's one look-up; no row means the
# log-in, the membership, the person or the agency is no longer good.
SIGHT_OF_SESSION = """
create function sight_of_session(p_agency uuid, p_session uuid, p_now timestamptz)
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
    from sessions s
    join agencies a on a.id = s.agency_id
    join memberships m on m.agency_id = s.agency_id and m.id = s.membership_id
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
    where s.agency_id = p_agency
        and s.id = p_session
        and s.revoked_at is null
        and s.expires_at > p_now
        and m.status = 'active'
        and u.disabled_at is null
        and a.status <> 'closed'
$$
"""


def downgrade() -> None:
    op.execute("drop function sight_of_session")
    op.drop_table("refresh_tokens")
    op.drop_table("assignments")
    op.drop_table("sessions")
    op.drop_table("invitations")
    op.drop_table("clients")
    op.drop_table("memberships")
    op.drop_table("users")
    op.drop_table("agencies")
