"""Files of influencers for tests, and who has them."""

from typing import Any

from tests.collaborations.making import done, pieces_of, submit
from tests.factories import Person, Staffed
from tests.files.samples import PNG


def send(
    by: Person, made: dict[str, Any], called: str = "draft.png", content: bytes = PNG, **said: Any
) -> Any:
    path = f"/v1/me/collaborations/{made['id']}/files"
    files = {"file": (called, content, "application/octet-stream")}
    return by.call("POST", path, data=said, files=files)


def handed_in(agency: Staffed, made: dict[str, Any]) -> dict[str, Any]:
    return dict(done(send(agency.influencer, made), 201))


def submitted(agency: Staffed, made: dict[str, Any], file: dict[str, Any]) -> dict[str, Any]:
    """Its only piece, handed in with a file."""
    (asked,) = pieces_of(agency.influencer, made)
    answer = submit(agency.influencer, asked["id"], url=None, file_ids=[file["id"]])
    return dict(done(answer, 201))


def reads(person: Person, file: dict[str, Any]) -> bool:
    """Whether somebody has a file: by its id, in their list, and by a link to its bytes."""
    path = f"/v1/files/{file['id']}"
    found = bool(person.get(path).is_success)
    listed = person.get("/v1/files", params={"limit": 200})
    link = person.post(f"{path}/link")
    assert link.is_success == found, link.text
    assert (file["id"] in listed.text) == found, listed.text
    if found:
        opened = person.client.get(link.json()["address"].removeprefix("http://127.0.0.1:8000"))
        assert opened.content == PNG
    return found
