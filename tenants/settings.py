"""
Every setting, one class: an environment variable, or a file of that name, in any case, in the
folder that `AGENCY_SECRETS` names. Wrong or half configuration stops the start, by name.
"""

import os
import secrets
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

SECRETS = "/run/secrets"  # where container engines put them
STRIPE_SECRETS = (
    "stripe_secret_key",
    "stripe_account_webhook_secrets",
    "stripe_connect_webhook_secrets",
)
DATABASE_URLS = ("database_url", "owner_database_url", "platform_database_url")


class ConfigurationError(Exception):
    """A setting is missing or wrong; the message names it and never holds its value."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="AGENCY_", extra="ignore", frozen=False)

    environment: Annotated[
        Literal["development", "production"],
        Field(description="`production` refuses what is only good on a laptop."),
    ] = "development"
    home: Annotated[Path, Field(description="Data folder.")] = Path("var")
    host: Annotated[str, Field(description="The address the API listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="0 takes any free port.")] = 8000
    public_url: Annotated[str | None, Field(description="How clients reach the API.")] = None

    database_url: Annotated[
        SecretStr | None, Field(description="PostgreSQL, as the application's log-in role.")
    ] = None
    owner_database_url: Annotated[
        SecretStr | None, Field(description="The same database, as the role that migrates.")
    ] = None
    platform_database_url: Annotated[
        SecretStr | None, Field(description="The same database, as the platform's log-in role.")
    ] = None
    database_pooler: Annotated[
        Literal["session", "transaction"],
        Field(description="`transaction` behind PgBouncer in transaction mode."),
    ] = "session"
    pool_size: Annotated[
        int, Field(ge=1, le=500, description="Connections of all API processes, as application.")
    ] = 40
    broker_url: Annotated[SecretStr | None, Field(description="Valkey, Redis or RabbitMQ.")] = None
    valkey_url: Annotated[
        SecretStr | None, Field(description="Shares rate limits between API processes.")
    ] = None
    storage_url: Annotated[
        str | None, Field(description="Where files go: a folder, file:// or s3://; default home.")
    ] = None

    smtp_url: Annotated[
        SecretStr | None,
        Field(description="smtp://, smtp+starttls:// or smtps://; without it mail stays in home."),
    ] = None
    mail_from: Annotated[
        str | None, Field(description="Who mail comes from; default no-reply at the public URL.")
    ] = None
    web_url: Annotated[
        str | None, Field(description="Where people's front-end is, for the links in mail.")
    ] = None

    billing_provider: Annotated[
        Literal["manual", "stripe"],
        Field(description="Who collects money; `manual` needs nobody, and no key."),
    ] = "manual"
    stripe_secret_key: Annotated[
        SecretStr | None, Field(description="Stripe's secret or restricted key.")
    ] = None
    stripe_account_webhook_secrets: Annotated[
        SecretStr | None,
        Field(description="Of /webhooks/stripe/account, comma separated while one is rolled."),
    ] = None
    stripe_connect_webhook_secrets: Annotated[
        SecretStr | None, Field(description="Of /webhooks/stripe/connect, likewise.")
    ] = None
    stripe_transfers: Annotated[
        bool,
        Field(description="Pay creators by transfers from the platform's own Stripe balance."),
    ] = False
    stripe_api_url: Annotated[
        str | None, Field(description="Another Stripe than Stripe's, on this machine, for tests.")
    ] = None
    default_plan: Annotated[
        Literal["trial", "starter", "studio", "network"] | None,
        Field(description="Of a new agency; without it `trial` with Stripe, else `network`."),
    ] = None
    past_due_grace_days: Annotated[
        int, Field(ge=0, le=90, description="Days of full access while a payment is overdue.")
    ] = 7
    export_window_days: Annotated[
        int, Field(ge=0, le=365, description="Days an ended subscription leaves all readable.")
    ] = 30

    secret: Annotated[
        SecretStr | None, Field(description="32 or more characters; made in home when absent.")
    ] = None
    trusted_proxies: Annotated[
        str, Field(description="Addresses whose X-Forwarded-For is believed, comma separated.")
    ] = ""
    body_limit: Annotated[int, Field(ge=1024, description="Bytes.")] = 2 * 1024 * 1024
    rate_limit: Annotated[str, Field(description="Per credential.")] = "1200/minute"
    agency_rate_limit: Annotated[str, Field(description="Per agency.")] = "6000/minute"
    address_rate_limit: Annotated[
        str, Field(description="Per network address, without a credential.")
    ] = "120/minute"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = [name for name in DATABASE_URLS if getattr(self, name) is not None]
        missing = [name for name in DATABASE_URLS if name not in given]
        if given and missing:
            raise ValueError(f"{_variable(given[0])} also needs {_variable(missing[0])}")
        for name in given:
            _check_database_url(name, getattr(self, name).get_secret_value())
        if self.smtp_url is not None:
            _check_smtp_url(self.smtp_url.get_secret_value())
        self._check_stripe()
        if self.secret is not None and len(self.secret.get_secret_value()) < 32:
            raise ValueError("AGENCY_SECRET is shorter than 32 characters")
        if self.environment == "production":
            self._check_production(bool(given))
        return self

    def _check_production(self, own_database: bool) -> None:
        if not own_database:
            raise ValueError("AGENCY_DATABASE_URL is required in production")
        for name in ("broker_url", "secret", "public_url"):
            if getattr(self, name) is None:
                raise ValueError(f"{_variable(name)} is required in production")
        if self.public_url and not self.public_url.startswith("https://"):
            raise ValueError("AGENCY_PUBLIC_URL must begin with https:// in production")

    def _check_stripe(self) -> None:
        """Half a configuration collects no money, and tells nobody so."""
        given = [name for name in STRIPE_SECRETS if getattr(self, name) is not None]
        if self.billing_provider == "manual":
            if given or self.stripe_transfers:
                named = given[0] if given else "stripe_transfers"
                raise ValueError(f"{_variable(named)} needs AGENCY_BILLING_PROVIDER=stripe")
            return
        for name in STRIPE_SECRETS[:2]:
            if name not in given:
                raise ValueError(f"AGENCY_BILLING_PROVIDER=stripe also needs {_variable(name)}")
        if self.stripe_transfers and STRIPE_SECRETS[2] not in given:
            raise ValueError(f"AGENCY_STRIPE_TRANSFERS also needs {_variable(STRIPE_SECRETS[2])}")
        for name in (each for each in STRIPE_SECRETS[1:] if each in given):
            secrets = self.secrets_of(name)
            if not secrets or not all(secret.startswith("whsec_") for secret in secrets):
                raise ValueError(f"{_variable(name)} must be secrets that begin with whsec_")
        self._check_stripe_key()

    def _check_stripe_key(self) -> None:
        key = self.stripe_secret_key.get_secret_value() if self.stripe_secret_key else ""
        if not key.startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
            raise ValueError("AGENCY_STRIPE_SECRET_KEY is not a secret or restricted key of Stripe")
        if self.stripe_livemode and self.environment != "production":
            raise ValueError("AGENCY_STRIPE_SECRET_KEY is a live key, outside production")
        if self.stripe_api_url is None:
            return
        if urlsplit(self.stripe_api_url).hostname != "127.0.0.1" or self.stripe_livemode:
            raise ValueError("AGENCY_STRIPE_API_URL is for tests: on 127.0.0.1, with a test key")
        if self.environment == "production":
            raise ValueError("AGENCY_STRIPE_API_URL has no place in production")

    @property
    def stripe_livemode(self) -> bool:
        """Whether the key moves real money."""
        key = self.stripe_secret_key
        return key is not None and "_live_" in key.get_secret_value()[:8]

    def secrets_of(self, name: str) -> list[str]:
        """The secrets of a list of them; none when it is not set."""
        value: SecretStr | None = getattr(self, name)
        if value is None:
            return []
        return [each.strip() for each in value.get_secret_value().split(",") if each.strip()]

    @property
    def embedded(self) -> bool:
        """Whether PostgreSQL is ours to run."""
        return self.database_url is None

    @property
    def public_address(self) -> str:
        """Where this server is reached from outside."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def secret_key(self) -> bytes:
        """The server's secret; kept in the data folder when no variable gives it."""
        if self.secret is not None:
            return self.secret.get_secret_value().encode()
        return read_or_make(self.home / "keys" / "secret", lambda: secrets.token_hex(32).encode())


