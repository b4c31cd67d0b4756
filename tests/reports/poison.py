"""What people may write that another program could take for more than text, wherever they may."""

from api.reports.snapshot.snapshot import ReportSnapshot
from tests.reports import sample, sample_words

POISON = (
    "<script>alert(1)</script>",
    "{{7*7}}",
    '#import "x"',
    "=1+1",
    "\"><img src=x onerror=alert(1)>'",
    "$x$ *b _c_ @d \\ `e` %s {0} </style>",
)
FORMULAS = (
    "=1+1",
    '=HYPERLINK("https://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "https://evil.example",
    "internal:Sheet1!A1",
    "{=1+1}",
    "]]></v><f>1+1</f>",
)


def snapshot(text: str) -> ReportSnapshot:
    """The same text wherever a person may write."""
    data = sample.data()
    both = sample_words.text(text, text)
    for narrative in data["narrative"].values():
        narrative |= {"headline": text, "summary": f"{text}\n\n- {text}"}
        narrative |= {"highlights": [{"title": text, "body": text}], "lowlights": [text]}
        narrative |= {"learnings": [text], "section_notes": {"budget": text}}
        narrative["channel_notes"] = dict.fromkeys(narrative["channel_notes"], text)
        narrative |= {"next_steps": [text], "closing": text}
    data["agency"] |= {"name": text, "tagline": both}
    data["client"] |= {"name": text, "sector": both}
    data["author"] |= {"name": text, "title": both, "email": text}
    data["report"]["supersedes"]["reason"] = both
    data["channels"][0]["name"] = text
    data["kpis"][0]["label"] = both
    data["kpis"][0]["missing_reason"] = both
    for item in (*data["annotations"], *data["content"], *data["deliverables"]):
        item["label"] = both
    data["content"][0]["channel"] = text
    data["deliverables"][0] |= {"note": both, "channel": text}
    data["budget"]["lines"][0] |= {"label": text, "note": both}
    for promises in (data["kept"], data["requests"], data["commitments"]):
        promises[0] |= {"text": both, "owner": text, "note": both}
    return ReportSnapshot.model_validate(data)
