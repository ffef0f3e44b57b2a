"""Numbers for each row."""

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.metrics.base import Predictions
from dltrain.signature import Difference, Head, SeenTarget, Target, TargetForm
from dltrain.tasks.base import Past, TaskSpec

if TYPE_CHECKING:
    import numpy as np


_ROWS_AT_ONCE = 1 << 16


class Regression(TaskSpec):
    """A number, or several, for each row.

    Attributes:
        scaling: ``standard``: the model learns targets of mean 0 and deviation 1 on the training
            rows, where the loss allows it (not mean_squared_logarithmic_error, poisson and others
            that need the targets as they are). The loss is then in that unit; metrics, scores and
            predictions are in the target's own. ``none``: it learns them as they are.
        difference: for windows of the past: whether the model's layers learn how far the target is
            from its own last value, which is added to their output, in the saved model too. Write it
            where that value is a good guess, as with temperatures, loads and prices, whose level
            drifts: a network that has to learn to repeat it often ends up behind it. Of little use
            for what returns to a fixed level, or repeats a cycle that is longer than the window.
    """

    type: Literal["regression"] = "regression"
    default_loss: ClassVar[str] = "mean_squared_error"
    default_metrics: ClassVar[tuple[str, ...]] = ("root_mean_squared_error",)
    report: ClassVar[tuple[str, ...]] = (
        "mean_squared_error", "root_mean_squared_error", "mean_absolute_error", "r2_score",
    )  # fmt: skip
    details: ClassVar[tuple[str, ...]] = (
        "explained_variance", "mean_absolute_percentage_error", "median_absolute_error", "absolute_error_p90",
        "absolute_error_p99",
    )  # fmt: skip
    report_of_forecasts: ClassVar[tuple[str, ...]] = (
        "naive_mean_squared_error", "relative_mean_squared_error", "relative_mean_absolute_error",
    )  # fmt: skip

    scaling: Literal["standard", "none"] = "standard"
    difference: bool = False

    @property
    def learns_difference(self) -> bool:
        """As `difference` says."""
        return self.difference

    def target(self, name: str, values: "np.ndarray", *, columns: tuple[str, ...] = ()) -> Target:
        """The shape of a row."""
        if values.dtype.kind not in "iufb":
            if columns:
                raise ValueError(f"{_first_text(values, columns)}; several targets are all numbers, or all 0 and 1")
            raise ValueError(_is_text(values.flat[0]))
        return Target(name=name, columns=columns, shape=values.shape[1:])

    def foresee(self, seen: SeenTarget) -> Target:
        """The shape of a row."""
        if seen.holds == "text" and not seen.columns:
            raise ValueError(_is_text(seen.example or (seen.labels or ("?",))[0]))
        return super().foresee(seen)

    def adapt(self, target: Target, values: "np.ndarray", past: Past | None = None) -> Target:
        """Mean and deviation of each value, or of its difference; a constant one has the scale 1."""
        import numpy as np

        rows = values.reshape(len(values), -1).astype("float64", copy=False)
        offset, varying = rows.mean(axis=0), rows
        found: dict[str, object] = {}
        if self.difference:
            if past is None:
                raise ValueError("needs the target's own past; write `dataset.window` with `past` and `horizon`")
            steps = rows.shape[1] // len(past.columns)
            last = np.tile(past.last, steps)
            start = last.mean(axis=0) if self.scaling == "standard" else np.zeros(rows.shape[1])
            found["difference"] = Difference(columns=past.columns * steps, offset=tuple(start.tolist()))
            varying = rows - last
        if self.scaling == "standard":
            scale = _deviation(varying)
            scale[scale == 0] = 1.0
            found |= {"offset": tuple(offset.tolist()), "scale": tuple(scale.tolist())}
        return target.model_copy(update=found)

    def encode(self, values: "np.ndarray", target: Target, form: TargetForm) -> "np.ndarray":
        """float32 (rows, values), in the unit that the model learns."""
        import numpy as np

        if values.dtype.kind not in "iufb":
            raise ValueError(f"the target holds text such as '{values.flat[0]}', and this model predicts numbers")
        if values.shape[1:] != target.shape:
            raise ValueError(f"the target has rows of shape {values.shape[1:]}, and this model predicts {target.shape}")
        # A length of -1 is refused where there are no rows.
        rows = values.reshape(len(values), math.prod(target.shape)).astype("float64")
        if target.scale:
            rows = (rows - np.asarray(target.offset)) / np.asarray(target.scale)
        encoded: np.ndarray = rows.astype("float32")
        return encoded

    def read(self, outputs: "np.ndarray", values: "np.ndarray", target: Target, head: Head) -> Predictions:
        """Outputs in the target's own unit."""
        truth = values.reshape(len(values), -1).astype("float64", copy=False)
        return Predictions(truth, _in_target_unit(outputs, target), None, ())

    def decode(
        self, outputs: "np.ndarray", target: Target, head: Head, *, most_classes: int = 20
    ) -> "dict[str, np.ndarray]":
        """The number, in the target's own unit; ``prediction_<name>`` for each of several."""
        values = _in_target_unit(outputs, target)
        if values.shape[1] == 1:
            return {"prediction": values[:, 0]}
        return {f"prediction_{name}": values[:, index] for index, name in enumerate(target.names)}


def _is_text(example: object) -> str:
    return f"the target holds text such as '{example}'; write a classification task, or name a number column"


def _first_text(values: "np.ndarray", columns: tuple[str, ...]) -> str:
    """The first column that holds no numbers, and what it holds; numbers beside texts are texts too."""
    for index, name in enumerate(columns):
        for value in values[:, index]:
            try:
                float(value)
            except ValueError:
                return f"the target '{name}' holds text such as '{str(value)[:40]}'"
    return "the targets are numbers written as text"


def _deviation(rows: "np.ndarray") -> "np.ndarray":
    """NumPy's `std` of each column, without a copy of all rows."""
    import numpy as np

    mean, squares = rows.mean(axis=0), np.zeros(rows.shape[1:])
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        squares += np.square(rows[start : start + _ROWS_AT_ONCE] - mean).sum(axis=0)
    deviation: np.ndarray = np.sqrt(squares / len(rows))
    return deviation


def _in_target_unit(outputs: "np.ndarray", target: Target) -> "np.ndarray":
    """float64 (rows, values)."""
    import numpy as np

    predicted: np.ndarray = outputs.reshape(len(outputs), -1).astype("float64")
    if target.scale:
        predicted *= np.asarray(target.scale)
        predicted += np.asarray(target.offset)
    return predicted
