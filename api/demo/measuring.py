"""Figures come as the files that networks export: posts with their totals, and a metric's days."""

import csv
import io

from api.demo.people import Json, StoryStopped
from api.demo.stage import Stage

_POSTS = (
    ("17995550101234567", "10/08/2026 18:30", "El tueste lento en 40 segundos", "IG reel"),
    ("17995550101234571", "10/15/2026 13:00", "Taller de barista", "IG carousel"),
    ("17995550101234588", "10/29/2026 09:15", "Latte de calabaza, paso a paso", "IG reel"),
)
_TOTALS = (
    ("12,400", "9,870", 622, 40, 31, 55),
    ("4,310", "3,902", 208, 12, 9, 71),
    ("7,020", "6,111", 380, 25, 14, 33),
)
_HEADER = (
    *("Post ID", "Account ID", "Account username", "Description", "Publish time", "Permalink"),
    *("Post type", "Date", "Views", "Reach", "Likes", "Shares", "Comments", "Saves"),
)


def bring_exports(stage: Stage) -> None:
    """Two exports of Meta Business Suite are tried, then imported; the second time adds nothing."""
    cm = stage.community_manager
    posts = _upload(stage, "publicaciones.csv", _posts())
    tried = _import(stage, posts, dry_run=True)
    done = _import(stage, posts)
    again = _import(stage, posts)
    if (tried["stored"], done["stored"], again["stored"]) != (3, 3, 0):
        raise StoryStopped("an export of posts did not come to what was tried")
    daily = _import(stage, _upload(stage, "views.csv", _days()), channel_id=stage.ids["facebook"])
    stage.tell(
        cm.name,
        f"tried Instagram's export of posts, then imported it: {done['posts']} posts and their "
        f"totals; sent again: {again['stored']} stored. Facebook's daily views of "
        f"{daily['first_day']} to {daily['last_day']}: {daily['stored']}",
    )


def _posts() -> bytes:
    """As Meta Business Suite writes it: a mark in front, days as in the United States."""
    sheet = io.StringIO(newline="")
    rows = csv.writer(sheet)
    rows.writerow(_HEADER)
    for (post_id, published, title, kind), totals in zip(_POSTS, _TOTALS, strict=True):
        link = f"https://www.instagram.com/p/{post_id}/"
        said = (post_id, "1784", "cafeaurora", title, published, link, kind, "Lifetime")
        rows.writerow((*said, *totals))
    return sheet.getvalue().encode("utf-8-sig")


def _days() -> bytes:
    """As Meta Business Suite writes one metric: UTF-16, and the metric above the header."""
    lines = ["sep=,", '"Views"', '"Date","Primary"']
    lines += [f'"2026-08-{day:02}T00:00:00","{4_000 + 37 * day}"' for day in range(3, 10)]
    return "\r\n".join(lines).encode("utf-16")


def _upload(stage: Stage, name: str, content: bytes) -> str:
    file: Json = stage.community_manager.ask(
        "POST",
        "/v1/files",
        data={"client_id": stage.ids["client"]},
        files={"file": (name, content, "text/csv")},
    )
    return str(file["id"])


def _import(stage: Stage, file_id: str, **said: object) -> Json:
    body = {"client_id": stage.ids["client"], "file_id": file_id, **said}
    asked = stage.community_manager.post("/v1/imports", body)
    stage.await_job(asked["job_id"])
    return stage.community_manager.get(f"/v1/imports/{asked['id']}")
