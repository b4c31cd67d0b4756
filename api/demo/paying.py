"""A creator is paid: to an account that a second person confirmed, by a file for the bank."""

from datetime import timedelta

from api.demo.creating import payable_of
from api.demo.material import billed, creators
from api.demo.people import StoryStopped
from api.demo.stage import Stage
from tenants import clock


def settle_details(stage: Stage) -> None:
    """The creator says where her money goes; it counts when the agency has confirmed it."""
    path = f"/v1/payees/{stage.ids['lucia']}"
    stage.influencer.post(f"{path}/details", billed.PAYEE)
    waiting = payable_of(stage, "lucia")["status"]
    stage.owner.act(f"{path}/confirm")
    if (waiting, payable_of(stage, "lucia")["status"]) != ("blocked", "ready"):
        raise StoryStopped("bank details counted before somebody else confirmed them")
    stage.tell(
        stage.influencer.name,
        f"gave her bank details; her reel became payable when {stage.owner.name} confirmed them",
    )


def pay(stage: Stage) -> None:
    """One asks, another approves, and the bank gets a file."""
    rule = {"settings": {"payout_approval_threshold_minor": 100_000}}
    stage.owner.patch("/v1/agency", rule)
    asked = {"payee_id": stage.ids["lucia"], "currency": "EUR"}
    payout = stage.admin.post("/v1/payouts", asked)
    path = f"/v1/payouts/{payout['id']}"
    refused = stage.admin.ask("POST", f"{path}/approve", status=403)
    stage.owner.act(f"{path}/approve")
    today = clock.today("Europe/Madrid")
    tomorrow = (today + timedelta(days=1)).isoformat()
    file = stage.admin.post("/v1/payout-files", {**billed.BANK, "execution_on": tomorrow})
    stage.keep("payouts.xml", stage.admin, f"/v1/payout-files/{file['id']}/content")
    paid = stage.admin.post(f"{path}/mark-paid", {"reference": "SEPA 2026-11"})
    if (paid["status"], payable_of(stage, "lucia")["status"]) != ("paid", "paid"):
        raise StoryStopped(f"the payout that left is {paid['status']}")
    first = (today - timedelta(days=90)).isoformat()
    days = {"from": first, "to": today.isoformat(), "currency": "EUR"}
    statement = f"/v1/payees/{stage.ids['lucia']}/statement"
    closing = stage.influencer.get(statement, **days)["closing_minor"]
    stage.keep(
        "payee-statement.pdf",
        stage.admin,
        f"{statement}/document",
        params=days,
        headers={"Accept-Language": "es"},
    )
    amount = paid["amount"]["amount_minor"] / 100
    left = payable_of(stage, "marc")["amount"]["amount_minor"] / 100
    stage.headlines += [
        ("creators paid", f"{amount:,.2f} EUR"),
        ("creators owed", f"{closing / 100 + left:,.2f} EUR"),
    ]
    stage.tell(
        stage.admin.name,
        f"asked to pay {stage.influencer.name} {amount:,.2f} EUR, could not approve that himself "
        f"({refused['code']}), and after {stage.owner.name} had, sent it by a file for the bank; "
        f"{left:,.2f} EUR wait until {creators.MARC['name']} says where to",
    )
