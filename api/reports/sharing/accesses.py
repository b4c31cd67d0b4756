"""Who opened a share link: noted with each answer, kept for ninety days, known by nobody's name."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, delete, select

from api.reports.delivery import openings
from api.reports.models import Format, ShareLink
from api.reports.sharing.models import ShareLinkAccess
from api.reports.sharing.share_links import LinkEntry, ShareLinkClosed
from tenants import auth, clock, database
from tenants.errors import Forbidden, NotFound
from tenants.pages import NEWEST, Listing, PageQuery

KEPT_FOR = timedelta(days=90)
SHOWN = (Format.json, Format.html, Format.slides)  # the others are files to keep
# The first that a program says it is: each later one claims to be those before it, too.
_FAMILIES = ("Firefox", "Edg", "OPR", "Chrome", "Safari", "curl", "bot")
_NETWORKS = {4: 24, 6: 48}  # bits of an address that are kept


class DownloadNotAllowed(Forbidden):
    """This address shows the report and does not give it as a file; ask your agency for one."""


@dataclass(frozen=True)
class Visit:
    """What is asked through a link, and from where."""

    format: Format
    address: str
    agent: str


def note(entry: LinkEntry, visit: Visit) -> str | None:
    """Note an opening; the one language the link shows, if it is bound to one."""
    with database.agency_session(auth.system(entry.agency_id, "share link")) as session:
        link = session.exec(select(ShareLink).where(col(ShareLink.id) == entry.link_id)).first()
        if link is None:
            raise ShareLinkClosed
        if visit.format not in SHOWN and not link.can_download:
            raise DownloadNotAllowed
        seen = ShareLinkAccess(
            client_id=link.client_id,
            link_id=link.id,
            format=visit.format,
            network=network_of(visit.address),
            program=program_of(visit.agent),
        )
        session.add(seen)
        openings.delivered(session, link, visit.format, link.locale)
        return link.locale


def search(session: Session, report_id: UUID, link_id: UUID, page: PageQuery) -> Listing:
    """A link's openings, the last first."""
    link = database.get(session, ShareLink, link_id)
    if link.report_id != report_id:
        raise NotFound
    query = select(ShareLinkAccess).where(col(ShareLinkAccess.link_id) == link.id)
    return Listing(query, ShareLinkAccess, page, NEWEST)


def forget(session: Session) -> None:
    """What is older than it may be is gone."""
    old = col(ShareLinkAccess.created_at) < clock.now() - KEPT_FOR
    session.exec(delete(ShareLinkAccess).where(old))


def network_of(address: str) -> str:
    """The network an address is of, as coarse as a town."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    cut = ipaddress.ip_network((found, _NETWORKS[found.version]), strict=False)
    return str(cut)


def program_of(agent: str) -> str:
    """The family of program that somebody reads with."""
    known = {"Edg": "Edge", "OPR": "Opera"}
    named = next((name for name in _FAMILIES if name.lower() in agent.lower()), "other")
    return known.get(named, named)
