"""The double of Stripe: that it refuses what the library's types refuse, and says what it lacks."""

import ast
import os
from pathlib import Path
from typing import Any

import pytest
import stripe as library
from stripe import InvalidRequestError, StripeClient

from billing.provider import stripe_calls
from tests.billing.stripe_steps import Stripe
from tests.stripe_double import things
from tests.stripe_double.calls import CALLS
from tests.stripe_double.surface import matching, operations

SHAPES = {
    "Account": things.account("acct_1", 1, {}),
    "BalanceTransaction": things.balance_transaction("txn_1", 1, "charge", 5, {"currency": "eur"}),
    "Charge": things.charge(
        "ch_1", 1, things.invoice_payment("p_1", 1, {"id": "in_1", "currency": "eur"}, 5), "cus_1"
    ),
    "Customer": things.customer("cus_1", 1, {}),
    "Dispute": things.dispute("du_1", 1, "pi_1", 5, "eur"),
    "Invoice": things.invoice("in_1", 1, {"customer": "cus_1"}),
    "InvoicePayment": things.invoice_payment("p_1", 1, {"id": "in_1", "currency": "eur"}, 5),
    "Price": things.price("price_1", 1, "studio_base_month"),
    "Refund": things.refund("re_1", 1, "pi_1", 5, "eur"),
    "Subscription": things.subscription("sub_1", 1, "cus_1"),
    "SubscriptionItem": things.item("si_1", 1, {}, 1, "sub_1"),
    "Transfer": things.transfer(
        "tr_1", 1, {"amount": "5", "currency": "eur", "destination": "acct_1"}
    ),
}


@pytest.fixture
def client(stripe: Stripe) -> Any:
    url = stripe.world.double.url
    transport: Any = library.RequestsClient()
    yield StripeClient(
        stripe.world.key, base_addresses={"api": url}, http_client=transport, max_network_retries=0
    )
    transport.close()


class TestSurface:
    def test_is_the_librarys_own(self) -> None:
        assert len(operations()) > 600
        known = {(each.verb, each.path) for each in operations()}
        assert set(CALLS) <= known

    def test_holds_every_call_that_is_made(self) -> None:
        """Each service and method that our code names is modelled."""
        root = Path(__file__).parent.parent.parent / "billing/provider"
        made = {
            ast.unparse(node.func).partition(".v1.")[2]
            for name in ("stripe_calls.py", "stripe_gateway.py")
            for node in ast.walk(ast.parse((root / name).read_text()))
            if isinstance(node, ast.Call) and ".v1." in ast.unparse(node.func)
        }
        made = {each for each in made if "(" not in each}
        assert len(made) > 14
        places = {
            "checkout.sessions": "checkout/sessions",
            "billing_portal.sessions": "billing_portal/sessions",
            "invoice_items": "invoiceitems",
        }
        verbs = {"list": "get", "retrieve": "get"}
        for call in made:
            service, _, method = call.rpartition(".")
            end = {"create": "", "list": "", "finalize_invoice": "/x/finalize"}
            tail = end.get(method, "/x/void" if method == "void_invoice" else "/x")
            path = f"/v1/{places.get(service, service)}{tail}"
            found = matching(verbs.get(method, "post"), path)
            assert found is not None, call
            assert (found.verb, found.path) in CALLS, call

    @pytest.mark.parametrize("name", SHAPES)
    def test_answers_with_what_the_classes_declare(self, name: str) -> None:
        declared = getattr(library, name).__annotations__
        assert set(SHAPES[name]) - declared.keys() == set()

    def test_is_of_the_version_that_ships(self) -> None:
        """When the library moves on: read its changes, look at what is modelled, then this line."""
        assert library.api_version == things.API_VERSION


class TestCall:
    @pytest.mark.parametrize(
        "params",
        [
            {"name": "A", "nickname": "B"},
            {"metadata": "x"},
            {"address": {"planet": "Mars"}},
            {"balance": "plenty"},
        ],
    )
    def test_refuses_parameters_the_library_does_not_know(self, client: Any, params: Any) -> None:
        with pytest.raises(InvalidRequestError):
            client.v1.customers.create(params)

    def test_says_loudly_what_it_does_not_model(self, client: Any) -> None:
        with pytest.raises(library.APIError) as refused:
            client.v1.coupons.list()
        assert refused.value.http_status == 501
        assert dict(refused.value.headers or {})["Stripe-Should-Retry"] == "false"

    def test_answers_a_key_as_it_did_the_first_time(self, client: Any) -> None:
        keyed = {"idempotency_key": "once"}
        first = client.v1.customers.create({"name": "A"}, keyed)
        assert client.v1.customers.create({"name": "A"}, keyed).id == first.id
        with pytest.raises(library.IdempotencyError):
            client.v1.customers.create({"name": "B"}, keyed)

    def test_keeps_accounts_apart(self, client: Any) -> None:
        made = client.v1.customers.create({"name": "A"}, {"stripe_account": "acct_1"})
        with pytest.raises(InvalidRequestError):
            client.v1.customers.retrieve(made.id)
        found = client.v1.customers.retrieve(made.id, options={"stripe_account": "acct_1"})
        assert found.id == made.id


@pytest.mark.stripe_live
class TestLive:
    """Against Stripe itself, in a sandbox: AGENCY_TEST_STRIPE_KEY."""

    def test_takes_our_calls(self) -> None:
        key = os.environ.get("AGENCY_TEST_STRIPE_KEY", "")
        if not key.startswith(("sk_test_", "rk_test_")):
            pytest.skip("AGENCY_TEST_STRIPE_KEY names no key of a sandbox")
        client = StripeClient(key, max_network_retries=1)
        asked = {"reference": "live", "name": "Estudio Norte"}
        once = f"live:{os.getpid()}"
        first = stripe_calls.CALLS["customer"](client, asked, once)
        assert stripe_calls.CALLS["customer"](client, asked, once).id == first.id
        found: Any = client.v1.customers.retrieve(first.id)
        assert found.metadata["operation"] == "live"
