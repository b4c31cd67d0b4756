"""
Hostile values for every member of every body, and every parameter: refused as a problem, or kept
and read back as they were sent. Never a 5xx, never a dropped connection.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.operations import Operation, Place, fill, guarded, resolve

with_json = pytest.mark.parametrize("operation", [e for e in guarded() if e.body], ids=str)
with_query = pytest.mark.parametrize("operation", [e for e in guarded() if e.query], ids=str)

NUMBERS = (0, -1, 2**31, 2**53, 2**63, 2**70, -(2**63) - 1, 0.5, 1e300, True, "5")
TEXTS = (
    "",
    "a\x00b",
    " ",
    "\ufffe",
    "\u202eevil",
    "x" * 20_000,
    "😀" * 150,
    "A\u0301",
    "'; drop table x",
    "\t\n",
)
TIMES = (
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "2026-12-01T09:30:00",
    "2026-12-01T24:00:00Z",
    "1e3",
    20261201,
)
ODD: tuple[Any, ...] = (None, [], {}, [None], {"a": {"b": []}}, "null")
RAW = (
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": 1e999}',
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"a": "\\u0000"}',
    b'{"a": "\\ud800"}',
    b'{"a": "\xff"}',
    b'{"a": 1, "a": 2}',
    b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b"[" * 60 + b"]" * 60,
    b"\xef\xbb\xbf{}",
    b"{} {}",
)
ODD_JSON = (b"null", b"[]", b'"text"', b"1", b'{"a": -0}')
QUERY = (
    "",
    " ",
    "%",
    "\x00",
    "é",
    "x" * 3000,
    "null",
    "-1",
    str(2**63),
    "1e9",
    "NaN",
    "😀",
    "9999-12-31",
    "0001-01-01",
    "9999-12-31T23:59:59-12:00",
    "[]",
    "a,b",
    "'",
)
HEADERS = {
    "If-Match": ('"' + "9" * 4000 + '"', '"-1"', '"1', "*,*", '"1.s.en", *'),
    "If-None-Match": ('"' + "x" * 4000 + '"', "W/", ",,,,"),
    "Idempotency-Key": ("\t", '"\\"', "a b", "x" * 256),
    "Accept-Language": ("*", "es;q=x", ",".join(["xx"] * 500), "x" * 5000),
    "Accept": ("", "x" * 3000, "*/*;q=0", "text/nonsense"),
    "X-Request-Id": ("x" * 200, "a b", "<script>"),
    "Traceparent": ("00-" + "0" * 32 + "-" + "0" * 16 + "-01", "ff", "x" * 500),
    "Authorization": ("Bearer", "Bearer  ", "Bearer " + "x" * 5000, "bearer a.b.c", "Basic x"),
}


def _members(
    schema: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every member of a body, those of nested objects too."""
    for name, member in resolve(schema).get("properties", {}).items():
        yield (*path, name), member
        if len(path) < 2 and resolve(member).get("type") == "object":
            yield from _members(member, (*path, name))


# What a column may choke on, where the model has let it through.
FEW = {
    "integer": (2**31, 2**63),
    "date": ("9999-12-31",),
    "date-time": ("9999-12-31T23:59:59-12:00",),
    "string": ("x" * 20_000, "😀" * 150),
}
_tried: set[str] = set()


def _corpus(member: Mapping[str, Any]) -> tuple[Any, ...]:
    """Everything, the first time a kind of member is met; then what its column may choke on."""
    schema = resolve(member)
    kind = json.dumps(schema, sort_keys=True)
    if kind in _tried:
        few = FEW.get(schema.get("format", ""), FEW.get(str(schema.get("type")), ()))
        return few or (None,)
    _tried.add(kind)
    return _whole_corpus(schema)


