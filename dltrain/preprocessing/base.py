"""The family of features: how one raw column or array becomes numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.preprocessing.recorded import require_keys
from dltrain.signature import Feature, FeatureKind
from dltrain.spec.family import Family

if TYPE_CHECKING:
    import numpy as np

Statistics = dict[str, Any]
"""What is learned from the training rows, as plain lists and numbers."""

Missing = Literal["error", "mean", "median", "most_frequent", "constant"]
"""What is done about a value that is not there. ``error``: the row is refused. Else it is replaced
by the mean, the median or the most frequent value of the training rows, or by a constant."""


Layers = Callable[["np.ndarray"], "np.ndarray"]
"""From raw rows of one feature to prepared ones."""


class FeatureSpec(Family):
    """How a feature is prepared."""

    noun: ClassVar[str] = "kind of feature"
    elsewhere: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("drop", "exclude", "ignore", "none", "skip"), "a column that is named in `dataset.ignore` is left out"
    )
    kind: ClassVar[FeatureKind | None]
    """What the raw values mean; None where the data tells."""
    adapts_by_keras: ClassVar[bool] = False
    """Whether `adapt` calls Keras, which only the main thread may do."""

    @classmethod
    def infer_type(cls, values: Mapping[str, Any]) -> str | None:
        """The only kind that has these settings; ``auto`` where the data tells, as with `missing` alone."""
        fitting = [name for name in cls.types() if values.keys() <= set(cls.choices()[name].model_fields)]
        return fitting[0] if len(fitting) == 1 else "auto" if "auto" in fitting else None

    @classmethod
    def untyped(cls) -> Mapping[str, dict[str, Any]]:
        """Each kind, with its settings."""
        return {name: {} for name in cls.types()}

    def check(self, feature: Feature) -> None:
        """Raises ValueError with cause and remedy where `feature` cannot be prepared this way."""

    def of_kind(self, kind: FeatureKind) -> "FeatureSpec":
        """This feature where the data holds `kind`.

        Raises:
            ValueError: a setting does not fit it.
        """
        return self

    @property
    def needs_tensorflow(self) -> str:
        """Why it can be prepared on TensorFlow only, and what to write instead; empty where any backend will do."""
        return ""

    @property
    def width_setting(self) -> str:
        """The setting that decides how many numbers a prepared row has; empty where none does."""
        return ""

    @property
    def forbids_missing(self) -> bool:
        """Whether the config says of this very feature that no value may be missing."""
        return bool(self.plain().get("missing") == "error")

    @property
    def missing_is_refused(self) -> bool:
        """Whether a row without a value of this feature cannot be trained on."""
        return getattr(self, "missing", None) in (None, "error")

    def with_policy(self, missing: Missing) -> "FeatureSpec":
        """This feature with the dataset's policy for missing values, where it has none of its own."""
        return self

    def for_model(self, *, reads_sequences: bool) -> "FeatureSpec":
        """This feature in the form that the model reads, where the config leaves it open."""
        return self

    @property
    def gives_sequences(self) -> bool:
        """Whether prepared rows are sequences though raw ones are single values; these cannot be joined with others."""
        return False

    def adapt(self, feature: Feature, chunks: "Iterable[np.ndarray]") -> Statistics:
        """Statistics of the training rows, given as arrays (rows, *feature.shape)."""
        return {}

    def check_statistics(self, feature: Feature, statistics: Statistics) -> None:
        """Raises ValueError where statistics, which may be a stranger's, are not such as `adapt` gives."""
        require_keys(statistics, ())

    def check_rows(self, feature: Feature, statistics: Statistics, rows: "np.ndarray") -> None:
        """Raises ValueError where raw rows cannot be prepared with these statistics."""

    def refuses(self, rows: "np.ndarray") -> "np.ndarray | None":
        """Which raw rows cannot be trained on, bool (rows,); None where all can.

        A row is refused where a value is missing and no policy says what to do about it, or is not finite.
        """
        return None

    def encode(self, tensor: Any, feature: Feature, statistics: Statistics) -> Any:
        """Raw rows (batch, *feature.shape) as prepared ones, by stock Keras layers and operations.

        Args:
            tensor: a symbolic tensor of the feature's own dtype.
            feature: the raw feature.
            statistics: as `adapt` gave them.
        """
        raise NotImplementedError

    def compute(self, rows: "np.ndarray", statistics: Statistics, layers: Layers) -> "np.ndarray":
        """Prepared rows: by the layers of `encode`, or by something faster that gives the same bits.

        Args:
            rows: raw, (rows, *feature.shape).
            statistics: as `adapt` gave them.
            layers: compiled `encode` of this feature alone.
        """
        return layers(rows)

    def stacked(self, statistics: Sequence[Statistics]) -> Statistics | None:
        """The statistics of several columns beside one another, which `encode` then takes at once.

        Args:
            statistics: of each column as `adapt` gave them.

        Returns:
            None where columns are encoded one by one.
        """
        return None

    def prepared(self, feature: Feature, statistics: Statistics | None) -> Feature:
        """What a prepared row is; without statistics, lengths that depend on them are None."""
        raise NotImplementedError

    def restore(self, tensor: Any, columns: tuple[int, ...], statistics: Statistics) -> Any:
        """Prepared columns (batch, columns) in the unit of the raw ones, by stock Keras layers and operations.

        Args:
            tensor: these columns of prepared rows.
            columns: which they are, along the last axis.
            statistics: as `adapt` gave them.
        """
        raise NotImplementedError


def need_keras(specs: Iterable[FeatureSpec]) -> bool:
    """Whether one of these calls Keras when it is adapted, so that a backend has to be started before."""
    return any(spec.adapts_by_keras for spec in specs)


def as_float(tensor: Any) -> Any:
    """A symbolic tensor as 32-bit numbers."""
    import keras

    return tensor if keras.backend.standardize_dtype(tensor.dtype) == "float32" else keras.ops.cast(tensor, "float32")


def as_columns(tensor: Any) -> Any:
    """(batch,) as (batch, 1); others as they are."""
    import keras

    return keras.layers.Reshape((1,))(tensor) if len(tensor.shape) == 1 else tensor


def filled(tensor: Any, values: list[float]) -> Any:
    """(..., columns) with the value of its column in the place of each NaN."""
    import keras

    absent = keras.ops.cast(keras.ops.isnan(tensor), "float32")
    return keras.ops.nan_to_num(tensor, nan=0.0) + keras.layers.Rescaling(values)(absent)


def unlike(name: str, taken: Iterable[str]) -> str:
    """A name, with underscores behind it where it is taken."""
    names = set(taken)
    while name in names:
        name += "_"
    return name
