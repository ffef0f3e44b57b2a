"""Any number of labels for each row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.metrics.base import Predictions
from dltrain.signature import Head, SeenTarget, Target, TargetForm
from dltrain.spec.problems import one_of
from dltrain.tasks.base import MOST_CLASSES, TaskSpec, zeros_and_ones

if TYPE_CHECKING:
    import numpy as np

_SEPARATORS = "|;,/ "
_LOOKED_AT = 1000
_ONE_COLUMN = "the target is one column; name a column for each label, or write another task"
_NUMBERS = "the target holds numbers, and `separator` is for one column of text; delete it"


class MultilabelClassification(TaskSpec):
    """Any number of labels for each row, each with a probability of its own.

    The target is several columns, or an array (rows, labels), of 0 and 1 or of true and false; or
    one column of text such as ``news|sport``. A row may have no label.

    Attributes:
        separator: what stands between the labels of a row, where the target is one column of text;
            blanks around a label do not count.
    """

    type: Literal["multilabel_classification"] = "multilabel_classification"
    aliases: ClassVar[tuple[str, ...]] = ("multilabel",)
    default_loss: ClassVar[str] = "binary_crossentropy"
    default_metrics: ClassVar[tuple[str, ...]] = ("f1_micro",)
    report: ClassVar[tuple[str, ...]] = (
        "binary_accuracy", "subset_accuracy", "precision_micro", "recall_micro", "f1_micro", "f1_macro", "roc_auc",
    )  # fmt: skip
    details: ClassVar[tuple[str, ...]] = (
        "hamming_loss", "precision_macro", "recall_macro", "f1_weighted", "average_precision", "log_loss",
        "brier_score",
    )  # fmt: skip
    takes_empty_text: ClassVar[bool] = True
    counted: ClassVar[str] = "label"
    remedy: ClassVar[str] = "leave it out, or change `seed` or the sizes of the splits"

    separator: Annotated[str, Field(min_length=1, max_length=10)] | None = None

    def target(self, name: str, values: "np.ndarray", *, columns: tuple[str, ...] = ()) -> Target:
        """The labels: the columns in their order, or what the text names in alphabetical order."""
        if self.separator is None:
            self._check_shape(values)
            named = Target(name=name, columns=columns, shape=values.shape[1:])
            _marks(values, named.names)
            return named.model_copy(update={"labels": named.names})
        if values.dtype.kind not in "OU" or values.ndim != 1:
            raise ValueError(_NUMBERS)
        import numpy as np

        return Target(name=name, labels=self._named(np.unique(values).tolist(), values[:_LOOKED_AT].tolist()))

    def foresee(self, seen: SeenTarget) -> Target:
        """The labels, where they are columns, or all texts are known."""
        if seen.shape == () and seen.holds == "text" and self.separator is None:
            raise ValueError(_is_one_text(seen.labels or [seen.example]))
        if seen.shape == () and seen.holds and self.separator is None:
            raise ValueError(_ONE_COLUMN)
        if seen.shape == () and seen.holds and seen.holds != "text":
            raise ValueError(_NUMBERS)
        if self.separator is not None and seen.labels is not None:
            return Target(name=seen.name, labels=self._named(seen.labels, seen.labels))
        if not seen.columns or self.separator is not None:
            return Target(name=seen.name)
        return Target(name=seen.name, columns=seen.columns, shape=seen.shape or (), labels=seen.columns)

    def encode(self, values: "np.ndarray", target: Target, form: TargetForm) -> "np.ndarray":
        """0.0 or 1.0, float32 (rows, labels)."""
        if self.separator is not None:
            return self._marked(values, target)
        if values.shape[1:] != target.shape:
            raise ValueError(f"the target has rows of shape {values.shape[1:]}, and this model predicts {target.shape}")
        return _marks(values, target.labels).astype("float32")

    def counts(self, values: "np.ndarray", target: Target) -> "np.ndarray":
        """How many rows have each label, int (labels,)."""
        found: np.ndarray = self.encode(values, target, "multi_hot").sum(axis=0, dtype="int64")
        return found

    def read(self, outputs: "np.ndarray", values: "np.ndarray", target: Target, head: Head) -> Predictions:
        """The labels whose outputs are above the threshold."""
        outputs = outputs.astype("float64")
        truth = self.encode(values, target, "multi_hot").astype(int)
        return Predictions(truth, (outputs > head.threshold).astype(int), outputs, (), labels=target.labels)

    def decode(
        self, outputs: "np.ndarray", target: Target, head: Head, *, most_classes: int = 20
    ) -> "dict[str, np.ndarray]":
        """The labels above the threshold in one text, and the probability of each where they are not too many."""
        import numpy as np

        between, names = self.separator or "|", np.asarray(target.labels)
        columns = {"prediction": np.asarray([between.join(names[row]) for row in outputs > head.threshold])}
        if len(names) > most_classes:
            return columns
        return columns | {f"probability_{name}": outputs[:, index] for index, name in enumerate(target.labels)}

    def _check_shape(self, values: "np.ndarray") -> None:
        if values.ndim == 1 and values.dtype.kind in "OU":
            raise ValueError(_is_one_text(values[:_LOOKED_AT].tolist()))
        if values.ndim == 1:
            raise ValueError(_ONE_COLUMN)
        if values.ndim > 2 or values.shape[1] > MOST_CLASSES:
            text = f"the target has rows of shape {values.shape[1:]}; labels are 0 or 1 in one axis"
            raise ValueError(f"{text} of at most {MOST_CLASSES}")

    def _named(self, distinct: Sequence[str], first: Sequence[str]) -> tuple[str, ...]:
        """All labels, of all different texts; the first rows show what may separate them."""
        rows = [self._split(text) for text in distinct]
        labels = sorted({label for row in rows for label in row})
        if max(map(len, rows)) < 2:
            meant = _separator_in(first)
            hint = (
                f"; did you mean '{meant}'?" if meant != self.separator and any(meant in text for text in first) else ""
            )
            text = f"no row has two labels with '{self.separator}' between them"
            raise ValueError(f"{text}{hint or '; write `task: multiclass_classification` for one label a row'}")
        if len(labels) > MOST_CLASSES:
            raise ValueError(f"the target has {len(labels)} labels, and at most {MOST_CLASSES} can be trained")
        return tuple(labels)

    def _split(self, text: str) -> list[str]:
        return [label for part in str(text).split(self.separator) if (label := part.strip())]

    def _marked(self, values: "np.ndarray", target: Target) -> "np.ndarray":
        import numpy as np

        number = {label: index for index, label in enumerate(target.labels)}
        texts, inverse = np.unique(values.astype(str), return_inverse=True)
        marks = np.zeros((len(texts), len(number)), "float32")
        for row, text in enumerate(texts):
            for label in self._split(text):
                if label not in number:
                    known = one_of(target.labels, limit=12)
                    raise ValueError(f"'{label[:40]}' is not a label of this model; it knows {known}")
                marks[row, number[label]] = 1.0
        return marks[inverse]


def _marks(values: "np.ndarray", names: tuple[str, ...]) -> "np.ndarray":
    """Which labels a row has, bool (rows, labels)."""
    if (marks := zeros_and_ones(values)) is not None:
        return marks
    label = next(index for index in range(values.shape[1]) if zeros_and_ones(values[:, index]) is None)
    row = next(row for row in range(len(values)) if zeros_and_ones(values[row : row + 1, label]) is None)
    text = f"'{names[label]}' holds {str(values[row, label])[:40]!r}, in row {row + 1} of all"
    raise ValueError(f"{text}; a column of a label holds 0 and 1, or false and true")


def _is_one_text(first: Sequence[str]) -> str:
    text = "the target is one column of text; say what separates its labels, such as"
    return f"{text} `task: {{multilabel_classification: {{separator: '{_separator_in(first)}'}}}}`"


def _separator_in(first: Sequence[str]) -> str:
    """The usual separator that most rows have."""
    return max(_SEPARATORS, key=lambda mark: sum(mark in text for text in first))
