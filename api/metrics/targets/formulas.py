"""The formulas as people read them."""

from typing import Any

from api.metrics.kpis import CATALOGUE
from api.metrics.targets import progress
from tenants import words


def catalogue(locale: str) -> dict[str, Any]:
    """Every formula, named and in words of a locale."""
    return {
        "kpis": [
            {
                **vars(formula),
                "id": kpi,
                "name": words.say(locale, "kpi_names", kpi),
                "formula": words.say(locale, "kpi_formulas", kpi),
                "course": progress.course_of(kpi),
            }
            for kpi, formula in CATALOGUE.items()
        ]
    }
