"""Numbers for each row."""

from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.metrics.base import Predictions
from dltrain.signature import Head, Target, TargetForm
from dltrain.tasks.base import TaskSpec

if TYPE_CHECKING:
    import numpy as np


class Regression(TaskSpec):
    """A number, or several, for each row."""

    type: Literal["regression"] = "regression"
    default_loss: ClassVar[str] = "mean_squared_error"
    default_metrics: ClassVar[tuple[str, ...]] = ("root_mean_squared_error",)
    report: ClassVar[tuple[str, ...]] = (
        "mean_squared_error", "root_mean_squared_error", "mean_absolute_error", "r2_score",
    )  # fmt: skip

    def target(self, name: str, values: "np.ndarray") -> Target:
        """The shape of a row."""
        if values.dtype.kind not in "iufb":
            raise ValueError(
                f"the target holds text such as '{values[0]}'; write a classification task, or name a number column"
            )
        return Target(name=name, shape=values.shape[1:])

    def encode(self, values: "np.ndarray", target: Target, form: TargetForm) -> "np.ndarray":
        """float32 (rows, values)."""
        if values.dtype.kind not in "iufb":
            raise ValueError(f"the target holds text such as '{values[0]}', and this model predicts numbers")
        if values.shape[1:] != target.shape:
            raise ValueError(f"the target has rows of shape {values.shape[1:]}, and this model predicts {target.shape}")
        return values.reshape(len(values), -1).astype("float32")

    def read(self, outputs: "np.ndarray", values: "np.ndarray", target: Target, head: Head) -> Predictions:
        """Outputs as they are."""
        truth = values.reshape(len(values), -1).astype("float64")
        return Predictions(truth, outputs.reshape(len(values), -1).astype("float64"), None, ())
