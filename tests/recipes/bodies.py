"""What operations are sent beyond what the document says: members, parameters, content."""

from collections.abc import Callable
from typing import Any

from tests.operations import Place
from tests.recipes import creators, money, work
from tests.recipes.making import (
    BUDGET_LINE,
    COLUMNS,
    GIF,
    IBAN,
    LINE,
    PNG,
    Given,
    made,
    member,
    numbers,
)

# operation → members beyond the required ones, or other values for them.
BODY: dict[str, Callable[[Place, Given], dict[str, Any]]] = {
    "apply_client_credit": lambda place, _: {"invoice_id": money.issued_invoice(place)},
    "block_deliverable": lambda *_: {"cause": "client"},
    "accept_collaboration": creators.on_the_table,
    "amend_terms": lambda *_: creators.TERMS,
    "create_collaboration": lambda place, _: creators.collaborating(place),
    "create_submission": lambda place, _: {
        "deliverable_id": place.fresh("due_piece"),
        "url": "https://drafts.example/1",
    },
    "offer_terms": lambda *_: creators.TERMS,
    "record_asset_use": lambda *_: {
        **creators.USE,
        "starts_on": "2026-02-01",
        "ends_on": "2026-02-02",
    },
    "create_accrual": lambda *_: {"quantity": 1, "counted_on": "2026-11-20", "reason": "Más."},
    "create_change_order": lambda place, _: {
        "scope_id": str(work.accepted_scope(place)["id"]),  # accepted, the last one superseded it
        "reason": {"es": "Un vídeo más."},
        "lines": [{"action": "add", **LINE}],
    },
    "create_checkout_session": lambda *_: {
        "plan": "studio",
        "success_url": "https://app.example/paid",
        "cancel_url": "https://app.example/plans",
    },
    "create_connect_account": lambda *_: {
        "country": "ES",
        "return_url": "https://app.example/back",
        "refresh_url": "https://app.example/again",
    },
    "create_portal_session": lambda *_: {"return_url": "https://app.example/billing"},
    "create_deliverable": lambda *_: {"units": 1},
    "create_assignment": lambda place, _: {"membership_id": str(member(place).membership_id)},
    "create_comment": lambda *_: {"audience": "client", "body": "El logo, más grande."},
    "create_benchmark": lambda *_: {"ends_on": "2026-12-31", "value": next(numbers)},
    "create_budget": lambda *_: {"period_end": "2026-12-31", "lines": [BUDGET_LINE]},
    "create_cost_rate": lambda *_: {"starts_on": _a_day()},
    "create_client_request": lambda *_: {"owner_name": "Lola Aurora"},
    "create_commitment": lambda *_: {"owner_name": "Estudio Norte"},
    "create_credit_note": lambda place, _: {"invoice_id": money.issued_invoice(place)},
    "create_expense": lambda *_: {"currency": "EUR", "amount_minor": 100},
    "create_competitor": lambda *_: {
        "handles": [{"network": "x", "handle": f"rival-{next(numbers)}"}]
    },
    "create_candidate": lambda place, _: {"influencer_id": place.fresh("influencer")},
    "drop_candidate": lambda *_: {"reason": "Ya no encaja."},
    "invite_candidate": lambda *_: {"email": f"creator.{next(numbers)}@people.example"},
    "create_influencer": lambda *_: _somebody(),
    "create_influencer_document": lambda place, _: {"file_id": place.fresh("file")},
    "update_influencer": lambda *_: {"city": f"Villa {next(numbers)}"},
    "update_own_profile": lambda *_: {"city": f"Villa {next(numbers)}"},
    "invite_influencer": lambda *_: {"email": f"creator.{next(numbers)}@people.example"},
    "create_import_mapping": lambda *_: {
        "name": f"Resumen {next(numbers)}",
        "columns": COLUMNS,
    },
    "create_invoice": lambda *_: {"lines": [money.BILLED]},
    "create_kpi_target": lambda *_: {"value": 1000, "starts_on": _a_day(), "ends_on": "2199-12-31"},
    "create_payee_connect_account": lambda *_: {
        "country": "ES",
        "return_url": "https://app.example/back",
        "refresh_url": "https://app.example/again",
    },
    "create_payee_details": lambda *_: {"legal_name": "Marta Ríos"},
    "create_payout": lambda place, _: {
        "payee_id": money.payee(place),
        "currency": "EUR",
        "payable_ids": [money.payable(place)],
    },
    "create_payout_file": lambda place, _: {
        "execution_on": "2199-12-31",
        "debtor_name": "Estudio Norte",
        "debtor_iban": IBAN,
        "payout_ids": [money.payout(place)],
    },
    "mark_payout_paid": lambda *_: {"reference": "TRF-1"},
    "create_live_post": lambda place, _: {
        "deliverable_id": place.fresh("accepted_piece"),
        "url": f"https://instagram.com/p/{next(numbers)}",
        "published_at": "2026-11-01T09:30:00Z",
    },
    "create_own_live_post": lambda place, _: {
        "deliverable_id": place.fresh("accepted_piece"),
        "url": f"https://instagram.com/p/{next(numbers)}",
    },
    "confirm_live_post": lambda *_: {"outcome": "live", "note": "Captura del lunes."},
    "create_disclosure_check": lambda *_: {"caption": "#publicidad El mejor café"},
    "create_promo_code": lambda *_: {
        "code": f"AURORA{next(numbers)}",
        "starts_on": "2026-11-01",
        "ends_on": "2026-12-31",
    },
    "create_tracking_link": lambda *_: {"target": "https://aurora.example/"},
    "create_published_post": lambda *_: {"external_id": f"1799{next(numbers)}"},
    "create_report": lambda *_: {
        "period": "week",
        "starts_on": _a_day(),
        "locales": ["es"],
        "narrative": work.NARRATIVE,
    },
    "create_report_schedule": lambda place, _: {"template_id": place.fresh("report_template")},
    "create_report_template": lambda *_: {"period": "month", "locales": ["es"]},
    "create_scope": lambda *_: {"lines": [LINE]},
    "create_scope_line": lambda *_: LINE,
    "decide_approval": lambda *_: {"outcome": "approved"},
    "publish_report": lambda *_: {"reason": {"es": "Llegaron datos tarde."}},
    "deliver_deliverable": lambda *_: {"url": "https://instagram.com/p/1"},
    "enter_on_budget_line": lambda *_: {"kind": "commitment", "amount_minor": 100},
    "put_invoice_settings": lambda *_: {"tax_id": f"B{next(numbers)}"},
    "record_mention_counts": lambda *_: {
        "counts": [{"period_start": "2026-10-01", "mentions": next(numbers)}]
    },
    "put_books": lambda *_: {"closed_through": _a_day()},
    "record_collaboration_results": lambda *_: {
        "source": "instagram",
        "metrics": {"views": {"value": next(numbers)}},
    },
    "record_own_results": lambda place, given: {
        "metrics": {"views": {"value": next(numbers)}},
        "file_ids": [made(place, "create_own_file", given)],
    },
    "record_conversions": lambda *_: {"source": "shop", "conversions": [_sale()]},
    "update_promo_code": lambda *_: {"ends_on": f"2027-01-{next(numbers) % 28 + 1:02}"},
    "record_community_figures": lambda *_: {
        "figures": [
            {"day": "2026-10-01", "items": {"needing_answer": next(numbers), "answered": 0}}
        ]
    },
    "record_decision": lambda *_: {"outcome": "approved", "evidence": "Llamada del lunes."},
    "record_readings": lambda place, _: {
        "readings": [{"date": "2026-10-01", "channel": place.of("channel"), "impressions": 5}]
    },
    "submit_deliverable": lambda *_: {"url": "https://drive.example/reel"},
    "update_tax_rate": lambda *_: {"active": False},
    "update_report": lambda *_: {"narrative": work.NARRATIVE},
    "withdraw_report": lambda *_: {"number": 1},
    "update_assignment": lambda *_: {"ends_on": "2027-12-31"},
    "update_budget_line": lambda *_: {"planned_minor": 1_000 + next(numbers)},
    "update_client": lambda *_: {"name": "Café Aurora del Norte"},
}


