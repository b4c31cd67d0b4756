"""The API is what its document says, for whoever asks: Schemathesis finds nothing."""

import pytest

from tests.factories import Staffed
from tests.fuzz.effort import DEEP, SUITE, Effort
from tests.operations import Place

REACHED = 0.9  # of the operations have to answer 2xx to the owner, or the run proves nothing


@pytest.mark.parametrize(
    ("name", "effort"),
    [
        *(pytest.param(*each, id=each[0]) for each in SUITE.items()),
        *(
            pytest.param(*each, id=f"{each[0]}-deep", marks=pytest.mark.deep)
            for each in DEEP.items()
        ),
    ],
)
def test_document_holds(
    name: str,
    effort: Effort,
    agency: Staffed,
    other_agency: Staffed,
    request: pytest.FixtureRequest,
) -> None:
    # Schemathesis changes Hypothesis for the whole process: not before it is needed.
    from tests.fuzz.judge import judge  # noqa: PLC0415
    from tests.fuzz.seeds import Seeds  # noqa: PLC0415

    seeds = Seeds(agency.people.get(name), _place(name, agency), _place(name, other_agency))
    verdict = judge(seeds, effort)

    request.node.user_properties.append(("summary", verdict.summary()))
    assert verdict.findings == {}, str(verdict)
    assert name != "owner" or verdict.share >= REACHED, verdict.missed


def _place(name: str, agency: Staffed) -> Place:
    """Where they work: the other executive and the other contact at the agency's other client."""
    if name.startswith("other_"):
        return Place("the client", agency, agency.other_client_id, "two")
    return Place("the client", agency, agency.client_id, "one")
