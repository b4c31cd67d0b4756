"""What creators made is out, disclosed and seen; what it sold, and what that makes of its cost."""

from api.demo.creating import path_of, payable_of, piece_of
from api.demo.material import creators
from api.demo.people import Json, StoryStopped
from api.demo.stage import Stage

DISCLOSED = "disclosure_valid"
FOLLOWERS = 48


def go_live(stage: Stage) -> None:
    """The community manager binds a post to its piece, and says that she saw it."""
    post = _publish(stage, "lucia", creators.CAPTIONS["lucia"])
    owed = payable_of(stage, "lucia")
    if owed["open_gates"] != ["payee_ready"]:
        raise StoryStopped(f"a post that is out and disclosed leaves {owed['open_gates']}")
    stage.tell(
        stage.community_manager.name,
        f"saw {stage.influencer.name}'s reel out, disclosed, for {post['live_days']} days: nothing "
        "but her bank details keeps it from being paid",
    )


def mend_disclosure(stage: Stage) -> None:
    """A caption that does not say that it is paid for keeps what is owed for it from being paid."""
    post = _publish(stage, "marc", creators.UNDISCLOSED)
    before = payable_of(stage, "marc")
    if DISCLOSED not in before["open_gates"]:
        raise StoryStopped("a post that discloses nothing could be paid")
    _confirm(stage, post, {"caption": {"caption": creators.CAPTIONS["marc"]}})
    after = payable_of(stage, "marc")
    if DISCLOSED in after["open_gates"]:
        raise StoryStopped("a disclosure that was mended still keeps what is owed")
    stage.tell(
        stage.community_manager.name,
        f"found {creators.MARC['name']}'s post without its disclosure: {_euros(before)} blocked "
        "until he put #publicidad first",
    )


def count_sales(stage: Stage) -> None:
    """A link is followed, and orders are told by the code they came with; one is given back."""
    collaboration = stage.ids["lucia_collaboration"]
    link = stage.community_manager.post(
        "/v1/tracking-links", {"collaboration_id": collaboration, "target": creators.SHOP}
    )
    stage.social_media_manager.post(
        "/v1/promo-codes", {"collaboration_id": collaboration, **creators.CODE}
    )
    for _ in range(FOLLOWERS):
        led = stage.owner.http.get(f"/t/{link['code']}")
        if (led.status_code, led.headers["location"]) != (302, creators.SHOP):
            raise StoryStopped("the tracking link does not lead to the shop")
    told = stage.community_manager.post(
        "/v1/conversions",
        {
            "client_id": stage.ids["client"],
            "source": "tienda",
            "conversions": [*creators.ORDERS, creators.REFUND],
        },
    )
    stage.community_manager.post(
        f"{path_of(stage, 'lucia')}/results",
        {
            "source": "instagram",
            "captured_at": "2026-10-31T20:00:00+01:00",
            "metrics": creators.RESULTS,
        },
    )
    if told["attributed"] != len(creators.ORDERS):
        raise StoryStopped(f"{told['attributed']} orders were attributed by their code")
    stage.tell(
        stage.community_manager.name,
        f"told {told['stored']} sales and refunds of the shop: {told['attributed']} by the code "
        f"{creators.CODE['code']}; and what Instagram says of the reel",
    )


def show_result(stage: Stage) -> None:
    """The client reads what it came to, without money; the creator, with hers."""
    path = path_of(stage, "lucia")
    came_to = stage.account_executive.get(f"{path}/return")["amounts"]
    sold = sum(each["amount_minor"] for each in creators.ORDERS) - creators.REFUND["amount_minor"]
    if came_to["gain_minor"] != sold - came_to["cost_minor"]:
        raise StoryStopped("what was sold, less what it cost, is not what the result says")
    stage.viewer.ask("GET", f"{path}/return", status=403)
    language = {"Accept-Language": "es"}
    stage.keep(
        "collaboration-client.pdf", stage.viewer, f"{path}/result?format=pdf", headers=language
    )
    stage.keep("collaboration.pdf", stage.influencer, f"{path}/return?format=pdf", headers=language)
    roi = f"{100 * came_to['gain_minor'] / came_to['cost_minor']:.1f} %"
    stage.headlines.append(("collaboration ROI", roi))
    stage.tell(
        stage.account_executive.name,
        f"read what the reel came to: {sold / 100:,.2f} EUR sold for "
        f"{came_to['cost_minor'] / 100:,.2f}, {roi} on top; the client reads it without its price",
    )


def _publish(stage: Stage, key: str, caption: str) -> Json:
    """A post with its caption, bound and seen."""
    url, out_at = creators.OUT[key]
    bound = stage.community_manager.post(
        "/v1/live-posts",
        {
            "deliverable_id": piece_of(stage, key),
            "url": url,
            "published_at": out_at,
            "caption": {"caption": caption},
        },
    )
    return _confirm(stage, bound, {})


def _confirm(stage: Stage, post: Json, more: Json) -> Json:
    said = {"outcome": "live", "note": "Visto en el perfil.", **more}
    return stage.community_manager.post(f"/v1/live-posts/{post['id']}/confirm", said)


def _euros(payable: Json) -> str:
    return f"{payable['amount']['amount_minor'] / 100:,.0f} EUR"
