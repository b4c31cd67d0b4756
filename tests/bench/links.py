"""Links to decide at, each of an approval of its own: copies of one that the demo decided on."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import psycopg

from api.approvals import links
from api.approvals.models import ApprovalLink
from tenants import clock, tokens
from tests.bench.data import clone, id_of

MANY = 4_000
_SERIES = f"generate_series(1, {MANY}) n"


class Asked(NamedTuple):
    """What is sent to decide, to each address once."""

    form: bytes
    ours: Iterator[str]
    twins: Iterator[str]


def form(content_sha256: str) -> bytes:
    """What the page of a link sends."""
    return urlencode({"outcome": "approved", "content_sha256": content_sha256}).encode()


def asked(connection: psycopg.Connection[Any], agency: str) -> Asked:
    """What is sent to decide; and where, for us and for the twin, each address once."""
    ((approval, subject, deliverable, sha256, client),) = connection.execute(
        "select a.id, s.id, s.subject_id, a.content_sha256, a.client_id from approvals a"
        " join approval_subjects s on s.agency_id = a.agency_id and s.approval_id = a.id"
        " where a.agency_id = %s and a.level = 'client' and a.status = 'approved'"
        " and s.subject_type = 'deliverables' order by a.id limit 1",
        (agency,),
    ).fetchall()

    def addresses() -> Iterator[str]:
        """Made when they are first asked for."""
        number = f"({time.time_ns() >> 20}::bigint << 13) % (1::bigint << 47) + n"
        with connection.transaction():
            for copy in _copies(number, approval, subject, deliverable):
                connection.execute(copy)
            fresh = connection.execute(f"select {id_of('c', number)} from {_SERIES}").fetchall()
            made = [_link(UUID(agency), client, id) for (id,) in fresh]
            _store(connection, made)
        for each in made:
            yield urlsplit(links.address_of(each)).path

    return Asked(form(sha256), addresses(), addresses())


def _copies(number: str, approval: UUID, subject: UUID, deliverable: UUID) -> list[str]:
    theirs = f"'approval_id', {id_of('c', number)}, 'subject_id', {id_of('e', number)}"
    return [
        clone(
            "approvals",
            f"id = '{approval}'",
            _SERIES,
            f"'id', {id_of('c', number)}, 'status', 'open', 'decided_at', null",
        ),
        clone(
            "approval_subjects",
            f"id = '{subject}'",
            _SERIES,
            f"'id', {id_of('d', number)}, {theirs}",
        ),
        clone(
            "deliverables",
            f"id = '{deliverable}'",
            _SERIES,
            f"'id', {id_of('e', number)}, 'approval_id', {id_of('c', number)},"
            " 'campaign_id', null, 'status', 'client_review', 'delivered_on', null,"
            " 'proof_url', null, 'published_at', null, 'proof_file_id', null",
        ),
    ]


def _link(agency_id: UUID, client_id: UUID, approval_id: UUID) -> ApprovalLink:
    link = ApprovalLink(
        agency_id=agency_id,
        client_id=client_id,
        approval_id=approval_id,
        name="Marta Vidal",
        email="marta@aurora.example",
        secret_hash="",
        expires_at=clock.now() + timedelta(days=1),
    )
    link.secret_hash = tokens.hash_secret(links._secret(link))
    return link


def _store(connection: psycopg.Connection[Any], made: Sequence[ApprovalLink]) -> None:
    columns = list(made[0].model_dump())
    values = ", ".join(f"%({name})s" for name in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into approval_links ({', '.join(columns)}) values ({values})",
            [each.model_dump() for each in made],
        )
