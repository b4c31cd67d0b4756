"""Links to decide at, each of an approval of its own: copies of one that the demo decided on."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import psycopg

from api.approvals import links
from api.approvals.models import ApprovalLink
from tenants import auth, clock
from tests.bench.data import clone, id_of

MANY = 4_000


def form(content_sha256: str) -> bytes:
    """What the page of a link sends."""
    return urlencode({"outcome": "approved", "content_sha256": content_sha256}).encode()


def asked(connection: psycopg.Connection[Any], agency: str) -> tuple[bytes, Iterator[str]]:
    """What is sent to decide, and addresses at which it can be, each once."""
    ((approval, subject, deliverable, sha256, client),) = connection.execute(
        "select a.id, s.id, s.subject_id, a.content_sha256, a.client_id from approvals a"
        " join approval_subjects s on s.agency_id = a.agency_id and s.approval_id = a.id"
        " where a.agency_id = %s and a.level = 'client' and a.status = 'approved'"
        " and s.subject_type = 'deliverables' order by a.id limit 1",
        (agency,),
    ).fetchall()
    number = f"({int(time.time())}::bigint << 13) + n"
    many = f"generate_series(1, {MANY}) n"
    theirs = f"'approval_id', {id_of('c', number)}, 'subject_id', {id_of('e', number)}"
    copies = [
        clone(
            "approvals",
            f"id = '{approval}'",
            many,
            f"'id', {id_of('c', number)}, 'status', 'open', 'decided_at', null",
        ),
        clone(
            "approval_subjects", f"id = '{subject}'", many, f"'id', {id_of('d', number)}, {theirs}"
        ),
        clone(
            "deliverables",
            f"id = '{deliverable}'",
            many,
            f"'id', {id_of('e', number)}, 'approval_id', {id_of('c', number)},"
            " 'campaign_id', null, 'status', 'client_review', 'delivered_on', null,"
            " 'proof_url', null, 'published_at', null, 'proof_file_id', null",
        ),
    ]
    with connection.transaction():
        for copy in copies:
            connection.execute(copy)
        fresh = connection.execute(
            "select id from approvals where agency_id = %s and status = 'open'"
            " and id in (select " + id_of("c", number) + " from " + many + ")",
            (agency,),
        )
        made = [_link(UUID(agency), client, id) for (id,) in fresh.fetchall()]
        _store(connection, made)
    return form(sha256), iter([urlsplit(links.address_of(each)).path for each in made])


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
    link.secret_hash = auth.hash_secret(links._secret(link))
    return link


def _store(connection: psycopg.Connection[Any], made: Sequence[ApprovalLink]) -> None:
    columns = list(made[0].model_dump())
    values = ", ".join(f"%({name})s" for name in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into approval_links ({', '.join(columns)}) values ({values})",
            [each.model_dump() for each in made],
        )
