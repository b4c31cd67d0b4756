"""
Who opened a version: noted with the answer that gives it, of people whom the agency knows.

A contact who is logged in notes their own, by one more statement of the round trip that reads the
version; it writes nothing where there is nothing to read. Who came by the link of a delivery is
noted with the link's other openings.
"""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from api.reports.models import Format, ShareLink
from tenants import clock
from tenants.ids import new_id
from tenants.pipeline import Statement

# One opening, however often a front-end asks within it.
_AGAIN = """
on conflict on constraint uq_report_openings_who do update
    set last_at = excluded.last_at, times = o.times + 1
    where o.last_at < excluded.last_at - interval '1 minute'
returning 1
"""
_INTO = """
insert into report_openings as o (agency_id, id, created_at, client_id, version_id, membership_id,
    delivery_id, format, last_at, times)
"""
_IS_THERE = """
(f.kind = 'json' or exists (
    select from report_artifacts a where a.agency_id = v.agency_id and a.version_id = v.id
        and a.format = f.kind and a.locale = coalesce(f.locale, a.locale)))
"""


def own(chosen: Statement, agency_id: UUID, format: Format, locale: str | None) -> Statement:
    """The statement that notes the version a contact is given by `chosen`, and nobody else's."""
    values = {
        "o_id": new_id(),
        "o_now": clock.now(),
        "o_format": format.value,
        "o_locale": locale,
        "agency": agency_id,
    }
    return Statement(_own(chosen.sql), chosen.parameters | values)


@cache
def _own(chosen: str) -> str:
    return (
        f"with chosen as ({chosen}){_INTO}"  # noqa: S608
        "select v.agency_id, %(o_id)s, %(o_now)s, v.client_id, v.id,"
        " nullif(current_setting('app.membership_id', true), '')::uuid, null, f.kind, %(o_now)s, 1"
        " from chosen join report_versions v on v.agency_id = %(agency)s and v.id = chosen.id"
        " cross join (select %(o_format)s::text as kind, %(o_locale)s::text as locale) f"
        " where current_user = 'app_contact' and v.status <> 'withdrawn'"
        f" and (f.locale is null or v.locales ? f.locale) and {_IS_THERE}{_AGAIN}"
    )


_DELIVERED = text(
    f"{_INTO}"  # noqa: S608
    "select v.agency_id, :id, :now, v.client_id, v.id, null, d.id, f.kind, :now, 1"
    " from report_deliveries d"
    " join lateral (select * from report_versions s where s.agency_id = d.agency_id"
    " and s.report_id = d.report_id and s.status <> 'superseded'"
    " order by s.number desc limit 1) v on v.status = 'published'"
    " cross join (select cast(:format as text) as kind, cast(:locale as text) as locale) f"
    f" where d.agency_id = :agency and d.link_id = :link and {_IS_THERE}{_AGAIN}"
)


def delivered(session: Session, link: ShareLink, format: Format, locale: str | None) -> None:
    """Note that somebody opened the link they were sent."""
    values: dict[str, Any] = {
        "id": new_id(),
        "now": clock.now(),
        "agency": link.agency_id,
        "link": link.id,
        "format": format.value,
        "locale": locale,
    }
    session.connection().execute(_DELIVERED, values)
