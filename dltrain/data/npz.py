"""NumPy's `.npz` archives of plain arrays."""

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from dltrain.data.array_headers import Header, read_headers, seen_in
from dltrain.data.arrays import TakenArray, array_of
from dltrain.data.base import DatasetSpec
from dltrain.data.files import existing, fingerprint_of_files, identity_of, missing_file
from dltrain.data.glance import Glance
from dltrain.data.source import ArraySource, Dataset
from dltrain.errors import DataError
from dltrain.signature import Feature, FeatureKind
from dltrain.spec.fields import DataPath, locate
from dltrain.spec.problems import Problem, one_of

if TYPE_CHECKING:
    import numpy as np

_NAMES = {"train": ("x_train", "y_train"), "validation": ("x_val", "y_val"), "test": ("x_test", "y_test")}

WANTED = ("x", "y", *(name for pair in _NAMES.values() for name in pair))
"""The names of all arrays that are read."""

_LARGE_BYTES, _MOST_PACKED = 1 << 28, 100


class ArrayDatasetSpec(DatasetSpec):
    """Rows of an array `x`; other rows for a trained model come from an archive or a program."""

    def open_file(self, path: str, features: tuple[Feature, ...], *, labelled: bool = True) -> TakenArray:
        """Of an archive the arrays `x` and `y`, or the test part; without `labelled` also an ``.npy`` file."""
        file = existing(path)
        if labelled:
            parts = parts_of(read_arrays(file), file.name)
            source = parts.get("test") or parts["train"]
            return TakenArray(source.features["x"], features[0], origin=file.name, target=source.target)
        arrays = {"x": _read_array(file)} if file.suffix.lower() == ".npy" else read_arrays(file)
        x = next((arrays[name] for name in ("x", "x_test") if name in arrays), None)
        if x is None:
            raise DataError(f"{file.name}: needs the array x, or x_test; it has {one_of(arrays) or 'none'}")
        return TakenArray(x, features[0], origin=file.name)

    def open_rows(self, rows: Any, features: tuple[Feature, ...]) -> TakenArray:
        """An array (rows, ...), or ``{"x": array}``."""
        return array_of(rows, features[0])


class Npz(ArrayDatasetSpec):
    """An archive with the arrays `x` and `y`, or `x_train`, `y_train`, `x_test`, `y_test`.

    The first axis counts rows. `x_val` and `y_val` are taken as the validation split. Arrays of
    Python objects are refused: they could hold code. 8-bit `x` with 3 or 4 axes are images; other
    numbers are features, and integers can be declared word ids with ``features: {x: ids}``.

    Attributes:
        path: the file.
    """

    type: Literal["npz"] = "npz"
    path: Annotated[DataPath, Field(min_length=1)]

    def find_problems(self) -> list[Problem]:
        """A missing file."""
        return missing_file(self.path, "path")

    def identity(self) -> tuple[str, str]:
        """The archive."""
        return identity_of([existing(self.path)])

    def glance(self, extras: Sequence[str] = ()) -> Glance:
        """The headers of the arrays, and the labels where they are few."""
        self.refuse_extras(extras)
        path = locate(self.path)
        if not path.is_file() or not (headers := read_headers(path, WANTED)):
            return Glance()
        found = glance_at(path, headers)
        first = next(iter(headers.values()))
        kind = self.features["x"].kind if "x" in self.features else None
        return replace(found, features=(describe_array(first, kind),))

    def load(self, extras: Sequence[str] = ()) -> Dataset:
        """Every part that the archive has."""
        self.refuse_extras(extras)
        path = existing(self.path)
        arrays = read_arrays(path)
        kind = self.features["x"].kind if "x" in self.features else None
        return Dataset(
            parts=parts_of(arrays, path.name),
            features=(describe_array(next(iter(arrays.values())), kind),),
            target_name="y",
            fingerprinted=fingerprint_of_files(path),
            origin=path.name,
        )


def _read_array(path: Path) -> "np.ndarray":
    import numpy as np

    try:
        array: np.ndarray = np.load(path, allow_pickle=False, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path}: not an array in NumPy's .npy format: {error}; write it with numpy.save") from None
    return array


def glance_at(path: Path, headers: Mapping[str, Header], *, are_classes: bool = False) -> Glance:
    """What the headers of an archive tell of rows and target."""
    parts = list(parted(headers, path.name))
    target = seen_in(path, [y for _, _, y in parts], "y", are_classes=are_classes)
    return Glance(None, target, {part: len(x) for part, x, _ in parts})


