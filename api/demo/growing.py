"""More than was sold, decided by a link; and the next scope, planned whole."""

from urllib.parse import urlsplit

from api.demo.material import agreed
from api.demo.people import StoryStopped
from api.demo.stage import Stage


def grow(stage: Stage) -> None:
    """A reel more than was sold: the platform drafts the change, a link accepts it."""
    path = f"/v1/clients/{stage.ids['client']}"
    stage.account_executive.patch(path, {"over_scope": "draft_change_order"})
    extra = stage.community_manager.post(
        "/v1/deliverables",
        {
            "line_id": stage.lines[1]["id"],
            "label": {"es": "Detrás de la barra", "en": "Behind the bar"},
            "due_on": "2026-11-27",
        },
    )
    (order,) = stage.account_executive.get("/v1/change-orders")["data"]
    path = f"/v1/change-orders/{order['id']}"
    shown = stage.account_executive.get(f"{path}/preview")
    submitted = stage.account_executive.act(f"{path}/submit")
    _decide_by_link(stage, submitted["approval_id"])
    accepted = stage.account_executive.get(path)
    scope = stage.account_executive.get(f"/v1/campaigns/{stage.ids['campaign']}/scope")
    covered = stage.community_manager.get(f"/v1/deliverables/{extra['id']}")
    if scope["total"] != shown["total_after"] or covered["over_scope"]:
        raise StoryStopped("the change order did not lead to what its preview said")
    added = shown["total_delta"]["amount_minor"] / 100
    stage.tell(
        agreed.BOSS["name"],
        f"has no log-in, and by a link accepted change order {accepted['number']}, for a reel "
        f"planned beyond the scope: {added:.0f} EUR more, scope version "
        f"{scope['version_number']}",
    )


def plan_ahead(stage: Stage) -> None:
    """A scope for the winter is planned whole, and stands in a calendar."""
    scope = stage.account_executive.post(
        "/v1/scopes", {"client_id": stage.ids["client"], **agreed.WINTER}
    )
    stage.account_executive.act(f"/v1/scopes/{scope['id']}/submit")
    stage.approver.act(f"/v1/scopes/{scope['id']}/accept")
    plan = stage.community_manager.post(f"/v1/scopes/{scope['id']}/plan")
    days = sorted(each["due_on"] for line in plan["lines"] for each in line["deliverables"])
    stage.tell(
        stage.community_manager.name,
        f"planned the winter's scope at once: {plan['planned']} deliverables, due from "
        f"{days[0]} to {days[-1]}",
    )
    feed = stage.community_manager.post("/v1/calendar-feeds")
    shown = stage.owner.http.get(urlsplit(feed["address"]).path)
    stage.tell(
        stage.community_manager.name,
        f"reads them in her own calendar: {shown.text.count('BEGIN:VEVENT')} due days",
    )


def _decide_by_link(stage: Stage, approval_id: str) -> None:
    """The page is opened, and its form is sent as a browser would."""
    asked = stage.account_executive.get(f"/v1/approvals/{approval_id}")
    link = stage.account_executive.post(f"/v1/approvals/{approval_id}/links", agreed.BOSS)
    path = urlsplit(link["address"]).path
    page = stage.owner.http.get(path)
    form = {"outcome": "approved", "content_sha256": asked["content_sha256"]}
    decided = stage.owner.http.post(path, data=form)
    if (page.status_code, decided.status_code) != (200, 303):
        raise StoryStopped(f"the link's page answered {decided.status_code}")
