"""The data sets that scikit-learn brings along: small, real, and there without a network."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from dltrain.data.files import fingerprint_of
from dltrain.data.glance import Glance
from dltrain.data.npz import ArrayDatasetSpec
from dltrain.data.source import ArraySource, Dataset
from dltrain.signature import Feature, SeenTarget


class BundledDataset(ArrayDatasetSpec):
    """A data set that is installed with scikit-learn.

    Attributes:
        name: which one.
    """

    rows: ClassVar[int]
    measures: ClassVar[int] = 0
    labels: ClassVar[tuple[str, ...] | None] = None
    """All classes; None for numbers."""
    packages: ClassVar[tuple[str, ...]] = ("sklearn.datasets", "pyarrow.compute")

    def glance(self, extras: Sequence[str] = ()) -> Glance:
        """All but the values."""
        self.refuse_extras(extras)
        holds: Literal["text", "whole"] = "whole" if self.labels is None or self.labels[0].isdigit() else "text"
        distinct = self.rows // 3 if self.labels is None else len(self.labels)
        target = SeenTarget("y", shape=(), holds=holds, distinct=distinct, labels=self.labels)
        return Glance((self._feature,), target, {"train": self.rows})

    @property
    def _feature(self) -> Feature:
        return Feature(name="x", kind="numeric", dtype="float32", shape=(self.measures,))

    def load(self, extras: Sequence[str] = ()) -> Dataset:
        """One part, one feature array `x`, (rows, features)."""
        import sklearn.datasets

        self.refuse_extras(extras)
        bunch = getattr(sklearn.datasets, f"load_{self.type}")()
        return self._dataset(bunch)

    def _dataset(self, bunch: Any) -> Dataset:
        import numpy as np

        values, feature = self._values(bunch), self._feature
        names = getattr(bunch, "target_names", None)
        target = bunch.target if names is None else np.asarray([str(name) for name in names])[bunch.target]
        return Dataset(
            parts={"train": ArraySource({"x": values}, target)},
            features=(feature,),
            target_name="y",
            fingerprinted=fingerprint_of(values, target),
            origin=str(self.type),
        )

    def _values(self, bunch: Any) -> Any:
        return bunch.data.astype("float32")


class Digits(BundledDataset):
    """1,797 handwritten digits, 8x8 pixels from 0 to 16, ten classes (UCI, Alpaydin & Kaynak 1998)."""

    type: Literal["digits"] = "digits"
    name: Literal["digits"] = "digits"

    rows: ClassVar[int] = 1797
    labels: ClassVar[tuple[str, ...] | None] = tuple("0123456789")
    highest_pixel: ClassVar[float] = 16.0

    def _values(self, bunch: Any) -> Any:
        return bunch.images.astype("uint8")

    @property
    def _feature(self) -> Feature:
        return Feature(name="x", kind="image", dtype="uint8", shape=(8, 8), maximum=self.highest_pixel)


class Iris(BundledDataset):
    """150 iris flowers, 4 measures in cm, three species (Fisher 1936)."""

    type: Literal["iris"] = "iris"
    name: Literal["iris"] = "iris"
    rows: ClassVar[int] = 150
    measures: ClassVar[int] = 4
    labels: ClassVar[tuple[str, ...] | None] = ("setosa", "versicolor", "virginica")


class Wine(BundledDataset):
    """178 wines of three growers, 13 chemical measures (UCI, Aeberhard & Forina 1991)."""

    type: Literal["wine"] = "wine"
    name: Literal["wine"] = "wine"
    rows: ClassVar[int] = 178
    measures: ClassVar[int] = 13
    labels: ClassVar[tuple[str, ...] | None] = ("class_0", "class_1", "class_2")


class BreastCancer(BundledDataset):
    """569 tumours, malignant or benign, 30 measures of their cells (UCI, Wolberg et al. 1993)."""

    type: Literal["breast_cancer"] = "breast_cancer"
    name: Literal["breast_cancer"] = "breast_cancer"
    rows: ClassVar[int] = 569
    measures: ClassVar[int] = 30
    labels: ClassVar[tuple[str, ...] | None] = ("benign", "malignant")


class Diabetes(BundledDataset):
    """442 patients, 10 measures, progression of the disease a year later (Efron et al. 2004)."""

    type: Literal["diabetes"] = "diabetes"
    name: Literal["diabetes"] = "diabetes"
    rows: ClassVar[int] = 442
    measures: ClassVar[int] = 10
