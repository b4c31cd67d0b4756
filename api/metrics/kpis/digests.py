"""
What a figure was made of, as one SHA-256: the same formula and inputs give the same digest.

It is that of this JSON, in RFC 8785's form (members by name, no blanks, UTF-8), in hexadecimals:

    {"currency": …, "formula": id, "inputs": {name: number or null, …}, "version": n}

Currency is the answer's. The inputs of a quotient are its numerator and denominator, by the names
that `GET /v1/kpis` gives them; of a count its value, by its numerator's name.
"""

import json
from hashlib import sha256

from api.metrics.kpis.arithmetic import Answer
from api.metrics.kpis.catalogue import CATALOGUE, KpiId


def digest(kpi: KpiId, made: Answer) -> str:
    """The digest of what an answer was made of."""
    currency = f'"{made.currency}"' if made.currency else "null"
    written = (
        f'{{"currency":{currency},"formula":"{kpi}","inputs":{_inputs(kpi, made)}'
        f',"version":{CATALOGUE[kpi].version}}}'
    )
    return sha256(written.encode()).hexdigest()


def _inputs(kpi: KpiId, made: Answer) -> str:
    # Two or three figures are written by hand: json.dumps takes five times as long.
    formula = CATALOGUE[kpi]
    if made.inputs is not None:
        return json.dumps(made.inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    above, below = formula.numerator, formula.denominator
    if below is None:
        return f'{{"{above}":{_number(made.value)}}}'
    first, second = f'"{above}":{_number(made.numerator)}', f'"{below}":{_number(made.denominator)}'
    return f"{{{first},{second}}}" if above < below else f"{{{second},{first}}}"


def _number(value: float | None) -> str:
    return "null" if value is None else str(value)
