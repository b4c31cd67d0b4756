"""The document that front-ends are generated from: whole, bounded, and the server's own."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from openapi import export
from tests.operations import Operation, operations
from tests.spec import codes_of, document

by_operation = pytest.mark.parametrize("operation", operations(), ids=str)
# Names that generated clients have for themselves (house.md, rule 10).
TAKEN = {"Client", "Response", "File", "Error", "Request", "Any", "Model", "Date", "Object"}


class TestDocument:
    def test_is_the_committed_one(self) -> None:
        """`python -m openapi.export` writes it."""
        assert export.TARGET.read_text(encoding="utf-8") == export.render()

    def test_names_each_operation_once(self) -> None:
        names = [each.id for each in operations()]
        assert len(names) == len(set(names))
        assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]+", name)] == []

    def test_names_each_tag_it_uses(self) -> None:
        told = {tag["name"] for tag in document()["tags"]}
        used = {tag for each in operations() for tag in each.document["tags"]}
        assert used - told == set()

    def test_has_paths_of_words_and_ids(self) -> None:
        """`/v1/change-orders/{change_order_id}`: kebab-case, and ids that name what they are of."""
        plain = re.compile(r"(/[a-z0-9-]+(\.[a-z]+)?|/\.well-known|/\{[a-z]+(_[a-z]+)*\}(\.ics)?)+")
        assert [p for p in document()["paths"] if not plain.fullmatch(p)] == []
        vague = [p for p in document()["paths"] if "{id}" in p]
        assert vague == []

    def test_has_schemas_that_generated_clients_can_name(self) -> None:
        names = document()["components"]["schemas"]
        assert set(names) & TAKEN == set()
        twins = [name for name in names if name.endswith(("-Input", "-Output", "1"))]
        assert twins == []
        assert [name for name in names if "__" in name] == []  # of a module: it may move

    def test_has_no_schema_without_a_use(self) -> None:
        text = export.render()
        unused = [
            name
            for name in document()["components"]["schemas"]
            if f'"#/components/schemas/{name}"' not in text
        ]
        assert unused == []

    def test_bounds_everything(self) -> None:
        assert [place for place, schema in _schemas(document()) if _is_endless(schema)] == []

    def test_describes_every_shape(self) -> None:
        shapes = [
            (name, schema)
            for name, schema in document()["components"]["schemas"].items()
            if schema.get("type") == "object" and not name.startswith("Page_")
        ]
        assert [name for name, schema in shapes if not schema.get("description")] == []


class TestOperation:
    @by_operation
    def test_says_what_it_is(self, operation: Operation) -> None:
        told = operation.document
        assert len(told["tags"]) == 1
        assert told["summary"]
        assert told["description"].endswith(".") or told["description"].endswith("`.")
        assert "security" in told

    @by_operation
    def test_says_how_it_is_refused(self, operation: Operation) -> None:
        responses = operation.document["responses"]
        needed = {"500"}
        if not operation.is_open:
            needed |= {"400", "401", "403", "422", "429", "503"}
        if operation.method in ("PATCH", "PUT", "DELETE"):
            needed |= {"412", "428"}
        if operation.method in ("POST", "PATCH", "PUT"):
            needed |= {"409", "413", "415"} if not operation.is_open else set()
        assert needed - set(responses) == set()
        for status, response in responses.items():
            if int(status) >= 400:
                assert codes_of(response), f"{status} names no code"
                # To a person, on a page without a script, a refusal is one too.
                by_link = operation.path.startswith(("/decide/", "/join/", "/terms/"))
                pages = {"text/html"} if by_link else set()
                assert set(response["content"]) - pages == {"application/problem+json"}

    @by_operation
    def test_answers_with_a_named_shape(self, operation: Operation) -> None:
        for status, response in operation.document["responses"].items():
            if not status.startswith("2"):
                continue
            assert {"RateLimit", "X-Request-Id"} <= set(response["headers"])
            json = response.get("content", {}).get("application/json")
            assert json is None or "$ref" in json["schema"]

    @by_operation
    def test_takes_a_named_shape(self, operation: Operation) -> None:
        content = operation.document.get("requestBody", {}).get("content", {})
        foreign = operation.path.startswith("/webhooks/")  # bytes that somebody else signed
        if "application/json" in content and not foreign:
            schema = content["application/json"]["schema"]
            one_of = "oneOf" in schema and "discriminator" in schema
            assert "$ref" in schema or one_of or schema.get("type") == "array"

    @by_operation
    def test_pages_as_every_list_does(self, operation: Operation) -> None:
        if not operation.is_list:
            return
        limit = next(each for each in operation.query if each["name"] == "limit")
        assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 200)
        content = operation.document["responses"]["200"]["content"]["application/json"]
        page = document()["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        assert {"data", "next_cursor", "total"} == set(page["required"])


def _schemas(node: Any, place: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, list):
        for number, member in enumerate(node):
            yield from _schemas(member, f"{place}/{number}")
    elif isinstance(node, dict):
        if isinstance(node.get("type"), str) and not place.endswith("/securitySchemes/bearer"):
            yield place, node
        for key, member in node.items():
            if key not in ("examples", "example", "default"):
                yield from _schemas(member, f"{place}/{key}")


def _is_endless(schema: dict[str, Any]) -> bool:
    kind = schema["type"]
    if kind == "string":
        return not ({"maxLength", "enum", "const"} & schema.keys())
    if kind == "integer":
        return not {"minimum", "maximum", "format"} <= schema.keys() and "const" not in schema
    return kind == "array" and "maxItems" not in schema
