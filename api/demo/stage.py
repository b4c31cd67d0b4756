"""The stage: where the API answers, who plays, and what has been made so far."""

import time
from dataclasses import dataclass, field
from typing import Any

import httpx2

from api.demo.people import Json, Person, StoryStopped, Tell

PATIENCE = 60.0
FORMATS = ("json", "html", "pdf", "slides", "xlsx", "csv", "pptx")

_PEOPLE = {
    "owner": ("Nora Vives", "nora@estudionorte.example"),
    "admin": ("Pau Ribas", "pau@estudionorte.example"),
    "account_executive": ("Irene Salvatierra", "irene@estudionorte.example"),
    "social_media_manager": ("Tomás Rey", "tomas@estudionorte.example"),
    "community_manager": ("Laia Font", "laia@estudionorte.example"),
    "approver": ("Clara Montes", "clara@cafeaurora.example"),
    "viewer": ("Hugo Aranda", "hugo@cafeaurora.example"),
    "influencer": ("Lucía Ferrer", "lucia@ferrer.example"),
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
    papers: dict[str, bytes] = field(default_factory=dict)
    headlines: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for key, (name, email) in _PEOPLE.items():
            http = httpx2.Client(base_url=self.base, timeout=30)
            self.people[key] = Person(key, name, email, [key], http)

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

    def keep(self, file: str, by: Person, path: str, **options: Any) -> None:
        """Somebody reads a paper, once the worker has made it; `make demo` leaves it behind."""
        deadline = time.monotonic() + PATIENCE
        while (answer := by.call("GET", path, **options)).status_code == 202:
            if time.monotonic() > deadline:
                raise StoryStopped(f"{file} was not made in {PATIENCE:.0f} s")
            time.sleep(0.1)
        if answer.status_code != 200:
            raise StoryStopped(f"{file}: {answer.status_code} {answer.text[:500]}")
        self.papers[file] = answer.content

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
