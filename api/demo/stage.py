"""The stage: where the API answers, who plays, and what has been made so far."""

import time
from dataclasses import dataclass, field
from typing import Any

import httpx2

from api.demo.people import Json, Person, StoryStopped, Tell

PATIENCE = 60.0
FORMATS = ("json", "html", "pdf", "slides", "xlsx", "csv", "pptx")

_PEOPLE = {
    "owner": ("Nora Vives", ["owner"]),
    "admin": ("Pau Ribas", ["admin"]),
    "account_executive": ("Irene Salvatierra", ["account_executive"]),
    "social_media_manager": ("Tomás Rey", ["social_media_manager"]),
    "community_manager": ("Laia Font", ["community_manager"]),
    "approver": ("Clara Montes", ["approver"]),
    "viewer": ("Hugo Aranda", ["viewer"]),
}


@dataclass
class Stage:
    """A stage: where the API answers, who plays, and what has been made so far."""

    base: str
    tell: Tell
    agency: str = "estudio-norte"
    people: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    lines: list[Json] = field(default_factory=list)
    budget_lines: list[Json] = field(default_factory=list)
    share_address: str = ""

    def __post_init__(self) -> None:
        for key, (name, roles) in _PEOPLE.items():
            house = "cafeaurora" if key in ("approver", "viewer") else "estudionorte"
            first = name.partition(" ")[0].lower().replace("á", "a")
            http = httpx2.Client(base_url=self.base, timeout=30)
            self.people[key] = Person(key, name, f"{first}@{house}.example", roles, http)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def is_played(self, owner: Json) -> bool:
        """
        Whether the owner of an earlier run can still log in: the data may be gone since. While
        nobody serves, what was kept is taken at its word.
        """
        form = {"grant_type": "password", "username": owner["email"]}
        form |= {"password": owner["password"], "agency": self.agency}
        try:
            return self.owner.http.post("/v1/auth/token", data=form).is_success
        except httpx2.TransportError:
            return True

    def pull(self, format: str, locale: str = "es") -> bytes:
        """The client's viewer pulls the newest report."""
        answer = self.viewer.call(
            "GET",
            f"/v1/clients/{self.ids['client']}/reports/latest",
            params={"locale": locale, "format": format},
        )
        if answer.status_code != 200:
            raise StoryStopped(f"the {format} report: {answer.status_code} {answer.text[:500]}")
        return answer.content

    def await_job(self, job_id: str) -> Json:
        """What long work came to, when it has."""
        deadline = time.monotonic() + PATIENCE
        while True:
            job = self.account_executive.get(f"/v1/jobs/{job_id}")
            if job["state"] == "succeeded":
                return job
            if job["state"] in ("failed", "cancelled") or time.monotonic() > deadline:
                raise StoryStopped(f"a job ended {job['state']}: {job['problem']}")
            time.sleep(0.1)

    @property
    def principals(self) -> list[Json]:
        return [person.principal for person in self.people.values()]

    def summary(self) -> dict[str, Any]:
        """What a newcomer needs: log-ins, ids, the client's report address."""
        return {
            "agency": {"slug": self.agency, "id": self.ids["agency"]},
            "client": {"name": "Café Aurora", "id": self.ids["client"]},
            "report": {"id": self.ids["report"], "address": self.share_address},
            "people": self.principals,
            "ids": self.ids,
        }
