"""Money is set aside and spent; more than there is, is refused."""

from api.demo.material import agreed
from api.demo.people import Json, StoryStopped
from api.demo.stage import Stage


def spend(stage: Stage) -> None:
    """Money is committed and spent; more than a line has is refused, a fact never is."""
    smm = stage.social_media_manager
    for index, amount, payee in agreed.COMMITMENTS:
        entry = {"kind": "commitment", "amount_minor": amount, "payee": payee}
        smm.post(f"/v1/budget-lines/{stage.budget_lines[index]['id']}/entries", entry)
    for expense in agreed.EXPENSES:
        add_expense(stage, *expense)
    tools = stage.budget_lines[4]["id"]
    refused = smm.post(
        f"/v1/budget-lines/{tools}/entries",
        {"kind": "commitment", "amount_minor": 100_000},
        status=409,
    )
    stage.tell(smm.name, f"was refused a commitment beyond its line ({refused['code']})")
    add_expense(stage, *agreed.OVERSPENT, already_spent=True)
    smm.post(
        f"/v1/budget-lines/{stage.budget_lines[5]['id']}/entries",
        {
            "kind": "transfer",
            "to_line_id": stage.budget_lines[3]["id"],
            "amount_minor": agreed.MISSING_MINOR,
            "note": "The photo shoot was repeated because of rain.",
        },
    )
    stage.tell(smm.name, "kept an overspent invoice as a fact, and covered it by a transfer")


def add_expense(
    stage: Stage, index: int, amount: int, supplier: str, number: str, already_spent: bool = False
) -> None:
    expense = _expense(stage, index, amount, supplier) | {"document_number": number}
    if already_spent:
        expense |= {"already_spent": True, "evidence": f"Factura {number}"}
    stage.social_media_manager.post("/v1/expenses", expense)


def let_two_decide(stage: Stage) -> None:
    """Above a threshold a second person decides; what a line cannot bear is asked of nobody."""
    settings = {"expense_approval_threshold_minor": 10_000}
    stage.owner.patch("/v1/agency", {"settings": settings})
    asking, deciding = stage.community_manager, stage.social_media_manager
    print_run = _asked(stage, 2, 14_500, "Imprenta Sorolla")
    drone = _asked(stage, 2, 12_900, "Dron y Cielo")
    path = "/v1/expenses/{}"
    deciding.post(path.format(print_run["id"]) + "/approve")
    reason = {"reason": "El dron no estaba en el plan."}
    refused = deciding.post(path.format(drone["id"]) + "/refuse", reason)
    too_much = asking.post("/v1/expenses", _expense(stage, 4, 9_900, "Escucha Social"), status=409)
    if [print_run["status"], refused["status"]] != ["pending", "refused"]:
        raise StoryStopped("an expense above the threshold did not wait for a second person")
    stage.tell(
        deciding.name,
        f"approved one of two expenses that {asking.name} asked for above 100 €, and refused the "
        f"other; a third was more than its line had ({too_much['code']})",
    )


def read_statement(stage: Stage) -> None:
    """The client reads its money: planned, committed, actual, forecast."""
    start, end = agreed.MONTH
    path = f"/v1/clients/{stage.ids['client']}/statement"
    statement = stage.approver.get(path, **{"from": start, "to": end})
    ours = next(each for each in statement["totals"] if each["paid_by"] == "agency")["figures"]
    shown = {name.removesuffix("_minor"): value / 100 for name, value in ours.items()}
    stage.tell(
        stage.approver.name,
        f"read October's statement: planned {shown['planned']:,.2f}, committed "
        f"{shown['committed']:,.2f}, actual {shown['actual']:,.2f} EUR, in "
        f"{len(statement['rows'])} kinds of money with their documents",
    )


def _asked(stage: Stage, index: int, amount: int, supplier: str) -> Json:
    return stage.community_manager.post("/v1/expenses", _expense(stage, index, amount, supplier))


def _expense(stage: Stage, index: int, amount: int, supplier: str) -> Json:
    return {
        "line_id": stage.budget_lines[index]["id"],
        "amount_minor": amount,
        "currency": "EUR",
        "supplier": supplier,
        "spent_on": "2026-10-29",
    }
