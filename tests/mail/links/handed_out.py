"""Addresses that are handed out, and the browser that opens them."""

from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from tenants import settings
from tests.budgets import factories as budgets
from tests.factories import Staffed

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
CLARA = {"name": "Clara Montes", "email": "clara@cafeaurora.example"}


@dataclass
class Link:
    """An address that was handed out, and the browser that opens it."""

    agency: Staffed
    http: TestClient
    approval: dict[str, Any]
    made: dict[str, Any]

    @property
    def path(self) -> str:
        return str(self.made["address"]).removeprefix(settings.get().public_address)

    @property
    def token(self) -> str:
        return self.path.removeprefix("/decide/")

    def get(self, **headers: str) -> Any:
        return self.http.get(self.path, headers={**HTML, **headers})

    def decide(self, outcome: str = "approved", reason: str = "", **form: Any) -> Any:
        data = {
            "outcome": outcome,
            "content_sha256": self.approval["content_sha256"],
            **({"reason": reason} if reason else {}),
            **form,
        }
        return self.http.post(self.path, data=data, headers=HTML, follow_redirects=False)

    def read(self) -> dict[str, Any]:
        path = f"/v1/approvals/{self.approval['id']}"
        found: dict[str, Any] = self.agency.executive.get(path).json()
        return found


def proposed(agency: Staffed) -> dict[str, Any]:
    made = budgets.draft(agency, 125_000, 80_050)
    answer = agency.executive.post(f"/v1/budgets/{made['id']}/propose").json()
    read: dict[str, Any] = agency.executive.get(f"/v1/approvals/{answer['approval_id']}").json()
    return {**read, "budget_id": made["id"]}


def handed_out(agency: Staffed, http: TestClient, **values: Any) -> Link:
    approval = values.pop("approval", None) or proposed(agency)
    body = {**CLARA, **values}
    answer = agency.executive.post(f"/v1/approvals/{approval['id']}/links", body)
    assert answer.status_code == 201, answer.text
    return Link(agency, http, approval, answer.json())
