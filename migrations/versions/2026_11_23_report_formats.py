"""How a published version reaches people: more formats.

One idea. Imports nothing of the application. Names each new table's wall (migrations/isolation.py).
"""

from alembic import op

revision = "report_formats"
down_revision = "report_drafting"
branch_labels = None
depends_on = None

_BEFORE = ("json", "html", "pdf")
_NOW = (*_BEFORE, "xlsx", "csv", "pptx", "slides")


def upgrade() -> None:
    _formats(_NOW)


def downgrade() -> None:
    op.execute("delete from report_artifacts where format in ('xlsx', 'csv', 'pptx', 'slides')")
    _formats(_BEFORE)


def _formats(known: tuple[str, ...]) -> None:
    op.drop_constraint("format_known", "report_artifacts", type_="check")
    names = ", ".join(f"'{name}'" for name in known)
    op.create_check_constraint("format_known", "report_artifacts", f"format in ({names})")
