"""
The mutants that no test sees, each with its reason; and the kinds of which no behaviour can tell,
so that only a record does: the catalogue's rules, `walls.md`, `matrix.md`.
"""

# "<kind>: <name>" → why it may live. One that is seen may not stand here.
SURVIVORS: dict[str, str] = {
    "check left out: tenants.tokens.read_token: len(token) > LONGEST_TOKEN": (
        "it bounds the work; a longer token is verified and refused like any other"
    ),
}

# kind → why some of it, or all, is recorded and not felt.
UNFELT: dict[str, str] = {
    "column grant": "a right to one column that no policy lets any row through for",
    "grant": "REFERENCES and TRIGGER reach no row, and a right without a policy none either",
    "membership": "the group sees no more than its new member does",
    "not forced": "the owner's own policy lets it see all: FORCE is for an owner that is a sight",
    "policy for all roles": "whoever has no right to the table gains none by a policy",
    "role attribute": (
        "CREATEDB, REPLICATION and LOGIN reach no row, and BYPASSRLS passes no missing right"
    ),
    "row security off": "on the platform's tables no other role has any right",
}
