"""What the work earned is invoiced: drafted by one, approved by another, mailed, and paid."""

from api.demo.material import billed
from api.demo.people import StoryStopped
from api.demo.stage import Stage
from tenants import clock


def prepare(stage: Stage) -> None:
    """Who issues, with which tax, and whom for."""
    stage.owner.put("/v1/invoice-settings", billed.ISSUER)
    stage.ids["tax_rate"] = stage.owner.post("/v1/tax-rates", billed.VAT)["id"]
    profile = f"/v1/clients/{stage.ids['client']}/billing-profile"
    stage.account_executive.put(profile, billed.BUYER)
    stage.tell(
        stage.owner.name,
        f"set up invoices of {billed.ISSUER['name']} with IVA at {billed.VAT['percent']} %",
    )


def invoice(stage: Stage) -> None:
    """Everything that is not on an invoice yet goes on one; a second person approves it."""
    executive = stage.account_executive
    draft = executive.post(
        "/v1/invoices",
        {
            "client_id": stage.ids["client"],
            "reference": "Octubre 2026",
            "unbilled_through": clock.today("Europe/Madrid").isoformat(),
            "billable_tax_rate_ids": [stage.ids["tax_rate"]],
        },
    )
    path = f"/v1/invoices/{draft['id']}"
    executive.act(f"{path}/submit")
    refused = executive.ask("POST", f"{path}/approve", status=403)
    stage.admin.act(f"{path}/approve")
    issued = stage.owner.act(f"{path}/finalize")
    stage.ids["invoice"] = issued["id"]
    if issued["tax_minor"] != (issued["net_minor"] * 21 + 50) // 100:
        raise StoryStopped("the tax on the invoice is not 21 % of its net")
    for locale in ("es", "en"):
        asked = {"format": "pdf", "locale": locale}
        stage.keep(f"invoice-{locale}.pdf", stage.approver, f"{path}/document", params=asked)
    stage.tell(
        executive.name,
        f"invoiced everything unbilled, {len(draft['lines'])} lines, and could not approve it "
        f"herself ({refused['code']}): {stage.admin.name} did, and {stage.owner.name} issued "
        f"{issued['number']}",
    )


def collect(stage: Stage) -> None:
    """It is mailed, and the bank's statement says that it was paid."""
    path = f"/v1/invoices/{stage.ids['invoice']}"
    sent = stage.account_executive.act(f"{path}/send")
    issued = stage.owner.get(path)
    amount = {"amount_minor": issued["open_minor"], "currency": issued["currency"]}
    stage.owner.post(f"{path}/payments", {"amount": amount, "reference": issued["number"]})
    paid = stage.approver.get(path)
    if (paid["status"], paid["open_minor"]) != ("paid", 0):
        raise StoryStopped(f"the invoice that was paid is {paid['status']}")
    total = f"{paid['paid_minor'] / 100:,.2f} EUR"
    stage.headlines.append(("invoiced and paid", total))
    stage.tell(
        stage.owner.name,
        f"wrote down that {total} came for it, after a mail had taken it to the "
        f"client's {sent['recipients']} contact for invoices",
    )
