"""Numbers for each row."""

from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.metrics.base import Predictions
from dltrain.signature import Head, Target, TargetForm
from dltrain.tasks.base import TaskSpec

if TYPE_CHECKING:
    import numpy as np


class Regression(TaskSpec):
    """A number, or several, for each row.

    Attributes:
        scaling: ``standard``: the model learns targets of mean 0 and deviation 1 on the training
            rows, where the loss allows it (not mean_squared_logarithmic_error, poisson and others
            that need the targets as they are). The loss is then in that unit; metrics, scores and
            predictions are in the target's own. ``none``: it learns them as they are.
    """

    type: Literal["regression"] = "regression"
    default_loss: ClassVar[str] = "mean_squared_error"
    default_metrics: ClassVar[tuple[str, ...]] = ("root_mean_squared_error",)
    report: ClassVar[tuple[str, ...]] = (
        "mean_squared_error", "root_mean_squared_error", "mean_absolute_error", "r2_score",
    )  # fmt: skip

    scaling: Literal["standard", "none"] = "standard"

    def target(self, name: str, values: "np.ndarray") -> Target:
        """The shape of a row."""
        if values.dtype.kind not in "iufb":
            raise ValueError(
                f"the target holds text such as '{values[0]}'; write a classification task, or name a number column"
            )
        return Target(name=name, shape=values.shape[1:])

    def adapt(self, target: Target, values: "np.ndarray") -> Target:
        """Mean and deviation of each value; a constant one has the scale 1."""
        if self.scaling == "none":
            return target
        rows = values.reshape(len(values), -1).astype("float64")
        offset, scale = rows.mean(axis=0), rows.std(axis=0)
        scale[scale == 0] = 1.0
        return target.model_copy(update={"offset": tuple(offset.tolist()), "scale": tuple(scale.tolist())})

    def encode(self, values: "np.ndarray", target: Target, form: TargetForm) -> "np.ndarray":
        """float32 (rows, values), in the unit that the model learns."""
        import numpy as np

        if values.dtype.kind not in "iufb":
            raise ValueError(f"the target holds text such as '{values[0]}', and this model predicts numbers")
        if values.shape[1:] != target.shape:
            raise ValueError(f"the target has rows of shape {values.shape[1:]}, and this model predicts {target.shape}")
        rows = values.reshape(len(values), -1).astype("float64")
        if target.scale:
            rows = (rows - np.asarray(target.offset)) / np.asarray(target.scale)
        encoded: np.ndarray = rows.astype("float32")
        return encoded

    def read(self, outputs: "np.ndarray", values: "np.ndarray", target: Target, head: Head) -> Predictions:
        """Outputs in the target's own unit."""
        import numpy as np

        truth = values.reshape(len(values), -1).astype("float64")
        predicted = outputs.reshape(len(values), -1).astype("float64")
        if target.scale:
            predicted = predicted * np.asarray(target.scale) + np.asarray(target.offset)
        return Predictions(truth, predicted, None, ())
