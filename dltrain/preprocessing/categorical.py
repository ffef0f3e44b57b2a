"""Values out of a limited set, such as countries."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from dltrain.preprocessing.base import FeatureSpec, Layers, Missing, Statistics, unlike
from dltrain.preprocessing.recorded import require_keys, require_texts
from dltrain.signature import STRING, EmbeddedColumn, Feature, FeatureKind
from dltrain.spec.fields import Size

if TYPE_CHECKING:
    import numpy as np

MISSING, UNKNOWN = 0, 1
"""The ids of a value that is not there, and of one that no training row has."""


_NO_LABEL = "\ue000"
"""In the place of a vocabulary where no training row has a label; nobody's text has this character."""


class Categorical(FeatureSpec):
    """A label out of a limited set; a label that the training rows do not have gets a place of its own.

    Attributes:
        encoding: ``one_hot``: a column for each label; ``embedding``: a trained vector for each;
            ``hashing``: a column for each of `bins` groups that labels fall into by their hash, which
            needs no list of labels.
        max_categories: the most labels that are told apart, the most frequent first; all others
            count as unknown.
        length: of the vectors of ``embedding``; by default 1.6 n^0.56, at most 50, for n labels.
        bins: the number of groups of ``hashing``.
        missing: ``constant`` makes a missing label a label of its own; ``most_frequent``, ``mean`` and
            ``median`` put the most frequent one in its place; by default as `dataset.missing` says.
        indicator: whether a column is added that is 1 where the label was missing, else 0.
    """

    type: Literal["categorical"] = "categorical"
    kind: ClassVar[FeatureKind] = "categorical"
    encoding: Literal["one_hot", "embedding", "hashing"] = "one_hot"
    max_categories: Annotated[int, Field(ge=1, le=100_000)] = 1000
    length: Size | None = None
    bins: Annotated[int, Field(ge=2, le=100_000)] = 64
    missing: Missing | None = None
    indicator: bool = False

    @property
    def width_setting(self) -> str:
        """That of the columns."""
        return {"one_hot": "max_categories", "hashing": "bins"}.get(self.encoding, "")

    @property
    def _fills(self) -> bool:
        """Whether the most frequent label takes the place of a missing one."""
        return self.missing not in (None, "error", "constant")

    def check(self, feature: Feature) -> None:
        """Refuses arrays of numbers."""
        if feature.dtype != STRING:
            raise ValueError(f"'{feature.name}' holds {feature.dtype}, and labels are strings; use `numeric`")

    @property
    def needs_tensorflow(self) -> str:
        """``hashing`` does: no other library has the hash function of Keras's layer."""
        if self.encoding != "hashing":
            return ""
        return "is put into groups by Keras's Hashing, which needs TensorFlow; write tensorflow, or encoding: one_hot"

    def with_policy(self, missing: Missing) -> "Categorical":
        """The same, with `missing` where it has none."""
        return self if self.missing or missing == "error" else self.model_copy(update={"missing": missing})

    def refuses(self, rows: "np.ndarray") -> "np.ndarray | None":
        """Missing labels, where nothing replaces them."""
        found: np.ndarray = rows == ""
        return found if self.missing in (None, "error") else None

    def adapt(self, feature: Feature, chunks: "Iterable[np.ndarray]") -> Statistics:
        """``vocabulary``: the labels by falling frequency, equally frequent ones by the alphabet."""
        import pyarrow as pa

        if self.encoding == "hashing" and not self._fills:
            return {}
        counts: Counter[str] = Counter()
        for chunk in chunks:
            found = pa.array(chunk, pa.large_string()).value_counts()
            counts.update(dict(zip(found.field(0).to_pylist(), found.field(1).to_pylist(), strict=True)))
        counts.pop("", None)
        # Keras drops a NUL at the end of a label, so that two may become the same: such a one stays unknown.
        known = [label for label in counts if not label.endswith("\0")]
        ranked = sorted(known, key=lambda label: (-counts[label], label))
        if self.encoding == "hashing":
            return {"most_frequent": ranked[0] if ranked else ""}
        return {"vocabulary": ranked[: self.max_categories]}

    def check_statistics(self, feature: Feature, statistics: Statistics) -> None:
        """Different labels, no more than are told apart; of ``hashing`` at most one."""
        if self.encoding != "hashing":
            require_keys(statistics, ["vocabulary"])
            require_texts(statistics, "vocabulary", self.max_categories, never=[""])
            return
        require_keys(statistics, ["most_frequent"] * self._fills)
        if not isinstance(statistics.get("most_frequent", ""), str):
            raise ValueError("'most_frequent' is no text")

    def encode(self, tensor: Any, feature: Feature, statistics: Statistics) -> Any:
        """``StringLookup`` or ``Hashing``, then columns or ids."""
        import keras

        ids = self._ids(tensor, statistics)
        absent = keras.ops.equal(ids, MISSING)
        if self._fills:
            ids = keras.ops.where(absent, self._most_frequent(statistics), ids)
        if self.encoding == "embedding":
            encoded = keras.ops.expand_dims(keras.ops.cast(ids, "float32"), -1)
        else:
            encoded = keras.ops.one_hot(ids, self._vocabulary_size(statistics))
        if not self.indicator:
            return encoded
        shown = keras.ops.expand_dims(keras.ops.cast(absent, "float32"), -1)
        return keras.layers.Concatenate()([encoded, shown])

    def _ids(self, tensor: Any, statistics: Statistics) -> Any:
        """0 for a missing label, 1 for an unknown one or, with ``hashing``, from 1 on for each group."""
        import keras

        if self.encoding == "hashing":
            return keras.layers.Hashing(self.bins + 1, mask_value="")(tensor)
        labels = statistics["vocabulary"] or [_NO_LABEL]
        # Keras refuses a vocabulary that holds its word for unknown labels.
        unknown = unlike("[UNK]", labels)
        return keras.layers.StringLookup(vocabulary=labels, mask_token="", oov_token=unknown)(tensor)

    def _most_frequent(self, statistics: Statistics) -> int:
        if self.encoding != "hashing":
            return UNKNOWN + 1 if statistics["vocabulary"] else UNKNOWN
        import keras

        return int(keras.layers.Hashing(self.bins + 1, mask_value="")([statistics["most_frequent"]])[0])

    def _vocabulary_size(self, statistics: Statistics) -> int:
        return self.bins + 1 if self.encoding == "hashing" else max(len(statistics["vocabulary"]), 1) + 2

    def compute(self, rows: "np.ndarray", statistics: Statistics, layers: Layers) -> "np.ndarray":
        """Each distinct label once: by the layers with ``hashing``, else by a look-up that gives the same numbers."""
        import pyarrow as pa

        coded = pa.array(rows, pa.large_string()).dictionary_encode()
        if self.encoding == "hashing":
            encoded = layers(coded.dictionary.to_numpy(zero_copy_only=False))
        else:
            encoded = self._encoded(_looked_up(coded.dictionary, statistics["vocabulary"] or [_NO_LABEL]), statistics)
        found: np.ndarray = encoded[coded.indices.to_numpy()]
        return found

    def _encoded(self, ids: "np.ndarray", statistics: Statistics) -> "np.ndarray":
        """What `encode` makes of ids, int64 (labels,)."""
        import numpy as np

        absent = ids == MISSING
        if self._fills:
            ids = np.where(absent, self._most_frequent(statistics), ids)
        if self.encoding == "embedding":
            encoded = ids[:, None].astype("float32")
        else:
            encoded = np.zeros((len(ids), self._vocabulary_size(statistics)), "float32")
            encoded[np.arange(len(ids)), ids] = 1
        return np.column_stack([encoded, absent.astype("float32")]) if self.indicator else encoded

    def prepared(self, feature: Feature, statistics: Statistics | None) -> Feature:
        """A vector, with an embedded column where the encoding is ``embedding``."""
        if statistics is None and self.encoding != "hashing":
            return Feature(name=feature.name, kind="numeric", dtype="float32", shape=(None,))
        size = self._vocabulary_size(statistics or {})
        if self.encoding != "embedding":
            return Feature(name=feature.name, kind="numeric", dtype="float32", shape=(size + self.indicator,))
        length = self.length or min(50, round(1.6 * size**0.56))
        column = EmbeddedColumn(name=feature.name, position=0, vocabulary_size=size, length=length)
        return Feature(
            name=feature.name, kind="numeric", dtype="float32", shape=(1 + self.indicator,), embedded=(column,)
        )


def _looked_up(labels: Any, vocabulary: list[str]) -> "np.ndarray":
    """The ids that ``StringLookup`` gives to an Arrow array of labels, int64 (labels,)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pc.index_in(labels, pa.array(vocabulary, labels.type)).fill_null(-1)
    ids: np.ndarray = places.to_numpy(zero_copy_only=False).astype("int64") + UNKNOWN + 1
    ids[pc.equal(labels, "").to_numpy(zero_copy_only=False)] = MISSING
    return ids
