"""How a published version reaches people: more formats, what a share link asks and notes, who has read.

One idea. Imports nothing of the application. Names each new table's wall (migrations/isolation.py).
"""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import APPEND, READ, isolate

revision = "report_formats"
down_revision = "report_drafting"
branch_labels = None
depends_on = None

_BEFORE = ("json", "html", "pdf")
_NOW = (*_BEFORE, "xlsx", "csv", "pptx", "slides")


def upgrade() -> None:
    _formats(_NOW)
    _open_links()
    _note_accesses()
    _take_receipts()


def _open_links() -> None:
    op.add_column("share_links", sa.Column("password_hash", sa.String(200), nullable=True))
    op.add_column("share_links", sa.Column("locale", sa.String(35), nullable=True))
    op.add_column(
        "share_links",
        sa.Column("wrong_passwords", sa.Integer(), nullable=False, server_default="0"),
    )
    op.add_column(
        "share_links",
        sa.Column("can_download", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    for name in ("wrong_passwords", "can_download"):
        op.alter_column("share_links", name, server_default=None)


def _note_accesses() -> None:
    op.create_table(
        "share_link_accesses",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                *_NOW, name="format_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("network", sa.String(45), nullable=False),
        sa.Column("program", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "link_id"],
            ["share_links.agency_id", "share_links.client_id", "share_links.id"],
            name=op.f("fk_share_link_accesses_agency_id_client_id_link_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_share_link_accesses_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_share_link_accesses")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_share_link_accesses_agency_id_client_id_id"),
        ),
    )
    for columns in (["agency_id", "link_id", "id"], ["agency_id", "created_at"]):
        name = op.f(f"ix_share_link_accesses_{'_'.join(columns)}")
        op.create_index(name, "share_link_accesses", columns, unique=False)
    isolate("share_link_accesses", "client_internal", staff="select, insert, delete")


def _take_receipts() -> None:
    op.create_table(
        "report_receipts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("useful", sa.Integer(), nullable=True),
        sa.Column("recommend", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(4000), nullable=True),
        sa.CheckConstraint(
            "useful between 1 and 5", name=op.f("ck_report_receipts_useful_is_one_to_five")
        ),
        sa.CheckConstraint(
            "recommend between 1 and 5", name=op.f("ck_report_receipts_recommend_is_one_to_five")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "version_id"],
            ["report_versions.agency_id", "report_versions.client_id", "report_versions.id"],
            name=op.f("fk_report_receipts_agency_id_client_id_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_report_receipts_agency_id_membership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_report_receipts_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_report_receipts")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_report_receipts_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "version_id",
            "membership_id",
            name=op.f("uq_report_receipts_agency_id_version_id_membership_id"),
        ),
    )
    op.create_index(
        op.f("ix_report_receipts_agency_id_version_id_id"),
        "report_receipts",
        ["agency_id", "version_id", "id"],
        unique=False,
    )
    isolate("report_receipts", "client", staff=READ, shared="true", contact=APPEND)


def downgrade() -> None:
    op.drop_table("report_receipts")
    op.drop_table("share_link_accesses")
    for name in ("password_hash", "locale", "wrong_passwords", "can_download"):
        op.drop_column("share_links", name)
    op.execute("delete from report_artifacts where format in ('xlsx', 'csv', 'pptx', 'slides')")
    _formats(_BEFORE)


def _formats(known: tuple[str, ...]) -> None:
    op.drop_constraint("format_known", "report_artifacts", type_="check")
    names = ", ".join(f"'{name}'" for name in known)
    op.create_check_constraint("format_known", "report_artifacts", f"format in ({names})")
