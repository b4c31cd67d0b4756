"""
What must hold of every table, policy, key, grant and role, asked of the catalogue itself.

A rule answers with its offenders: names, none of them when all is well. The walls are read from the
policies' text, the keys from `pg_constraint`, the grants from the access lists: nothing here trusts
a migration's helper, so a migration that goes around it is found too.
"""

import re
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.engine import Connection

LOGINS = ("app_login", "platform_login")
SIGHTS = ("app_staff", "app_scoped", "app_contact", "app_influencer", "app_link")
MAY_BE_MEMBER = {"app_login": set(SIGHTS), "platform_login": {"app_platform"}}
# The functions that may look past row security, and their only caller.
DEFINERS = {
    "sight_of_session(uuid,uuid,timestamp with time zone)": {"app_owner", "app_login"},
    "sight_of_link(uuid,uuid,timestamp with time zone)": {"app_owner", "app_login"},
    "sight_of_approval_link(uuid,uuid,text)": {"app_owner", "app_login"},
    "sight_of_collaboration_link(uuid,uuid,text)": {"app_owner", "app_login"},
    "sight_of_calendar_feed(uuid,uuid,text,timestamp with time zone)": {"app_owner", "app_login"},
    "sight_of_program_link(uuid,uuid,text)": {"app_owner", "app_login"},
}
# What everybody tells, and may not read back.
TOLD = ("events", "event_queue")
# Personal tables whose rows the owner and admins may see and end for everybody.
MANAGED = ("sessions",)

Rule = Callable[[Connection], list[str]]
RULES: dict[str, Rule] = {}


def _rule(rule: Rule) -> Rule:
    RULES[rule.__name__] = rule
    return rule


_TABLES = """
with tables as (
    select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.relacl,
        substring(obj_description(p.oid, 'pg_policy') from '^wall:(\\w+)$') as wall
    from pg_class c
    left join pg_policy p on p.polrelid = c.oid and p.polname = 'owner'
    where c.relnamespace = 'public'::regnamespace
        and c.relkind in ('r', 'p') and c.relname <> 'alembic_version'
), columns as (
    select t.relname, t.oid, t.wall, a.attname, a.attnum, a.attnotnull
    from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
), grants as (
    select t.relname, t.wall, pg_get_userbyid(g.grantee) as role, g.privilege_type as privilege,
        g.grantee
    from tables t, aclexplode(t.relacl) g where g.grantee <> t.relowner
), policies as (
    select t.relname, t.oid, t.wall, p.polname, p.polcmd, p.polpermissive, p.polroles, role,
        case when role = 0 then 'public' else pg_get_userbyid(role) end as rolname,
        pg_get_expr(p.polqual, p.polrelid) as shown,
        pg_get_expr(p.polwithcheck, p.polrelid) as checked,
        coalesce(p.polqual::text, '') || coalesce(p.polwithcheck::text, '') as tree
    from tables t join pg_policy p on p.polrelid = t.oid, unnest(p.polroles) role
), keys as (
    select t.relname, t.wall, k.conname, k.contype, k.confdeltype, k.confupdtype,
        k.conrelid, k.confrelid, k.conkey, k.confkey,
        array(select a.attname::text from unnest(k.conkey) with ordinality n(num, at)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n.num order by at)
            as names,
        array(select a.attname::text from unnest(k.confkey) with ordinality n(num, at)
            join pg_attribute a on a.attrelid = k.confrelid and a.attnum = n.num order by at)
            as targets
    from tables t join pg_constraint k on k.conrelid = t.oid
)
"""


def _ask(connection: Connection, query: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(text(_TABLES + query))]


# Walls


@_rule
def row_security_is_forced(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select relname from tables where not (relrowsecurity and relforcerowsecurity)",
    )


@_rule
def the_owner_policy_names_the_wall(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select relname from tables where wall is null or wall not in"
        " ('platform', 'agency', 'client', 'client_internal', 'personal')",
    )


