"""Plain description of a dataset's features and target; the only thing about data that crosses layers."""

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Annotated, Literal, NamedTuple

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

MASK_VALUE = -(2.0**127)
"""What all columns of a prepared step are that is padding: half of the lowest number that 32 bits hold."""

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
        minimum: the smallest possible value of a pixel; None where there is no such bound.
        maximum: the largest possible value of a pixel; None where there is no such bound.
        vocabulary_size: ids are below it; None unless `kind` is ``ids``.
        embedded: the columns of a prepared vector that hold ids.
        columns: names along the last axis, where rows are windows of a table.
        own_past: positions along the last axis of the target's past, where it follows the window.
        padded: whether rows may have fewer steps than `shape` says; behind their end is padding, NaN
            of a raw row and `MASK_VALUE` of a prepared one.
    """

    name: str
    kind: FeatureKind
    dtype: str
    shape: Annotated[tuple[int | None, ...], Sequence] = ()
    minimum: float | None = None
    maximum: float | None = None
    vocabulary_size: int | None = None
    embedded: Annotated[tuple[EmbeddedColumn, ...], Sequence] = ()
    columns: Annotated[tuple[str, ...], Sequence] = ()
    own_past: Annotated[tuple[int, ...], Sequence] = ()
    padded: bool = False


class Difference(Section):
    """Outputs are what the target adds to its last value before it.

    Attributes:
        columns: for each value of the target the position of its past along the last axis of a window.
        offset: for each value the mean of the last values of the training rows.
    """

    columns: Annotated[tuple[int, ...], Sequence]
    offset: Annotated[tuple[float, ...], Sequence]


class Target(Section):
    """What a model predicts.

    Attributes:
        name: the column or array.
        classes: names of the classes in the order of their indices, where a row has one of them.
        labels: names of the labels in order, where a row has any number of them.
        columns: names of the columns of a table, where the target is several.
        shape: of one row; () for one label or one number.
        offset: of each value, where the model learns (value - offset) / scale; else empty.
        scale: of each value, in the unit of the target; else empty.
        difference: None unless the model's layers learn how far the target is from its last value.
    """

    name: str
    classes: Annotated[tuple[str, ...], Sequence] = ()
    labels: Annotated[tuple[str, ...], Sequence] = ()
    columns: Annotated[tuple[str, ...], Sequence] = ()
    shape: Annotated[tuple[int, ...], Sequence] = ()
    offset: Annotated[tuple[float, ...], Sequence] = ()
    scale: Annotated[tuple[float, ...], Sequence] = ()
    difference: Difference | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each value of a row: its columns, ``y_0``, ``y_1``, ... of an array, or its own."""
        if self.columns or not self.shape:
            return self.columns or (self.name,)
        places = product(*map(range, self.shape))
        return tuple("_".join((self.name, *map(str, place))) for place in places)


@dataclass(frozen=True)
class SeenTarget:
    """What is known of raw targets before all of them are read. What is not known is None, or empty.

    Attributes:
        name: the column or array.
        columns: names, where the target is several columns of a table.
        shape: of one row; None where it is not known.
        holds: ``text``: labels. ``whole``: numbers, all seen ones without a fraction. ``real``: numbers,
            some with one.
        distinct: at least so many values are different.
        labels: all different values as text, in the order of numbers or of the alphabet; None where
            only some are known.
        are_classes: whether whole numbers are known to be classes.
        example: the first value, as text.
        lowest: the smallest number, where all are known.
    """

    name: str
    columns: tuple[str, ...] = ()
    shape: tuple[int, ...] | None = None
    holds: Literal["text", "whole", "real"] | None = None
    distinct: int = 0
    labels: tuple[str, ...] | None = None
    are_classes: bool = False
    example: str = ""
    lowest: float | None = None


class Weight(NamedTuple):
    """A tensor of weights.

    Attributes:
        name: with those of the layers around it, such as ``lstm/lstm_cell/kernel``.
        shape: its axes.
        trainable: whether gradients change it; false of frozen ones and of moving averages.
    """

    name: str
    shape: tuple[int, ...]
    trainable: bool = True

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


class Signature(Section):
    """The features and the target of a dataset."""

    features: Annotated[tuple[Feature, ...], Sequence]
    target: Target


TargetForm = Literal["index", "one_hot", "binary", "multi_hot", "value"]
"""What the loss compares outputs with: ``index``: class numbers, int32 (batch,). ``one_hot``:
float32 (batch, classes). ``binary``: 0.0 or 1.0, float32 (batch, 1). ``multi_hot``: 0.0 or 1.0 for
each label, float32 (batch, labels). ``value``: float32 (batch, values)."""

TaskName = Literal["binary_classification", "multiclass_classification", "multilabel_classification", "regression"]


class Head(NamedTuple):
    """The output layer that a loss needs.

    Attributes:
        units: the number of outputs; 0 where it is not known before the data is read.
        activation: Keras's name of it; empty where the loss is not known before the data is read.
        threshold: with one output for two classes, or one for each label, the output above which
            the second class, or the label, is predicted: 0.5 for a probability, 0.0 for a margin.
    """

    units: int
    activation: str
    threshold: float = 0.5
