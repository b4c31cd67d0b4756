"""Two agencies, three places in them, and what may be seen from outside of a request's effect."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from tenants import clock
from tenants.ids import new_id
from tests.factories import Person, Staffed
from tests.isolation.walls import INFLUENCERS
from tests.operations import Call, Place
from tests.people import PEOPLE

UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
# What differs between any two requests.
OWN = ("date", "x-request-id", "traceparent", "ratelimit", "ratelimit-policy")
# What a client knows the id of, and sees nothing else of: a version's address holds its report's.
SHOWN_BY_ID = ("reports",)


@dataclass
class World:
    """`one` and `two` are clients of our agency, `other` is a client of another."""

    http: TestClient
    owner: Engine
    ours: Staffed
    theirs: Staffed
    one: Place
    two: Place
    other: Place

    def at(self, where: str) -> Place:
        return {"one": self.one, "two": self.two, "other agency": self.other}[where]

    def fingerprint(self) -> dict[str, str]:
        """A checksum of each table's rows of both agencies."""
        # A log-in notes when it was last used.
        parts = [
            f"select '{each.name}', count(*) || ':' || sum(hashtextextended(t::text, 0))"
            f" from {each.name} t where {each.agency} = any(:agencies)"
            for each in self.tables
            if each.name != "sessions"
        ]
        agencies = [self.ours.agency_id, self.theirs.agency_id]
        with self.owner.connect() as connection:
            found = connection.execute(text(" union all ".join(parts)), {"agencies": agencies})
            return {row[0]: row[1] for row in found}

    @cached_property
    def tables(self) -> "list[Table]":
        """Every table that holds rows of an agency, as the catalogue has it."""
        with self.owner.connect() as connection:
            return [Table(*row) for row in connection.execute(text(_TABLES))]

    def leaks(self, seen: Mapping[str, set[str]]) -> list[str]:
        """Which of the ids somebody was shown are of the other agency, or of a client of ours
        that they do not see, or (to a client's contact) of a table that no client may see."""
        ids = sorted({UUID(each) for found in seen.values() for each in found})
        rows = self._rows(ids)
        return [
            f"{name} was shown {table} {id}"
            for name, shown in seen.items()
            for id, table, agency, client, wall in rows
            if str(id) in shown and self._hidden(name, id, table, agency, client, wall)
        ]

    def _hidden(
        self, name: str, id: UUID, table: str, agency: UUID, client: UUID | None, wall: str
    ) -> bool:
        if agency != self.ours.agency_id:
            return True
        role = PEOPLE[name]
        if role.is_contact and wall == "client_internal" and table not in SHOWN_BY_ID:
            return True
        if role.rank == "influencer" and (
            (wall == "client_internal" and table not in INFLUENCERS)
            or (table == "influencers" and id != self._creator(role.works_for))
        ):
            return True
        slots = {self.ours.client_id: "one", self.ours.other_client_id: "two"}
        return client in slots and not role.sees(slots[client])

    def _creator(self, slot: str | None) -> UUID:
        return self.ours.influencer_id if slot == "one" else self.ours.other_influencer_id

    def _rows(self, ids: list[UUID]) -> list[Any]:
        parts = [
            f"select id, '{each.name}', {each.agency}, {each.client}, '{each.wall}'"
            f" from {each.name} where id = any(:ids)"
            for each in self.tables
            if each.has_id
        ]
        with self.owner.connect() as connection:
            return list(connection.execute(text(" union all ".join(parts)), {"ids": ids}))


@dataclass(frozen=True)
class Table:
    """What of a table tells whose a row is."""

    name: str
    wall: str
    agency: str
    client: str
    has_id: bool


_TABLES = """
select c.relname, substring(obj_description(p.oid, 'pg_policy') from 6),
    case c.relname when 'agencies' then 'id' else 'agency_id' end,
    case when c.relname = 'clients' then 'id'
        when 'client_id' = any(array_agg(a.attname)) then 'client_id' else 'null::uuid' end,
    'id' = any(array_agg(a.attname))
from pg_class c
join pg_policy p on p.polrelid = c.oid and p.polname = 'owner'
join pg_attribute a on a.attrelid = c.oid
group by c.relname, p.oid
having 'agency_id' = any(array_agg(a.attname)) or c.relname = 'agencies'
order by c.relname
"""


def twin_of(call: Call, strangers: set[str]) -> Call:
    """The same request about things that never were."""
    made: dict[str, str] = {}
    return call.replacing(lambda id: made.setdefault(id, str(new_id())) if id in strangers else id)


def outward(answer: Any) -> tuple[int, dict[str, str], str]:
    """What of an answer a caller can compare, less what differs between any two requests."""
    headers = {name: value for name, value in answer.headers.items() if name not in OWN}
    body = answer.text.replace(answer.headers["x-request-id"], "")
    return answer.status_code, headers, body


def expired(person: Person) -> dict[str, str]:
    """A token of theirs that was good once."""
    with clock.at(clock.now() - timedelta(hours=1)):
        return person.headers
