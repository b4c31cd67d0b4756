"""The walls as they stand in the database, and the proof that each rule would see them fall."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from tenants.tables import Sensitivity
from tests.isolation.rules import RULES

# One fault for each rule, planted in a transaction that is rolled back.
PLANTS: dict[str, tuple[str, ...]] = {
    "row_security_is_forced": ("alter table clients no force row level security",),
    "the_owner_policy_names_the_wall": ("comment on policy owner on clients is null",),
    "policies_are_permissive_and_for_one_known_role": (
        "create policy more on clients as restrictive to app_staff using (true)",
    ),
    "one_policy_per_role_and_command": (
        "create policy more on clients for update to app_scoped using (true)",
    ),
    "no_policy_asks_another_table": (
        "alter policy scoped on clients using (exists (select from assignments))",
    ),
    "every_policy_holds_its_wall": (
        "alter policy scoped on clients using"
        " (agency_id = nullif(current_setting('app.agency_id', true), '')::uuid or true)",
    ),
    "the_application_has_no_grant_on_the_platforms_tables": ("grant select on users to app_staff",),
    "a_client_has_no_grant_on_what_is_internal": ("grant select on assignments to app_contact",),
    "grants_are_four_and_to_known_roles": ("grant truncate on clients to app_staff",),
    "whoever_has_a_grant_has_a_policy": ("drop policy scoped on clients",),
    "log_ins_may_nothing_by_themselves": ("grant app_owner to app_login",),
    "the_owner_owns_every_table": ("alter table clients owner to current_user",),
    "views_see_what_their_reader_sees": ("create view everything as select * from clients",),
    "functions_that_look_past_the_walls_are_known": (
        "create function peep() returns bigint language sql security definer"
        " as 'select count(*) from public.clients'",
    ),
    "nothing_happens_behind_the_code": (
        "create rule quiet as on delete to clients do instead nothing",
    ),
    "primary_keys_begin_with_the_agency": (
        "alter table clients drop constraint pk_clients cascade",
        "alter table clients add primary key (id, agency_id)",
    ),
    "what_is_unique_is_unique_in_its_agency": (
        "create unique index leak on clients (slug) where false",
    ),
    "foreign_keys_carry_the_agency": (
        "create unique index leak on memberships (id)",
        "alter table clients add foreign key (lead_membership_id) references memberships (id)",
    ),
    "foreign_keys_carry_the_client": (
        "alter table assignments add column follows uuid, add foreign key (agency_id, follows)"
        " references assignments (agency_id, id)",
    ),
    "a_clients_rows_belong_to_a_client_there_is": (
        "alter table assignments drop constraint fk_assignments_agency_id_client_id",
    ),
    "keys_are_checked_whole": (
        "alter table assignments add column a uuid, add column b uuid,"
        " add foreign key (a, b) references memberships (agency_id, id)",
    ),
    "nothing_is_deleted_by_a_key": (
        "alter table assignments add column follows uuid, add foreign key (agency_id, follows)"
        " references assignments (agency_id, id) on delete cascade",
    ),
    "filters_can_use_an_index": ("create type mood as enum ('good', 'bad')",),
    "instants_have_a_zone_and_money_is_whole": ("alter table clients add fee_minor integer",),
}


@pytest.fixture(scope="module")
def catalogue(urls: dict[str, str]) -> Iterator[Engine]:
    """A superuser's look at the migrated database."""
    engine = create_engine(urls["owner"], poolclass=NullPool)
    yield engine
    engine.dispose()


class TestCatalogue:
    @pytest.mark.parametrize("rule", RULES)
    def test_has_no_offender(self, rule: str, catalogue: Engine) -> None:
        with catalogue.connect() as connection:
            assert RULES[rule](connection) == []

    @pytest.mark.parametrize("rule", RULES)
    def test_would_find_one(self, rule: str, catalogue: Engine) -> None:
        with catalogue.connect() as connection:
            for statement in PLANTS[rule]:
                connection.execute(text(statement))
            assert RULES[rule](connection) != []
            connection.rollback()


def _tables() -> dict[str, Any]:
    return {
        mapper.local_table.name: mapper.class_  # type: ignore[attr-defined]
        for mapper in SQLModel._sa_registry.mappers
    }


class TestModels:
    def test_name_the_wall_their_migration_named(self, catalogue: Engine) -> None:
        query = (
            "select polrelid::regclass::text, substring(obj_description(oid, 'pg_policy') from 6)"
            " from pg_policy where polname = 'owner'"
        )
        with catalogue.connect() as connection:
            migrated = {row[0]: row[1] for row in connection.execute(text(query))}

        assert migrated == {name: str(model.wall) for name, model in _tables().items()}

    def test_tag_every_column_that_can_hold_words(self) -> None:
        kinds = {kind.value for kind in Sensitivity}
        untagged = [
            f"{table.name}.{column.name}"
            for table in SQLModel.metadata.tables.values()
            for column in table.columns
            if _holds_words(column) and column.info.get("sensitivity") not in kinds
        ]
        assert untagged == []

    def test_are_what_the_migrations_made(
        self, catalogue: Engine, scratch: Engine, subtests: pytest.Subtests
    ) -> None:
        """`alembic check` sees no CHECK, no primary key, no index condition: this does."""
        with catalogue.connect() as migrated, scratch.connect() as modelled:
            for what, query in SHAPE.items():
                with subtests.test(what):
                    assert _lines(modelled, query) == _lines(migrated, query)


def _holds_words(column: Any) -> bool:
    if isinstance(column.type, JSONB):
        return True
    if getattr(column.type, "enum_class", None) is not None:
        return False
    try:
        return column.type.python_type in (str, bytes, dict, list)
    except NotImplementedError:
        return True


_OURS = "relnamespace = 'public'::regnamespace and relname <> 'alembic_version'"
SHAPE = {
    "columns": (
        "select relname, attname, format_type(atttypid, atttypmod), attnotnull,"
        " (select pg_get_expr(adbin, adrelid) from pg_attrdef"
        "  where adrelid = attrelid and adnum = attnum)"
        f" from pg_attribute join pg_class c on c.oid = attrelid where {_OURS}"
        " and relkind = 'r' and attnum > 0 and not attisdropped"
    ),
    "constraints": (
        "select relname, conname, pg_get_constraintdef(k.oid)"
        f" from pg_constraint k join pg_class c on c.oid = conrelid where {_OURS}"
    ),
    "indexes": (
        "select relname, pg_get_indexdef(c.oid) from pg_class c"
        f" where {_OURS} and relkind = 'i' and relname <> 'alembic_version_pkc'"
    ),
}


def _lines(connection: Connection, query: str) -> list[str]:
    return sorted(" | ".join(map(str, row)) for row in connection.execute(text(query)))


@pytest.fixture(scope="module")
def scratch(urls: dict[str, str]) -> Iterator[Engine]:
    """A database that holds what the models alone say."""
    name = f"scratch_{secrets.token_hex(4)}"
    server = create_engine(urls["owner"], isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine = create_engine(make_url(urls["owner"]).set(database=name), poolclass=NullPool)
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()
    with server.connect() as connection:
        connection.execute(text(f"drop database {name}"))
    server.dispose()
