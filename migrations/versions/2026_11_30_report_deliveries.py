"""How a published version reaches people by name, who opened it, and what is asked about a section.

One idea. Imports nothing of the application. Names each new table's wall (migrations/isolation.py).
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.isolation import EDIT, isolate

revision = "report_deliveries"
down_revision = "report_formats"
branch_labels = None
depends_on = None

FORMATS = ("json", "html", "pdf", "xlsx", "csv", "pptx", "slides")
SUBJECTS = ("deliverables", "scopes", "campaigns", "budgets", "approvals", "reports")
OWN = "membership_id = nullif(current_setting('app.membership_id', true), '')::uuid"


def upgrade() -> None:
    op.add_column(
        "contacts",
        sa.Column("receives_reports", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("contacts", "receives_reports", server_default=None)
    op.add_column("comments", sa.Column("section", sa.String(40), nullable=True))
    op.create_check_constraint(
        op.f("ck_comments_a_section_is_of_a_version"),
        "comments",
        "section is null or subject_type = 'report_versions'",
    )
    _subjects((*SUBJECTS, "report_versions"))
    _deliveries()
    _openings()


def _known(name: str, *values: str) -> sa.Enum:
    return sa.Enum(
        *values, name=f"{name}_known", native_enum=False, create_constraint=True, length=40
    )


def _of_client(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["agency_id", "client_id", column],
        [f"{other}.agency_id", f"{other}.client_id", f"{other}.id"],
        name=op.f(f"fk_{table}_agency_id_client_id_{column}"),
    )


def _owned(table: str) -> list[Any]:
    return [
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f(f"fk_{table}_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f(f"uq_{table}_agency_id_client_id_id")
        ),
    ]


def _deliveries() -> None:
    table = "report_deliveries"
    op.create_table(
        table,
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("status", _known("deliverystatus", "queued", "sent", "failed"), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(60), nullable=True),
        sa.CheckConstraint(
            "(status = 'failed') = (failure is not null)",
            name=op.f(f"ck_{table}_what_failed_says_why"),
        ),
        sa.CheckConstraint(
            "status <> 'sent' or sent_at is not null",
            name=op.f(f"ck_{table}_what_is_sent_says_when"),
        ),
        _of_client(table, "report_id", "reports"),
        _of_client(table, "version_id", "report_versions"),
        _of_client(table, "contact_id", "contacts"),
        _of_client(table, "link_id", "share_links"),
        sa.ForeignKeyConstraint(
            ["agency_id", "asked_by"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f(f"fk_{table}_agency_id_asked_by"),
        ),
        *_owned(table),
        sa.UniqueConstraint(
            *("agency_id", "version_id", "contact_id"),
            name=op.f(f"uq_{table}_agency_id_version_id_contact_id"),
        ),
    )
    _index(table, "agency_id", "report_id")
    _index(table, "agency_id", "link_id")
    isolate(table, "client_internal")


def _openings() -> None:
    table = "report_openings"
    op.create_table(
        table,
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("format", _known("format", *FORMATS), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(membership_id is null) <> (delivery_id is null)",
            name=op.f(f"ck_{table}_somebody_opened_it"),
        ),
        sa.CheckConstraint("times > 0", name=op.f(f"ck_{table}_at_least_once")),
        _of_client(table, "version_id", "report_versions"),
        _of_client(table, "delivery_id", "report_deliveries"),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f(f"fk_{table}_agency_id_membership_id"),
        ),
        *_owned(table),
        sa.UniqueConstraint(
            *("agency_id", "version_id", "membership_id", "delivery_id", "format"),
            name="uq_report_openings_who",
            postgresql_nulls_not_distinct=True,
        ),
    )
    isolate(table, "client", staff=EDIT, shared=OWN, contact=EDIT)


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def downgrade() -> None:
    op.drop_table("report_openings")
    op.drop_table("report_deliveries")
    op.execute(
        "delete from comment_edits e using comments c where c.agency_id = e.agency_id"
        " and c.id = e.comment_id and c.subject_type = 'report_versions'"
    )
    op.execute("delete from comments where subject_type = 'report_versions'")
    _subjects(SUBJECTS)
    op.drop_constraint(op.f("ck_comments_a_section_is_of_a_version"), "comments")
    op.drop_column("comments", "section")
    op.drop_column("contacts", "receives_reports")


def _subjects(known: tuple[str, ...]) -> None:
    name = op.f("ck_comments_subjecttype_known")
    op.drop_constraint(name, "comments", type_="check")
    names = ", ".join(f"'{each}'" for each in known)
    op.create_check_constraint(name, "comments", f"subject_type in ({names})")
