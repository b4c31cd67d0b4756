"""`python -m migrations.check`: one head, it goes up from nothing, and the models agree with it."""

import sys

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from migrations import run, scratch


def main() -> int:
    """0 when the migrations and the models say the same."""
    with scratch.migrated() as engine, engine.connect() as connection:
        settings = run.config(connection)
        heads = ScriptDirectory.from_config(settings).get_heads()
        if len(heads) != 1:
            print(f"there must be one newest revision, and there are {len(heads)}: {heads}")
            return 1
        try:
            with connection.begin():
                command.check(settings)
        except CommandError as difference:
            print(difference)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
