"""Receipts, and what a document in another currency says."""

from typing import Any

from tests.factories import Person

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16


def upload(by: Person, client_id: Any, audience: str = "internal") -> str:
    answer = by.call(
        "POST",
        "/v1/files",
        data={"client_id": str(client_id), "audience": audience},
        files={"file": ("recibo.png", PNG, "image/png")},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def said(amount: int, currency: str, rate: str | int | None, on: str | None = "2026-10-02") -> Any:
    return {"amount_minor": amount, "currency": currency, "rate": rate, "rate_on": on}
