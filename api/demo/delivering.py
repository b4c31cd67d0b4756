"""What was sold is delivered, piece by piece, with its proof."""

from api.demo.material import agreed
from api.demo.stage import Stage


def deliver(stage: Stage) -> None:
    """The community manager delivers what was sold; one piece goes all the way by review."""
    reviewed = _reviewed_piece(stage)
    for index, (units, out_on, url) in agreed.DELIVERED.items():
        left = units - (1 if index == reviewed else 0)
        if left:
            _count(stage, index, left, out_on, url)
    community = stage.lines[10]
    for day in range(1, 32):
        stage.community_manager.post(
            f"/v1/scope-lines/{community['id']}/accruals",
            {"quantity": 1, "counted_on": f"2026-10-{day:02d}"},
        )
    stage.community_manager.post(
        f"/v1/scope-lines/{stage.lines[4]['id']}/accruals",
        {"quantity": 3, "counted_on": "2026-10-31", "reason": "Extra stories for the fair."},
    )
    _unfinished(stage)
    stage.tell(
        stage.community_manager.name,
        "delivered 96 pieces and 31 days of community, three stories more at no charge",
    )


def _reviewed_piece(stage: Stage) -> int:
    """One reel, with a round of changes: internal review, the client's, delivered."""
    made = stage.community_manager.post(
        "/v1/deliverables",
        {
            "line_id": stage.lines[1]["id"],
            "label": {"es": "El tueste lento en 40 segundos", "en": "Slow roast in 40 seconds"},
        },
    )
    path = f"/v1/deliverables/{made['id']}"
    handed_in = {"url": "https://files.example/tueste-lento.mp4"}
    stage.community_manager.act(f"{path}/start")
    stage.community_manager.post(f"{path}/submit", handed_in)
    stage.social_media_manager.act(f"{path}/approve")
    approval = stage.approver.get("/v1/approvals", waiting_on="me")["data"][0]
    stage.approver.post(
        f"/v1/approvals/{approval['id']}/decide",
        {"outcome": "changes_requested", "reason": "El logo, más grande al final."},
    )
    stage.community_manager.act(f"{path}/start")
    stage.community_manager.post(f"{path}/submit", handed_in)
    stage.social_media_manager.act(f"{path}/approve")
    stage.approver.act(f"{path}/approve")
    _out(stage, made["id"], "2026-10-08T18:30:00+02:00", "https://instagram.example/p/tueste")
    stage.tell(stage.approver.name, "asked for one change on a reel, and approved the second cut")
    return 1


def _count(stage: Stage, index: int, units: int, out_on: str, url: str | None) -> None:
    """The rest of a line: made, reviewed and delivered together."""
    made = stage.community_manager.post(
        "/v1/deliverables", {"line_id": stage.lines[index]["id"], "units": units}
    )
    path = f"/v1/deliverables/{made['id']}"
    stage.community_manager.act(f"{path}/start")
    stage.community_manager.post(f"{path}/submit", {"url": "https://files.example/lote"})
    stage.social_media_manager.act(f"{path}/approve")
    stage.approver.act(f"{path}/approve")
    _out(stage, made["id"], out_on, url or "https://files.example/entrega")


def _out(stage: Stage, deliverable_id: str, out_on: str, url: str) -> None:
    networks = {"instagram": "Instagram", "tiktok": "TikTok", "linkedin": "LinkedIn"}
    host = url.removeprefix("https://").partition(".")[0]
    network = networks.get(host, "Facebook" if host == "facebook" else None)
    proof = {"url": url, "published_at": out_on, "network": network}
    stage.community_manager.post(f"/v1/deliverables/{deliverable_id}/deliver", proof)


def _unfinished(stage: Stage) -> None:
    """One piece waits for the client's comments, one for the client's releases."""
    strategy = stage.community_manager.post("/v1/deliverables", {"line_id": stage.lines[11]["id"]})
    path = f"/v1/deliverables/{strategy['id']}"
    stage.community_manager.act(f"{path}/start")
    stage.community_manager.post(f"{path}/submit", {"url": "https://files.example/q4.pdf"})
    stage.social_media_manager.act(f"{path}/approve")
    video = stage.community_manager.post("/v1/deliverables", {"line_id": stage.lines[12]["id"]})
    path = f"/v1/deliverables/{video['id']}"
    stage.community_manager.act(f"{path}/start")
    stage.community_manager.post(f"{path}/block", {"cause": "client", "since": "2026-10-19"})
