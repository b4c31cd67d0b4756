"""What happened is measured, written up, published, corrected and shared."""

from pathlib import Path

from api.demo import spending
from api.demo.material import agreed, told
from api.demo.people import Json
from api.demo.stage import Stage

METRICS = Path(__file__).parent / "metrics.csv"


def measure(stage: Stage) -> None:
    """The community manager uploads two months of readings; the second time changes nothing."""
    for network, handle, name in agreed.CHANNELS:
        made = stage.community_manager.post(
            "/v1/channels",
            {
                "client_id": stage.ids["client"],
                "network": network,
                "handle": handle,
                "name": name,
            },
        )
        stage.ids[network] = made["id"]
    start, end = agreed.MONTH
    for target in agreed.TARGETS:
        stage.social_media_manager.post(
            "/v1/kpi-targets",
            {"client_id": stage.ids["client"], "starts_on": start, "ends_on": end, **target},
        )
    first, second = _upload(stage), _upload(stage)
    stage.tell(
        stage.community_manager.name,
        f"uploaded {first['received']} readings from {METRICS.name}: {first['stored']} stored; "
        f"sent again: {second['stored']} stored",
    )


def promise(stage: Stage) -> None:
    """What each side owes the other."""
    for request in told.REQUESTS:
        stage.account_executive.post(
            "/v1/client-requests", {"client_id": stage.ids["client"], **request}
        )
    for es, en, due, kept in told.OUR_PROMISES:
        made = stage.account_executive.post(
            "/v1/commitments",
            {
                "client_id": stage.ids["client"],
                "text": {"es": es, "en": en},
                "owner_name": "Estudio Norte",
                "due_on": due,
            },
        )
        if kept:
            stage.account_executive.act(f"/v1/commitments/{made['id']}/done")
    stage.tell(
        stage.account_executive.name,
        "wrote down three requests to the client and what the agency owes",
    )


def write_report(stage: Stage) -> None:
    """Figures from the platform, words from the account executive."""
    report = stage.account_executive.post(
        "/v1/reports",
        {
            "client_id": stage.ids["client"],
            "period": "month",
            "starts_on": agreed.MONTH[0],
            "locales": ["es", "en"],
        },
    )
    stage.ids["report"] = report["id"]
    narrative = {
        language: {
            **words,
            "channel_notes": {
                stage.ids[network]: notes[index] for network, notes in told.NOTES.items()
            },
        }
        for index, (language, words) in enumerate(told.NARRATIVE.items())
    }
    stage.account_executive.patch(f"/v1/reports/{report['id']}", {"narrative": narrative})
    stage.account_executive.act(f"/v1/reports/{report['id']}/submit")
    stage.tell(stage.account_executive.name, "wrote October's report in Spanish and English")


def publish(stage: Stage) -> None:
    """It is frozen; only the client's account executive may."""
    path = f"/v1/reports/{stage.ids['report']}/publish"
    stage.owner.ask("POST", path, json={}, status=403)
    version = stage.account_executive.post(path)
    stage.await_job(version["render_job_id"])
    stage.tell(
        stage.account_executive.name,
        f"published version {version['number']}, fingerprint {version['sha256'][:16]}",
    )


def correct(stage: Stage) -> None:
    """An invoice comes late: the first version stays, the second says why."""
    spending.add_expense(stage, *agreed.LATE_INVOICE)
    stage.account_executive.act(f"/v1/reports/{stage.ids['report']}/refresh")
    version = stage.account_executive.post(
        f"/v1/reports/{stage.ids['report']}/publish", {"reason": told.CORRECTION}
    )
    stage.await_job(version["render_job_id"])
    stage.tell(stage.account_executive.name, "corrected it: version 2, with its reason")


def explain(stage: Stage) -> None:
    """What changed between the two, and why; the client asks, and says that it was read."""
    report = stage.ids["report"]
    found = stage.viewer.get(f"/v1/reports/{report}/diff", **{"from": 1, "to": 2})
    causes = {cause["cause"] for number in found["numbers"] for cause in number["causes"]}
    stage.viewer.post(f"/v1/reports/{report}/versions/2/acknowledge", {"useful": 5, "recommend": 4})
    stage.tell(
        stage.viewer.name,
        f"read what differs: {len(found['numbers'])} numbers, by {', '.join(sorted(causes))}; and"
        " acknowledged version 2",
    )


def plan_ahead(stage: Stage) -> None:
    """The next months open by themselves, and are reviewed before they go out."""
    template = stage.account_executive.post(
        "/v1/report-templates",
        {
            "client_id": stage.ids["client"],
            "name": "Informe mensual",
            "period": "month",
            "locales": ["es", "en"],
            "data_lag_days": 3,
            "needs_review": True,
        },
    )
    schedule = stage.account_executive.post(
        "/v1/report-schedules",
        {
            "client_id": stage.ids["client"],
            "template_id": template["id"],
            "author_membership_id": stage.account_executive.ids["membership_id"],
            "reviewer_membership_id": stage.social_media_manager.ids["membership_id"],
        },
    )
    stage.tell(
        stage.account_executive.name,
        f"had the monthly report opened by itself; the next on {schedule['next_opens_on']}",
    )


def share(stage: Stage) -> None:
    """An address for the client's boss, who has no log-in."""
    made = stage.account_executive.post(
        f"/v1/reports/{stage.ids['report']}/share-links", {"days": 90}
    )
    stage.share_address = made["address"]
    stage.tell(stage.account_executive.name, "made an address for the client's boss")


def _upload(stage: Stage) -> Json:
    return stage.community_manager.ask(
        "POST",
        "/v1/metrics/daily",
        content=METRICS.read_bytes(),
        headers={"Content-Type": "text/csv"},
    )
