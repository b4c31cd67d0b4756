"""Terms are changed while the work goes on: nothing begins anew, and nothing is owed twice."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.collaborations.money import changes, fees
from api.collaborations.money.models import FeeKind, Instalment, InstalmentStatus, Milestone
from tenants import settings
from tests.budgets.factories import balances
from tests.collaborations.making import (
    FEE,
    PER_POST,
    accept,
    approved,
    broken,
    budget_line,
    contracted,
    day,
    decide,
    done,
    instalments,
    invited,
    offer,
    offered,
    payables_of,
    piece,
    pieces_of,
    read,
    right,
    started,
    submit,
    terms,
)
from tests.factories import Staffed, events_of

HALVES = [{"milestone": "contract", "percent": 50}, {"milestone": "live", "percent": 50}]


def fixed(amount: int) -> dict[str, Any]:
    return {"currency": "EUR", "fixed_minor": amount}


def amend(agency: Staffed, made: dict[str, Any], line_id: str, **values: Any) -> Any:
    path = f"/v1/collaborations/{made['id']}/amend"
    return agency.executive.post(path, terms(line_id, **values))


def amended(agency: Staffed, made: dict[str, Any], line_id: str, **values: Any) -> Any:
    """The changed terms, accepted."""
    said = done(amend(agency, made, line_id, **values), 201)
    done(accept(agency, made, said))
    return said


def parts(agency: Staffed, made: dict[str, Any]) -> list[tuple[str, int]]:
    found = instalments(agency.executive, made)
    return [(each["status"], each["amount_minor"]) for each in found]


class TestAmendTerms:
    def test_holds_the_old_terms_until_the_new_are_accepted(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id)
        said = done(amend(agency, made, line_id, fee=fixed(FEE + 50_000)), 201)
        assert (said["number"], said["answer"]) == (2, None)
        assert balances(agency.executive, line_id) == (1_000_000, FEE, 0, 0)
        assert parts(agency, made) == [("planned", FEE)]

        done(accept(agency, made, said))
        assert read(agency.executive, made)["status"] == "content_due"
        assert balances(agency.executive, line_id) == (1_000_000, FEE + 50_000, 0, 0)
        assert parts(agency, made) == [("void", FEE), ("planned", FEE + 50_000)]
        path = f"/v1/collaborations/{made['id']}/terms"
        kept = done(agency.influencer.get(path))["data"]
        assert [(each["number"], each["answer"]) for each in kept] == [
            *((2, "accepted"), (1, "accepted")),
        ]
        assert len({each["content_sha256"] for each in kept}) == 2
        assert "collaboration.amended" in events_of(agency, made["id"])
        assert broken(agency) == []

        (asked,) = pieces_of(agency.influencer, made)
        done(decide(agency.approver, done(submit(agency.influencer, asked["id"]), 201)))
        assert [each.amount_minor for each in payables_of(agency, made)] == [FEE + 50_000]
        assert broken(agency) == []

    def test_takes_what_was_earned_off_the_new_fee(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id, instalments=HALVES)
        answer = amend(agency, made, line_id, fee=fixed(FEE // 2 - 1))
        assert done(answer, 409)["code"] == "earned_already"
        amended(agency, made, line_id, fee=fixed(80_000))
        assert parts(agency, made) == [
            *(("earned", FEE // 2), ("void", FEE // 2), ("planned", 80_000 - FEE // 2)),
        ]
        assert balances(agency.executive, line_id) == (1_000_000, 30_000, FEE // 2, 0)
        assert broken(agency) == []

    def test_owes_what_is_paid_for_work_that_was_accepted(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = approved(agency, line_id=line_id)
        amended(agency, made, line_id, fee=fixed(FEE + 7))
        assert parts(agency, made) == [("earned", FEE), ("earned", 7)]
        first, second = payables_of(agency, made)
        assert (second.amount_minor, second.open_gates) == (7, first.open_gates)
        assert balances(agency.executive, line_id) == (1_000_000, 0, FEE + 7, 0)
        assert broken(agency) == []

    def test_moves_what_is_set_aside_to_another_line(self, agency: Staffed) -> None:
        line_id, other = budget_line(agency), budget_line(agency)
        made = started(agency, line_id=line_id)
        amended(agency, made, other, fee=fixed(FEE))
        assert balances(agency.executive, line_id) == (1_000_000, 0, 0, 0)
        assert balances(agency.executive, other) == (1_000_000, FEE, 0, 0)

    def test_is_within_the_budget_with_what_is_set_aside_already(self, agency: Staffed) -> None:
        line_id = budget_line(agency, planned=FEE + 10)
        made = started(agency, line_id=line_id)
        over = amend(agency, made, line_id, fee=fixed(FEE + 11))
        assert done(over, 409)["code"] == "line_exceeded"
        amended(agency, made, line_id, fee=fixed(FEE + 10))
        assert balances(agency.executive, line_id) == (FEE + 10, FEE + 10, 0, 0)

    def test_adds_pieces_and_changes_none_that_was_handed_in(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id, fee=PER_POST, deliverables=[piece(), piece()])
        first, second = pieces_of(agency.influencer, made)
        done(decide(agency.approver, done(submit(agency.influencer, first["id"]), 201)))
        other, said = piece(description="Otro."), {"fee": PER_POST}
        for changed in ([other, piece()], [piece()]):
            answer = amend(agency, made, line_id, deliverables=changed, **said)
            assert done(answer, 409)["code"] == "work_done"
        dearer = {"fee": {**PER_POST, "per_post_minor": FEE + 1}}
        answer = amend(agency, made, line_id, deliverables=[piece(), piece()], **dearer)
        assert done(answer, 409)["code"] == "earned_already"

        amended(agency, made, line_id, deliverables=[piece(), other, piece()], **said)
        now = pieces_of(agency.influencer, made)
        assert [each["id"] for each in now[:2]] == [first["id"], second["id"]]
        assert [each["status"] for each in now] == ["approved", "content_due", "content_due"]
        assert now[1]["description"] == "Otro."
        assert balances(agency.executive, line_id) == (1_000_000, 2 * FEE, FEE, 0)
        for each in now[1:]:
            done(decide(agency.approver, done(submit(agency.influencer, each["id"]), 201)))
        assert read(agency.executive, made)["status"] == "approved"
        assert len(payables_of(agency, made)) == 3
        more = amend(agency, made, line_id, deliverables=[piece(), other, piece(), piece()], **said)
        assert done(more, 409)["code"] == "no_more_pieces"
        assert broken(agency) == []

    def test_ends_rights_and_promises_and_lets_the_same_go_on(self, agency: Staffed) -> None:
        line_id, wide = budget_line(agency), right(asset="Los carretes", uses=["paid"])
        only = {"category": "beverages", "starts_on": day(0), "ends_on": day(30)}
        made = started(agency, line_id=line_id, rights=[right(), wide], exclusivities=[only])
        before = {each["asset"]: each for each in self._rights(agency)}
        use = {"medium": "social", "territory": "ES", "use": "organic"}
        path = f"/v1/usage-rights/{before['Todos los reels']['id']}/uses"
        done(agency.community.post(path, {**use, "starts_on": day(0), "ends_on": day(9)}), 201)

        said = done(amend(agency, made, line_id, rights=[wide]), 201)
        assert done(accept(agency, made, said), 409)["code"] == "right_in_use"
        amended(agency, made, line_id, rights=[right(), right(territories=["FR"])])
        after = self._rights(agency)
        assert len(after) == 3
        ended = {each["id"] for each in after if each["ended_at"] is not None}
        assert ended == {before["Los carretes"]["id"]}
        path = f"/v1/collaborations/{made['id']}/exclusivities"
        (promise,) = done(agency.executive.get(path))["data"]
        assert promise["ended_at"] is not None

    def _rights(self, agency: Staffed) -> list[dict[str, Any]]:
        return list(done(agency.executive.get("/v1/usage-rights"))["data"])

    def test_asks_anew_whether_the_influencer_is_free(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id)
        only = {"category": "beverages", "starts_on": day(0), "ends_on": day(30)}
        done(amend(agency, made, line_id, exclusivities=[only]), 201)
        contracted(agency, "two")  # in the same category, for another client
        found = agency.influencer.get(f"/v1/collaborations/{made['id']}/terms")
        answer = accept(agency, made, done(found)["data"][0])
        assert done(answer, 409)["code"] == "exclusivity_conflict"
        again = amend(agency, made, line_id, exclusivities=[only])
        assert done(again, 409)["code"] == "exclusivity_conflict"
        assert balances(agency.executive, line_id) == (1_000_000, FEE, 0, 0)
        assert broken(agency) == []

    def test_frees_the_influencer_of_a_promise_that_is_dropped(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        only = {"category": "beverages", "starts_on": day(0), "ends_on": day(30)}
        made = started(agency, line_id=line_id, exclusivities=[only])
        other, body = invited(agency, "two"), terms(budget_line(agency, "two"))
        assert offer(agency, other, body, "two").status_code == 409
        amended(agency, made, line_id)
        done(offer(agency, other, body, "two"), 201)

    def test_is_declined_and_what_was_agreed_holds_on(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id)
        first = done(amend(agency, made, line_id, fee=fixed(FEE + 1)), 201)
        second = done(amend(agency, made, line_id, fee=fixed(FEE + 2)), 201)
        assert done(accept(agency, made, first), 412)["code"] == "terms_changed"
        path = f"/v1/collaborations/{made['id']}"
        done(agency.influencer.post(f"{path}/decline", {"reason": "Así está bien."}))
        assert accept(agency, made, second).status_code == 409
        kept = done(agency.executive.get(f"{path}/terms"))["data"]
        answers = [each["answer"] for each in kept]
        assert answers == ["declined", "withdrawn", "accepted"]
        assert read(agency.executive, made)["status"] == "content_due"
        assert balances(agency.executive, line_id) == (1_000_000, FEE, 0, 0)

    @pytest.mark.parametrize("verb", ["cancel", "breach"])
    def test_ends_with_the_work(self, agency: Staffed, verb: str) -> None:
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id)
        said = done(amend(agency, made, line_id, fee=fixed(FEE + 1)), 201)
        path = f"/v1/collaborations/{made['id']}"
        done(agency.executive.post(f"{path}/{verb}", {"reason": "Lluvia."}))
        assert accept(agency, made, said).status_code == 409
        assert amend(agency, made, line_id).status_code == 409
        assert done(agency.executive.get(f"{path}/terms"))["data"][0]["answer"] == "withdrawn"

    def test_is_of_agreed_work(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made, said = offered(agency, line_id=line_id)
        assert done(amend(agency, made, line_id), 409)["code"] == "move_not_allowed"
        done(accept(agency, made, said))
        assert done(accept(agency, made, said), 409)["code"] == "move_not_allowed"

    def test_is_answered_without_an_account(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id)
        path = f"/v1/collaborations/{made['id']}/links"
        who = {"name": "Inés Luz", "email": "ines@creators.example"}
        assert agency.executive.post(path, who).status_code == 409
        said = done(amend(agency, made, line_id, fee=fixed(FEE + 1)), 201)
        address = done(agency.executive.post(path, who), 201)["address"]
        page = str(address).removeprefix(settings.get().public_address)
        http = agency.owner.client
        assert said["content_sha256"] in http.get(page).text
        form = {"answer": "accepted", "content_sha256": said["content_sha256"]}
        for _ in range(2):
            assert http.post(page, data=form, follow_redirects=False).status_code == 303
        assert parts(agency, made) == [("void", FEE), ("planned", FEE + 1)]
        assert http.get(page).status_code == 200


fee_of = st.integers(1, 10**9)
splits = st.sampled_from([[100], [50, 50], [1, 99], [10, 20, 70]])


def _content(fixed_minor: int, percents: list[int], posts: int, each_minor: int | None) -> Any:
    fee = {"fixed_minor": fixed_minor, "per_post_minor": each_minor, "commission_bp": None}
    fee |= {"commission_cap_minor": None, "product": None}
    split = [{"milestone": Milestone.live, "percent": each} for each in percents]
    found = fees.parts(fee, split, posts)
    return {
        "fee": fee,
        "instalments": [
            {
                "kind": part.kind,
                "deliverable": part.deliverable,
                "amount": {"amount_minor": part.amount_minor},
            }
            for part in found
        ],
    }


class TestOwing:
    @given(fee_of, fee_of, splits, splits, st.integers(1, 4), fee_of, st.data())
    def test_is_the_new_fee_less_what_was_earned(
        self,
        old: int,
        new: int,
        before: list[int],
        after: list[int],
        posts: int,
        price: int,
        data: st.DataObject,
    ) -> None:
        old, new = old + 100, new + 100  # so that each part comes to something
        was, now = (_content(*each, posts, price) for each in ((old, before), (new, after)))
        ids = {number: uuid4() for number in range(1, posts + 1)}
        done_ = data.draw(st.sets(st.integers(0, len(was["instalments"]) - 1)))
        found = [_part(each, ids, place in done_) for place, each in enumerate(was["instalments"])]
        earned = sum(each.amount_minor for each in found if each.status == "earned")
        of_fixed = sum(
            each.amount_minor
            for each in found
            if each.status == "earned" and each.kind is FeeKind.fixed
        )
        if of_fixed > new:
            with pytest.raises(changes.EarnedAlready):
                changes.owing(now, was, found, ids)
            return
        owing = changes.owing(now, was, found, ids)
        assert owing.total_minor + earned == new + price * posts
        amounts = [each["amount"]["amount_minor"] for each in owing.parts]
        assert sum(amounts) == owing.total_minor
        assert all(amount > 0 for amount in amounts)


def _part(said: Any, ids: dict[int, UUID], earned: bool) -> Instalment:
    return Instalment(
        client_id=uuid4(),
        collaboration_id=uuid4(),
        influencer_id=uuid4(),
        number=1,
        kind=said["kind"],
        milestone=Milestone.live,
        deliverable_id=ids.get(said["deliverable"]),
        amount_minor=said["amount"]["amount_minor"],
        currency="EUR",
        status=InstalmentStatus.earned if earned else InstalmentStatus.planned,
    )
