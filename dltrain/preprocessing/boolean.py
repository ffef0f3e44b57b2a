"""True or false."""

from typing import ClassVar, Literal

from dltrain.preprocessing.numeric import Numeric
from dltrain.signature import FeatureKind


class Boolean(Numeric):
    """True as 1, false as 0, scaled like numbers.

    Attributes:
        scaling: as of numbers; ``none`` keeps 0 and 1.
    """

    type: Literal["boolean"] = "boolean"  # type: ignore[assignment]
    kind: ClassVar[FeatureKind] = "boolean"
    scaling: Literal["standard", "min_max", "robust", "log", "none"] = "none"
