"""A column of a table that holds the paths of image files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dltrain.data.file_tree import StoredFile
from dltrain.data.image_source import Gallery, ImageSource
from dltrain.data.source import Dataset, Rows, Source
from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.image import Image
from dltrain.signature import Feature
from dltrain.spec.problems import Problem, SpecError


def with_images(dataset: Dataset, specs: Mapping[str, FeatureSpec], folders: Mapping[str, Path]) -> Dataset:
    """The same rows, where the feature of images has pixels in the place of paths.

    Args:
        dataset: a table; returned as it is where no feature is images.
        specs: how features are prepared.
        folders: of each part, which paths are relative to.

    Raises:
        SpecError: there are other features too.
        DataError: files cannot be used as images.
    """
    name = _image_feature(dataset.features)
    if name is None:
        return dataset
    settings = specs[name]
    assert isinstance(settings, Image)
    rows = {part: _joined(source, name, dataset.origin) for part, source in dataset.parts.items()}
    files = [file for part in rows for file in _files(rows[part], name, folders[part])]
    gallery = Gallery(files, settings, origin=dataset.origin, home=_home(name))
    feature = gallery.feature(name, settings)
    parts, start = {}, 0
    for part, found in rows.items():
        parts[part] = _source(gallery, feature, found, start)
        start += len(found)
    fingerprint = gallery.fingerprint(dataset.fingerprint)
    return replace(dataset, parts=parts, features=(feature,), fingerprinted=fingerprint, notes=gallery.notes)


def images_of(source: Source, features: Sequence[Feature], specs: Mapping[str, FeatureSpec], file: Path) -> Source:
    """The rows of another table for a trained model; as they are where it takes no images.

    Args:
        source: of the table.
        features: what the model takes.
        specs: how they are prepared.
        file: the table, which paths are relative to.

    Raises:
        DataError: files cannot be used as images.
    """
    name = _image_feature(features)
    if name is None:
        return source
    settings = specs[name]
    assert isinstance(settings, Image)
    rows = _joined(source, name, file.name)
    color = "grey" if features[0].shape[-1] == 1 else "rgb"
    files = _files(rows, name, file.parent)
    gallery = Gallery(files, settings.model_copy(update={"color": color}), origin=file.name, home=_home(name))
    gallery.require_size(features[0])
    return _source(gallery, features[0], rows, 0)


def _home(name: str) -> str:
    return f"dataset.features.{name}"


def _image_feature(features: Sequence[Feature]) -> str | None:
    images = [feature.name for feature in features if feature.kind == "image"]
    if images and (others := [feature.name for feature in features if feature.name != images[0]]):
        listed = ", ".join(others)
        text = f"'{images[0]}' holds images, and then no other column can be a feature"
        raise SpecError([Problem(f"{text}; write `dataset.ignore: [{listed}]`", ("dataset", "features"))])
    return images[0] if images else None


def _joined(source: Source, name: str, origin: str) -> Rows:
    """All rows at once: paths are small."""
    import numpy as np

    chunks = list(source.chunks())
    if not chunks:
        raise DataError(f"{origin}: has no rows")
    paths = np.concatenate([rows.features[name] for rows in chunks])
    if (missing := paths == "").any():
        row = int(missing.argmax()) + 1
        raise DataError(f"{origin}: row {row}: '{name}' names no file; fill or drop this row")
    extras = {extra: np.concatenate([rows.extras[extra] for rows in chunks]) for extra in chunks[0].extras}
    targets = [rows.target for rows in chunks if rows.target is not None]
    return Rows({name: paths}, np.concatenate(targets) if targets else None, extras)


def _files(rows: Rows, name: str, folder: Path) -> list[StoredFile]:
    return [StoredFile.at(folder / path, path) for path in rows.features[name]]


def _source(gallery: Gallery, feature: Feature, rows: Rows, start: int) -> ImageSource:
    """Those of `rows`, whose files are the gallery's from `start` on, that can be used."""
    places, kept = gallery.usable(start, start + len(rows))
    extras = {name: values[kept] for name, values in rows.extras.items()}
    if rows.target is None:
        extras["path"] = rows.features[feature.name][kept]
    target = None if rows.target is None else rows.target[kept]
    return ImageSource(gallery, places, feature, target=target, extras=extras)
