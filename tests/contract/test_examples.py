"""The bodies that the documentation shows are bodies that the server takes."""

import json
from typing import Any

import pytest

from api.http import examples
from tests.factories import Staffed
from tests.operations import Operation, operations
from tests.spec import document


def _example(operation: Operation) -> tuple[str, Any] | None:
    content = operation.document.get("requestBody", {}).get("content", {})
    found = [(kind, body["example"]) for kind, body in content.items() if "example" in body]
    return found[0] if found else None


shown = pytest.mark.parametrize("operation", [e for e in operations() if _example(e)], ids=str)


class TestExample:
    @shown
    def test_has_the_form_that_is_asked_for(self, operation: Operation, agency: Staffed) -> None:
        kind, body = _example(operation) or ("", None)
        as_form = kind == "application/x-www-form-urlencoded"
        sent = {"data": body} if as_form else {"content": json.dumps(body)}
        path = operation.path
        for name in operation.things:
            path = path.replace(f"{{{name}}}", examples.CLIENT)

        headers = {"Content-Type": kind, "If-Match": "*"}
        answer = agency.owner.call(operation.method, path, headers=headers, **sent)

        assert answer.json().get("code") not in ("invalid_request", "malformed_body"), answer.text

    def test_is_of_a_shape_there_is(self) -> None:
        assert examples.BODIES.keys() - document()["components"]["schemas"].keys() == set()
