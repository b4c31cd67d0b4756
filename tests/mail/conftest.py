"""A mail server of the tests' own, and what it took."""

import datetime as dt
import email
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

import api.worker  # noqa: F401  (what `settle` runs)
from tenants import settings

PASSWORD = "p@ss word"


@dataclass
class Sink:
    """What came, and what the server says next: the default is to take it."""

    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    url: str = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            made = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(made, EmailMessage)
            self.taken.append(made)
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
            self.secure.append(session.ssl is not None)
        return answer

    def to(self, address: str) -> list[EmailMessage]:
        """What came for one address."""
        return [each for each in self.taken if address in str(each["To"])]


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def configure(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings of this process until the test ends."""

    def change(**values: Any) -> None:
        for name, value in values.items():
            monkeypatch.setattr(settings.get(), name, value)

    return change


@pytest.fixture
def sink(configure: Callable[..., None]) -> Iterator[Sink]:
    """A server that all mail goes to."""
    made = Sink()
    with running(made):
        configure(smtp_url=SecretStr(made.url), web_url="https://app.agency.example")
        yield made


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = dt.datetime.now(dt.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, *plain)
    )
    return path


@pytest.fixture(params=["smtp+starttls", "smtps"])
def secure_sink(
    request: pytest.FixtureRequest, certificate: Path, configure: Callable[..., None]
) -> Iterator[Sink]:
    """A server that wants TLS, and a name and a password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    made = Sink()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        good = (given.login, given.password) == (b"platform", PASSWORD.encode())
        return AuthResult(success=good)

    options: dict[str, Any] = {"authenticator": check, "auth_required": True}
    if request.param == "smtps":
        # aiosmtpd knows STARTTLS alone as TLS, and refuses log-ins, or warns, without it.
        options = {"authenticator": check, "ssl_context": context, "auth_require_tls": False}
    else:
        options |= {"tls_context": context, "require_starttls": True}
    with running(made, request.param, "platform:p%40ss%20word@", **options):
        configure(smtp_url=SecretStr(made.url))
        yield made


class Server(Controller):
    """On any free port: with port 0, only the server that runs knows which."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def running(sink: Sink, scheme: str = "smtp", log_in: str = "", **options: Any) -> Iterator[None]:
    """Serve `sink` until the end."""
    server = Server(sink, hostname="127.0.0.1", port=0, **options)
    server.start()
    sink.url = f"{scheme}://{log_in}127.0.0.1:{server.port}"
    try:
        yield
    finally:
        server.stop()
