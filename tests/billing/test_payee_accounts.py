"""A creator's account at Stripe: opened once, answered on Stripe's pages, mirrored here."""

from typing import Any

import pytest

from billing.provider import gateway
from tests.billing.creators import again, owed, said
from tests.billing.stripe_steps import BACK, Stripe, open_transactions, operation, verify
from tests.campaigns.making import done
from tests.factories import Person, Staffed, events_of

ASKED = {"country": "ES", **BACK}


def path(agency: Staffed, *more: str) -> str:
    return "/".join(("/v1/payees", str(agency.influencer_id), *more))


def start(by: Person, agency: Staffed, status: int = 201, **options: Any) -> Any:
    return done(by.post(path(agency, "connect-account"), ASKED, **options), status)


def shown(by: Person, agency: Staffed) -> Any:
    return done(by.get(path(agency, "connect-account")))


class TestCreateConnectAccount:
    @pytest.mark.parametrize("name", ["influencer", "owner"])
    def test_leads_to_a_page_of_stripes(self, name: str, stripe: Stripe, agency: Staffed) -> None:
        by = agency.people[name]

        page = start(by, agency)

        [account] = stripe.world.every("account")
        assert page["url"].startswith(f"https://connect.stripe.test/{account['id']}/")
        assert account["metadata"] == {"operation": str(agency.influencer_id)}
        assert shown(by, agency)["state"] == "onboarding"
        made = operation(agency, "connect_account")
        assert (made.stripe_id, made.subject_id) == (account["id"], agency.influencer_id)
        assert events_of(agency, made.id) == ["stripe_operation.succeeded"]

    def test_goes_on_with_the_account_there_is(self, stripe: Stripe, agency: Staffed) -> None:
        pages = {start(each, agency)["id"] for each in (agency.influencer, agency.owner)}
        key: dict[str, Any] = {"headers": {"Idempotency-Key": "alta"}}
        twice = [start(agency.influencer, agency, **key) for _ in range(2)]

        assert len(pages) == 2
        assert twice[0] == twice[1]
        assert len(stripe.world.every("account")) == 1

    def test_opens_one_though_the_answer_was_lost(self, stripe: Stripe, agency: Staffed) -> None:
        stripe.fail("drop", "/v1/accounts", times=2, done=True)
        lost = start(agency.influencer, agency, 503)

        start(agency.influencer, agency)

        assert lost["code"] == "payment_provider_unavailable"
        assert len(stripe.world.every("account")) == 1

    def test_makes_them_ready_when_stripe_says_so(self, stripe: Stripe, agency: Staffed) -> None:
        waiting = owed(agency, gates=["payee_ready"])
        start(agency.influencer, agency)
        said(agency, method="stripe", iban=None)
        assert again(agency, waiting).status == "blocked"
        [account] = stripe.world.every("account")

        verify(stripe, account["id"])

        assert shown(agency.influencer, agency)["state"] == "ready"
        read = done(agency.influencer.get(path(agency)))
        assert (read["status"], read["provider_account"]) == ("ready", account["id"])
        assert again(agency, waiting).status == "ready"

    def test_is_for_themself_or_who_runs_the_agency(self, stripe: Stripe, agency: Staffed) -> None:
        start(agency.other_influencer, agency, 404)
        for name in ("executive", "strategist", "approver"):
            start(agency.people[name], agency, 403)
        nobody = f"/v1/payees/{agency.client_id}/connect-account"
        done(agency.owner.post(nobody, ASKED), 404)
        assert stripe.world.every("account") == []

        start(agency.influencer, agency)
        other = f"/v1/payees/{agency.influencer_id}/connect-account"
        done(agency.other_influencer.get(other), 404)

    def test_needs_stripe(self, agency: Staffed) -> None:
        refused = start(agency.influencer, agency, 501)

        assert (refused["code"], refused["setting"]) == (
            "billing_not_configured",
            "AGENCY_BILLING_PROVIDER",
        )
        owed(agency)
        assert shown(agency.influencer, agency)["state"] == "not_started"

    def test_holds_no_transaction_open(
        self,
        stripe: Stripe,
        agency: Staffed,
        urls: dict[str, str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        known, seen = gateway.current(), []

        class Watching:
            name = "stripe"

            def __getattr__(self, name: str) -> Any:
                def called(*asked: Any) -> Any:
                    seen.append((name, open_transactions(urls["owner"])))
                    return getattr(known, name)(*asked)

                return called

        monkeypatch.setattr(gateway, "needed", Watching)
        start(agency.influencer, agency)

        assert seen == [("perform", 0), ("account", 0), ("perform", 0)]
