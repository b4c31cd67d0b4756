"""${message}

One idea. Imports nothing of the application. Names each new table's wall (migrations/isolation.py).
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ''}

from migrations.isolation import isolate

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
