"""
Share links: an address that opens one report for whoever holds it, until it ends.

The token stands in the address's fragment, which browsers send nowhere; a page exchanges it by POST
for a short-lived cookie. Only a hash of its secret is stored, and it says which agency it is of.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, select

from api.reports.models import Report, ReportVersion, ShareLink
from tenants import auth, clock, database, outbox, passwords, settings, tokens, words
from tenants.auth import Actor
from tenants.errors import Conflict, Forbidden, NotFound, Unprocessable
from tenants.models import Audience, MembershipKind
from tenants.permissions import Duty

PREFIX = "share"
COOKIE = "shared_report"
COOKIE_LIFE = timedelta(hours=1)


MOST_WRONG = 10  # passwords; then the link is closed for good


class ShareLinkClosed(NotFound):
    """The address is wrong, has expired, or was taken back."""


class ShareLinkPassword(Forbidden):
    """This address asks for a password: none was given, or not that one."""


class InternalReport(Conflict):
    """An internal report is the agency's own: it is not shared by a link, nor sent to a client."""


class ShareLinkLanguage(Unprocessable):
    """The report is not written in that language."""


def create(
    session: Session,
    report_id: UUID,
    *,
    days: int,
    password: str | None = None,
    can_download: bool = True,
    locale: str | None = None,
) -> dict[str, Any]:
    """Make an address for a report. It is shown this once."""
    report = database.get(session, Report, report_id, lock=True)
    if report.audience is not Audience.client:
        raise InternalReport
    if locale is not None and locale not in report.locales:
        raise ShareLinkLanguage(pointer="/locale")
    secret = tokens.new_secret()
    link = ShareLink(
        client_id=report.client_id,
        report_id=report.id,
        secret_hash=tokens.hash_secret(secret),
        expires_at=clock.now() + timedelta(days=days),
        password_hash=passwords.digest(password) if password else None,
        can_download=can_download,
        locale=locale,
    )
    database.add(session, link)
    outbox.emit(session, "share_link.created", link)
    return {**link.model_dump(), "address": _address(link, secret)}


def for_contact(session: Session, version: ReportVersion, days: int, locale: str) -> ShareLink:
    """A link of somebody's own, in their language where there is one; its address is mailed."""
    language = words.language(locale)
    link = ShareLink(
        client_id=version.client_id,
        report_id=version.report_id,
        secret_hash="",
        expires_at=clock.now() + timedelta(days=days),
        locale=language if language in version.locales else None,
    )
    link.secret_hash = tokens.hash_secret(_mailed(link))
    database.add(session, link)
    outbox.emit(session, "share_link.created", link)
    return link


def address_of(link: ShareLink) -> str:
    """The address that is mailed to somebody: it is made anew each time, and kept nowhere."""
    return _address(link, _mailed(link))


def opens(session: Session, link_id: UUID) -> bool:
    """Whether a link still opens anything."""
    return _is_open(database.get(session, ShareLink, link_id))


def _mailed(link: ShareLink) -> str:
    return tokens.secret_for("report link", link.id)


def _address(link: ShareLink, secret: str) -> str:
    token = tokens.write_opaque(PREFIX, link.agency_id, link.id, secret)
    return f"{settings.get().public_address}/shared/reports#{token}"


def list_of(session: Session, report_id: UUID) -> list[ShareLink]:
    """A report's share links, newest first."""
    database.get(session, Report, report_id)
    query = select(ShareLink).where(col(ShareLink.report_id) == report_id)
    return list(session.exec(query.order_by(col(ShareLink.id).desc()).limit(200)))


def revoke(session: Session, report_id: UUID, link_id: UUID) -> ShareLink:
    """End an address now."""
    link = database.get(session, ShareLink, link_id, lock=True)
    if link.report_id != report_id:
        raise NotFound
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        outbox.emit(session, "share_link.revoked", link)
    return link


def exchange(token: str, password: str | None = None) -> str:
    """A cookie for a token that is still good; counts that it was opened."""
    opened = tokens.read_opaque(PREFIX, token)
    if opened is None:
        raise ShareLinkClosed
    with database.agency_session(auth.system(opened.agency_id, "share link")) as session:
        query = select(ShareLink).where(col(ShareLink.id) == opened.id)
        link = session.exec(query.with_for_update(key_share=True)).first()
        if link is None or not opened.matches(link.secret_hash) or not _is_open(link):
            raise ShareLinkClosed
        is_right = _is_right(link, password)
        if is_right:
            link.opened += 1
            link.last_opened_at = clock.now()
            outbox.emit(session, "share_link.opened", link)
    if not is_right:  # told after the commit: what is counted stays counted
        raise ShareLinkPassword
    return _seal(opened.agency_id, opened.id, int((clock.now() + COOKIE_LIFE).timestamp()))


def _is_right(link: ShareLink, password: str | None) -> bool:
    """Whether the password is the link's, if it has one. Wrong ones are counted, for ever."""
    if link.password_hash is None:
        return True
    if password is None:
        return False
    is_right = passwords.verify(link.password_hash, password)
    link.wrong_passwords = 0 if is_right else link.wrong_passwords + 1
    return is_right


@dataclass(frozen=True)
class LinkEntry:
    """The way in of somebody who holds a cookie: one report of one client, published versions."""

    agency_id: UUID
    link_id: UUID

    def __call__(self, connection: Connection) -> Actor:
        row = connection.execute(
            _ENTER,
            {"agency": str(self.agency_id), "link": str(self.link_id), "now": clock.now()},
        ).one_or_none()
        if row is None:
            raise ShareLinkClosed
        return Actor(
            "link",
            self.agency_id,
            "share link",
            credential_id=self.link_id,
            membership=MembershipKind.client_contact,
            duties={row.client_id: frozenset({Duty.viewer})},
        )


_ENTER = text(
    "select s.*, set_config('app.agency_id', cast(:agency as text), true),"
    " set_config('app.client_ids', '{' || s.client_id || '}', true),"
    " set_config('app.subject_id', s.report_id::text, true),"
    " set_config('role', 'app_link', true)"
    " from sight_of_link(cast(:agency as uuid), cast(:link as uuid),"
    " cast(:now as timestamptz)) s"
)


def entry(cookie: str | None) -> LinkEntry:
    """The way in that a cookie opens; its seal and its time are checked here, the link there."""
    parts = (cookie or "").split(".")
    if len(parts) != 4 or not parts[2].isdecimal():
        raise ShareLinkClosed
    try:
        agency_id, link_id, until = UUID(hex=parts[0]), UUID(hex=parts[1]), int(parts[2])
    except ValueError:
        raise ShareLinkClosed from None
    expected = _seal(agency_id, link_id, until)
    if not hmac.compare_digest(expected, cookie or "") or until <= clock.now().timestamp():
        raise ShareLinkClosed
    return LinkEntry(agency_id, link_id)


def report_of(session: Session) -> UUID:
    """The report the session's link opens."""
    found = session.connection().execute(text("select current_setting('app.subject_id')"))
    return UUID(str(found.scalar_one()))


def _seal(agency_id: UUID, link_id: UUID, until: int) -> str:
    body = f"{agency_id.hex}.{link_id.hex}.{until}"
    mac = hmac.digest(settings.get().secret_key, b"share cookie " + body.encode(), "sha256")
    return f"{body}.{mac.hex()}"


def _is_open(link: ShareLink) -> bool:
    is_locked = link.wrong_passwords >= MOST_WRONG
    return not is_locked and link.revoked_at is None and link.expires_at > clock.now()