def read_arrays(path: Path) -> "dict[str, np.ndarray]":
    """The arrays `x` and `y` in all their parts, x before y.

    Raises:
        DataError: the file is no archive, or holds Python objects.
    """
    import numpy as np

    if not zipfile.is_zipfile(path):
        raise DataError(f"{path}: not an .npz archive; write it with numpy.savez")
    try:
        _refuse_bomb(path)
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in WANTED if name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        text = "holds Python objects, which could be code" if "pickle" in str(error) else f"is damaged: {error}"
        raise DataError(f"{path}: {text}; write arrays of numbers or text with numpy.savez") from None


def _refuse_bomb(path: Path) -> None:
    """Raises DataError where a small file becomes very large: numbers are seldom packed a tenth as much."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > _LARGE_BYTES and size > _MOST_PACKED * path.stat().st_size:
        text = f"becomes {size >> 20:,} megabytes, {size // path.stat().st_size:,} times as much as it takes"
        raise DataError(f"{path}: {text}; if you trust it, write it with numpy.savez, which does not pack")


def parts_of(arrays: "Mapping[str, np.ndarray]", origin: str) -> dict[str, ArraySource]:
    """The arrays as parts of a dataset.

    Raises:
        DataError: arrays are missing, or x and y differ in length.
    """
    return {part: ArraySource({"x": x}, _column(y)) for part, x, y in parted(arrays, origin)}


def parted(arrays: Mapping[str, Any], origin: str) -> Iterator[tuple[str, Any, Any]]:
    """Names of parts with their features and target, arrays or headers of arrays.

    Raises:
        DataError: arrays are missing, or x and y differ in length.
    """
    names = {"train": ("x", "y")} if "x" in arrays else _NAMES
    for part, (x, y) in names.items():
        if x not in arrays and y not in arrays and part != "train":
            continue
        if x not in arrays or y not in arrays:
            wanted = "x and y, or x_train, y_train, x_test and y_test"
            raise DataError(f"{origin}: needs the arrays {wanted}; it has {one_of(arrays) or 'none'}")
        _check_shape(arrays[x], next(iter(arrays.values())), f"{origin}: {x}")
        targets = len(arrays[y]) if arrays[y].ndim else 0
        if len(arrays[x]) != targets:
            raise DataError(f"{origin}: {x} has {len(arrays[x])} rows and {y} has {targets}; they must be equal")
        yield part, arrays[x], arrays[y]


def _check_shape(array: Any, first: Any, name: str) -> None:
    """Refuses what is not rows of numbers, or not of the shape of the first part's rows."""
    kind, called = _type_of(array)
    if kind not in "iufb" or array.ndim < 2:
        axes = "1 axis" if array.ndim == 1 else f"{array.ndim} axes"
        what = "text" if kind in "US" else called
        raise DataError(f"{name} holds {what} with {axes}; it must be numbers with an axis of rows and one of features")
    if not array.size:
        raise DataError(f"{name} has the shape {array.shape}, which holds no numbers")
    if array.shape[1:] != first.shape[1:]:
        raise DataError(
            f"{name} has rows of shape {array.shape[1:]}, and the first part {first.shape[1:]}; they must be equal"
        )


def _type_of(array: Any) -> tuple[str, str]:
    """NumPy's letter and name for the type of an array or a header."""
    return (array.kind, array.dtype_name) if isinstance(array, Header) else (array.dtype.kind, array.dtype.name)


def describe_array(array: Any, kind: FeatureKind | None = None) -> Feature:
    """The feature that an array (rows, ...) is, of the given kind or the one its numbers suggest."""
    letter, called = _type_of(array)
    kind = kind or ("image" if called == "uint8" and array.ndim >= 3 else "numeric")
    dtype = {"b": "uint8", "f": "float32"}.get(letter, called)
    highest = 255.0 if called == "uint8" else None if isinstance(array, Header) else float(array.max())
    return Feature(
        name="x", kind=kind, dtype=dtype, shape=array.shape[1:], maximum=highest if kind == "image" else None
    )


def _column(target: "np.ndarray") -> "np.ndarray":
    """(rows, 1) as (rows,)."""
    return target[:, 0] if target.ndim == 2 and target.shape[1] == 1 else target
