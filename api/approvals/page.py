"""The page of a link: what is decided on, how, and what became of it. It needs no script."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.responses import Response

from api.approvals import shown
from api.approvals.links import OVER, Guest
from api.approvals.models import Approval, ApprovalStatus, Unanswered
from api.documents import html as web
from api.documents import theme
from api.documents.formats import Formats, formats
from api.documents.words import Words, words
from tenants.words import language

TEMPLATES = Path(__file__).parent / "templates"
PRIMARY, ACCENT = "#24313F", "#B4690E"  # of an agency that has chosen no colours


def respond(
    guest: Guest | None,
    approval: Approval | None = None,
    *,
    status: int = 200,
    notice: str = "",
    locale: str = "en",
) -> Response:
    """
    The page, in the language of the guest's client, or in `locale` to a stranger. `notice`: what
    was refused. Without an approval it says that alone.
    """
    tongue = language(guest.locale if guest else locale)
    said = words(tongue)
    values: dict[str, object] = {
        "w": said,
        "language": tongue,
        "guest": guest,
        "notice": notice,
        "approval": approval,
        **colours_of(guest.branding if guest else {}),
    }
    if guest is not None and approval is not None:
        values |= _values(guest, approval, said)
    made = web.page(TEMPLATES, "decide.html.j2", "decide.css.j2", values, forms=True)
    headers = {
        "Content-Security-Policy": made.csp,
        "Cache-Control": "no-store",
        "Content-Language": tongue,
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return Response(made.body, status, headers, "text/html; charset=utf-8")


def _values(guest: Guest, approval: Approval, said: Words) -> dict[str, Any]:
    written = formats(guest.locale, "EUR", guest.timezone)
    return {
        "sections": shown.sections(approval.document, guest.locale, guest.timezone),
        "answered": _answered(guest, approval, said, written),
        "respond_by": _moment(written, approval.respond_by),
        "until": _moment(written, guest.expires_at),
    }


def _answered(guest: Guest, approval: Approval, said: Words, written: Formats) -> str:
    """What was decided, and when: by this person, or by somebody else; nothing while it waits."""
    if guest.outcome is not None:
        return said(f"decide.you.{guest.outcome}", moment=_moment(written, guest.decided_at))
    if approval.status is ApprovalStatus.open or approval.status in OVER:
        return ""
    by_whom = "deemed" if _is_deemed(approval) else approval.status
    return said(f"decide.others.{by_whom}", moment=_moment(written, approval.decided_at))


def _is_deemed(approval: Approval) -> bool:
    """Nobody decides after the time to decide is over: then the policy has."""
    if approval.status is not ApprovalStatus.approved or not approval.respond_by:
        return False
    silent = approval.decided_at is not None and approval.decided_at > approval.respond_by
    return silent and approval.after is Unanswered.deem_approved


def _moment(written: Formats, instant: datetime | None) -> str:
    return written.moment(instant) if instant else ""


def colours_of(branding: Mapping[str, Any]) -> dict[str, object]:
    """An agency's colours, by role, for light screens and dark ones."""
    palette = theme.palette(branding.get("primary") or PRIMARY, branding.get("accent") or ACCENT)
    return {"light": palette.light, "dark": palette.dark}