@_rule
def policies_are_permissive_and_for_one_known_role(connection: Connection) -> list[str]:
    known = ", ".join(f"'{role}'" for role in (*SIGHTS, "app_platform", "app_owner"))
    return _ask(
        connection,
        "select relname || '.' || polname from policies where not polpermissive"
        f" or cardinality(polroles) <> 1 or rolname not in ({known})",
    )


@_rule
def one_policy_per_role_and_command(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select relname || ' ' || rolname || ' ' || command from policies"
        " join unnest(array['r', 'a', 'w', 'd']) command on polcmd in ('*', command::\"char\")"
        " group by relname, rolname, command having count(*) > 1",
    )


@_rule
def no_policy_asks_another_table(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select relname || '.' || polname from policies"
        " where tree like '%SUBLINK%' or tree like '%RANGETBLENTRY%'",
    )


def _setting(name: str) -> str:
    return rf"\(NULLIF\(current_setting\('app\.{name}'::text, true\), ''::text\)\)"


_AGENCY = rf"\((agency_id|id) = {_setting('agency_id')}::uuid\)"
_CLIENT = rf"\((client_id|id) = ANY \({_setting('client_ids')}::uuid\[\]\)\)"
_PERSON = rf"\(membership_id = {_setting('membership_id')}::uuid\)"
_INFLUENCER = rf"\([a-z_]+ = {_setting('influencer_id')}::uuid\)"
_OF_NO_CLIENT = rf"\(\(client_id IS NULL\) OR \({_AGENCY} AND {_CLIENT}\)\)"


@_rule
def every_policy_holds_its_wall(connection: Connection) -> list[str]:
    """
    Read each condition as a conjunction: the agency is one of its terms, and the client (or the
    person) another, wherever the wall is one; to an influencer it is that the row is theirs,
    whatever the wall. An OR beside them, or `true`, is no wall.
    """
    found = connection.execute(
        text(
            _TABLES + "select relname, wall, polname, polcmd, rolname, shown, checked from policies"
        )
    )
    offenders = []
    for table, wall, policy, _, role, shown, checked in found:
        if role in ("app_owner", "app_platform"):
            continue
        for condition in (shown, checked):
            managed = role == "app_staff" and table in MANAGED
            kind = _kind(table, wall, role, managed)
            if condition is not None and not _holds(kind, role, condition, checked is condition):
                offenders.append(f"{table}.{policy}")
    return offenders


def _kind(table: str, wall: str, role: str, managed: bool) -> str:
    """Which wall a role stands before: the table's, or, if it is an influencer, their own."""
    if role == "app_influencer" and wall != "personal":
        # They tell of what is theirs whichever client it is for, and read none of it back.
        return "agency" if table in ("agencies", *TOLD) else "influencer"
    return "agency" if managed else wall


def _holds(wall: str, role: str, condition: str, is_check: bool) -> bool:
    if is_check and condition == "false":
        return True
    terms = conjunction(condition)
    needed = [_AGENCY]
    if wall == "personal":
        needed.append(_PERSON)
    elif wall == "influencer":
        needed.append(_INFLUENCER)
    elif wall.startswith("client") and role != "app_staff":
        needed.append(f"(?:{_CLIENT}|{_OF_NO_CLIENT})" if is_check else _CLIENT)
    return all(any(re.fullmatch(form, term) for term in terms) for form in needed)


def conjunction(condition: str) -> list[str]:
    """The terms of `(a AND b AND c)`; one term when it is no conjunction."""
    inner = condition[1:-1] if _wrapped(condition) else condition
    terms, depth, start = [], 0, 0
    for place, letter in enumerate(inner):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and inner.startswith(" OR ", place):
            return [condition]
        if depth == 0 and inner.startswith(" AND ", place):
            terms.append(inner[start:place])
            start = place + len(" AND ")
    terms.append(inner[start:])
    return terms if len(terms) > 1 else [condition]


def _wrapped(condition: str) -> bool:
    depth = 0
    for place, letter in enumerate(condition):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(condition) - 1 and condition.startswith("(")
    return False


# Grants, roles and functions