def _sale() -> dict[str, Any]:
    return {
        "kind": "sale",
        "order_id": f"order {next(numbers)}",
        "amount_minor": 4_990,
        "currency": "EUR",
        "occurred_at": "2026-11-20T09:30:00Z",
    }


def _a_day() -> str:
    """Another week each time."""
    number = next(numbers)
    return f"{1950 + number // 48}-{number // 4 % 12 + 1:02}-{number % 4 * 7 + 1:02}"


def _somebody() -> dict[str, Any]:
    """An influencer whom nobody has on a roster yet."""
    handle = f"ana.{next(numbers)}"
    price = {"amount_minor": 25_000, "currency": "EUR"}
    return {
        "name": "Ana García",
        "accounts": [{"network": "instagram", "handle": handle, "followers": 12_000}],
        "rates": [{"network": "instagram", "placement": "reel", "price": price}],
    }


OCTOBER = {"from": "2026-10-01", "to": "2026-10-31"}
# operation → query parameters it cannot do without.
QUERY: dict[str, Callable[[Place], dict[str, Any]]] = {
    "get_calendar": lambda _: {"from": "2026-12-01", "to": "2026-12-31"},
    "compare_competitors": lambda _: OCTOBER,
    "get_competitor_figures": lambda _: OCTOBER,
    "get_client_benchmarks": lambda _: OCTOBER,
    "get_community": lambda _: OCTOBER,
    "get_share_of_voice": lambda _: OCTOBER,
    "export_agency_performance": lambda _: OCTOBER,
    "export_performance": lambda _: OCTOBER,
    "get_agency_performance": lambda _: OCTOBER,
    "get_campaign_performance": lambda _: OCTOBER,
    "get_channel_totals": lambda _: OCTOBER,
    "get_performance": lambda _: OCTOBER,
    "get_publish_reliability": lambda _: OCTOBER,
    "get_post_figures": lambda _: OCTOBER,
    "get_payee_statement": lambda _: {**OCTOBER, "currency": "EUR"},
    "get_payee_statement_document": lambda _: {**OCTOBER, "currency": "EUR"},
    "get_report_diff": lambda _: {"from": 1, "to": 2},
    "get_post_totals": lambda _: OCTOBER,
}

# operation → `content=` and `headers=`, where the body is no JSON.
CONTENT: dict[str, Callable[[Place], dict[str, Any]]] = {
    "import_influencers": lambda _: {
        "content": f"name,network,handle\nAna,x,ana.{next(numbers)}\n".encode(),
        "headers": {"Content-Type": "text/csv"},
    },
    "create_file": lambda place: {
        "data": {"client_id": str(place.client_id), "audience": "client"},
        "files": {"file": ("logo.gif", GIF, "image/gif")},
    },
    "create_own_file": lambda _: {
        "data": {"name": "Boceto.gif"},
        "files": {"file": ("draft.gif", GIF, "image/gif")},
    },
    "create_report_logo": lambda place: {
        "data": {"client_id": str(place.client_id)},
        "files": {"file": ("logo.png", PNG, "image/png")},
    },
}