def read_or_make(path: Path, make: Any) -> bytes:
    """The bytes of a private file, made once: two processes that race read the same bytes."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def _variable(name: str) -> str:
    return f"AGENCY_{name.upper()}"


def _check_database_url(name: str, value: str) -> None:
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError(f"{_variable(name)} is not a database URL") from None
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        raise ValueError(f"{_variable(name)} must begin with postgresql://")


def _check_smtp_url(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("smtp", "smtp+starttls", "smtps") or not parts.hostname:
        raise ValueError("AGENCY_SMTP_URL must begin with smtp://, smtp+starttls:// or smtps://")
    if parts.scheme == "smtp" and parts.password:
        raise ValueError("AGENCY_SMTP_URL: a password needs smtp+starttls:// or smtps://")


def load() -> Settings:
    """Read the environment and the files of secrets, or say which of them is wrong."""
    folder = Path(os.environ.get("AGENCY_SECRETS", SECRETS))
    try:
        return Settings(_secrets_dir=folder if folder.is_dir() else None)
    except PermissionError as error:
        raise ConfigurationError(f"{error.filename} may not be read by this user") from None
    except ValidationError as error:
        raise ConfigurationError("; ".join(_explain(fault) for fault in error.errors())) from None


def _explain(fault: Any) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["loc"]:
        return f"{_variable(str(fault['loc'][0]))}: {message}"
    return message


@lru_cache(maxsize=1)
def get() -> Settings:
    """The settings of this process, read once."""
    return load()
