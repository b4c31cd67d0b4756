"""What a person does to get in, through the API."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from starlette.testclient import TestClient

from tenants import auth, database, tokens
from tenants.ids import new_id

PASSWORD = "correct horse battery"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def fresh_email(name: str = "ana") -> str:
    return f"{name}.{new_id().hex[-12:]}@people.example"


@dataclass
class Login:
    """A person's tokens, and the client that uses them."""

    client: TestClient
    tokens: dict[str, Any]

    @property
    def refresh_token(self) -> str:
        return str(self.tokens["refresh_token"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    @property
    def session_id(self) -> UUID:
        return tokens.read_token(self.tokens["access_token"]).session_id

    @property
    def agency_id(self) -> UUID:
        return tokens.read_token(self.tokens["access_token"]).agency_id

    def call(self, method: str, path: str, **options: Any) -> Any:
        headers = {**self.headers, **options.pop("headers", {})}
        if method in ("PATCH", "DELETE"):
            headers.setdefault("If-Match", "*")
        return self.client.request(method, path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any) -> Any:
        return self.call("POST", path, json=json)

    def patch(self, path: str, json: Any, **options: Any) -> Any:
        return self.call("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.call("DELETE", path, **options)


@dataclass
class SignedUp:
    """An agency fresh from sign-up."""

    http: TestClient
    email: str
    agency: dict[str, Any]
    owner: Login
    password: str = field(default=PASSWORD)

    @property
    def agency_id(self) -> UUID:
        return UUID(self.agency["id"])

    @property
    def slug(self) -> str:
        return str(self.agency["slug"])


def new_agency(**values: Any) -> dict[str, Any]:
    owner = {"name": "Ana Ruiz", "email": fresh_email(), "password": PASSWORD}
    return {
        "name": "Estudio Sur",
        "slug": f"sur-{new_id().hex[-12:]}",
        "locale": "es-ES",
        "timezone": "Europe/Madrid",
        "currency": "EUR",
        "owner": {**owner, **values.pop("owner", {})},
        **values,
    }


def sign_up(http: TestClient, **values: Any) -> SignedUp:
    data = new_agency(**values)
    answer = http.post("/v1/agencies", json=data)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    login = Login(http, made["tokens"])
    return SignedUp(http, data["owner"]["email"], made["agency"], login)


def token(http: TestClient, **form: str) -> Any:
    return http.post("/v1/auth/token", data=form)


def log_in(http: TestClient, email: str, password: str = PASSWORD, **form: str) -> Any:
    return token(http, grant_type="password", username=email, password=password, **form)


def logged_in(http: TestClient, email: str, **form: str) -> Login:
    answer = log_in(http, email, **form)
    assert answer.status_code == 200, answer.text
    return Login(http, answer.json())


def refresh(http: TestClient, refresh_token: str) -> Any:
    return token(http, grant_type="refresh_token", refresh_token=refresh_token)


def told(agency_id: UUID, subject_id: Any) -> list[str]:
    """The types of the events about one row, in order."""
    with database.agency_session(auth.system(agency_id)) as session:
        rows = session.connection().execute(
            text("select type from events where subject_id = :id order by id"),
            {"id": str(subject_id)},
        )
        return [row.type for row in rows]


def column(query: str, **values: Any) -> Any:
    """One value from the platform's tables."""
    with database.platform_session() as session:
        return session.connection().execute(text(query), values).scalar()


def meddle(statement: str, **values: Any) -> None:
    """Change the platform's tables behind the API's back."""
    with database.platform_session() as session:
        session.connection().execute(text(statement), values)
