"""Creators are found, agree to terms, and hand in what they made."""

from urllib.parse import urlsplit

from api.demo.material import creators
from api.demo.people import Json, Person, StoryStopped
from api.demo.stage import Stage

# Lucía logs in; Marc has no account: the agency hands in for him, and he answers by a link.
WHO = ("lucia", "marc")


def find_creators(stage: Stage) -> None:
    """Two go on the roster; one of them is invited to log in, and does."""
    for key in WHO:
        made = stage.social_media_manager.post("/v1/influencers", creators.CREATORS[key])
        stage.ids[key] = made["id"]
    invited = stage.admin.post(f"/v1/influencers/{stage.ids['lucia']}/invite")
    lucia = stage.influencer
    admitted = lucia.post(
        "/v1/invitations/accept",
        {"token": invited["token"], "password": lucia.password, "name": lucia.name},
    )
    lucia.token = admitted["tokens"]["access_token"]
    lucia.ids["membership_id"] = admitted["membership"]["id"]
    if lucia.get("/v1/me/influencer-profile")["id"] != stage.ids["lucia"]:
        raise StoryStopped("whoever accepted is not who was invited from the roster")
    stage.tell(
        stage.social_media_manager.name,
        f"put two creators on the roster; {lucia.name} was invited to log in, and accepted",
    )


def agree_terms(stage: Stage) -> None:
    """Terms are offered within the budget; one accepts by log-in, the other by a link."""
    offers = {key: _offer(stage, key) for key in WHO}
    agreed = {"content_sha256": offers["lucia"]["content_sha256"]}
    stage.influencer.post(f"{path_of(stage, 'lucia')}/accept", agreed)
    _accept_by_link(stage, offers["marc"])
    for key in WHO:
        stage.account_executive.act(f"{path_of(stage, key)}/start")
    budget = stage.social_media_manager.get(f"/v1/budgets/{stage.ids['budget']}")
    line = next(each for each in budget["lines"] if each["category"] == "influencers")
    fees = sum(each["fee_minor"] for each in offers.values())
    if line["committed_minor"] != fees:
        raise StoryStopped("the fees that were accepted were not set aside on their line")
    stage.tell(
        stage.influencer.name,
        f"accepted her terms; {creators.MARC['name']} has no account, and did by a "
        f"link: {fees / 100:,.0f} EUR set aside on the line for collaborations",
    )


def review_content(stage: Stage) -> None:
    """What both made is reviewed inside and by the client; accepted, it is owed for."""
    policy = f"/v1/clients/{stage.ids['client']}/approval-policy"
    stage.account_executive.put(policy, {"internal_first": True})
    _review(stage, stage.influencer, "lucia", "https://files.example/lucia.mp4")
    _review(stage, stage.community_manager, "marc", "https://files.example/latte.mp4")
    stage.account_executive.put(policy, {"internal_first": False})
    owed = [payable_of(stage, key) for key in WHO]
    if {each["status"] for each in owed} != {"blocked"}:
        raise StoryStopped("what is not out yet could be paid")
    stage.tell(
        stage.approver.name,
        f"approved what both made, after {stage.social_media_manager.name}: owed now, and not to "
        "be paid before it is out, seen and disclosed",
    )


def path_of(stage: Stage, key: str) -> str:
    return f"/v1/collaborations/{stage.ids[f'{key}_collaboration']}"


def piece_of(stage: Stage, key: str) -> str:
    """The one piece that is agreed with somebody."""
    made = stage.account_executive.get(f"{path_of(stage, key)}/deliverables")
    return str(made["data"][0]["id"])


def payable_of(stage: Stage, key: str) -> Json:
    """What somebody is owed."""
    asked = {"source_id": stage.ids[f"{key}_collaboration"]}
    (owed,) = stage.account_executive.get("/v1/payables", **asked)["data"]
    found: Json = owed
    return found


def _offer(stage: Stage, key: str) -> Json:
    executive = stage.account_executive
    made = executive.post(
        "/v1/collaborations",
        {
            "campaign_id": stage.ids["campaign"],
            "influencer_id": stage.ids[key],
            "title": creators.TITLES[key],
        },
    )
    stage.ids[f"{key}_collaboration"] = made["id"]
    executive.act(f"{path_of(stage, key)}/invite")
    terms = {**creators.TERMS[key], "budget_line_id": stage.budget_lines[1]["id"]}
    return executive.post(f"{path_of(stage, key)}/offer", terms)


def _accept_by_link(stage: Stage, offered: Json) -> None:
    """The page is opened, and its form is sent as a browser would."""
    link = stage.account_executive.post(f"{path_of(stage, 'marc')}/links", creators.MARC)
    path = urlsplit(link["address"]).path
    page = stage.owner.http.get(path)
    form = {"answer": "accepted", "content_sha256": offered["content_sha256"]}
    answered = stage.owner.http.post(path, data=form)
    if (page.status_code, answered.status_code) != (200, 303):
        raise StoryStopped(f"the terms' page answered {answered.status_code}")


def _review(stage: Stage, by: Person, key: str, url: str) -> None:
    said = {"deliverable_id": piece_of(stage, key), "caption": creators.CAPTIONS[key], "url": url}
    handed_in = by.post("/v1/submissions", said)
    for deciding in (stage.social_media_manager, stage.approver):
        deciding.post(f"/v1/approvals/{handed_in['approval_id']}/decide", {"outcome": "approved"})
