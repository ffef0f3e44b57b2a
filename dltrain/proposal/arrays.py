"""A look at an archive of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from dltrain.data.npz import describe_array, parts_of, read_arrays
from dltrain.errors import DataError
from dltrain.proposal.survey import Answer, InputKind, Survey
from dltrain.proposal.writing import Line, entry, mapped
from dltrain.signature import Feature

_LEAST_SIDE = 4
"""An image of fewer pixels a side cannot be halved twice."""


def survey_arrays(path: Path, named: Callable[[Path], str]) -> Survey:
    """The arrays `x` and `y` of an .npz archive, in one part or several.

    Raises:
        DataError: it has no such arrays, or they cannot be trained on.
    """
    import numpy as np

    arrays = read_arrays(path)
    parts = parts_of(arrays, path.name)
    feature = describe_array(next(iter(arrays.values())))
    targets = [source.target for source in parts.values() if source.target is not None]
    if len({target.shape[1:] for target in targets}) > 1:
        raise DataError(f"{path.name}: the arrays y have rows of different shapes; they must be equal")
    answer = Answer("y", np.concatenate(targets), reason="the array y")
    rows = {part: len(source.features["x"]) for part, source in parts.items()}
    missing = sum(int(np.isnan(source.features["x"]).any()) for source in parts.values() if feature.dtype == "float32")
    said = ", ".join(f"{count:,} rows in {part}" for part, count in rows.items())
    lines = [Line("dataset:"), entry("path", named(path), said, depth=1), *_features(missing)]
    seen = (f"{path.name}: {said}", f"  x  {feature.kind} of shape {feature.shape}, {feature.dtype}")
    kind, shape = _kind(feature)
    photos = feature.kind == "image" and len(shape) == 3 and shape[-1] > 1
    return Survey(tuple(lines), kind, shape, rows, answer, seen, photos=photos)


def _features(missing: int) -> Iterator[Line]:
    if missing:
        said = "numbers that are not there are NaN"
        yield from mapped("features", [("x", {"numeric": {"missing": "median"}}, said)], depth=1)


def _kind(feature: Feature) -> tuple[InputKind, tuple[int, ...]]:
    """Pixels, steps of numbers, or a vector of them."""
    shape = tuple(length or 0 for length in feature.shape)
    pixels = feature.kind == "image" or len(shape) == 3
    if pixels and min(shape[:2]) >= _LEAST_SIDE:
        return "image", shape
    return ("sequence", shape) if len(shape) == 2 and not pixels else ("vector", shape)