@_rule
def the_application_has_no_grant_on_the_platforms_tables(connection: Connection) -> list[str]:
    sights = ", ".join(f"'{role}'" for role in SIGHTS)
    return _ask(
        connection,
        f"select relname || ' ' || role || ' ' || privilege from grants where role in ({sights})"
        " and wall = 'platform'",
    )


@_rule
def a_client_has_no_grant_on_what_is_internal(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select relname || ' ' || role || ' ' || privilege from grants"
        " where role in ('app_contact', 'app_link')"
        " and wall in ('client_internal', 'agency')"
        " and not (relname = 'agencies' and privilege = 'SELECT')"
        f" and not (relname in {TOLD} and privilege = 'INSERT')",
    )


@_rule
def grants_are_four_and_to_known_roles(connection: Connection) -> list[str]:
    known = ", ".join(f"'{role}'" for role in (*SIGHTS, "app_platform"))
    return _ask(
        connection,
        "select relname || ' ' || role || ' ' || privilege from grants where grantee = 0"
        f" or role not in ({known})"
        " or privilege not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')",
    )


@_rule
def whoever_has_a_grant_has_a_policy(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select distinct relname || ' ' || role from grants g where not exists"
        " (select from policies p where p.relname = g.relname and p.rolname = g.role)",
    )


@_rule
def log_ins_may_nothing_by_themselves(connection: Connection) -> list[str]:
    query = """
    select rolname from pg_roles where rolname = any(:logins) and (rolsuper or rolbypassrls
        or rolinherit or rolcreatedb or rolcreaterole or rolreplication or not rolcanlogin)
    union all
    select rolname from pg_roles where (rolname = 'app_owner' or rolname like 'app\\_%')
        and rolname <> all(:logins) and (rolsuper or rolbypassrls or rolcanlogin or rolcreatedb
        or rolcreaterole or rolreplication)
    union all
    select r.rolname || ' owns something' from pg_shdepend d join pg_roles r on r.oid = d.refobjid
    where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o'
        and r.rolname <> 'app_owner' and r.rolname like any (array['app\\_%', 'platform\\_login'])
    """
    found = connection.execute(text(query), {"logins": list(LOGINS)})
    return [*(str(row[0]) for row in found), *_memberships(connection)]


def _memberships(connection: Connection) -> list[str]:
    found = connection.execute(
        text(
            "select pg_get_userbyid(member), pg_get_userbyid(roleid) from pg_auth_members"
            " where pg_get_userbyid(member) like any (array['app\\_%', 'platform\\_login'])"
        )
    )
    return [
        f"{member} is a member of {role}"
        for member, role in found
        if role not in MAY_BE_MEMBER.get(member, set())
    ]


@_rule
def the_owner_owns_every_table(connection: Connection) -> list[str]:
    return _ask(
        connection, "select relname from tables where pg_get_userbyid(relowner) <> 'app_owner'"
    )


