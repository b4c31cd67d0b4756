"""
The story, act by act. Each act is one thing that people of an agency do; together they are the main
job: sold → promised → delivered → proven → reported.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from api.demo import material
from api.demo.people import Json, Person, StoryStopped, Tell

METRICS = Path(__file__).parent / "metrics.csv"
FORMATS = {"json": "application/json", "html": "text/html", "pdf": "application/pdf"}
PATIENCE = 60.0

_PEOPLE = {
    "owner": ("Nora Vives", ["owner"]),
    "admin": ("Pau Ribas", ["admin"]),
    "account_executive": ("Irene Salvatierra", ["account_executive"]),
    "social_media_manager": ("Tomás Rey", ["social_media_manager"]),
    "community_manager": ("Laia Font", ["community_manager"]),
    "approver": ("Clara Montes", ["approver"]),
    "viewer": ("Hugo Aranda", ["viewer"]),
}
_DUTIES = ("account_executive", "social_media_manager", "community_manager")


@dataclass
class Story:
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

    def play(self) -> None:
        """Every act, in order. Raises StoryStopped at the first answer that is not right."""
        for act in (
            self.open_agency,
            self.staff_agency,
            self.take_on_client,
            self.agree_contract,
            self.propose_autumn,
            self.client_decides,
            self.deliver,
            self.spend,
            self.measure,
            self.promise,
            self.write_report,
            self.publish,
            self.correct,
            self.share,
            self.grow,
            self.plan_ahead,
        ):
            act()

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

    def open_agency(self) -> None:
        """The owner signs the agency up."""
        signed = self.owner.ask(
            "POST",
            "/v1/agencies",
            json={
                "name": "Estudio Norte",
                "slug": self.agency,
                "locale": "es-ES",
                "timezone": "Europe/Madrid",
                "currency": "EUR",
                "owner": {
                    "name": self.owner.name,
                    "email": self.owner.email,
                    "password": self.owner.password,
                },
            },
        )
        self.ids["agency"] = signed["agency"]["id"]
        self.owner.token = signed["tokens"]["access_token"]
        self.owner.patch("/v1/agency", {"branding": material.BRANDING})
        self.tell(self.owner.name, "signed up the agency Estudio Norte and gave it its colours")

    def staff_agency(self) -> None:
        """Everybody is invited, and accepts."""
        for key in ("admin", *_DUTIES):
            role = "admin" if key == "admin" else "member"
            self._invite(self.owner, key, {"kind": "staff", "role": role})
        self.owner.patch(
            f"/v1/members/{self.account_executive.ids['membership_id']}",
            {"title": {"es": "Directora de cuentas", "en": "Account director"}},
        )
        self.tell(self.owner.name, "invited the team; four people accepted and chose a password")

    def take_on_client(self) -> None:
        """The administrator takes the client on, and gives it its team and its own log-ins."""
        client = self.admin.post(
            "/v1/clients",
            {
                "name": "Café Aurora",
                "sector": material.SECTOR,
                "status": "active",
                "lead_membership_id": self.account_executive.ids["membership_id"],
            },
        )
        self.ids["client"] = client["id"]
        for key in _DUTIES[1:]:
            self.admin.post(
                f"/v1/clients/{client['id']}/assignments",
                {
                    "membership_id": self.people[key].ids["membership_id"],
                    "duty": key,
                    "is_lead": True,
                },
            )
        for key in ("approver", "viewer"):
            duties = [{"client_id": client["id"], "duty": key}]
            self._invite(self.admin, key, {"kind": "client_contact", "duties": duties})
        self.tell(self.admin.name, "took on Café Aurora, gave it its team and its two log-ins")

    def agree_contract(self) -> None:
        """The account executive writes the contract down."""
        contract = self.account_executive.post(
            "/v1/contracts",
            {
                "client_id": self.ids["client"],
                "title": "Gestión de redes 2026",
                "starts_on": "2026-01-01",
                "ends_on": "2026-12-31",
                "renews_on": "2027-01-01",
                "notice_days": 60,
                "monthly_fee": {"amount_minor": 340_000, "currency": "EUR"},
                "payer_name": "Aurora Cafés SL",
            },
        )
        self.account_executive.act(f"/v1/contracts/{contract['id']}/activate")
        self.ids["contract"] = contract["id"]
        self.tell(self.account_executive.name, "put the contract for 2026 in force")

    def propose_autumn(self) -> None:
        """Campaign, scope and budget go to the client as one proposal."""
        start, end = material.MONTH
        common = {"client_id": self.ids["client"]}
        budget = self.social_media_manager.post(
            "/v1/budgets",
            {
                **common,
                "name": "Octubre 2026",
                "period_start": start,
                "period_end": end,
                "lines": material.BUDGET_LINES,
            },
        )
        self.budget_lines = budget["lines"]
        campaign = self.account_executive.post(
            "/v1/campaigns",
            {
                **common,
                "name": "Vuelve el tueste lento",
                "goal": "awareness",
                "formats": ["promotion", "ads", "influencers"],
                "brief": material.BRIEF,
                "starts_on": start,
                "ends_on": end,
                "budget_id": budget["id"],
                "contract_id": self.ids["contract"],
            },
        )
        scope = self.account_executive.post(
            "/v1/scopes",
            {
                **common,
                "campaign_id": campaign["id"],
                "contract_id": self.ids["contract"],
                "title": "Alcance de octubre",
                "currency": "EUR",
                "starts_on": start,
                "ends_on": end,
                "lines": material.SCOPE_LINES,
            },
        )
        self.lines = scope["lines"]
        self.ids |= {"budget": budget["id"], "campaign": campaign["id"], "scope": scope["id"]}
        self.account_executive.post(
            f"/v1/campaigns/{campaign['id']}/propose",
            {"scope_id": scope["id"], "budget_id": budget["id"]},
        )
        self.tell(self.social_media_manager.name, "planned October's budget, six lines, 16,000 €")
        self.tell(
            self.account_executive.name,
            f"proposed the autumn campaign: a scope of {len(self.lines)} lines and the budget, "
            "as one document",
        )

    def client_decides(self) -> None:
        """The client approves once, and everything the proposal covers moves."""
        waiting = self.approver.get("/v1/approvals", waiting_on="me")["data"]
        approval = self.approver.get(f"/v1/approvals/{waiting[0]['id']}")
        self.approver.post(
            f"/v1/approvals/{approval['id']}/decide",
            {"outcome": "approved", "content_sha256": approval["content_sha256"]},
        )
        self.account_executive.act(f"/v1/campaigns/{self.ids['campaign']}/activate")
        self.tell(
            self.approver.name,
            f"approved it once, bound to what was shown ({approval['content_sha256'][:12]}…): "
            "campaign approved, scope accepted, budget active",
        )

    def deliver(self) -> None:
        """The community manager delivers what was sold; one piece goes all the way by review."""
        reviewed = self._reviewed_piece()
        for index, (units, out_on, url) in material.DELIVERED.items():
            left = units - (1 if index == reviewed else 0)
            if left:
                self._count(index, left, out_on, url)
        community = self.lines[10]
        for day in range(1, 32):
            self.community_manager.post(
                f"/v1/scope-lines/{community['id']}/accruals",
                {"quantity": 1, "counted_on": f"2026-10-{day:02d}"},
            )
        self.community_manager.post(
            f"/v1/scope-lines/{self.lines[4]['id']}/accruals",
            {"quantity": 3, "counted_on": "2026-10-31", "reason": "Extra stories for the fair."},
        )
        self._unfinished()
        self.tell(
            self.community_manager.name,
            "delivered 96 pieces and 31 days of community, three stories more at no charge",
        )

    def spend(self) -> None:
        """Money is committed and spent; more than a line has is refused, a fact never is."""
        smm = self.social_media_manager
        for index, amount, payee in material.COMMITMENTS:
            entry = {"kind": "commitment", "amount_minor": amount, "payee": payee}
            smm.post(f"/v1/budget-lines/{self.budget_lines[index]['id']}/entries", entry)
        for expense in material.EXPENSES:
            self._expense(*expense)
        tools = self.budget_lines[4]["id"]
        refused = smm.post(
            f"/v1/budget-lines/{tools}/entries",
            {"kind": "commitment", "amount_minor": 100_000},
            status=409,
        )
        self.tell(smm.name, f"was refused a commitment beyond its line ({refused['code']})")
        self._expense(*material.OVERSPENT, already_spent=True)
        smm.post(
            f"/v1/budget-lines/{self.budget_lines[5]['id']}/entries",
            {
                "kind": "transfer",
                "to_line_id": self.budget_lines[3]["id"],
                "amount_minor": material.MISSING_MINOR,
                "note": "The photo shoot was repeated because of rain.",
            },
        )
        self.tell(smm.name, "kept an overspent invoice as a fact, and covered it by a transfer")

    def measure(self) -> None:
        """The community manager uploads two months of readings; the second time changes nothing."""
        for network, handle, name in material.CHANNELS:
            made = self.community_manager.post(
                "/v1/channels",
                {
                    "client_id": self.ids["client"],
                    "network": network,
                    "handle": handle,
                    "name": name,
                },
            )
            self.ids[network] = made["id"]
        start, end = material.MONTH
        for target in material.TARGETS:
            self.social_media_manager.post(
                "/v1/kpi-targets",
                {"client_id": self.ids["client"], "starts_on": start, "ends_on": end, **target},
            )
        first, second = self._upload(), self._upload()
        self.tell(
            self.community_manager.name,
            f"uploaded {first['received']} readings from {METRICS.name}: {first['stored']} stored; "
            f"sent again: {second['stored']} stored",
        )

    def promise(self) -> None:
        """What each side owes the other."""
        for request in material.REQUESTS:
            self.account_executive.post(
                "/v1/client-requests", {"client_id": self.ids["client"], **request}
            )
        for es, en, due, kept in material.OUR_PROMISES:
            made = self.account_executive.post(
                "/v1/commitments",
                {
                    "client_id": self.ids["client"],
                    "text": {"es": es, "en": en},
                    "owner_name": "Estudio Norte",
                    "due_on": due,
                },
            )
            if kept:
                self.account_executive.act(f"/v1/commitments/{made['id']}/done")
        self.tell(
            self.account_executive.name,
            "wrote down three requests to the client and what the agency owes",
        )

    def write_report(self) -> None:
        """Figures from the platform, words from the account executive."""
        report = self.account_executive.post(
            "/v1/reports",
            {
                "client_id": self.ids["client"],
                "period": "month",
                "starts_on": material.MONTH[0],
                "locales": ["es", "en"],
            },
        )
        self.ids["report"] = report["id"]
        narrative = {
            language: {
                **words,
                "channel_notes": {
                    self.ids[network]: notes[index] for network, notes in material.NOTES.items()
                },
            }
            for index, (language, words) in enumerate(material.NARRATIVE.items())
        }
        self.account_executive.patch(f"/v1/reports/{report['id']}", {"narrative": narrative})
        self.account_executive.act(f"/v1/reports/{report['id']}/submit")
        self.tell(self.account_executive.name, "wrote October's report in Spanish and English")

    def publish(self) -> None:
        """It is frozen; only the client's account executive may."""
        path = f"/v1/reports/{self.ids['report']}/publish"
        self.owner.ask("POST", path, json={}, status=403)
        version = self.account_executive.post(path)
        self._await_job(version["render_job_id"])
        self.tell(
            self.account_executive.name,
            f"published version {version['number']}, fingerprint {version['sha256'][:16]}",
        )

    def correct(self) -> None:
        """An invoice comes late: the first version stays, the second says why."""
        self._expense(*material.LATE_INVOICE)
        self.account_executive.act(f"/v1/reports/{self.ids['report']}/refresh")
        version = self.account_executive.post(
            f"/v1/reports/{self.ids['report']}/publish", {"reason": material.CORRECTION}
        )
        self._await_job(version["render_job_id"])
        self.tell(self.account_executive.name, "corrected it: version 2, with its reason")

    def share(self) -> None:
        """An address for the client's boss, who has no log-in."""
        made = self.account_executive.post(
            f"/v1/reports/{self.ids['report']}/share-links", {"days": 90}
        )
        self.share_address = made["address"]
        self.tell(self.account_executive.name, "made an address for the client's boss")

    def grow(self) -> None:
        """A reel more than was sold: the platform drafts the change, a link accepts it."""
        path = f"/v1/clients/{self.ids['client']}"
        self.account_executive.patch(path, {"over_scope": "draft_change_order"})
        extra = self.community_manager.post(
            "/v1/deliverables",
            {
                "line_id": self.lines[1]["id"],
                "label": {"es": "Detrás de la barra", "en": "Behind the bar"},
                "due_on": "2026-11-27",
            },
        )
        (order,) = self.account_executive.get("/v1/change-orders")["data"]
        path = f"/v1/change-orders/{order['id']}"
        shown = self.account_executive.get(f"{path}/preview")
        submitted = self.account_executive.act(f"{path}/submit")
        self._decide_by_link(submitted["approval_id"])
        accepted = self.account_executive.get(path)
        scope = self.account_executive.get(f"/v1/campaigns/{self.ids['campaign']}/scope")
        covered = self.community_manager.get(f"/v1/deliverables/{extra['id']}")
        if scope["total"] != shown["total_after"] or covered["over_scope"]:
            raise StoryStopped("the change order did not lead to what its preview said")
        added = shown["total_delta"]["amount_minor"] / 100
        self.tell(
            material.BOSS["name"],
            f"has no log-in, and by a link accepted change order {accepted['number']}, for a reel "
            f"planned beyond the scope: {added:.0f} EUR more, scope version "
            f"{scope['version_number']}",
        )

    def plan_ahead(self) -> None:
        """A scope for the winter is planned whole, and stands in a calendar."""
        scope = self.account_executive.post(
            "/v1/scopes", {"client_id": self.ids["client"], **material.WINTER}
        )
        self.account_executive.act(f"/v1/scopes/{scope['id']}/submit")
        self.approver.act(f"/v1/scopes/{scope['id']}/accept")
        plan = self.community_manager.post(f"/v1/scopes/{scope['id']}/plan")
        days = sorted(each["due_on"] for line in plan["lines"] for each in line["deliverables"])
        self.tell(
            self.community_manager.name,
            f"planned the winter's scope at once: {plan['planned']} deliverables, due from "
            f"{days[0]} to {days[-1]}",
        )
        feed = self.community_manager.post("/v1/calendar-feeds")
        shown = self.owner.http.get(urlsplit(feed["address"]).path)
        self.tell(
            self.community_manager.name,
            f"reads them in her own calendar: {shown.text.count('BEGIN:VEVENT')} due days",
        )

    def _decide_by_link(self, approval_id: str) -> None:
        """The page is opened, and its form is sent as a browser would."""
        asked = self.account_executive.get(f"/v1/approvals/{approval_id}")
        link = self.account_executive.post(f"/v1/approvals/{approval_id}/links", material.BOSS)
        path = urlsplit(link["address"]).path
        page = self.owner.http.get(path)
        form = {"outcome": "approved", "content_sha256": asked["content_sha256"]}
        decided = self.owner.http.post(path, data=form)
        if (page.status_code, decided.status_code) != (200, 303):
            raise StoryStopped(f"the link's page answered {decided.status_code}")

    def pull(self, format: str, locale: str = "es") -> bytes:
        """The client's viewer pulls the newest report."""
        answer = self.viewer.call(
            "GET",
            f"/v1/clients/{self.ids['client']}/reports/latest",
            params={"locale": locale},
            headers={"Accept": FORMATS[format]},
        )
        if answer.status_code != 200:
            raise StoryStopped(f"the {format} report: {answer.status_code} {answer.text[:500]}")
        return answer.content

    def _invite(self, by: Person, key: str, what: Json) -> None:
        person = self.people[key]
        made = by.post("/v1/invitations", {"email": person.email, "name": person.name, **what})
        admitted = person.post(
            "/v1/invitations/accept",
            {"token": made["token"], "password": person.password, "name": person.name},
        )
        person.token = admitted["tokens"]["access_token"]
        person.ids["membership_id"] = admitted["membership"]["id"]

    def _reviewed_piece(self) -> int:
        """One reel, with a round of changes: internal review, the client's, delivered."""
        made = self.community_manager.post(
            "/v1/deliverables",
            {
                "line_id": self.lines[1]["id"],
                "label": {"es": "El tueste lento en 40 segundos", "en": "Slow roast in 40 seconds"},
            },
        )
        path = f"/v1/deliverables/{made['id']}"
        handed_in = {"url": "https://files.example/tueste-lento.mp4"}
        self.community_manager.act(f"{path}/start")
        self.community_manager.post(f"{path}/submit", handed_in)
        self.social_media_manager.act(f"{path}/approve")
        approval = self.approver.get("/v1/approvals", waiting_on="me")["data"][0]
        self.approver.post(
            f"/v1/approvals/{approval['id']}/decide",
            {"outcome": "changes_requested", "reason": "El logo, más grande al final."},
        )
        self.community_manager.act(f"{path}/start")
        self.community_manager.post(f"{path}/submit", handed_in)
        self.social_media_manager.act(f"{path}/approve")
        self.approver.act(f"{path}/approve")
        self._out(made["id"], "2026-10-08T18:30:00+02:00", "https://instagram.example/p/tueste")
        self.tell(self.approver.name, "asked for one change on a reel, and approved the second cut")
        return 1

    def _count(self, index: int, units: int, out_on: str, url: str | None) -> None:
        """The rest of a line: made, reviewed and delivered together."""
        made = self.community_manager.post(
            "/v1/deliverables", {"line_id": self.lines[index]["id"], "units": units}
        )
        path = f"/v1/deliverables/{made['id']}"
        self.community_manager.act(f"{path}/start")
        self.community_manager.post(f"{path}/submit", {"url": "https://files.example/lote"})
        self.social_media_manager.act(f"{path}/approve")
        self.approver.act(f"{path}/approve")
        self._out(made["id"], out_on, url or "https://files.example/entrega")

    def _out(self, deliverable_id: str, out_on: str, url: str) -> None:
        networks = {"instagram": "Instagram", "tiktok": "TikTok", "linkedin": "LinkedIn"}
        host = url.removeprefix("https://").partition(".")[0]
        network = networks.get(host, "Facebook" if host == "facebook" else None)
        proof = {"url": url, "published_at": out_on, "network": network}
        self.community_manager.post(f"/v1/deliverables/{deliverable_id}/deliver", proof)

    def _unfinished(self) -> None:
        """One piece waits for the client's comments, one for the client's releases."""
        strategy = self.community_manager.post(
            "/v1/deliverables", {"line_id": self.lines[11]["id"]}
        )
        path = f"/v1/deliverables/{strategy['id']}"
        self.community_manager.act(f"{path}/start")
        self.community_manager.post(f"{path}/submit", {"url": "https://files.example/q4.pdf"})
        self.social_media_manager.act(f"{path}/approve")
        video = self.community_manager.post("/v1/deliverables", {"line_id": self.lines[12]["id"]})
        path = f"/v1/deliverables/{video['id']}"
        self.community_manager.act(f"{path}/start")
        self.community_manager.post(f"{path}/block", {"cause": "client", "since": "2026-10-19"})

    def _expense(
        self, index: int, amount: int, supplier: str, number: str, already_spent: bool = False
    ) -> None:
        expense: Json = {
            "line_id": self.budget_lines[index]["id"],
            "amount_minor": amount,
            "currency": "EUR",
            "supplier": supplier,
            "document_number": number,
            "spent_on": "2026-10-28",
        }
        if already_spent:
            expense |= {"already_spent": True, "evidence": f"Factura {number}"}
        self.social_media_manager.post("/v1/expenses", expense)

    def _upload(self) -> Json:
        return self.community_manager.ask(
            "POST",
            "/v1/metrics/daily",
            content=METRICS.read_bytes(),
            headers={"Content-Type": "text/csv"},
        )

    def _await_job(self, job_id: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            job = self.account_executive.get(f"/v1/jobs/{job_id}")
            if job["state"] == "succeeded":
                return
            if job["state"] in ("failed", "cancelled") or time.monotonic() > deadline:
                raise StoryStopped(f"rendering ended {job['state']}: {job['problem']}")
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
