"""
Row security: the walls, as policies.

Each table is of one class, named in the migration that makes it:

    platform         no agency's: only `app_platform` has a grant
    agency           the agency's staff
    client           staff with the client in sight, and that client's contacts what is shared
    client_internal  staff with the client in sight, never the client
    personal         the person's own rows

Of any but the platform's, a logged-in influencer may be let see their own rows (`let_influencer`).

One database role per kind of sight, one self-contained PERMISSIVE policy for each that may see the
table, and no grant for the others. Never RESTRICTIVE, never a sub-select in a policy: sharded
PostgreSQL loses the one and refuses the other.
"""

from alembic import op

AGENCY = "{agency} = nullif(current_setting('app.agency_id', true), '')::uuid"
CLIENT = AGENCY + (
    " and {client} = any (nullif(current_setting('app.client_ids', true), '')::uuid[])"
)
PERSON = AGENCY + (
    " and membership_id = nullif(current_setting('app.membership_id', true), '')::uuid"
)
INFLUENCER = AGENCY + (
    " and {influencer} = nullif(current_setting('app.influencer_id', true), '')::uuid"
)

STAFF = ("app_staff", "app_scoped")
OUTSIDERS = ("app_contact", "app_influencer", "app_link")

READ = "select"
APPEND = "select, insert"
EDIT = "select, insert, update"
FULL = "select, insert, update, delete"

# wall -> the roles of staff that may see the table, each with its condition.
_STAFF_SEES = {
    "platform": {},
    "agency": dict.fromkeys(STAFF, AGENCY),
    "client": {"app_staff": AGENCY, "app_scoped": CLIENT},
    "client_internal": {"app_staff": AGENCY, "app_scoped": CLIENT},
    "personal": dict.fromkeys((*STAFF, "app_contact", "app_influencer"), PERSON),
}


def isolate(
    table: str,
    wall: str,
    *,
    staff: str = EDIT,
    scoped: str | None = None,
    shared: str | None = None,
    contact: str = READ,
    platform: str | None = None,
    managed: bool = False,
    agency: str = "agency_id",
    client: str = "client_id",
) -> None:
    """
    Put a table behind its wall.

    `staff`, `scoped` (the same unless named), `contact` and `platform` are grants. `shared` is the
    predicate of what a contact may see of a `client` table; without it contacts see nothing.
    `managed`: owner and admin reach everybody's rows of a `personal` table.
    `agency` and `client` name the columns when they are others.
    """
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    _policy(table, "app_owner", "true", FULL)
    op.execute(f"comment on policy owner on {table} is 'wall:{wall}'")
    sees = _STAFF_SEES[wall] | ({"app_staff": AGENCY} if managed else {})
    for role, condition in sees.items():
        grants = scoped if scoped and role == "app_scoped" else staff
        _policy(table, role, condition.format(agency=agency, client=client), grants)
    if wall == "client" and shared:
        own_client = CLIENT.format(agency=agency, client=client)
        _policy(table, "app_contact", f"{own_client} and ({shared})", contact)
    if platform:
        _policy(table, "app_platform", "true", platform)


def show(table: str, shared: str) -> None:
    """Let contacts read what `shared` says of a table that was the staff's alone."""
    own_client = CLIENT.format(agency="agency_id", client="client_id")
    _policy(table, "app_contact", f"{own_client} and ({shared})", READ)
    op.execute(f"comment on policy owner on {table} is 'wall:client'")


def share(table: str, shared: str) -> None:
    """Say anew what of a table that contacts only read they may see."""
    own_client = CLIENT.format(agency="agency_id", client="client_id")
    op.execute(f"alter policy contact on {table} using ({own_client} and ({shared}))")


def reveal(table: str, *roles: str, agency: str = "agency_id") -> None:
    """Let roles outside the staff read the agency's own rows of a table."""
    for role in roles:
        _policy(table, role, AGENCY.format(agency=agency), READ)


def let_influencer(
    table: str,
    column: str = "influencer_id",
    shared: str | None = None,
    grants: str = READ,
) -> None:
    """
    Let a logged-in influencer see the rows that are theirs: `column` holds their influencer's id.
    `shared` is the predicate of what of them they may see; without it, all of theirs.
    """
    own = INFLUENCER.format(agency="agency_id", influencer=column)
    _policy(table, "app_influencer", f"{own} and ({shared})" if shared else own, grants)


def let_open_by_link(table: str, opened: str) -> None:
    """Let a link read the rows of its client that `opened` says it opens."""
    own_client = CLIENT.format(agency="agency_id", client="client_id")
    _policy(table, "app_link", f"{own_client} and {opened}", READ)


def let_lock(table: str, shared: str, role: str = "app_contact") -> None:
    """Let a contact hold a shared row while deciding on it, and change nothing of it."""
    condition = f"{CLIENT.format(agency='agency_id', client='client_id')} and ({shared})"
    op.execute(
        f"create policy {role.removeprefix('app_')}_locks on {table} for update to {role}"
        f" using ({condition}) with check (false)"
    )
    # FOR UPDATE asks for the right to update some column; the policy lets none be written.
    op.execute(f"grant update (updated_at) on {table} to {role}")


def let_add_by_link(table: str, opened: str) -> None:
    """Let a link add rows of its client to what `opened` says it opens, and read none of them."""
    own_client = CLIENT.format(agency="agency_id", client="client_id")
    _policy(table, "app_link", f"{own_client} and {opened}", "insert")


def let_tell(table: str, client: str | None = None) -> None:
    """Let every sight insert the agency's own rows, of a client in its sight or of none."""
    condition = AGENCY.format(agency="agency_id")
    if client:
        own_client = CLIENT.format(agency="agency_id", client=client)
        condition = f"{condition} and ({client} is null or {own_client})"
    _policy(table, "app_staff", AGENCY.format(agency="agency_id"), "insert")
    for role in ("app_scoped", *OUTSIDERS):
        _policy(table, role, condition, "insert")


def _policy(table: str, role: str, condition: str, grants: str) -> None:
    name, check = role.removeprefix("app_"), f"with check ({condition})"
    if grants == "insert":
        rule = f"policy {name}_tells on {table} for insert to {role} {check}"
    elif grants == "select":
        rule = f"policy {name} on {table} for select to {role} using ({condition})"
    else:
        rule = f"policy {name} on {table} to {role} using ({condition}) {check}"
    op.execute(f"create {rule}")
    if role != "app_owner":
        op.execute(f"grant {grants} on {table} to {role}")


def close_function(signature: str) -> None:
    """Nobody may call this function but its owner and whom `migrations.roles` names."""
    op.execute(f"revoke all on function {signature} from public")