def _whole_corpus(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    kind, form = schema.get("type"), schema.get("format", "")
    if kind in ("integer", "number"):
        return (*NUMBERS, *ODD)
    if form in ("date", "date-time"):
        return (*TIMES, *ODD, "")
    if kind == "string":
        return (*TEXTS, *ODD, 5, True)
    if kind in ("array", "object"):
        return (*ODD, [[]] * 2, {"x" * 300: 1}, "text", 5, {"es": "\u202e"}, {"es": "", "xx": "a"})
    return (*ODD, "yes", 1, 0, "true")


def _with(body: Any, path: tuple[str, ...], value: Any, place: Place, schema: Any) -> Any:
    """The body with one member replaced; what leads there is made when it is missing."""
    name, *rest = path
    if not rest:
        return {**body, name: value}
    inner = resolve(schema)["properties"][name]
    known = body.get(name) if isinstance(body.get(name), dict) else fill(inner, name, place)
    return {**body, name: _with(known, tuple(rest), value, place, inner)}


class TestBody:
    @with_json
    def test_member_is_refused_or_kept(self, operation: Operation, place: Place) -> None:
        call = place.call(operation)
        by = place.able(operation)
        valid = call.options["json"]
        assert operation.body is not None
        if not isinstance(valid, dict):
            pytest.skip("its body is a list")
        faults = []
        for path, member in _members(operation.body):
            for value in _corpus(member):
                call.options["json"] = _with(valid, path, value, place, operation.body)
                answer = call.send(by)
                fault = _fault(answer, path, value)
                if fault:
                    faults.append(f"{'.'.join(path)} = {value!r:.60}: {fault}")
        assert faults == []

    @pytest.mark.parametrize("raw", RAW, ids=lambda raw: ascii(raw[:12]))
    def test_text_is_json_or_refused(self, raw: bytes, place: Place) -> None:
        headers = {"Content-Type": "application/json"}
        answer = place.agency.owner.call("POST", "/v1/clients", content=raw, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")

    @pytest.mark.parametrize("raw", ODD_JSON, ids=ascii)
    def test_of_another_form_is_refused(self, raw: bytes, place: Place) -> None:
        headers = {"Content-Type": "application/json"}
        answer = place.agency.owner.call("POST", "/v1/clients", content=raw, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def _fault(answer: Any, path: tuple[str, ...], value: Any) -> str | None:
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if answer.status_code >= 400:
        echo = isinstance(value, str) and len(value) > 10 and value in answer.text
        return "echoes the value" if echo else None
    if answer.status_code == 204 or not isinstance(value, str) or len(path) > 1:
        return None
    kept = answer.json().get(path[0], value)
    same = isinstance(kept, str) and _plain(kept) == _plain(value)
    return None if same or not isinstance(kept, str) else f"kept as {kept!r:.60}"


def _plain(value: str) -> str:
    """Text is kept in NFC, and its blank ends are cut."""
    return unicodedata.normalize("NFC", value).strip()


class TestQuery:
    @with_query
    def test_parameter_is_refused_or_taken(self, operation: Operation, place: Place) -> None:
        call = place.call(operation)
        by = place.able(operation)
        known = call.options.get("params", {})
        faults = []
        for each in operation.query:
            for value in _values(each):
                call.options["params"] = {**known, each["name"]: value}
                answer = call.send(by)
                if answer.status_code >= 500:
                    faults.append(f"{each['name']}={value!r:.40}: {answer.status_code}")
        assert faults == []


def _values(parameter: Mapping[str, Any]) -> tuple[str, ...]:
    """Everything, the first time a parameter is met; the name is part of what it means."""
    kind = parameter["name"] + json.dumps(parameter["schema"], sort_keys=True)
    if kind in _tried:
        return ("\x00", "x" * 3000)
    _tried.add(kind)
    return QUERY


class TestHeader:
    @pytest.mark.parametrize("name", HEADERS)
    def test_is_refused_or_taken(self, name: str, place: Place) -> None:
        by = place.agency.owner
        path = f"/v1/clients/{place.client_id}"
        for value in HEADERS[name]:
            sent = {name: value}
            for answer in (
                by.get(path, headers=sent),
                by.call("PATCH", path, json={"name": "Aurora"}, headers={"If-Match": "*", **sent}),
                by.post("/v1/clients", {"name": ""}, headers=sent),
            ):
                assert answer.status_code < 500, value[:60]
