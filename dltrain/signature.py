"""Plain description of a dataset's features and target; the only thing about data that crosses layers."""

from dataclasses import dataclass
from typing import Annotated, Literal

from dltrain.spec.fields import Sequence
from dltrain.spec.section import Section

Shape = tuple[int | None, ...]
"""Lengths of the axes of one row, without the batch axis; None where the length varies."""

FeatureKind = Literal["numeric", "image", "ids"]
"""``numeric``: real numbers. ``image``: pixels, (height, width) or (height, width, channels).
``ids``: integers that index a vocabulary, (steps,), 0 being padding."""


class Feature(Section):
    """One input of a model: a column of a table, or an array with a row per example.

    Attributes:
        name: the column or array.
        kind: what the numbers mean.
        dtype: numpy's name of the type, such as ``uint8``.
        shape: of one row; () for a column of a table.
        maximum: the largest possible value of a pixel; None where there is no such bound.
        vocabulary_size: ids are below it; None unless `kind` is ``ids``.
    """

    name: str
    kind: FeatureKind
    dtype: str
    shape: Annotated[tuple[int | None, ...], Sequence] = ()
    maximum: float | None = None
    vocabulary_size: int | None = None


class Target(Section):
    """What a model predicts.

    Attributes:
        name: the column or array.
        classes: names of the classes in the order of their indices; empty for regression.
        shape: of one row; () for one label or one number.
        offset: of each value, where the model learns (value - offset) / scale; else empty.
        scale: of each value, in the unit of the target; else empty.
    """

    name: str
    classes: Annotated[tuple[str, ...], Sequence] = ()
    shape: Annotated[tuple[int, ...], Sequence] = ()
    offset: Annotated[tuple[float, ...], Sequence] = ()
    scale: Annotated[tuple[float, ...], Sequence] = ()


class Signature(Section):
    """The features and the target of a dataset."""

    features: Annotated[tuple[Feature, ...], Sequence]
    target: Target


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
