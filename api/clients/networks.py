"""Where a brand is found: the networks, and an account's handle and address on one of them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field


class Network(StrEnum):
    """Where an account is."""

    instagram = "instagram"
    facebook = "facebook"
    tiktok = "tiktok"
    youtube = "youtube"
    linkedin = "linkedin"
    x = "x"
    threads = "threads"
    pinterest = "pinterest"
    snapchat = "snapchat"
    twitch = "twitch"
    bluesky = "bluesky"
    mastodon = "mastodon"
    reddit = "reddit"
    whatsapp = "whatsapp"
    telegram = "telegram"
    google_business = "google_business"
    blog = "blog"
    website = "website"
    newsletter = "newsletter"
    podcast = "podcast"
    other = "other"


Handle = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^\s,;:\x22'\x00-\x1f\x7f-\x9f]+$")
]
_PATH = r"[/?#][^\s<>\x22'\x00-\x1f\x7f-\x9f]*"
Url = Annotated[
    str,
    Field(
        max_length=500,
        # A host without a bracket or a log-in: what no parser of addresses stumbles over.
        pattern=rf"^https?://[^\s<>\x22'\x00-\x1f\x7f-\x9f/?#@\[\]\\]+({_PATH})?$",
        examples=["https://a.example"],
    ),
]


def bare(handle: str) -> str:
    """A handle as it is kept: without the leading @."""
    return handle.removeprefix("@") or handle


def key_of(handle: str) -> str:
    """What makes two spellings of a handle the same account."""
    return handle.removeprefix("@").casefold()
