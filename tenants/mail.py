"""
Mail: one message to one person, over SMTP; without a server it is kept as a file in the home.

A job of the worker sends it, never a request, and holds no session meanwhile. It goes out at least
once: its Message-ID is the same for each try, so that who gets it twice can tell.
"""

import contextlib
import os
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from tenants import clock, settings
from tenants.errors import ApiError

TIMEOUT = 20  # seconds for each answer of the server
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class MailRefused(ApiError):
    """The mail server does not take a message for this address, and will not later."""


@dataclass(frozen=True)
class Attachment:
    """A PDF that goes with a message."""

    name: str
    body: bytes


@dataclass(frozen=True)
class Mail:
    """A message, in two forms that say the same. `sender` is a name: addresses are the server's."""

    id: UUID
    address: str
    name: str
    sender: str
    subject: str
    text: str
    html: str
    language: str
    reply_to: str | None = None
    picture: bytes | None = None  # a PNG that the HTML shows as `cid:picture`
    attachments: tuple[Attachment, ...] = ()


def deliver(mail: Mail) -> None:
    """Send, or keep. Raises MailRefused for good, anything else for now."""
    message = compose(mail)
    configured = settings.get().smtp_url
    if configured is None:
        _keep(mail.id, message)
    else:
        _send(configured.get_secret_value(), message, _address("", mail.address).addr_spec)


def compose(mail: Mail) -> EmailMessage:
    """The message as it travels (RFC 5322). What is data cannot begin another header."""
    sender = _address(mail.sender, from_address())
    made = EmailMessage(policy=SMTP)
    made["Message-ID"] = f"<{mail.id}@{sender.domain}>"
    made["Date"] = format_datetime(clock.now())
    made["From"] = sender
    made["To"] = _address(mail.name, mail.address)
    if mail.reply_to:
        made["Reply-To"] = _address("", mail.reply_to)
    made["Subject"] = one_line(mail.subject)
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers
    made.set_content(mail.text, cte="quoted-printable")
    made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    if mail.picture is not None:
        shown: Any = made.get_payload(1)
        about = {"cid": "<picture>", "disposition": "inline", "filename": "logo.png"}
        shown.add_related(mail.picture, "image", "png", **about)
    for each in mail.attachments:
        made.add_attachment(
            each.body, maintype="application", subtype="pdf", filename=one_line(each.name)
        )
    made["Content-Language"] = mail.language  # last: setting a content takes such headers away
    return made


def from_address() -> str:
    """Whom mail comes from."""
    configured = settings.get()
    host = urlsplit(configured.public_address).hostname or "localhost"
    return configured.mail_from or f"no-reply@{host}"


def one_line(text: str) -> str:
    """Text for a header: no line ends, no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _address(name: str, address: str) -> Address:
    """A mailbox; its domain in ASCII, as servers that know no SMTPUTF8 want it."""
    local, _, domain = address.rpartition("@")
    if not address.isprintable() or " " in address:
        raise MailRefused
    try:
        domain = domain.encode("idna").decode()
        return Address(one_line(name), local, domain)
    except ValueError:
        raise MailRefused from None


def _keep(id: UUID, message: EmailMessage) -> None:
    folder = settings.get().home / "mail"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{id}.eml"
    fresh = path.with_suffix(".part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(message))
    Path(fresh).replace(path)


def _send(url: str, message: EmailMessage, address: str) -> None:
    with _connected(url) as server:
        try:
            server.send_message(message, from_address(), [address])
        except smtplib.SMTPRecipientsRefused as refusal:
            _judge(*(code for code, _ in refusal.recipients.values()))
            raise
        except smtplib.SMTPDataError as refusal:
            _judge(refusal.smtp_code)
            raise
        except smtplib.SMTPNotSupportedError:  # the address needs SMTPUTF8
            raise MailRefused from None


def _judge(*codes: int) -> None:
    """5xx is for good (RFC 5321 §4.2.1); 4xx is tried again."""
    if all(code >= 500 for code in codes):
        raise MailRefused from None


@contextlib.contextmanager
def _connected(url: str) -> Iterator[smtplib.SMTP]:
    """The server, with its certificate looked at, and logged in to where the URL says who."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    try:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
        # What it has taken stays taken, however it says good-bye.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()
