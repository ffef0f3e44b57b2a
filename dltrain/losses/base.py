"""The family of losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from dltrain.signature import Target
from dltrain.spec.section import Family

if TYPE_CHECKING:
    import keras

TargetForm = Literal["index", "one_hot", "binary", "value"]
"""What the loss compares outputs with: ``index``: class numbers, int32 (batch,). ``one_hot``:
float32 (batch, classes). ``binary``: 0.0 or 1.0, float32 (batch, 1). ``value``: float32 (batch, values)."""

TaskName = Literal["binary_classification", "multiclass_classification", "regression"]


@dataclass(frozen=True)
class Head:
    """The output layer that a loss needs.

    Attributes:
        units: the number of outputs.
        activation: Keras's name of it.
        threshold: with one output for two classes, the output above which the second class is
            predicted: 0.5 for a probability, 0.0 for a margin.
    """

    units: int
    activation: str
    threshold: float = 0.5


class LossSpec(Family):
    """What training makes small."""

    noun: ClassVar[str] = "loss"
    tasks: ClassVar[frozenset[TaskName]]
    """The tasks it fits."""
    target_form: ClassVar[TargetForm]
    """The form of the targets it takes."""

    def head(self, target: Target) -> Head:
        """The output layer for this target."""
        raise NotImplementedError

    def build(self) -> keras.losses.Loss:
        """The Keras loss, averaged over the batch."""
        raise NotImplementedError
