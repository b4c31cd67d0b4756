"""Proving that one reads a mailbox, and deciding without an account."""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import (
    FULL,
    close_function,
    isolate,
    let_add_by_link,
    let_lock,
    let_open_by_link,
)

revision = "mail"
down_revision = "files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "mail_proofs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "password_reset",
                "email_verification",
                name="proofpurpose_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_proofs_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_proofs")),
    )
    op.create_index(
        "ix_mail_proofs_waiting",
        "mail_proofs",
        ["id"],
        unique=False,
        postgresql_where=sa.text("settled_at is null"),
    )
    op.create_index(
        op.f("ix_mail_proofs_user_id_created_at"),
        "mail_proofs",
        ["user_id", "created_at"],
        unique=False,
    )
    op.create_index(op.f("ix_mail_proofs_expires_at"), "mail_proofs", ["expires_at"], unique=False)
    op.create_table(
        "approval_links",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_approval_links_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_approval_links_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_approval_links")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_approval_links_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_approval_links_agency_id_approval_id"),
        "approval_links",
        ["agency_id", "approval_id"],
        unique=False,
    )
    for column, kind in (
        ("decided_by_email", sa.String(254)),
        ("decided_from", sa.String(64)),
        ("link_id", sa.Uuid()),
    ):
        op.add_column("approval_decisions", sa.Column(column, kind, nullable=True))
    op.create_foreign_key(
        op.f("fk_approval_decisions_agency_id_client_id_link_id"),
        "approval_decisions",
        "approval_links",
        ["agency_id", "client_id", "link_id"],
        ["agency_id", "client_id", "id"],
    )
    op.create_index(
        "uq_approval_decisions_link",
        "approval_decisions",
        ["agency_id", "link_id"],
        unique=True,
        postgresql_where=sa.text("link_id is not null"),
    )

    isolate("mail_proofs", "platform", platform=FULL)
    isolate("approval_links", "client_internal")
    of_the_client = "level = 'client'"
    let_open_by_link("approvals", f"{of_the_client} and {OF_THE_LINK.format('id')}")
    let_lock("approvals", f"{of_the_client} and {OF_THE_LINK.format('id')}", "app_link")
    let_add_by_link(
        "approval_decisions", f"{of_the_client} and {OF_THE_LINK.format('approval_id')}"
    )
    op.execute(SIGHT_OF_APPROVAL_LINK)
    close_function("sight_of_approval_link(uuid, uuid, text)")


OF_THE_LINK = "{} = nullif(current_setting('app.subject_id', true), '')::uuid"

# Who holds a link, for whom they decide, who asks, and what they have decided with it: all that its
# page says of them, for the link's own role may read none of it. Who does not know the secret learns
# nothing; who does learns too that the link is over.
SIGHT_OF_APPROVAL_LINK = """
create function sight_of_approval_link(p_agency uuid, p_link uuid, p_secret_hash text)
returns table (
    client_id uuid, approval_id uuid, name text, email text, expires_at timestamptz,
    revoked_at timestamptz, client_name text, locale text, timezone text, agency_name text,
    branding jsonb, outcome text, decided_at timestamptz
)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select l.client_id, l.approval_id, l.name, l.email, l.expires_at, l.revoked_at,
        c.name, c.locale, c.timezone, a.name, a.branding, d.outcome, d.created_at
    from approval_links l
    join agencies a on a.id = l.agency_id
    join clients c on c.agency_id = l.agency_id and c.id = l.client_id
    left join approval_decisions d on d.agency_id = l.agency_id and d.link_id = l.id
    where l.agency_id = p_agency
        and l.id = p_link
        and l.secret_hash = p_secret_hash
        and a.status not in ('suspended', 'closed')
$$
"""


def downgrade() -> None:
    op.execute("drop function sight_of_approval_link")
    op.execute("drop policy link_tells on approval_decisions")
    op.execute("drop policy link on approvals")
    op.execute("drop policy link_locks on approvals")
    op.execute("revoke all on approval_decisions, approvals from app_link")
    op.execute("revoke update (updated_at) on approvals from app_link")
    for column in ("link_id", "decided_from", "decided_by_email"):
        op.drop_column("approval_decisions", column)
    op.drop_table("approval_links")
    op.drop_table("mail_proofs")
    op.drop_column("users", "email_verified_at")
