"""The family of features: how one raw column or array becomes numbers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from dltrain.signature import Feature, FeatureKind
from dltrain.spec.family import Family

if TYPE_CHECKING:
    import keras
    import numpy as np

Statistics = dict[str, Any]
"""What is learned from the training rows, as plain lists and numbers."""


class FeatureSpec(Family):
    """How a feature is prepared."""

    noun: ClassVar[str] = "kind of feature"
    kind: ClassVar[FeatureKind]
    """What the feature's numbers mean when it is prepared this way."""

    def check(self, feature: Feature) -> None:
        """Raises ValueError with cause and remedy where `feature` cannot be prepared this way."""

    def adapt(self, feature: Feature, chunks: "Iterable[np.ndarray]") -> Statistics:
        """Statistics of the training rows, given as arrays (rows, *feature.shape)."""
        return {}

    def check_rows(self, feature: Feature, statistics: Statistics, rows: "np.ndarray") -> None:
        """Raises ValueError where raw rows cannot be prepared with these statistics."""

    def layers(self, feature: Feature, statistics: Statistics) -> "list[keras.layers.Layer]":
        """Keras layers that turn raw rows (batch, *feature.shape) into prepared ones, in order."""
        raise NotImplementedError

    def prepared(self, feature: Feature, statistics: Statistics) -> Feature:
        """What a prepared row is."""
        raise NotImplementedError
