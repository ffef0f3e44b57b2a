"""The data sets that scikit-learn brings along: small, real, and there without a network."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from dltrain.data.files import fingerprint_of
from dltrain.data.npz import ArrayDatasetSpec
from dltrain.data.source import ArraySource, Dataset
from dltrain.signature import Feature


class BundledDataset(ArrayDatasetSpec):
    """A data set that is installed with scikit-learn."""

    def load(self, extras: Sequence[str] = ()) -> Dataset:
        """One part, one feature array `x`, (rows, features)."""
        import sklearn.datasets

        self.refuse_extras(extras)
        bunch = getattr(sklearn.datasets, f"load_{self.type}")()
        return self._dataset(bunch)

    def _dataset(self, bunch: Any) -> Dataset:
        import numpy as np

        values, feature = self._values(bunch)
        names = getattr(bunch, "target_names", None)
        target = bunch.target if names is None else np.asarray([str(name) for name in names])[bunch.target]
        return Dataset(
            parts={"train": ArraySource({"x": values}, target)},
            features=(feature,),
            target_name="y",
            fingerprinted=fingerprint_of(values, target),
            origin=str(self.type),
        )

    def _values(self, bunch: Any) -> tuple[Any, Feature]:
        values = bunch.data.astype("float32")
        return values, Feature(name="x", kind="numeric", dtype="float32", shape=values.shape[1:])


class Digits(BundledDataset):
    """1,797 handwritten digits, 8x8 pixels from 0 to 16, ten classes (UCI, Alpaydin & Kaynak 1998)."""

    type: Literal["digits"] = "digits"
    name: Literal["digits"] = "digits"

    highest_pixel: ClassVar[float] = 16.0

    def _values(self, bunch: Any) -> tuple[Any, Feature]:
        pixels = bunch.images.astype("uint8")
        return pixels, Feature(name="x", kind="image", dtype="uint8", shape=(8, 8), maximum=self.highest_pixel)


class Iris(BundledDataset):
    """150 iris flowers, 4 measures in cm, three species (Fisher 1936)."""

    type: Literal["iris"] = "iris"
    name: Literal["iris"] = "iris"


class Wine(BundledDataset):
    """178 wines of three growers, 13 chemical measures (UCI, Aeberhard & Forina 1991)."""

    type: Literal["wine"] = "wine"
    name: Literal["wine"] = "wine"


class BreastCancer(BundledDataset):
    """569 tumours, malignant or benign, 30 measures of their cells (UCI, Wolberg et al. 1993)."""

    type: Literal["breast_cancer"] = "breast_cancer"
    name: Literal["breast_cancer"] = "breast_cancer"


class Diabetes(BundledDataset):
    """442 patients, 10 measures, progression of the disease a year later (Efron et al. 2004)."""

    type: Literal["diabetes"] = "diabetes"
    name: Literal["diabetes"] = "diabetes"
