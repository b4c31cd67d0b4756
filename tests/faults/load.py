"""Clients that write, retry as they are told to, and remember what they were promised."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx2

from tests.faults.stage import Stage, Studio

PATIENCE = 40.0  # seconds a client goes on retrying one write
PACE = 0.3  # seconds between two writes of one client: well below what one worker can follow


@dataclass
class Answered:
    """One acknowledged write: when it was first sent, and when the answer came."""

    name: str
    id: str
    began: float
    ended: float
    tries: int


@dataclass
class Load:
    """
    Several clients that take on clients of an agency, each write with a key of its own, retried
    under the same key after a 503 or a broken connection. Every fifth is sent again after it was
    answered. What no client should ever see is a `surprise`.
    """

    studio: Studio
    clients: int = 4
    answered: list[Answered] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(number,)) for number in range(self.clients)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: TracebackType | object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE + 30)
        assert not any(thread.is_alive() for thread in self._threads)

    def writes_since(self, moment: float) -> list[Answered]:
        """Acknowledged writes that began after a moment, by the time of their answers."""
        found = [each for each in list(self.answered) if each.began > moment]
        return sorted(found, key=lambda each: each.ended)

    def _run(self, number: int) -> None:
        with self.studio.client() as http:
            written = 0
            while not self._over.is_set():
                written += 1
                try:
                    self._write(http, f"load {number}-{written}", again=written % 5 == 0)
                except Exception as failure:
                    self.surprises.append(f"{type(failure).__name__}: {failure}")
                self._over.wait(PACE)

    def _write(self, http: httpx2.Client, name: str, *, again: bool) -> None:
        key, began = str(uuid4()), time.monotonic()
        answer, tries = self._send(http, key, name)
        if answer is None:
            self.surprises.append(f"no answer to {name} within {PATIENCE} s")
            return
        made = answer.json()["id"]
        self.answered.append(Answered(name, made, began, time.monotonic(), tries))
        if again:
            second, _ = self._send(http, key, name)
            if second is None or second.json()["id"] != made:
                self.surprises.append(f"{name} sent again made something else")

    def _send(self, http: httpx2.Client, key: str, name: str) -> tuple[Any, int]:
        body = {"name": name, "lead_membership_id": self.studio.membership_id}
        deadline, tries = time.monotonic() + PATIENCE, 0
        while time.monotonic() < deadline:
            tries += 1
            try:
                answer = http.post("/v1/clients", json=body, headers={"Idempotency-Key": key})
            except httpx2.TransportError as failure:
                self.seen[type(failure).__name__] += 1
            else:
                self.seen[str(answer.status_code)] += 1
                if answer.status_code == 201:
                    return answer, tries
                if fault := unpromised(answer):
                    self.surprises.append(fault)
            self._over.wait(0.05)
        return None, tries


def unpromised(answer: httpx2.Response) -> str | None:
    """What is wrong with a refusal, if it is not one that a fault may bring about."""
    code = answer.json().get("code") if "problem+json" in answer.headers["content-type"] else None
    in_flight = (answer.status_code, code) == (409, "request_in_flight")
    unavailable = answer.status_code == 503 and code in ("database_unavailable", "unavailable")
    if (in_flight or unavailable) and "retry-after" in answer.headers:
        return None
    return f"{answer.status_code} {answer.text[:300]}"


def settled(stage: Stage, load: Load, seconds: float = 60) -> None:
    """
    Wait until everything that the acknowledged writes led to is done; then hold the database
    against what was promised: each write there once, each event and each job in effect once.
    """
    assert load.surprises == []
    agency = load.studio.agency_id
    assert stage.until(lambda: left_to_do(stage, agency) == (0, 0), seconds), left_to_do(
        stage, agency
    )
    rows = stage.ask(
        "select name, id::text, sector from clients where agency_id = %s order by name", agency
    )
    promised = sorted((each.name, each.id) for each in load.answered)
    assert [(name, id) for name, id, _ in rows] == promised
    jobs = dict(
        stage.ask(
            "select client_id::text, string_agg(id::text || ' ' || state, ',') from jobs"
            " where agency_id = %s and kind = 'faults.mark' group by client_id",
            agency,
        )
    )
    for name, id, sector in rows:
        job_id, _, state = jobs[id].partition(" ")
        assert (state, sector) == ("succeeded", {"heard": "1", job_id: "done"}), name


def left_to_do(stage: Stage, agency: str) -> tuple[int, int]:
    """How many events, and jobs that are due, of an agency are not done."""
    (row,) = stage.ask(
        "select (select count(*) from event_queue where agency_id = %s and done_at is null),"
        " (select count(*) from jobs where agency_id = %s"
        " and (state = 'running' or state = 'queued' and due_at <= now()))",
        agency,
        agency,
    )
    return row[0], row[1]
