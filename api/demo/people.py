"""Who plays, and how they speak: each person is one log-in and one HTTP client."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

Json = dict[str, Any]
Tell = Callable[[str, str], None]


class StoryStopped(Exception):
    """An answer was not what the story needs; the message says which."""


@dataclass
class Person:
    """One of the people: name, e-mail, password, roles, and their way to the API."""

    key: str
    name: str
    email: str
    roles: list[str]
    http: httpx2.Client
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    token: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def log_in(self, agency: str) -> None:
        form = {
            "grant_type": "password",
            "username": self.email,
            "password": self.password,
            "agency": agency,
        }
        answer = self.http.post("/v1/auth/token", data=form)
        self.token = _expect(answer, 200)["access_token"]

    def get(self, path: str, **query: Any) -> Json:
        return self.ask("GET", path, params=query)

    def post(self, path: str, json: Any = None, *, status: int | None = None) -> Json:
        return self.ask("POST", path, json={} if json is None else json, status=status)

    def act(self, path: str) -> Json:
        """A move that needs no body."""
        return self.ask("POST", path)

    def patch(self, path: str, json: Any) -> Json:
        return self.ask("PATCH", path, json=json, headers={"If-Match": "*"})

    def put(self, path: str, json: Any) -> Json:
        return self.ask("PUT", path, json=json, headers={"If-Match": "*"})

    def ask(self, method: str, path: str, *, status: int | None = None, **options: Any) -> Json:
        """Call, and stop the story unless the answer is a success (or the status expected)."""
        return _expect(self.call(method, path, **options), status)

    def call(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = options.pop("headers", {})
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        return self.http.request(method, path, headers=headers, **options)

    @property
    def principal(self) -> Json:
        return {
            "key": self.key,
            "name": self.name,
            "email": self.email,
            "password": self.password,
            "roles": self.roles,
            **self.ids,
        }


def _expect(answer: httpx2.Response, status: int | None) -> Json:
    fine = answer.status_code == status if status else answer.is_success
    if not fine:
        request = answer.request
        raise StoryStopped(
            f"{request.method} {request.url.path}: {answer.status_code} {answer.text[:2000]}"
        )
    made: Json = answer.json() if answer.content else {}
    return made
