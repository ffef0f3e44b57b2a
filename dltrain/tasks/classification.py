"""One label of several for each row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.metrics.base import Predictions
from dltrain.signature import Head, SeenTarget, Target, TargetForm
from dltrain.spec.problems import one_of
from dltrain.tasks.base import MOST_CLASSES, TaskSpec, labels_of, zeros_and_ones

if TYPE_CHECKING:
    import numpy as np


_FRACTIONS = "the target has fractions, so it is no class; write `task: regression`"


class _Classification(TaskSpec):
    default_metrics: ClassVar[tuple[str, ...]] = ("accuracy",)

    def target(self, name: str, values: "np.ndarray", *, columns: tuple[str, ...] = ()) -> Target:
        """Classes in the order of their numbers, or of the alphabet where a label is no number."""
        import numpy as np

        if values.ndim != 1:
            several = zeros_and_ones(values) is not None
            remedy = "; for several labels a row write `task: multilabel_classification`" if several else ""
            raise ValueError(f"the target has rows of shape {values.shape[1:]}; a class is one label a row{remedy}")
        if values.dtype.kind == "f" and not bool((values == np.floor(values)).all()):
            raise ValueError(_FRACTIONS)
        found = np.unique(values)
        if len(found) == len(values) > 4:
            raise ValueError("every row has a target of its own, so there are no classes to learn; name another target")
        return self._of(name, [str(label) for label in labels_of(found[: MOST_CLASSES + 1])], len(found))

    def foresee(self, seen: SeenTarget) -> Target:
        """The classes, where all labels are known."""
        if seen.shape == () and seen.holds == "real":
            raise ValueError(_FRACTIONS)
        if seen.shape != () or seen.labels is None:
            return Target(name=seen.name)
        return self._of(seen.name, seen.labels, seen.distinct)

    def _of(self, name: str, labels: Sequence[str], count: int) -> Target:
        """A target with these labels, or the first of so many.

        Raises:
            ValueError: they are too few or too many.
        """
        if count < 2:
            raise ValueError(f"every row has the target '{labels[0]}'; there is nothing to tell apart")
        if count > MOST_CLASSES:
            text = f"the target has {count} classes, and at most {MOST_CLASSES} can be trained"
            raise ValueError(f"{text}; write `task: regression` if it is a number")
        return Target(name=name, classes=self._ordered(list(labels)))

    def _ordered(self, classes: list[str]) -> tuple[str, ...]:
        return tuple(classes)

    def encode(self, values: "np.ndarray", target: Target, form: TargetForm) -> "np.ndarray":
        """Class indices, one-hot rows, or 0.0 and 1.0."""
        import numpy as np

        indices = self._indices(values, target)
        if form == "index":
            return indices
        if form == "binary":
            return indices.astype("float32")[:, None]
        one_hot: np.ndarray = np.eye(len(target.classes), dtype="float32")[indices]
        return one_hot

    def _indices(self, values: "np.ndarray", target: Target) -> "np.ndarray":
        import numpy as np

        found, inverse = np.unique(values, return_inverse=True)
        number = {label: index for index, label in enumerate(target.classes)}
        labels = [str(label) for label in labels_of(found)]
        if unknown := [label for label in labels if label not in number]:
            raise ValueError(
                f"'{unknown[0]}' is not a class of this model; it knows {one_of(target.classes, limit=12)}"
            )
        indices: np.ndarray = np.asarray([number[label] for label in labels], "int32")[inverse]
        return indices

    def counts(self, values: "np.ndarray", target: Target) -> "np.ndarray":
        """How many rows have each class, int (classes,)."""
        import numpy as np

        return np.bincount(self._indices(values, target), minlength=len(target.classes))

    def read(self, outputs: "np.ndarray", values: "np.ndarray", target: Target, head: Head) -> Predictions:
        """The class with the largest output, or for one unit the side of the threshold."""
        return Predictions(self._indices(values, target), *_decided(outputs, head), target.classes)

    def decode(
        self, outputs: "np.ndarray", target: Target, head: Head, *, most_classes: int = 20
    ) -> "dict[str, np.ndarray]":
        """The label, and the probability of each class, or with more classes of the predicted one.

        Where the loss gives no probability: the ``margin``, below 0 for the first of the two classes.
        """
        import numpy as np

        predicted, sure = _decided(outputs, head)
        columns = {"prediction": np.asarray(target.classes)[predicted]}
        sure = sure.astype("float32")
        if sure.ndim == 1:
            return columns | {"margin": sure}
        if len(target.classes) > most_classes:
            return columns | {"probability": sure[np.arange(len(sure)), predicted]}
        return columns | {f"probability_{label}": sure[:, index] for index, label in enumerate(target.classes)}


def _decided(outputs: "np.ndarray", head: Head) -> "tuple[np.ndarray, np.ndarray]":
    """Class indices (rows,), and float64 probabilities (rows, classes) or margins (rows,)."""
    import numpy as np

    outputs = outputs.astype("float64")
    if head.units > 1:
        return outputs.argmax(axis=1), outputs
    second = outputs[:, 0]
    probability = np.stack([1 - second, second], axis=1) if head.activation == "sigmoid" else second
    return (second > head.threshold).astype(int), probability


class BinaryClassification(_Classification):
    """One of two labels.

    Attributes:
        positive: the label that precision, recall and F1 are of; by default the second in order.
    """

    type: Literal["binary_classification"] = "binary_classification"
    aliases: ClassVar[tuple[str, ...]] = ("binary",)
    default_loss: ClassVar[str] = "binary_crossentropy"
    report: ClassVar[tuple[str, ...]] = (
        "accuracy", "precision", "recall", "f1", "f1_macro", "f1_weighted", "roc_auc",
    )  # fmt: skip
    details: ClassVar[tuple[str, ...]] = (
        "balanced_accuracy", "matthews_corrcoef", "cohen_kappa", "average_precision", "log_loss", "brier_score",
        "calibration_error",
    )  # fmt: skip

    positive: str | None = None

    def _of(self, name: str, labels: Sequence[str], count: int) -> Target:
        """Two classes, the positive one last."""
        found = super()._of(name, labels, count)
        if len(found.classes) != 2:
            raise ValueError(f"the target has {len(found.classes)} classes; write `task: multiclass_classification`")
        return found

    def _ordered(self, classes: list[str]) -> tuple[str, ...]:
        if self.positive is None or len(classes) != 2:
            return tuple(classes)
        if self.positive not in classes:
            raise ValueError(f"the positive label '{self.positive}' is not in the target; it has {one_of(classes)}")
        return tuple(sorted(classes, key=lambda label: label == self.positive))


class MulticlassClassification(_Classification):
    """One of several labels."""

    type: Literal["multiclass_classification"] = "multiclass_classification"
    aliases: ClassVar[tuple[str, ...]] = ("multiclass",)
    default_loss: ClassVar[str] = "sparse_categorical_crossentropy"
    report: ClassVar[tuple[str, ...]] = (
        "accuracy", "precision_macro", "recall_macro", "f1_macro", "f1_weighted", "roc_auc",
    )  # fmt: skip
    details: ClassVar[tuple[str, ...]] = (
        "balanced_accuracy", "matthews_corrcoef", "cohen_kappa", "average_precision", "log_loss", "brier_score",
        "calibration_error", "top_k_categorical_accuracy",
    )  # fmt: skip
