"""
Letters: what a mail says, in its reader's language and the agency's name and colours.

    @letter("invitation")            what writes a kind of letter: (session, job) -> Letter | None

Registers the job `mail.<kind>`, which writes the letter from what stands in the database when it
is sent, and sends it with no session open. A job's arguments are ids alone: a token that a letter
carries is made here, from its row. None: there is nothing to tell any more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from api.documents import html as web
from api.documents import theme
from api.documents.logos import Logo
from tenants import database, mail, settings, words, worker
from tenants.auth import Actor
from tenants.jobs import Job
from tenants.mail import Attachment, Mail
from tenants.models import Agency

# A mail server may be away for two hours and a half.
PAUSES = (30, 300, 1800, 7200)


@dataclass(frozen=True)
class Letter:
    """One letter to one person. `kind` names its words, `values` fill them."""

    kind: str
    agency: Agency
    address: str
    name: str
    locale: str
    values: Mapping[str, str] = field(default_factory=dict)
    link: str | None = None
    action: str = "action"  # what the link is for, among the words of its kind
    code: str | None = None
    reply_to: str | None = None
    logo: Logo | None = None
    attach: Callable[[], tuple[Attachment, ...]] | None = None  # its papers, made without a session


Writer = Callable[[database.Session, Job], Letter | None]


def letter(kind: str) -> Callable[[Writer], Writer]:
    """Register what writes the letters of a kind."""

    def register(write: Writer) -> Writer:
        @worker.job(f"mail.{kind}", pauses=PAUSES)
        def send(actor: Actor, task: Job, beat: worker.Beat) -> dict[str, Any]:
            with database.agency_session(actor) as session:
                written = write(session, task)
            if written is not None:
                mail.deliver(laid_out(written, task.id))
            return {"sent": written is not None}

        return write

    return register


def laid_out(letter: Letter, id: UUID) -> Mail:
    """The letter as text and as HTML, which say the same."""
    language = words.language(letter.locale)

    def say(message: str) -> str:
        names = {"agency": letter.agency.name, "name": letter.name}
        return words.say(language, "mail", message, **names, **letter.values)

    parts: dict[str, Any] = {
        "language": language,
        "agency": letter.agency.name,
        "subject": say(f"{letter.kind}_subject"),
        "greeting": say("greeting") if letter.name else "",
        "paragraphs": say(f"{letter.kind}_body").split("\n\n"),
        "action": say(f"{letter.kind}_{letter.action}") if letter.link else "",
        "link": letter.link or "",
        "code_label": say("code") if letter.code else "",
        "code": letter.code or "",
        "footer": say("footer"),
    }
    logo = letter.logo
    height = min(40, logo.height) if logo else 0  # of a box of pixels, as mail programs want it
    parts |= {"height": height, "width": logo.width * height // logo.height if logo else 0}
    colours = theme.of_agency(letter.agency.branding)
    return Mail(
        id=id,
        address=letter.address,
        name=letter.name,
        sender=letter.agency.name,
        subject=str(parts["subject"]),
        text=_text(parts),
        html=web.markup(Path(__file__).parent, "letter.html.j2", {**parts, "c": colours}),
        language=language,
        reply_to=letter.reply_to,
        picture=logo.png if logo else None,
        attachments=letter.attach() if letter.attach else (),
    )


def on_the_web(path: str) -> str | None:
    """An address in people's front-end, if there is one."""
    front = settings.get().web_url
    return f"{front.rstrip('/')}/{path}" if front else None


def _text(parts: Mapping[str, Any]) -> str:
    blocks = [
        parts["greeting"],
        *parts["paragraphs"],
        f"{parts['action']}:\n{parts['link']}" if parts["link"] else "",
        f"{parts['code_label']}\n{parts['code']}" if parts["code"] else "",
        f"-- \n{parts['footer']}",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"
