"""Files uploaded and imported, over HTTP; the worker's part is done in this process."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from api.imports import tasks as _tasks  # noqa: F401  (the worker knows the job)
from tenants import auth, database
from tests.factories import Staffed
from tests.work import settle

IMPORTS = "/v1/imports"
TYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson", "json": "application/json"}


def upload(agency: Staffed, content: str | bytes, name: str = "export.csv", **form: Any) -> Any:
    sent = content.encode() if isinstance(content, str) else content
    kind = TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    data = {"client_id": str(agency.client_id), **form}
    return agency.community.call("POST", "/v1/files", data=data, files={"file": (name, sent, kind)})


def ask(
    agency: Staffed,
    content: str | bytes,
    name: str = "export.csv",
    *,
    person: str = "community",
    **said: Any,
) -> Any:
    """The answer to asking for an import of these bytes."""
    kept = upload(agency, content, name)
    assert kept.status_code == 201, kept.text
    body = {"client_id": str(agency.client_id), "file_id": kept.json()["id"], **said}
    return getattr(agency, person).post(IMPORTS, body)


def bring(agency: Staffed, content: str | bytes, name: str = "export.csv", **said: Any) -> Any:
    """An import, when its job has ended."""
    asked = ask(agency, content, name, **said)
    assert asked.status_code == 202, asked.text
    settle()
    return shown(agency, asked.json()["id"])


def shown(agency: Staffed, import_id: str, **options: Any) -> Any:
    made = agency.community.get(f"{IMPORTS}/{import_id}", **options).json()
    assert made["read"] == made["stored"] + made["unchanged"] + made["rejected"], made
    return made


def counts(made: Any) -> tuple[int, int, int]:
    """Stored, unchanged, rejected."""
    assert made["state"] == "done", made["problem"]
    return made["stored"], made["unchanged"], made["rejected"]


def problem(made: Any) -> str:
    assert made["state"] == "failed", (made["read"], made["faults"][:1])
    return str(made["problem"]["code"])


def codes(made: Any) -> list[tuple[int, str | None, str]]:
    assert all(fault["detail"] for fault in made["faults"])
    return [(fault["row"], fault["column"], fault["code"]) for fault in made["faults"]]


def figures(agency: Staffed, subject: str, basis: str = "day") -> dict[str, dict[str, int]]:
    """What is known of a channel: first day of the period → metric → value."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        found = session.execute(
            text(
                "select to_jsonb(c) from metric_current c where agency_id = :agency"
                " and subject_id = :subject and basis = :basis order by period_start"
            ),
            {"agency": agency.agency_id, "subject": UUID(subject), "basis": basis},
        )
        rows = [row[0] for row in found]
    return {row["period_start"]: {m: row[m] for m in METRICS if row[m] is not None} for row in rows}


METRICS = (
    *("impressions", "reach", "views", "likes", "comments", "shares", "saves", "clicks"),
    *("followers", "sessions", "search_sessions", "spend_minor", "revenue_minor"),
)


def posts(agency: Staffed) -> dict[str, Any]:
    """The posts noted, by the network's id."""
    listed = agency.community.get("/v1/published-posts?limit=200").json()["data"]
    return {each["external_id"]: each for each in listed}


def post_figures(agency: Staffed) -> dict[str, dict[str, dict[str, int]]]:
    """Totals so far of each post: the network's id → day → metric → value."""
    return {key: figures(agency, each["id"], "lifetime") for key, each in posts(agency).items()}
