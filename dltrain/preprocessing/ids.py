"""Integers that index a vocabulary."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.preprocessing.base import FeatureSpec, Statistics
from dltrain.preprocessing.recorded import require_count, require_keys
from dltrain.signature import Feature, FeatureKind
from dltrain.spec.fields import Size

if TYPE_CHECKING:
    import numpy as np


class Ids(FeatureSpec):
    """Sequences of word numbers, (steps,); 0 is padding.

    Attributes:
        vocabulary_size: ids are below it; by default what the dataset says, else one more than the
            largest id of the training rows.
    """

    type: Literal["ids"] = "ids"
    kind: ClassVar[FeatureKind] = "ids"
    vocabulary_size: Size | None = None

    def check(self, feature: Feature) -> None:
        """Refuses numbers that are not integers, and single ones, which are labels."""
        if not feature.dtype.startswith(("int", "uint")):
            raise ValueError(f"'{feature.name}' holds {feature.dtype}; ids are integers; use `numeric`")
        if not feature.shape:
            text = f"'{feature.name}' is a column of single ids, and ids are sequences"
            raise ValueError(f"{text}; use `categorical: {{encoding: embedding}}`")

    def adapt(self, feature: Feature, chunks: "Iterable[np.ndarray]") -> Statistics:
        """``vocabulary_size``."""
        known = self.vocabulary_size or feature.vocabulary_size
        return {"vocabulary_size": known or 1 + max(int(chunk.max()) for chunk in chunks if chunk.size)}

    def check_statistics(self, feature: Feature, statistics: Statistics) -> None:
        """A number that 32 bits hold."""
        require_keys(statistics, ["vocabulary_size"])
        require_count(statistics, "vocabulary_size", 2**31 - 1)

    def encode(self, tensor: Any, feature: Feature, statistics: Statistics) -> Any:
        """An embedding takes ids as they are."""
        return tensor

    def prepared(self, feature: Feature, statistics: Statistics | None) -> Feature:
        """The same ids."""
        known = self.vocabulary_size or feature.vocabulary_size
        size = known if statistics is None else statistics["vocabulary_size"]
        return Feature(name=feature.name, kind="ids", dtype="int32", shape=feature.shape, vocabulary_size=size)

    def check_rows(self, feature: Feature, statistics: Statistics, rows: "np.ndarray") -> None:
        """Refuses ids outside the vocabulary, which an embedding would look up as garbage."""
        size = statistics["vocabulary_size"]
        if rows.size and (int(rows.min()) < 0 or int(rows.max()) >= size):
            worst = int(rows.max()) if int(rows.max()) >= size else int(rows.min())
            text = f"the feature '{feature.name}' holds the id {worst}, and ids are from 0 to {size - 1}"
            raise ValueError(f"{text}; mend the data, or set `dataset.features.{feature.name}.vocabulary_size`")
