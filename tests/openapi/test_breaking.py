"""What a release's clients could not live with is found, and nothing else."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from openapi import breaking, export

Json = dict[str, Any]


def _shape(document: Json, name: str) -> Any:
    return document["components"]["schemas"][name]


def _query(document: Json, path: str, name: str) -> Any:
    parameters = document["paths"][path]["get"]["parameters"]
    return next(each for each in parameters if each["name"] == name)


def _break(document: Json) -> None:
    """One of each kind, in places that have nothing to do with each other."""
    del document["paths"]["/v1/contracts/{contract_id}/end"]
    _query(document, "/v1/clients", "limit")["required"] = True
    _shape(document, "ContactCreate")["required"].append("phone")
    _shape(document, "CampaignGoal")["enum"].remove("awareness")
    _shape(document, "ClientCreate")["properties"]["name"]["maxLength"] = 60
    del _shape(document, "ChannelRead")["properties"]["handle"]
    _shape(document, "ChannelRead")["required"].remove("handle")
    document["paths"]["/v1/me"]["get"]["operationId"] = "who_am_i"
    document["components"]["schemas"]["Unused"] = document["components"]["schemas"].pop("Health")


BODY = "post/requestBody/content/application/json/schema"
BREAKS = {
    "remove /v1/contracts/{contract_id}/end post",
    "add /v1/clients get/parameters/0/required True",
    f"add /v1/clients/{{client_id}}/contacts {BODY}/required phone",
    f"remove /v1/campaigns {BODY}/properties/goal/enum awareness",
    f"replace /v1/clients {BODY}/properties/name/maxLength 120 → 60",
    "remove /v1/channels/{channel_id} get/responses/200/content/application/json/schema/"
    "properties/handle",
    "remove operation get_me",
    "remove operation end_contract",
    "remove schema Health",
}


def _add(document: Json) -> None:
    """What may be added: a member and a parameter nobody need send, a member more to read."""
    _shape(document, "ClientCreate")["properties"]["nickname"] = {"type": "string", "maxLength": 9}
    more = {"name": "nickname", "in": "query", "required": False, "schema": {"type": "string"}}
    document["paths"]["/v1/clients"]["get"]["parameters"].append(more)
    _shape(document, "ClientRead")["properties"]["nickname"] = {"type": "string"}
    _shape(document, "ClientRead")["required"].append("nickname")
    _shape(document, "ClientCreate")["properties"]["name"]["maxLength"] = 500


@pytest.fixture
def released(tmp_path: Path) -> Path:
    kept = tmp_path / "released.json"
    kept.write_bytes(export.TARGET.read_bytes())
    return kept


def changed(released: Path, change: Any) -> Path:
    document = copy.deepcopy(json.loads(released.read_bytes()))
    change(document)
    path = released.with_name("changed.json")
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


class TestBreaks:
    def test_are_found_each(self, released: Path) -> None:
        found = breaking.breaks(released, changed(released, _break))

        assert BREAKS - set(found) == set()

    def test_are_not_what_is_only_added(self, released: Path) -> None:
        assert breaking.breaks(released, changed(released, _add)) == []


class TestComplaints:
    def test_are_about_breaks_without_a_reason(self) -> None:
        announced = {"remove operation a": "Nobody called it.", "remove operation b": ""}

        found = breaking.complaints(["remove operation a", "remove operation b"], announced)

        assert found == ["breaks clients: remove operation b"]

    def test_are_about_reasons_without_a_break(self) -> None:
        found = breaking.complaints([], {"remove operation a": "Nobody called it."})

        assert found == ["announced, and does not break: remove operation a"]


class TestLastRelease:
    def test_is_the_highest_number(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(breaking, "RELEASES", tmp_path)
        for name in ("1.9.0", "1.10.0", "1.2.11"):
            (tmp_path / f"{name}.json").write_text("{}")

        assert breaking.last_release().stem == "1.10.0"
