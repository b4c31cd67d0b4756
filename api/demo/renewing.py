"""Hours that renew each month: what rolls over, what they cost, and what is left of the price."""

from datetime import date, timedelta

from api.demo.material import agreed
from api.demo.people import StoryStopped
from api.demo.stage import Stage
from tenants import clock

USED = 6  # of last month's ten hours


def roll_over(stage: Stage) -> None:
    """Last month's hours are used in part; what is left of them counts this month, up to a cap."""
    this_month = _this_month()
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    sold = {"client_id": stage.ids["client"], "starts_on": last_month.isoformat()}
    scope = stage.account_executive.post("/v1/scopes", {**sold, **agreed.HOURS})
    stage.account_executive.act(f"/v1/scopes/{scope['id']}/submit")
    stage.approver.act(f"/v1/scopes/{scope['id']}/accept")
    line_id = stage.ids["hours"] = scope["lines"][0]["id"]
    done = {"quantity": USED, "counted_on": (this_month - timedelta(days=1)).isoformat()}
    stage.community_manager.post(f"/v1/scope-lines/{line_id}/accruals", done)
    read = stage.approver.get(f"/v1/clients/{stage.ids['client']}/balance")
    hours = next(each for each in read["lines"] if each["line_id"] == line_id)
    if (hours["carried"], hours["remaining"]) != (10 - USED, 20 - USED):
        raise StoryStopped("the hours that were left did not roll over")
    stage.tell(
        stage.approver.name,
        f"read the balance of a retainer: {hours['granted']} hours this month, {hours['carried']} "
        f"rolled over from the last, {hours['remaining']} to use",
    )


def count_costs(stage: Stage) -> None:
    """What people's time costs, and the margin: the agency's eyes only."""
    worked_on = _this_month() - timedelta(days=1)
    rate = {
        "membership_id": stage.community_manager.ids["membership_id"],
        "starts_on": "2026-01-01",
        "hourly": {"amount_minor": 2_400, "currency": "EUR"},
    }
    stage.owner.post("/v1/cost-rates", rate)
    stage.community_manager.post(
        "/v1/time-entries",
        {
            "client_id": stage.ids["client"],
            "scope_line_id": stage.ids["hours"],
            "minutes": USED * 60 + 30,
            "activity": "community",
            "worked_on": worked_on.isoformat(),
        },
    )
    path = f"/v1/clients/{stage.ids['client']}/margin"
    days = {"from": worked_on.replace(day=1).isoformat(), "to": worked_on.isoformat()}
    read = stage.account_executive.get(path, **days)
    line = next(each for each in read["scope_lines"] if each["minutes"])
    stage.approver.ask("GET", path, status=403)
    stage.tell(
        stage.account_executive.name,
        f"read what is left of those hours: {line['revenue_minor'] / 100:.0f} EUR earned, "
        f"{line['labour_cost_minor'] / 100:.0f} EUR of work, a margin of "
        f"{line['margin_bp'] / 100:.1f} %; the client may not",
    )


def _this_month() -> date:
    """Its first day, where the client is."""
    return clock.today("Europe/Madrid").replace(day=1)