@_rule
def views_see_what_their_reader_sees(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and (relkind in ('m', 'f') or relkind = 'v' and not"
        " coalesce(reloptions, '{}') && array['security_invoker=true', 'security_invoker=on'])",
    )


@_rule
def functions_that_look_past_the_walls_are_known(connection: Connection) -> list[str]:
    found = connection.execute(
        text(
            "select p.oid::regprocedure::text, coalesce(p.proconfig, '{}'),"
            " array(select case when grantee = 0 then 'public' else pg_get_userbyid(grantee) end"
            "  from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))))"
            " from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef"
        )
    )
    return [
        name
        for name, options, callers in found
        if name not in DEFINERS
        or not any(option.startswith("search_path=pg_catalog,") for option in options)
        or not set(callers) <= DEFINERS[name]
    ]


@_rule
def nothing_happens_behind_the_code(connection: Connection) -> list[str]:
    """No triggers, no rules, no default privileges: what happens stands in the code."""
    return _ask(
        connection,
        "select tgname from pg_trigger where not tgisinternal"
        " union all select rulename from pg_rewrite r join tables t on t.oid = r.ev_class"
        " union all select 'default privileges' from pg_default_acl",
    )


# Keys and types


@_rule
def primary_keys_begin_with_the_agency(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select t.relname from tables t left join keys k on k.conrelid = t.oid and contype = 'p'"
        " where (k.names is null or k.names[1] <> 'agency_id')"
        " and t.relname <> 'agencies' and not (t.wall = 'platform' and k.names = array['id'])",
    )


@_rule
def what_is_unique_is_unique_in_its_agency(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select i.indexrelid::regclass::text from pg_index i join tables t on t.oid = i.indrelid"
        " where i.indisunique and t.wall <> 'platform' and t.relname <> 'agencies'"
        " and not exists (select from columns c where c.oid = t.oid and c.attname = 'agency_id'"
        " and c.attnum = any(i.indkey))",
    )


_KEY_PAIRS = """
, pairs as (
    select k.*, r.relname as parent, r.wall as parent_wall, array(
        select names[at] || '=' || targets[at] from generate_subscripts(names, 1) at
    ) as pairs
    from keys k join tables r on r.oid = k.confrelid where k.contype = 'f'
)
"""


@_rule
def foreign_keys_carry_the_agency(connection: Connection) -> list[str]:
    return _ask(
        connection,
        _KEY_PAIRS + "select relname || '.' || conname from pairs"
        " where exists (select from columns c where c.oid = conrelid and c.attname = 'agency_id')"
        " and parent <> 'agencies' and not 'agency_id=agency_id' = any(pairs)"
        " and exists (select from columns c where c.oid = confrelid and c.attname = 'agency_id')",
    )


@_rule
def foreign_keys_carry_the_client(connection: Connection) -> list[str]:
    return _ask(
        connection,
        _KEY_PAIRS + "select relname || '.' || conname from pairs"
        " where not 'client_id=client_id' = any(pairs) and exists (select from columns c"
        " where c.oid = conrelid and c.attname = 'client_id' and c.attnotnull)"
        " and exists (select from columns c"
        " where c.oid = confrelid and c.attname = 'client_id' and c.attnotnull)",
    )


@_rule
def a_clients_rows_belong_to_a_client_there_is(connection: Connection) -> list[str]:
    return _ask(
        connection,
        _KEY_PAIRS + "select c.relname from columns c where c.attname = 'client_id'"
        " and c.attnotnull and not exists (select from pairs p where p.conrelid = c.oid"
        " and (p.parent = 'clients' and p.pairs @> array['agency_id=agency_id', 'client_id=id']"
        " or p.pairs @> array['agency_id=agency_id', 'client_id=client_id']))",
    )


@_rule
def keys_are_checked_whole(connection: Connection) -> list[str]:
    """
    A composite key with one NULL column is not checked at all: only its last column may be, or
    another that a check demands where that one is there.
    """
    return _ask(
        connection,
        "select k.relname || '.' || k.conname from keys k where k.contype = 'f'"
        " and (select count(*) from columns c where c.oid = k.conrelid and c.attnum = any(k.conkey)"
        " and not c.attnotnull and not exists (select from columns last, pg_constraint demanded"
        " where last.oid = k.conrelid and last.attnum = k.conkey[cardinality(k.conkey)]"
        " and demanded.conrelid = k.conrelid and demanded.contype = 'c' and position("
        "format('((%s IS NULL) OR (%s IS NOT NULL))', last.attname, c.attname)"
        " in pg_get_constraintdef(demanded.oid)) > 0)) > 1",
    )


@_rule
def nothing_is_deleted_by_a_key(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select relname || '.' || conname from keys"
        " where contype = 'f' and (confdeltype <> 'a' or confupdtype <> 'a')",
    )


@_rule
def filters_can_use_an_index(connection: Connection) -> list[str]:
    """No native enums: under row security their operators leak, so no index is used."""
    return _ask(
        connection,
        "select typname from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e'",
    )


@_rule
def instants_have_a_zone_and_money_is_whole(connection: Connection) -> list[str]:
    return _ask(
        connection,
        "select c.relname || '.' || c.attname from columns c"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum = c.attnum"
        " where format_type(a.atttypid, null) in"
        " ('timestamp without time zone', 'money', 'real', 'json')"
        " or c.attname like '%\\_minor' and a.atttypid <> 'bigint'::regtype",
    )
