"""What is known of a dataset before its rows are read: from a header, from first rows, or by its name."""

from collections.abc import Mapping
from dataclasses import dataclass

from dltrain.signature import Feature, SeenTarget


@dataclass(frozen=True)
class Glance:
    """What a glance at a dataset shows. Whatever it shows, reading all rows shows too; what it does not is None.

    It takes some milliseconds and no NumPy or PyArrow, but for Parquet.

    Attributes:
        features: what the rows hold, with None for lengths that are not known.
        target: what is predicted.
        rows: the parts, each with the number of its rows.
    """

    features: tuple[Feature, ...] | None = None
    target: SeenTarget | None = None
    rows: Mapping[str, int | None] | None = None
