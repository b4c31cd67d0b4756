"""Messages on their way: what they look like, where they go, what stops them."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from smtplib import SMTPNotSupportedError
from typing import Any

import pytest
from pydantic import SecretStr

from tenants import mail, settings
from tenants.ids import new_id
from tenants.mail import Mail, MailRefused
from tenants.settings import ConfigurationError
from tests.mail.conftest import PASSWORD, Sink, text_of


def a_mail(**values: Any) -> Mail:
    said = Mail(
        id=new_id(),
        address="clara@cafeaurora.example",
        name="Clara Montes",
        sender="Estudio Norte",
        subject="Título con ñ",
        text="Hola, Clara:\n",
        html="<p>Hola, Clara:</p>",
        language="es",
    )
    return replace(said, **values)


class TestDeliver:
    def test_hands_the_message_to_the_server(self, sink: Sink) -> None:
        sent = a_mail(reply_to="ana@estudio.example")

        mail.deliver(sent)

        (message,) = sink.taken
        assert str(message["From"]) == f"Estudio Norte <{mail.from_address()}>"
        assert str(message["To"]) == "Clara Montes <clara@cafeaurora.example>"
        assert str(message["Reply-To"]) == "ana@estudio.example"
        assert str(message["Subject"]) == "Título con ñ"
        assert str(sent.id) in str(message["Message-ID"])
        assert message["Content-Language"] == "es"
        assert message["Auto-Submitted"] == "auto-generated"
        assert text_of(message).splitlines() == sent.text.splitlines()
        assert sent.html in text_of(message, "html")
        assert sink.envelopes == [(mail.from_address(), ["clara@cafeaurora.example"])]

    def test_says_the_same_id_at_each_try(self, sink: Sink) -> None:
        sent = a_mail()
        mail.deliver(sent)
        mail.deliver(sent)

        first, second = (str(each["Message-ID"]) for each in sink.taken)
        assert first == second

    @pytest.mark.parametrize("field", ["subject", "name", "sender"])
    def test_lets_nothing_begin_another_header(self, sink: Sink, field: str) -> None:
        """A line end in what people write is a space."""
        for end in ("\r\n", "\n", "\r", "\x0b", "\x85", "\u2028"):
            mail.deliver(a_mail(**{field: f"A{end}Bcc: thief@evil.example{end}{end}<b>hi</b>"}))

        for message in sink.taken:
            assert message["Bcc"] is None
            assert message.is_multipart()
        assert all(to == ["clara@cafeaurora.example"] for _, to in sink.envelopes)

    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00"])
    def test_refuses_an_address_that_is_two_lines(self, sink: Sink, end: str) -> None:
        with pytest.raises(MailRefused):
            mail.deliver(a_mail(address=f"a@b.example{end}RCPT TO:<thief@evil.example>"))
        with pytest.raises(MailRefused):
            mail.deliver(a_mail(address=f"a{end}Bcc: thief@b.example"))

        assert sink.taken == []

    def test_writes_a_domain_in_ascii(self, sink: Sink) -> None:
        mail.deliver(a_mail(address="clara@café.example"))

        assert sink.envelopes[0][1] == ["clara@xn--caf-dma.example"]

    def test_is_refused_for_good_or_for_now(self, sink: Sink) -> None:
        sink.answers = ["550 no such mailbox", "451 come back later"]
        with pytest.raises(MailRefused):
            mail.deliver(a_mail())
        with pytest.raises(Exception, match="451") as later:
            mail.deliver(a_mail())
        assert not isinstance(later.value, MailRefused)

    def test_uses_tls_where_the_address_says(
        self, secure_sink: Sink, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        mail.deliver(a_mail())

        assert len(secure_sink.taken) == 1

    def test_trusts_no_stranger(self, secure_sink: Sink) -> None:
        """Nothing is sent, the password neither, to who cannot show a certificate."""
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            mail.deliver(a_mail())

        assert secure_sink.taken == []

    def test_never_goes_on_without_tls(self, sink: Sink, configure: Callable[..., None]) -> None:
        """A server that does not offer STARTTLS, or a middleman who takes the offer away."""
        configure(smtp_url=SecretStr(sink.url.replace("smtp:", "smtp+starttls:")))

        with pytest.raises(SMTPNotSupportedError, match="STARTTLS"):
            mail.deliver(a_mail())
        assert sink.taken == []

    def test_keeps_it_where_there_is_no_server(self, home: Path) -> None:
        assert settings.get().smtp_url is None
        sent = a_mail()
        mail.deliver(sent)
        mail.deliver(sent)

        (kept,) = (home / "mail").glob(f"{sent.id}*")
        assert kept.name == f"{sent.id}.eml"
        assert kept.stat().st_mode & 0o077 == 0
        assert b"Clara Montes" in kept.read_bytes()


class TestSettings:
    @pytest.mark.parametrize(
        "url",
        [
            "http://mail.example",
            "smtp:mail",
            f"smtp://platform:{PASSWORD}@mail.example",
        ],
    )
    def test_refuse_a_server_they_cannot_use(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AGENCY_SMTP_URL", url)
        with pytest.raises(ConfigurationError) as refusal:
            settings.load()
        assert "AGENCY_SMTP_URL" in str(refusal.value)
        assert PASSWORD not in str(refusal.value)

    def test_never_show_the_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(os.environ, "AGENCY_SMTP_URL", "smtps://a:hidden@mail.example")
        assert "hidden" not in repr(settings.load())
