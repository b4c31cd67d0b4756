"""What became of a version with each of the client's people: sent, opened, downloaded, read."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from api.reports import versions
from api.reports.delivery.models import ReaderRead
from api.reports.sharing.accesses import SHOWN

MOST = 500


def of_version(session: Session, report_id: UUID, number: int) -> list[ReaderRead]:
    """Who has it or should have it, by name; five hundred at most."""
    version = versions.of(session, report_id, number)
    agency_id: UUID = session.sight.agency_id  # type: ignore[attr-defined]
    asked = {"agency": agency_id, "version": version.id, "shown": [each.value for each in SHOWN]}
    found = session.connection().execute(_READERS, {**asked, "most": MOST})
    return [_read(row) for row in found]


def _read(row: Any) -> ReaderRead:
    values = dict(row._mapping)
    formats = values["formats"]
    values["formats"] = json.loads(formats) if isinstance(formats, str) else formats or []
    return ReaderRead.model_validate(values)


# A contact and the log-in that is theirs are one person.
_READERS = text("""
with sent as (
    select d.id as delivery_id, d.contact_id, c.membership_id, d.name, d.status, d.sent_at
    from report_deliveries d
    join contacts c on c.agency_id = d.agency_id and c.id = d.contact_id
    where d.agency_id = :agency and d.version_id = :version
),
opened as (
    select coalesce(o.membership_id, c.membership_id) as membership_id,
        case when o.membership_id is null then d.contact_id end as contact_id,
        o.format, o.created_at, o.last_at, o.times
    from report_openings o
    left join report_deliveries d on d.agency_id = o.agency_id and d.id = o.delivery_id
    left join contacts c on c.agency_id = d.agency_id and c.id = d.contact_id
    where o.agency_id = :agency and o.version_id = :version
),
known as (
    select membership_id, case when membership_id is null then contact_id end as contact_id
    from sent
    union
    select membership_id, case when membership_id is null then contact_id end from opened
    union
    select membership_id, null from report_receipts
    where agency_id = :agency and version_id = :version
)
select coalesce(s.name, m.name, c.name) as name, coalesce(s.contact_id, k.contact_id) as contact_id,
    k.membership_id, s.status as delivery, s.sent_at,
    o.opened_at, o.downloaded_at, o.formats,
    r.created_at as acknowledged_at, r.useful, r.recommend
from known k
left join sent s on s.membership_id = k.membership_id or s.contact_id = k.contact_id
left join memberships m on m.agency_id = :agency and m.id = k.membership_id
left join contacts c on c.agency_id = :agency and c.id = k.contact_id
left join report_receipts r on r.agency_id = :agency and r.version_id = :version
    and r.membership_id = k.membership_id
left join lateral (
    select min(first_at) as opened_at,
        min(first_at) filter (where not format = any(:shown)) as downloaded_at,
        json_agg(json_build_object('format', format, 'first_at', first_at, 'last_at', last_at,
            'times', times) order by format) as formats
    from (
        select format, min(created_at) as first_at, max(last_at) as last_at, sum(times) as times
        from opened
        where membership_id = k.membership_id or contact_id = k.contact_id
        group by format
    ) each
) o on true
order by name, k.membership_id, k.contact_id limit :most
""")
