"""How much is tried, by whom: four people in the suite, everybody in `make deep`."""

from dataclasses import dataclass
from typing import Literal

from tests.people import PEOPLE

ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Effort:
    """What one run tries, and from which seed on."""

    examples: int  # of each operation, well-formed and not
    walks: int  # along the links between operations
    bounds: Literal["all", "positive", "none"] = "all"  # of the schemas; positive: those that hold
    every_type: bool = True  # each wrong type of a value, or one
    seed: int = 1


# The form of a request is judged the same whoever sends it: one tries what does not hold as well,
# and speaks without a credential where none is asked for; elsewhere nobody comes as far as a bound.
SUITE = {
    "owner": Effort(1, 20, every_type=False),
    "executive": Effort(1, 20, "positive"),
    "viewer": Effort(1, 10, "positive"),
    ANONYMOUS: Effort(1, 5, "none"),
}
# Everybody once, without the bounds; who may do most, and who does most, from another seed on, with
# them and for longer.
DEEP = {name: Effort(1, 20, "none") for name in (*PEOPLE, ANONYMOUS)}
DEEP["owner"] = Effort(4, 60, seed=2)
DEEP["executive"] = Effort(2, 40, "positive", seed=2)
