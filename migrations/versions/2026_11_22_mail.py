"""Proving that one reads a mailbox."""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import FULL, isolate

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
    isolate("mail_proofs", "platform", platform=FULL)


def downgrade() -> None:
    op.drop_table("mail_proofs")
    op.drop_column("users", "email_verified_at")
