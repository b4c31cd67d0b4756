"""Files as networks export them, small: their headers, encodings and traps are the real ones."""

import csv
import io
import struct
from collections.abc import Iterable, Sequence

INSTAGRAM = (
    *("Post ID", "Account ID", "Account username", "Account name", "Description"),
    *("Duration (sec)", "Publish time", "Permalink", "Post type", "Data comment", "Date"),
    *("Views", "Reach", "Likes", "Shares", "Follows", "Comments", "Saves"),
)
FACEBOOK = (
    *("Post ID", "Page ID", "Page name", "Title", "Description", "Duration (sec)", "Publish time"),
    *("Caption type", "Permalink", "Is crosspost", "Is share", "Post type", "Languages", "Date"),
    *("Views", "Reach", "Reactions, Comments and Shares", "Reactions", "Comments", "Shares"),
    *("Total clicks", "Estimated earnings (USD)", "Ad CPM (USD)"),
)
LINKEDIN_METRICS = (
    "Date",
    *(
        f"{name} ({kind})"
        for name in ("Impressions", "Clicks", "Reactions", "Comments", "Reposts")
        for kind in ("organic", "sponsored", "total")
    ),
    *("Unique impressions (organic)", "Engagement rate (total)"),
)
LINKEDIN_POSTS = (
    *("Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date"),
    *("Audience", "Impressions", "Views", "Offsite Views", "Clicks", "Click through rate (CTR)"),
    *("Likes", "Comments", "Reposts", "Follows", "Engagement rate", "Content Type"),
)
TIKTOK_OVERVIEW = ("Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares")
TIKTOK_CONTENT = (
    *("Video title", "Video link", "Post time", "Total likes", "Total comments", "Total shares"),
    *("Total views", "Average watch time", "Watched full video", "Add to favorites"),
)
X_CONTENT = (
    *("Post id", "Date", "Post text", "Post Link", "Impressions", "Likes", "Engagements"),
    *("Bookmarks", "Shares", "New follows", "Replies", "Reposts", "Profile visits", "URL Clicks"),
)
X_ACCOUNT = (
    *("Date", "Impressions", "Likes", "Engagements", "Bookmarks", "Shares", "New follows"),
    *("Unfollows", "Replies", "Reposts", "Profile visits", "Create Post", "Video views"),
)
YOUTUBE = (
    *("Content", "Video title", "Video publish time", "Duration", "Views", "Watch time (hours)"),
    *("Subscribers", "Estimated revenue (USD)", "Impressions"),
    "Impressions click-through rate (%)",
)
GA4 = (
    *("Session primary channel group (Default channel group)", "Sessions", "Engaged sessions"),
    *("Engagement rate", "Key events", "Total revenue"),
)


def table(header: Sequence[str], *rows: Iterable[object], delimiter: str = ",") -> str:
    sheet = io.StringIO(newline="")
    csv.writer(sheet, delimiter=delimiter).writerows([header, *rows])
    return sheet.getvalue()


def row(header: Sequence[str], **said: object) -> list[object]:
    """A row by the headers' own names, in letters and underscores."""
    named = {"".join(c if c.isalnum() else "_" for c in name): name for name in header}
    values = {named[key]: value for key, value in said.items()}
    return [values.get(name, "") for name in header]


def with_mark(text: str) -> bytes:
    return text.encode("utf-8-sig")


def meta_daily(title: str, *days: tuple[str, object]) -> bytes:
    """UTF-16 with its mark, a line for the spreadsheet, and the metric's name above the header."""
    lines = ["sep=,", f'"{title}"', '"Date","Primary"']
    lines += [f'"{day}T00:00:00","{value}"' for day, value in days]
    return "\r\n".join(lines).encode("utf-16")


def ga4(start: str, end: str, *rows: Iterable[object]) -> str:
    above = ["# ----", "# Account: Café Aurora", "# Property: cafeaurora.example", "#"]
    above += [f"# Start date: {start}", f"# End date: {end}", "# ----", ""]
    nth = table(("Nth day", "Active users"), ("0000", 12), ("0001", 15))
    return "\n".join(above) + "\n" + table(GA4, *rows) + "\n" + nth


def workbook(**sheets: list[Sequence[object]]) -> bytes:
    """BIFF8 (MS-XLS) in a compound file (MS-CFB), as far as sheets of texts and numbers go."""
    parts = [_sheet(rows) for rows in sheets.values()]
    names = [name.replace("_", " ") for name in sheets]
    bounds = [8 + len(name) * 2 + 4 for name in names]
    start = len(_bof(5)) + sum(bounds) + 4
    found = _bof(5)
    for name, part in zip(names, parts, strict=True):
        body = struct.pack("<IBB", start, 0, 0) + struct.pack("<BB", len(name), 1)
        found += _record(0x85, body + name.encode("utf-16-le"))
        start += len(part)
    return compound(found + _record(0x0A, b"") + b"".join(parts), "Workbook")


def _sheet(rows: list[Sequence[object]]) -> bytes:
    made = _bof(0x10)
    for y, cells in enumerate(rows):
        for x, cell in enumerate(cells):
            if isinstance(cell, int | float):
                made += _record(0x203, struct.pack("<HHHd", y, x, 0, cell))
            elif cell != "":
                said = str(cell)
                head = struct.pack("<HHHHB", y, x, 0, len(said), 1)
                made += _record(0x204, head + said.encode("utf-16-le"))
    return made + _record(0x0A, b"")


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 1996, 0, 0))


def _record(number: int, body: bytes) -> bytes:
    return struct.pack("<HH", number, len(body)) + body


def compound(stream: bytes, *names: str) -> bytes:
    """A header, a table of sectors, a directory and the stream, in sectors of 512 bytes."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    tables = 1
    while tables * 128 < sectors + 1 + tables:
        tables += 1
    chain = [0xFFFFFFFD] * tables + [0xFFFFFFFE]
    first = len(chain)
    chain += [*range(first + 1, first + sectors), 0xFFFFFFFE]
    chain += [0xFFFFFFFF] * (tables * 128 - len(chain))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", *range(tables), *[0xFFFFFFFF] * (109 - tables))
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)
    for name in names:
        entries += _entry(name, 2, first, len(stream))
    entries = entries.ljust(512, b"\0")
    return head + struct.pack(f"<{len(chain)}I", *chain) + entries + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    said = name.encode("utf-16-le")
    made = said.ljust(64, b"\0") + struct.pack("<HBB", len(said) + 2, kind, 1)
    made += struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36)
    return made + struct.pack("<IQ", start, size)
