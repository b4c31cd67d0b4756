"""What a request's body says of itself, before a verb reads it."""

import json

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData, UploadFile

from api.http.problems import MalformedBody
from tenants import storage


def has_body(request: Request) -> bool:
    length = request.headers.get("content-length")
    return length not in (None, "0") or "transfer-encoding" in request.headers


def check_fields(form: FormData) -> None:
    """Each field once, and none empty: the framework would take it for one that was left out."""
    fields = form.multi_items()
    if len({name for name, _ in fields}) != len(fields):
        raise MalformedBody
    empty = [name for name, value in fields if value == ""]
    if empty:
        fault = {"type": "string_too_short", "ctx": {"min_length": 1}}
        raise RequestValidationError([{**fault, "loc": ("body", name)} for name in empty])


def said_by(form: FormData) -> bytes:
    """What a form says, its files by their hash."""
    parts = [
        (name, *_file(value)) if isinstance(value, UploadFile) else (name, value)
        for name, value in form.multi_items()
    ]
    return json.dumps(parts).encode()


def _file(sent: UploadFile) -> tuple[str, ...]:
    return sent.filename or "", sent.content_type or "", storage.hash_of(sent.file)


def is_utf8(parameters: str) -> bool:
    name, _, value = parameters.strip().partition("=")
    return name.strip() != "charset" or value.strip().strip('"') in ("utf-8", "utf8")
