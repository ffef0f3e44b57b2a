"""The family of tasks, and how the task follows from the target."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from dltrain.metrics.base import CLASSIFICATION, MULTILABEL, REGRESSION, Predictions
from dltrain.signature import Head, SeenTarget, Target, TargetForm, TaskName
from dltrain.spec.family import Family

if TYPE_CHECKING:
    import numpy as np

MOST_CLASSES = 10_000
MOST_FEW = 20
"""Up to so many different whole numbers are taken for classes."""


class Past(NamedTuple):
    """The target before what is predicted.

    Attributes:
        last: its last value, float64 (rows, targets).
        columns: its positions along the last axis of a window.
    """

    last: "np.ndarray"
    columns: tuple[int, ...]


class TaskSpec(Family):
    """What is predicted."""

    noun: ClassVar[str] = "task"
    default_loss: ClassVar[str]
    default_metrics: ClassVar[tuple[str, ...]]
    """What is watched while training."""
    report: ClassVar[tuple[str, ...]]
    """What is scored at the end and shown, besides the metrics of the config."""
    details: ClassVar[tuple[str, ...]] = ()
    """What is scored at the end and recorded."""
    report_of_forecasts: ClassVar[tuple[str, ...]] = ()
    """What is scored besides where rows are forecasts."""
    takes_empty_text: ClassVar[bool] = False
    """Whether a row may have an empty text as target."""
    counted: ClassVar[str] = "class"
    """What messages call that of which `counts` gives the numbers."""
    remedy: ClassVar[str] = "write splits.type: stratified, or drop these rows"
    """What to do where it is in no training row."""

    @property
    def learns_difference(self) -> bool:
        """Whether the model learns how far the target is from its own last value."""
        return False

    def target(self, name: str, values: "np.ndarray", *, columns: tuple[str, ...] = ()) -> Target:
        """Describes the target, given the raw target of every row.

        Args:
            name: of the target.
            values: (rows, ...).
            columns: their names, where it is several columns of a table.

        Raises:
            ValueError: the values do not fit the task; the message says which and what to do.
        """
        raise NotImplementedError

    def foresee(self, seen: SeenTarget) -> Target:
        """The same from what is seen before all values are read; without classes or labels that are not known yet.

        Raises:
            ValueError: what is seen does not fit the task.
        """
        return Target(name=seen.name, columns=seen.columns, shape=seen.shape or ())

    def adapt(self, target: Target, values: "np.ndarray", past: "Past | None" = None) -> Target:
        """The target with what the raw targets of the training rows tell about its unit.

        Args:
            target: as `target` described it.
            values: raw targets.
            past: what came before each of them, where rows are windows.

        Raises:
            ValueError: the task needs such a past.
        """
        return target

    def encode(self, values: "np.ndarray", target: Target, form: TargetForm) -> "np.ndarray":
        """Raw targets in the form that the loss takes.

        Raises:
            ValueError: a value is not one that training knows.
        """
        raise NotImplementedError

    def counts(self, values: "np.ndarray", target: Target) -> "np.ndarray":
        """How many rows have each class or label, int (classes,); empty for numbers.

        Raises:
            ValueError: a value is not one that training knows.
        """
        import numpy as np

        return np.zeros(0, int)

    def check_trained(self, values: "Mapping[str, np.ndarray]", target: Target) -> None:
        """Refuses what could only be guessed, given the raw targets of each split.

        Raises:
            ValueError: no training row has a certain class or label.
        """
        counts = {name: self.counts(rows, target) for name, rows in values.items()}
        if counts["train"].all():
            return
        first = int(counts["train"].argmin())
        name = (target.classes or target.labels)[first][:40]
        where = " and ".join(name for name, found in counts.items() if found[first])
        text = f"has rows in {where} but none in train" if where else "is in no row"
        raise ValueError(f"the {self.counted} '{name}' of '{target.name}' {text}; {self.remedy}")

    def read(self, outputs: "np.ndarray", values: "np.ndarray", target: Target, head: Head) -> Predictions:
        """Predictions from the model's outputs (rows, units) and the raw targets."""
        raise NotImplementedError

    def decode(
        self, outputs: "np.ndarray", target: Target, head: Head, *, most_classes: int = 20
    ) -> "dict[str, np.ndarray]":
        """What the outputs (rows, units) say of rows without a target, as named columns, (rows,) each.

        Args:
            outputs: of the model.
            target: what they predict.
            head: the output layer.
            most_classes: up to so many classes each has a column for its probability.
        """
        raise NotImplementedError


def derive(values: "np.ndarray", *, labels: bool = False) -> tuple[str, str]:
    """The task for raw targets where the config names neither task nor loss, and why.

    With `labels`, the dataset says that whole numbers are classes, however many there are.

    Raises:
        ValueError: it may be several; the message says what to write.
    """
    import numpy as np

    marks = zeros_and_ones(values) if values.ndim == 2 and values.shape[1] > 1 else None
    if marks is not None and marks.any():
        if (marks.sum(axis=1) == 1).all():
            text = "every row of the target has a single 1, as classes have; write the number of the class as target"
            raise ValueError(f"{text}, or `task: multilabel_classification` if a row can have several labels")
        return "multilabel_classification", "from columns of 0 and 1"
    if values.ndim == 1 and (labels or values.dtype.kind in "OUSb"):
        return _classification(len(np.unique(values))), "from its labels"
    # Fractions, and many values among the first rows, are told without looking for all distinct ones.
    few = values.ndim == 1 and _whole(values) and len(np.unique(values[:1000])) <= MOST_FEW
    if few and len(distinct := np.unique(values)) <= MOST_FEW:
        return _classification(len(distinct)), "from few whole numbers"
    return "regression", "from real numbers"


def possible(seen: SeenTarget) -> frozenset[TaskName]:
    """The tasks that `derive` may find in all values, given what is seen before they are read."""
    if seen.holds is None or seen.shape is None:
        return CLASSIFICATION | MULTILABEL | REGRESSION
    if seen.shape:
        return frozenset(("regression",) if seen.holds == "real" else ("regression", "multilabel_classification"))
    classes = CLASSIFICATION
    if seen.labels is not None or seen.distinct > 2:
        classes = frozenset(("binary_classification" if seen.distinct <= 2 else "multiclass_classification",))
    if seen.holds == "text" or seen.are_classes:
        return classes
    if seen.holds == "real" or seen.distinct > MOST_FEW:
        return frozenset(("regression",))
    return classes if seen.labels is not None else classes | {"regression"}


def _classification(classes: int) -> str:
    return "binary_classification" if classes <= 2 else "multiclass_classification"


def _whole(values: "np.ndarray") -> bool:
    import numpy as np

    return values.dtype.kind in "iu" or bool((values == np.floor(values)).all())


def zeros_and_ones(values: "np.ndarray") -> "np.ndarray | None":
    """The same, bool, where all are 0 and 1, or false and true, also as text; else None."""
    import numpy as np

    if values.dtype.kind in "OU":
        texts = np.char.lower(values.astype(str))
        marks, others = np.isin(texts, ("1", "1.0", "true")), np.isin(texts, ("0", "0.0", "false"))
    else:
        marks, others = values == 1, values == 0
    return marks if (marks | others).all() else None


def labels_of(values: "np.ndarray") -> "np.ndarray":
    """Raw targets as text: 1.0 and 1 are the same class."""
    if values.dtype.kind == "f" and _whole(values):
        values = values.astype("int64")
    converted: Any = values.astype(str)
    return converted  # type: ignore[no-any-return]
