"""If-Match and If-None-Match (RFC 9110 §13.1): what a change is based on, what a reader has."""

from fastapi import Request

EDITS = {"PATCH", "PUT", "DELETE"}


def versions(request: Request) -> set[int | str] | None:
    """What If-Match accepts: None when it was not sent and need not be."""
    header = request.headers.get("if-match")
    if header is None:
        return set() if request.method in EDITS else None
    if header.strip() == "*":
        return {"*"}
    # A weak tag never matches under the strong comparison of RFC 9110 §8.8.3.2.
    tags = [tag.strip() for tag in header.split(",")]
    numbers = [tag[1:-1].partition(".")[0] for tag in tags if tag[:1] == tag[-1:] == '"']
    return {int(number) for number in numbers if number.isdecimal()} or {-1}


def is_unchanged(request: Request, etag: str | None) -> bool:
    header = request.headers.get("if-none-match")
    if request.method != "GET" or header is None or etag is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag in tags or "*" in tags
