"""The family of losses, and the output layers they need."""

from math import prod
from typing import TYPE_CHECKING, ClassVar, Literal

from typing_extensions import override

from dltrain.signature import Head, Target, TargetForm, TaskName
from dltrain.spec.family import Family

if TYPE_CHECKING:
    import keras


class LossSpec(Family):
    """What training makes small.

    Fields carry the names and defaults of the Keras loss's arguments. In the equations, y is
    the target and p the output of a row, both over k classes or values; the loss of a batch is
    the mean over its rows, weighted where rows have weights.
    """

    noun: ClassVar[str] = "loss"
    tasks: ClassVar[frozenset[TaskName]]
    """The tasks it fits."""
    target_form: ClassVar[TargetForm]
    """The form of the targets it takes, where `form` does not say otherwise."""
    takes_any_unit: ClassVar[bool] = False
    """Whether targets may be shifted and scaled, because only differences count."""
    target_minimum: ClassVar[float | None] = None
    """The smallest target for which it is defined; None where there is no such bound."""
    best_constant: ClassVar[Literal["mean", "median"]] = "mean"
    """What of the training targets a baseline predicts for every row."""

    def form(self, target: Target) -> TargetForm:
        """The form in which it takes this target."""
        return self.target_form

    def head(self, target: Target) -> Head:
        """The output layer for this target; with 0 units where its classes or labels are not known yet.

        Raises:
            SpecError: the loss has no meaning for such a target; the path is relative to the loss.
        """
        raise NotImplementedError

    def build(self) -> "keras.losses.Loss":
        """The Keras loss, averaged over the batch."""
        raise NotImplementedError


class ClassLoss(LossSpec):
    """A loss of one probability for each class, two classes included."""

    tasks: ClassVar[frozenset[TaskName]] = frozenset({"binary_classification", "multiclass_classification"})
    target_form: ClassVar[TargetForm] = "one_hot"

    def head(self, target: Target) -> Head:
        """A softmax over the classes."""
        return Head(len(target.classes), "softmax")


class BinaryLoss(LossSpec):
    """A loss of one output for two classes."""

    tasks: ClassVar[frozenset[TaskName]] = frozenset({"binary_classification"})
    target_form: ClassVar[TargetForm] = "binary"

    @override
    def head(self, target: Target) -> Head:
        """The probability of the second class."""
        return Head(1, "sigmoid")


class LabelLoss(BinaryLoss):
    """A loss of one probability: of the second of two classes, or of each label, averaged over labels."""

    tasks: ClassVar[frozenset[TaskName]] = frozenset({"binary_classification", "multilabel_classification"})

    @override
    def form(self, target: Target) -> TargetForm:
        """0.0 or 1.0 for each output."""
        return "multi_hot" if target.labels else "binary"

    @override
    def head(self, target: Target) -> Head:
        """The probability of the second class, or one of each label."""
        return Head(len(target.labels) or 1, "sigmoid")


class ValueLoss(LossSpec):
    """A loss of real numbers."""

    tasks: ClassVar[frozenset[TaskName]] = frozenset({"regression"})
    target_form: ClassVar[TargetForm] = "value"
    activation: ClassVar[str] = "linear"
    """Keras's name of the activation of the output layer."""

    def head(self, target: Target) -> Head:
        """One output for each number of the target."""
        return Head(prod(target.shape), self.activation)
