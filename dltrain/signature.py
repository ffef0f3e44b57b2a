"""Plain description of a dataset's features and target; the only thing about data that crosses layers."""

from dataclasses import dataclass
from typing import Annotated, Literal

from dltrain.spec.fields import Sequence
from dltrain.spec.section import Section

Shape = tuple[int | None, ...]
"""Lengths of the axes of one row, without the batch axis; None where the length varies."""

FeatureKind = Literal["numeric", "boolean", "categorical", "datetime", "text", "image", "ids"]
"""``numeric``: real numbers, NaN where one is missing. ``boolean``: 0.0, 1.0 or NaN.
``categorical`` and ``text``: strings, "" where one is missing. ``datetime``: the numbers of
`DATETIME_PARTS`, (parts,), NaN where missing. ``image``: pixels, (height, width) or (height,
width, channels). ``ids``: integers that index a vocabulary, (steps,), 0 being padding."""

DATETIME_PARTS = ("year", "month", "day", "weekday", "hour", "minute", "second")
"""What a model takes of a date-time, as numbers: no stock layer parses one. Monday is weekday 0."""

STRING = "string"
"""The `dtype` of a feature of strings, as Keras calls it."""


class EmbeddedColumn(Section):
    """A column of a vector that holds ids, of which each gets a trained vector.

    Attributes:
        name: of the feature that it comes from.
        position: of the column, from 0.
        vocabulary_size: ids are below it.
        length: of the vector of each id.
    """

    name: str
    position: int
    vocabulary_size: int
    length: int


class Feature(Section):
    """One input of a model: a column of a table, or an array with a row per example.

    Attributes:
        name: the column or array.
        kind: what the values mean.
        dtype: numpy's name of the type, such as ``uint8``, or ``string``.
        shape: of one row; () for a column of a table.
        maximum: the largest possible value of a pixel; None where there is no such bound.
        vocabulary_size: ids are below it; None unless `kind` is ``ids``.
        embedded: the columns of a prepared vector that hold ids.
    """

    name: str
    kind: FeatureKind
    dtype: str
    shape: Annotated[tuple[int | None, ...], Sequence] = ()
    maximum: float | None = None
    vocabulary_size: int | None = None
    embedded: Annotated[tuple[EmbeddedColumn, ...], Sequence] = ()


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
