"""What an agency pays for: how much it has room for, and what it may still do when it does not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import api.billing.tasks  # noqa: F401  (papers are rendered)
from billing import tasks
from billing.provider.stripe_models import Subscription
from billing.subscription import by_hand, subscriptions
from billing.subscription.access import RULES, Access, Rule, Standing, Terms, judge
from billing.subscription.catalog import PLANS, PlanCode
from tenants import auth, clock, database, quotas
from tenants.quotas import QuotaKind
from tests.billing.invoicing import credit, done, equipped, issued
from tests.factories import Person, Staffed, events_of
from tests.identity.steps import meddle, sign_up
from tests.recipes.making import GIF
from tests.work import settle

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@contextmanager
def inside(agency: Staffed) -> Iterator[database.Session]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        yield session


def allow(agency: Staffed, **allowed: int | None) -> None:
    with inside(agency) as session:
        quotas.allow(session, {QuotaKind(kind): room for kind, room in allowed.items()})


def used(agency: Staffed) -> dict[str, int]:
    shown = agency.owner.get("/v1/billing/subscription").json()["quotas"]
    return {each["quota"]: each["used"] for each in shown}


def take_on(agency: Staffed, name: str = "Nueva") -> Any:
    lead = str(agency.executive.membership_id)
    body = {"name": name, "lead_membership_id": lead}
    return agency.owner.post("/v1/clients", body)


def stand(agency: Staffed, status: str, since: datetime | None = None, **values: Any) -> None:
    """Let the subscription be so, as Stripe would say it."""
    with inside(agency) as session:
        row = subscriptions.held(session)
        row.sqlmodel_update({"status": status, "lapsed_since": since, **values})
        subscriptions.follow(session, row)


class TestPlans:
    def test_are_listed_with_their_room(self, agency: Staffed) -> None:
        shown = agency.owner.get("/v1/billing/plans").json()["data"]
        assert [plan["code"] for plan in shown] == ["trial", "starter", "studio", "network"]
        assert shown[1]["room"][0] == {"quota": "seats", "allowed": 3}
        assert (shown[0]["intervals"], shown[1]["intervals"]) == ([], ["month", "year"])

    def test_are_for_owner_and_admin(self, agency: Staffed) -> None:
        assert agency.admin.get("/v1/billing/subscription").status_code == 200
        assert agency.executive.get("/v1/billing/subscription").status_code == 403

    def test_say_what_is_missing_for_stripe(self, agency: Staffed) -> None:
        shown = agency.owner.get("/v1/billing/status").json()
        assert (shown["provider"], shown["setting"]) == ("manual", "AGENCY_BILLING_PROVIDER")
        body = {"plan": "studio", "interval": "month"}
        pages = {"success_url": "https://a.example/y", "cancel_url": "https://a.example/n"}
        refused = agency.owner.post("/v1/billing/checkout-sessions", {**body, **pages})
        assert (refused.status_code, refused.json()["code"]) == (501, "billing_not_configured")
        assert refused.json()["setting"] == "AGENCY_BILLING_PROVIDER"

    def test_is_everything_for_who_signs_up_without_stripe(self, http: TestClient) -> None:
        shown = sign_up(http).owner.get("/v1/billing/subscription").json()
        assert (shown["plan"], shown["access"]) == ("network", "full")
        counted = {each["quota"]: (each["allowed"], each["used"]) for each in shown["quotas"]}
        assert counted["seats"] == (None, 1)


class TestQuotas:
    def test_refuse_a_client_beyond_the_plan(self, agency: Staffed) -> None:
        allow(agency, clients=3)

        assert take_on(agency, "Uno").status_code == 201
        refused = take_on(agency, "Dos")

        assert (refused.status_code, refused.json()["code"]) == (409, "quota_exceeded")
        told = {name: refused.json()[name] for name in ("quota", "allowed", "used")}
        assert told == {"quota": "clients", "allowed": 3, "used": 3}

    def test_give_back_what_an_ended_client_took(self, agency: Staffed) -> None:
        allow(agency, clients=2)
        assert take_on(agency).status_code == 409

        path = f"/v1/clients/{agency.other_client_id}"
        assert agency.owner.patch(path, {"status": "ended"}).status_code == 200
        assert agency.owner.patch(path, {"status": "ended"}).status_code == 200

        assert used(agency)["clients"] == 1
        assert take_on(agency).status_code == 201

    def test_let_one_of_many_have_the_last_place(self, agency: Staffed) -> None:
        allow(agency, clients=3)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: take_on(agency, f"Marca {n}"), range(8)))

        assert sorted(each.status_code for each in answers) == [201] + [409] * 7
        with inside(agency) as session:
            assert quotas.counted(session)[QuotaKind.clients] == 3

    def test_count_staff_as_they_come_and_go(self, agency: Staffed) -> None:
        allow(agency, seats=7)
        body = {"email": "nueva@people.example", "kind": "staff", "role": "member"}
        refused = agency.owner.post("/v1/invitations", body)
        assert (refused.status_code, refused.json()["quota"]) == (409, "seats")

        gone = agency.owner.delete(f"/v1/members/{agency.stranger.membership_id}")
        assert gone.status_code == 204

        assert agency.owner.post("/v1/invitations", body).status_code == 201
        contact = {
            **{"email": "clienta@people.example", "kind": "client_contact", "role": "member"},
            "duties": [{"client_id": str(agency.client_id), "duty": "viewer"}],
        }
        assert agency.owner.post("/v1/invitations", contact).status_code == 201

    def test_count_bytes_of_staff_and_contacts_alike(self, agency: Staffed) -> None:
        allow(agency, stored_bytes=2 * len(GIF))

        assert _upload(agency.executive, agency.client_id).status_code == 201
        assert _upload(agency.approver, agency.client_id).status_code == 201
        refused = _upload(agency.approver, agency.client_id)

        assert (refused.status_code, refused.json()["quota"]) == (409, "stored_bytes")
        assert used(agency)["stored_bytes"] == 2 * len(GIF)

    def test_are_counted_anew_where_a_count_was_wrong(self, agency: Staffed) -> None:
        allow(agency, clients=9, seats=9)
        with inside(agency) as session:
            quotas.add(session, QuotaKind.clients, 4)
        with inside(agency) as session:
            assert quotas.recount(session) == [QuotaKind.clients]
        assert used(agency)["clients"] == 2


def _upload(person: Person, client_id: UUID) -> Any:
    return person.call(
        "POST",
        "/v1/files",
        data={"client_id": str(client_id), "audience": "client"},
        files={"file": ("logo.gif", GIF, "image/gif")},
    )


class TestGuard:
    @pytest.fixture
    def lapsed(self, agency: Staffed) -> Staffed:
        stand(agency, "unpaid")
        return agency

    def test_lets_everything_be_read_and_nothing_changed(self, lapsed: Staffed) -> None:
        assert lapsed.executive.get("/v1/clients").status_code == 200
        refused = take_on(lapsed)
        assert (refused.status_code, refused.json()["code"]) == (402, "subscription_read_only")
        assert lapsed.approver.get("/v1/clients").status_code == 200

    def test_leaves_billing_leaving_and_letting_go_open(self, lapsed: Staffed) -> None:
        page = {"return_url": "https://a.example/"}
        assert lapsed.owner.post("/v1/billing/portal-sessions", page).status_code == 501
        path = f"/v1/members/{lapsed.stranger.membership_id}"
        assert lapsed.owner.delete(path).status_code == 204
        assert lapsed.owner.delete("/v1/sessions").status_code == 204

    def test_opens_again_with_the_subscription(self, lapsed: Staffed) -> None:
        stand(lapsed, "active")
        assert take_on(lapsed).status_code == 201
        assert "agency.status_changed" in events_of(lapsed, lapsed.agency_id)

    def test_lets_a_suspended_agency_take_out_what_is_its_own(self, agency: Staffed) -> None:
        stand(agency, "canceled", clock.now() - 31 * DAY)

        assert agency.owner.get("/v1/agency").json()["status"] == "suspended"
        assert agency.owner.get("/v1/clients").status_code == 403
        assert agency.owner.get("/v1/expenses.csv").status_code == 200
        asked = {"from": "2026-10-01", "to": "2026-10-31"}
        assert agency.owner.get("/v1/performance.csv", params=asked).status_code == 200
        assert agency.owner.get("/v1/billing/subscription").json()["access"] == "locked"

    def test_lets_a_suspended_agency_take_out_its_accounts(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        note = done(credit(agency, made), 201)
        stand(agency, "canceled", clock.now() - 31 * DAY)
        papers = [f"invoices/{made['id']}/document", f"credit-notes/{note['id']}/document"]
        account = f"clients/{agency.client_id}/account-statement.csv"

        for path in ("invoices", "credit-notes", *papers, account, "payouts.csv"):
            assert agency.owner.get(f"/v1/{path}").status_code == 200, path
        asked = [f"/v1/{path}?format=pdf" for path in papers]
        assert [agency.owner.get(path).status_code for path in asked] == [202, 202]
        settle()
        assert [agency.owner.get(path).status_code for path in asked] == [200, 200]
        assert agency.owner.post(f"/v1/invoices/{made['id']}/send").status_code == 403

    def test_leaves_an_agency_that_an_operator_suspended(self, agency: Staffed) -> None:
        meddle("update agencies set status = 'suspended' where id = :id", id=agency.agency_id)
        stand(agency, "past_due", clock.now() - 30 * DAY)
        stand(agency, "active")
        assert agency.owner.get("/v1/agency").json()["status"] == "suspended"


class TestTime:
    def test_ends_a_trial_of_ours(self, agency: Staffed) -> None:
        slug = agency.slug
        assert by_hand.give(slug, "trial", 14) == f"{slug}: trial, trialing, access full"
        assert agency.owner.get("/v1/agency").json()["status"] == "trialing"

        with clock.at(clock.now() + 15 * DAY):
            tasks.let_time_tell()
            settle()

        shown = agency.owner.get("/v1/billing/subscription").json()
        assert (shown["access"], shown["access_reason"]) == ("read_only", "trial_over")
        assert take_on(agency).status_code == 402

    def test_ends_the_grace_of_a_payment(self, agency: Staffed) -> None:
        stand(agency, "past_due", clock.now())
        assert agency.owner.get("/v1/agency").json()["status"] == "past_due"
        assert take_on(agency).status_code == 201

        with clock.at(clock.now() + 7 * DAY):
            tasks.let_time_tell()
            settle()

        assert take_on(agency, "Otra").status_code == 402

    def test_refuses_a_plan_that_was_outgrown(self, agency: Staffed) -> None:
        with pytest.raises(by_hand.NotGiven, match="7 seats of 3"):
            by_hand.give(agency.slug, "starter")
        with inside(agency) as session, pytest.raises(subscriptions.PlanTooSmall) as refused:
            subscriptions.set_plan(session, PlanCode.starter)
        assert refused.value.extra["over"] == [{"quota": "seats", "allowed": 3, "used": 7}]


TERMS = Terms(grace=7 * DAY, window=30 * DAY)
EXPECTED = {
    (Rule.open, 0): Access.full,
    (Rule.open, 8): Access.full,
    (Rule.open, 31): Access.full,
    (Rule.graced, 0): Access.full,
    (Rule.graced, 8): Access.read_only,
    (Rule.graced, 31): Access.read_only,
    (Rule.closed, 0): Access.read_only,
    (Rule.closed, 8): Access.read_only,
    (Rule.closed, 31): Access.read_only,
    (Rule.ended, 0): Access.read_only,
    (Rule.ended, 8): Access.read_only,
    (Rule.ended, 31): Access.locked,
}


class TestJudge:
    @pytest.mark.parametrize("before", list(Access))
    @pytest.mark.parametrize("days", [0, 8, 31])
    @pytest.mark.parametrize("status", list(RULES))
    def test_goes_by_the_table(self, status: str, days: int, before: Access) -> None:
        standing = Standing(status, before, since=NOW - days * DAY)
        assert judge(standing, TERMS, NOW).access is EXPECTED[RULES[status], days]

    @pytest.mark.parametrize("before", list(Access))
    def test_keeps_the_last_word_at_one_it_does_not_know(self, before: Access) -> None:
        assert judge(Standing("dunning", before), TERMS, NOW).access is before

    def test_says_when_time_alone_will_change_it(self) -> None:
        standing = Standing("past_due", Access.full, since=NOW)
        verdict = judge(standing, TERMS, NOW)
        assert verdict.until == NOW + 7 * DAY
        assert judge(standing, TERMS, verdict.until).access is Access.read_only

    def test_gives_each_plan_room_for_each_thing(self) -> None:
        for plan in PLANS.values():
            assert plan.room.keys() == set(QuotaKind)
        assert Subscription(plan=PlanCode.trial, status="x").access is Access.full
