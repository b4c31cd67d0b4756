"""What surrounds a client: contacts, contracts, requests and commitments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import isolate

revision = "relations"
down_revision = "floor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_requests",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("text", JSONB(), nullable=False),
        sa.Column("owner_membership_id", sa.Uuid(), nullable=True),
        sa.Column("owner_name", sa.String(120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "subject_kind",
            sa.Enum(
                "approval",
                "file",
                "access",
                "payment",
                "other",
                name="promisesubject_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "done",
                "dropped",
                name="promisestatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_reason", sa.String(4000), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (settled_at is null)",
            name=op.f("ck_client_requests_what_is_settled_says_when"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_client_requests_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "owner_membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_client_requests_agency_id_owner_membership_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_client_requests")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_client_requests_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_client_requests_agency_id_client_id_due_on_id"),
        "client_requests",
        ["agency_id", "client_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_client_requests_agency_id_due_on_id"),
        "client_requests",
        ["agency_id", "due_on", "id"],
        unique=False,
    )
    op.create_table(
        "commitments",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("text", JSONB(), nullable=False),
        sa.Column("owner_membership_id", sa.Uuid(), nullable=True),
        sa.Column("owner_name", sa.String(120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "subject_kind",
            sa.Enum(
                "approval",
                "file",
                "access",
                "payment",
                "other",
                name="promisesubject_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "done",
                "dropped",
                name="promisestatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_reason", sa.String(4000), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (settled_at is null)",
            name=op.f("ck_commitments_what_is_settled_says_when"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_commitments_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "owner_membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_commitments_agency_id_owner_membership_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_commitments")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_commitments_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_commitments_agency_id_client_id_due_on_id"),
        "commitments",
        ["agency_id", "client_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commitments_agency_id_due_on_id"),
        "commitments",
        ["agency_id", "due_on", "id"],
        unique=False,
    )
    op.create_table(
        "contacts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("title", JSONB(), nullable=False),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="contactstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_contacts_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_contacts_agency_id_membership_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_contacts")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_contacts_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_contacts_agency_id_client_id_status_id"),
        "contacts",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "contracts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "active",
                "in_notice",
                "ended",
                name="contractstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("renews_on", sa.Date(), nullable=True),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("notice_given_on", sa.Date(), nullable=True),
        sa.Column("monthly_fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("payer_name", sa.String(200), nullable=True),
        sa.Column("payer_tax_id", sa.String(40), nullable=True),
        sa.Column("sla_version", sa.String(40), nullable=True),
        sa.CheckConstraint(
            "(monthly_fee_minor is null) = (currency is null)",
            name=op.f("ck_contracts_a_fee_names_its_currency"),
        ),
        sa.CheckConstraint(
            "ends_on is null or ends_on >= starts_on",
            name=op.f("ck_contracts_ends_after_it_starts"),
        ),
        sa.CheckConstraint("monthly_fee_minor > 0", name=op.f("ck_contracts_a_fee_is_positive")),
        sa.CheckConstraint("notice_days >= 0", name=op.f("ck_contracts_notice_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_contracts_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_contracts")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_contracts_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_contracts_agency_id_client_id_status_id"),
        "contracts",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contracts_agency_id_renews_on_id"),
        "contracts",
        ["agency_id", "renews_on", "id"],
        unique=False,
    )

    isolate("contacts", "client_internal")
    isolate("contracts", "client_internal")
    isolate("client_requests", "client", shared="true")
    isolate("commitments", "client", shared="true")


def downgrade() -> None:
    for table in (
        "contracts",
        "contacts",
        "commitments",
        "client_requests",
    ):
        op.drop_table(table)
