"""
`make demo`: the main job over real HTTP, on engines of its own in a throw-away home.

Leaves the report in var/demo, in every format and language, with the invoice and what a creator was
paid, and prints what each person did.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from api.demo import story
from api.demo.people import StoryStopped
from api.demo.stage import FORMATS, Stage
from api.processes import Platform

TARGET = Path("var/demo")


def main() -> int:
    """0 when the whole story played and the files are there."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="agency-demo-") as home:
        print("Starting PostgreSQL, Valkey, the API and the worker …", flush=True)
        with Platform(Path(home)) as platform:
            print(f"… at {platform.base_url}, after {time.monotonic() - began:.1f} s\n", flush=True)
            stage = Stage(platform.base_url, tell)
            try:
                story.play(stage)
            except StoryStopped as stopped:
                print(f"\nThe story stopped: {stopped}", file=sys.stderr)
                return 1
            save(stage)
    print(f"\nDone in {time.monotonic() - began:.1f} s.")
    return 0


def tell(who: str, what: str) -> None:
    print(f"  {who:<18} {what}", flush=True)


def save(stage: Stage) -> None:
    """The viewer pulls the report in each format; the figures a client looks at first."""
    TARGET.mkdir(parents=True, exist_ok=True)
    files = {_file(name, locale): (name, locale) for name in FORMATS for locale in ("es", "en")}
    for file, (name, locale) in files.items():
        file.write_bytes(stage.pull(name, locale))
    for file_name, content in stage.papers.items():
        (TARGET / file_name).write_bytes(content)
    report = json.loads((TARGET / "report.json").read_bytes())
    tell(stage.viewer.name, "pulled the newest report in every format, in Spanish and English\n")
    for kpi in report["kpis"]:
        now, before = (_figure(each, kpi["unit"]) for each in (kpi, kpi.get("previous")))
        print(f"  {kpi['id']:<18} {now:>13}   before {before:>13}")
    spent = report["budget"]["totals"]["spent_minor"] / 100
    allocated = report["budget"]["totals"]["allocated_minor"] / 100
    print(f"  {'budget':<18} {spent:>9,.2f} EUR   of     {allocated:>9,.2f} EUR")
    print(f"  {'version':<18} {report['report']['version']:>13}")
    for what, figure in stage.headlines:
        print(f"  {what:<18} {figure:>13}")
    print()
    for file in (*files, *(TARGET / each for each in stage.papers)):
        print(f"  {file!s:<34} {file.stat().st_size / 1024:>5,.0f} KiB")


def _file(format: str, locale: str) -> Path:
    """Figures alone are the same in every language."""
    if format == "json":
        return TARGET / "report.json"
    return TARGET / (f"slides-{locale}.html" if format == "slides" else f"report-{locale}.{format}")


def _figure(kpi: dict[str, Any] | None, unit: str) -> str:
    if not kpi:
        return "—"
    if unit == "ratio":
        return f"{100 * kpi['numerator'] / kpi['denominator']:.2f} %"
    if unit == "ratio_money":
        return f"{kpi['numerator'] / kpi['denominator'] / 100:.2f} EUR"
    return f"{kpi['value'] / 100:,.2f} EUR" if unit == "money" else f"{kpi['value']:,}"


if __name__ == "__main__":
    sys.exit(main())
