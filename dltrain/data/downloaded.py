"""The data sets that Keras fetches: from $DLTRAIN_DATA, from Keras's cache, or from the network."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dltrain.data.array_headers import read_headers
from dltrain.data.files import fingerprint_of
from dltrain.data.glance import Glance
from dltrain.data.npz import WANTED, ArrayDatasetSpec, glance_at, parts_of, read_arrays
from dltrain.data.source import ArraySource, Dataset
from dltrain.errors import MissingDataError
from dltrain.signature import Feature, SeenTarget
from dltrain.spec.fields import Count, Size, locate

if TYPE_CHECKING:
    import numpy as np

Parts = dict[str, ArraySource]

_MANY = 1000


class DownloadedDataset(ArrayDatasetSpec):
    """A data set of ``keras.datasets``.

    Attributes:
        name: which one.
    """

    has_labels: ClassVar[bool] = True
    file: ClassVar[str]
    """What Keras keeps in its cache: a file or a folder."""
    row_shape: ClassVar[tuple[int, ...]]
    rows: ClassVar[Mapping[str, int]]
    classes: ClassVar[int] = 10
    """How many there are, called by their numbers; 0 where the target is a number."""
    pickled: ClassVar[bool] = False
    """Whether the file holds Python objects; such a file is read by Keras alone, which checks its hash first."""

    def load(self, extras: Sequence[str] = ()) -> Dataset:
        """The parts `train` and `test` that everyone uses; of california_housing one part.

        Raises:
            MissingDataError: it is not on this machine and cannot be downloaded.
        """
        self.refuse_extras(extras)
        parts = self._parts()
        arrays = [array for part in parts.values() for array in (part.features["x"], part.target) if array is not None]
        feature = self._feature(parts["train"].features["x"].shape[1:])
        return Dataset(parts, (feature,), "y", fingerprint_of(*arrays), str(self.type), self.has_labels)

    @property
    def absent(self) -> str:
        """Where Keras would have to download it."""
        cached = _cache() / self.file
        here = self._found is not None or cached.is_file() or (cached.is_dir() and any(cached.iterdir()))
        text = f"the dataset '{self.type}' is not on this machine; `dltrain fit` downloads it"
        return "" if here else text

    def glance(self, extras: Sequence[str] = ()) -> Glance:
        """All but the values, whether it is on this machine or not."""
        self.refuse_extras(extras)
        if (path := self._found) and (headers := read_headers(path, WANTED)):
            shape = next(iter(headers.values())).shape[1:]
            found = glance_at(path, headers, are_classes=self.has_labels)
            return replace(found, features=(self._feature(shape),))
        labels = tuple(map(str, range(self.classes))) if self.classes else None
        distinct = self.classes or _MANY
        target = SeenTarget("y", shape=(), holds="whole", distinct=distinct, labels=labels, are_classes=self.has_labels)
        return Glance((self._feature(self._row_shape),), target, self.rows)

    @property
    def _row_shape(self) -> tuple[int, ...]:
        return self.row_shape

    def _parts(self) -> Parts:
        if not self.file.endswith(".npz"):
            return self._fetched(self._fetch())
        if (found := self._found) is None:
            self._fetch()
            found = _cache() / self.file
        return parts_of(read_arrays(found), self.file)

    @property
    def _found(self) -> Path | None:
        """The file of plain arrays on this machine."""
        places = [folder / self.file for folder in (locate(""), _cache())]
        plain = self.file.endswith(".npz") and not self.pickled
        return next((place for place in places if plain and place.is_file()), None)

    def _fetched(self, loaded: Any) -> Parts:
        (x_train, y_train), (x_test, y_test) = loaded
        arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
        return parts_of(arrays, str(self.type))

    def _fetch(self, **arguments: Any) -> Any:
        """Through Keras, which checks the hash of what it downloads before it reads it."""
        import keras

        module = getattr(keras.datasets, str(self.type))
        try:
            with redirect_stdout(sys.stderr):  # where Keras shows its progress; stdout is for results
                return module.load_data(**arguments)
        except Exception as error:
            shared = self.file.endswith(".npz") and not self.pickled
            places = f"{_cache() / self.file}" + f" or $DLTRAIN_DATA/{self.file}" * shared
            raise MissingDataError(
                f"the dataset '{self.type}' is not on this machine and cannot be downloaded "
                f"({str(error).splitlines()[0][:200]}); connect to the network once, or put the file at {places}"
            ) from None

    def _feature(self, shape: tuple[int, ...]) -> Feature:
        return Feature(name="x", kind="image", dtype="uint8", shape=shape, maximum=255.0)


class Mnist(DownloadedDataset):
    """70,000 handwritten digits, 28x28 pixels, ten classes; the last 10,000 are the test part (LeCun et al. 1998)."""

    type: Literal["mnist"] = "mnist"
    name: Literal["mnist"] = "mnist"
    file: ClassVar[str] = "mnist.npz"
    row_shape: ClassVar[tuple[int, ...]] = (28, 28)
    rows: ClassVar[Mapping[str, int]] = {"train": 60_000, "test": 10_000}


class FashionMnist(DownloadedDataset):
    """70,000 articles of clothing, 28x28 pixels, ten classes (Xiao et al. 2017)."""

    type: Literal["fashion_mnist"] = "fashion_mnist"
    name: Literal["fashion_mnist"] = "fashion_mnist"
    file: ClassVar[str] = "fashion-mnist"
    row_shape: ClassVar[tuple[int, ...]] = (28, 28)
    rows: ClassVar[Mapping[str, int]] = {"train": 60_000, "test": 10_000}


class Cifar10(DownloadedDataset):
    """60,000 colour photos, 32x32 pixels, ten classes (Krizhevsky 2009)."""

    type: Literal["cifar10"] = "cifar10"
    name: Literal["cifar10"] = "cifar10"
    file: ClassVar[str] = "cifar-10-batches-py-target"
    row_shape: ClassVar[tuple[int, ...]] = (32, 32, 3)
    rows: ClassVar[Mapping[str, int]] = {"train": 50_000, "test": 10_000}


class Cifar100(DownloadedDataset):
    """60,000 colour photos, 32x32 pixels, a hundred classes (Krizhevsky 2009)."""

    type: Literal["cifar100"] = "cifar100"
    name: Literal["cifar100"] = "cifar100"
    file: ClassVar[str] = "cifar-100-python-target"
    row_shape: ClassVar[tuple[int, ...]] = (32, 32, 3)
    rows: ClassVar[Mapping[str, int]] = {"train": 50_000, "test": 10_000}
    classes: ClassVar[int] = 100


class CaliforniaHousing(DownloadedDataset):
    """20,640 districts of California in 1990, 8 measures, the median house value in dollars (Pace & Barry 1997)."""

    type: Literal["california_housing"] = "california_housing"
    name: Literal["california_housing"] = "california_housing"
    has_labels: ClassVar[bool] = False
    file: ClassVar[str] = "california_housing.npz"
    row_shape: ClassVar[tuple[int, ...]] = (8,)
    rows: ClassVar[Mapping[str, int]] = {"train": 20_640}
    classes: ClassVar[int] = 0

    def _feature(self, shape: tuple[int, ...]) -> Feature:
        return Feature(name="x", kind="numeric", dtype="float32", shape=shape)


class _WordIds(DownloadedDataset):
    """Texts as sequences of word numbers, the most frequent words first.

    0 is padding, 1 the start, 2 a word outside the vocabulary, as in Keras. Shorter texts are
    padded at the end, which lets a GPU use its fast LSTM.

    Attributes:
        num_words: the size of the vocabulary.
        sequence_length: of every row, in words.
        truncating: which end of a longer text is cut off, ``pre`` or ``post``.
    """

    pickled: ClassVar[bool] = True

    num_words: Count = 10_000
    sequence_length: Size = 200
    truncating: Literal["pre", "post"] = "pre"

    def _parts(self) -> Parts:
        (x_train, y_train), (x_test, y_test) = self._fetch(num_words=self.num_words)
        return self._fetched(((self._padded(x_train), y_train), (self._padded(x_test), y_test)))

    def _padded(self, texts: Any) -> "np.ndarray":
        """int32 (texts, sequence_length)."""
        import keras

        padded: np.ndarray = keras.utils.pad_sequences(
            texts, maxlen=self.sequence_length, padding="post", truncating=self.truncating
        )
        return padded

    @property
    def _row_shape(self) -> tuple[int, ...]:
        return (self.sequence_length,)

    def _feature(self, shape: tuple[int, ...]) -> Feature:
        return Feature(name="x", kind="ids", dtype="int32", shape=shape, vocabulary_size=self.num_words)


class Imdb(_WordIds):
    """50,000 film reviews as word ids, negative (0) or positive (1), half of them for testing (Maas et al. 2011)."""

    type: Literal["imdb"] = "imdb"
    name: Literal["imdb"] = "imdb"
    file: ClassVar[str] = "imdb.npz"
    rows: ClassVar[Mapping[str, int]] = {"train": 25_000, "test": 25_000}
    classes: ClassVar[int] = 2


class Reuters(_WordIds):
    """11,228 news wires as word ids, 46 topics."""

    type: Literal["reuters"] = "reuters"
    name: Literal["reuters"] = "reuters"
    file: ClassVar[str] = "reuters.npz"
    rows: ClassVar[Mapping[str, int]] = {"train": 8_982, "test": 2_246}
    classes: ClassVar[int] = 46


def _cache() -> Path:
    """Where Keras keeps what it downloads."""
    home = os.environ.get("KERAS_HOME")
    return Path(home or Path.home() / ".keras") / "datasets"
