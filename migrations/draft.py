"""`python -m migrations.draft "add posts"`: a revision drafted from what the models say now."""

import sys

from alembic import command

from migrations import run, scratch


def main(message: str) -> int:
    """Write the draft; its tables still need their walls."""
    if not message:
        print('say what it is: make migration m="add posts"')
        return 2
    with scratch.migrated() as engine, engine.connect() as connection, connection.begin():
        slug = "_".join(message.lower().split())
        command.revision(run.config(connection), message=message, autogenerate=True, rev_id=slug)
    print("name each new table's wall with isolate(...), and read it through")
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
