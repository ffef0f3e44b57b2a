"""The family of tasks, and how the task follows from the target."""

from typing import TYPE_CHECKING, Any, ClassVar

from dltrain.metrics.base import Predictions
from dltrain.signature import Head, Target, TargetForm
from dltrain.spec.family import Family

if TYPE_CHECKING:
    import numpy as np

MOST_CLASSES = 10_000


class TaskSpec(Family):
    """What is predicted."""

    noun: ClassVar[str] = "task"
    default_loss: ClassVar[str]
    default_metrics: ClassVar[tuple[str, ...]]
    """What is watched while training."""
    report: ClassVar[tuple[str, ...]]
    """What is scored at the end, besides the metrics of the config."""

    def target(self, name: str, values: "np.ndarray") -> Target:
        """Describes the target, given the raw target of every row.

        Raises:
            ValueError: the values do not fit the task; the message says which and what to do.
        """
        raise NotImplementedError

    def adapt(self, target: Target, values: "np.ndarray") -> Target:
        """The target with what the raw targets of the training rows tell about its unit."""
        return target

    def encode(self, values: "np.ndarray", target: Target, form: TargetForm) -> "np.ndarray":
        """Raw targets in the form that the loss takes.

        Raises:
            ValueError: a value is not one that training knows.
        """
        raise NotImplementedError

    def read(self, outputs: "np.ndarray", values: "np.ndarray", target: Target, head: Head) -> Predictions:
        """Predictions from the model's outputs (rows, units) and the raw targets."""
        raise NotImplementedError


def derive(values: "np.ndarray", *, labels: bool = False) -> tuple[str, str]:
    """The task for raw targets where the config names neither task nor loss, and why.

    With `labels`, the dataset says that whole numbers are classes, however many there are.
    """
    import numpy as np

    distinct = np.unique(values) if values.ndim == 1 else values[:0]
    if values.ndim == 1 and (labels or values.dtype.kind in "OUSb"):
        return _classification(len(distinct)), "from its labels"
    if values.ndim == 1 and _whole(values) and len(distinct) <= 20:
        return _classification(len(distinct)), "from few whole numbers"
    return "regression", "from real numbers"


def _classification(classes: int) -> str:
    return "binary_classification" if classes <= 2 else "multiclass_classification"


def _whole(values: "np.ndarray") -> bool:
    import numpy as np

    return values.dtype.kind in "iu" or bool((values == np.floor(values)).all())


def labels_of(values: "np.ndarray") -> "np.ndarray":
    """Raw targets as text: 1.0 and 1 are the same class."""
    if values.dtype.kind == "f" and _whole(values):
        values = values.astype("int64")
    converted: Any = values.astype(str)
    return converted  # type: ignore[no-any-return]
