"""Folders and archives of images, a folder for each class."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from dltrain.data.arrays import array_of
from dltrain.data.class_folders import ClassFolderSpec
from dltrain.data.class_layout import Labelled, any_labelled
from dltrain.data.file_tree import Contents, StoredFile, is_archive
from dltrain.data.image_files import IMAGES
from dltrain.data.image_glance import foreseen_images
from dltrain.data.image_source import Gallery, ImageSource
from dltrain.data.source import Dataset, Source
from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.image import Image, ImageSize
from dltrain.signature import Feature
from dltrain.spec.fields import locate

_FEATURE = "image"
_SHARED = ("size", "resize", "antialias", "scaling", "color", "on_bad_image")
"""Settings that can stand here or at the feature."""


class ImageFolder(ClassFolderSpec):
    """Image files in a folder for each class, or an archive (.zip, .tar, .tar.gz) of such folders.

    PNG, JPEG, BMP, GIF and WebP are read. The folder's name is the class. Where there are folders `train`,
    `test` and `validation` or `val` that hold the folders of classes, they are the parts. An archive is
    read where it lies. EXIF's rotation is applied, transparent parts become white, of several frames the
    first is taken, and of 16 bits the upper 8. Files whose names begin with a dot, Thumbs.db and the like
    are ignored.

    Attributes:
        path: the folder or archive.
        train: instead of `path`, that of the training images.
        validation: beside `train`, that of the validation images, if there is one.
        test: beside `train`, that of the test images, if there is one.
        size: [height, width] that all images are brought to, also by the saved model, which then takes
            images of any size; one integer stands for both. Needed where images differ in size.
        resize: how: ``stretch`` does not keep the proportions; ``crop`` keeps them and cuts off what
            is left over; ``pad`` keeps them and adds black borders.
        antialias: whether pixels are averaged when an image is made much smaller. That looks better, but
            the saved model then cannot be compiled with XLA.
        scaling: of the pixels: ``zero_one``, ``minus_one_one`` or ``none``.
        color: ``rgb`` or ``grey``; by default grey where all images are grey.
        on_bad_image: what is done about files that cannot be read as images: ``error`` names them,
            ``skip`` leaves them out.
    """

    type: Literal["image_folder"] = "image_folder"
    contents: ClassVar[Contents] = IMAGES
    size: ImageSize | None = None
    resize: Literal["stretch", "crop", "pad"] = "stretch"
    antialias: bool = False
    scaling: Literal["zero_one", "minus_one_one", "none"] = "zero_one"
    color: Literal["rgb", "grey"] | None = None
    on_bad_image: Literal["error", "skip"] = "error"

    def contradiction(self) -> str:
        """What is wrong with `features`."""
        if others := [name for name in self.features if name != _FEATURE]:
            return f"the one feature of images is called '{_FEATURE}', and `features` names '{others[0]}'"
        pixels = self.features.get(_FEATURE, Image())
        if not isinstance(pixels, Image):
            return f"the feature '{_FEATURE}' is pixels, and `features` says '{pixels.type}'; delete that"
        both = [name for name in _SHARED if name in self.model_fields_set & pixels.model_fields_set]
        differing = [name for name in both if getattr(self, name) != getattr(pixels, name)]
        return f"`{differing[0]}` and `features.{_FEATURE}` say different things; keep one" if differing else ""

    @property
    def feature_specs(self) -> Mapping[str, FeatureSpec]:
        """Pixels, prepared as these settings say."""
        return {_FEATURE: self._settings}

    @property
    def _settings(self) -> Image:
        given = self.features.get(_FEATURE) or Image()
        assert isinstance(given, Image)
        return given.model_copy(update={name: getattr(self, name) for name in _SHARED if name in self.model_fields_set})

    def load(self, extras: Sequence[str] = ()) -> Dataset:
        """The parts that the folders are; each image has its folder's name as its class.

        Raises:
            DataError: a class has no images, or files cannot be used.
        """
        self.refuse_extras(extras)
        listed = dict(self.listed())
        files = [file for labelled in listed.values() for _, file in labelled]
        gallery = Gallery(files, self._settings, origin=self.origin, home="dataset")
        feature = gallery.feature(_FEATURE, self._settings)
        parts, start = {}, 0
        for part, labelled in listed.items():
            parts[part] = _source(gallery, feature, labelled, start)
            start += len(labelled)
        return Dataset(parts, (feature,), "class", gallery.fingerprint(), self.origin, notes=gallery.notes)

    def foreseen(self, files: Sequence[StoredFile]) -> tuple[Feature, ...] | None:
        """Pixels, where the first files of each class agree; the size matters where the settings give none."""
        settings = self._settings
        seen = foreseen_images(
            files, self.origin, sized=settings.size is not None, skip=settings.on_bad_image == "skip"
        )
        grey = {"grey": True, "rgb": False}.get(settings.color or "", seen.grey)
        size = (None, None) if settings.size else seen.size
        if size is None or grey is None:
            return None
        return (Feature(name=_FEATURE, kind="image", dtype="uint8", shape=(*size, 1 if grey else 3), maximum=255.0),)

    def open_file(self, path: str, features: tuple[Feature, ...], *, labelled: bool = True) -> Source:
        """Another folder or archive; without `labelled`, all images below it, or the one image file it is."""
        found = locate(path)
        if not labelled and found.is_file() and not is_archive(found.name):
            return self._opened([("", StoredFile.at(found))], features[0], found.parent.name, labelled=False)
        tree = self.open_tree(found)
        rows: Labelled = any_labelled(tree) if labelled else [("", file) for file in tree.files]
        if not rows:
            raise DataError(f"{path}: holds no images")
        return self._opened(rows, features[0], tree.origin, labelled=labelled)

    def open_rows(self, rows: Any, features: tuple[Feature, ...]) -> Source:
        """Pixels (rows, height, width, channels), or a list of the paths of image files."""
        if not isinstance(rows, list | tuple) or not rows or not all(isinstance(row, str | Path) for row in rows):
            return array_of(rows, features[0])
        files: Labelled = [("", StoredFile.at(Path(row), str(row))) for row in rows]
        return self._opened(files, features[0], "rows", labelled=False)

    def _opened(self, rows: Labelled, feature: Feature, origin: str, *, labelled: bool) -> Source:
        color = "grey" if feature.shape[-1] == 1 else "rgb"
        settings = self._settings.model_copy(update={"color": color})
        gallery = Gallery([file for _, file in rows], settings, origin=origin, home="dataset")
        gallery.require_size(feature)
        return _source(gallery, feature, rows, 0, labelled=labelled)


def _source(gallery: Gallery, feature: Feature, rows: Labelled, start: int, labelled: bool = True) -> ImageSource:
    """Those of `rows`, which are the gallery's files from `start` on, that can be used."""
    import numpy as np

    places, kept = gallery.usable(start, start + len(rows))
    labels = np.array([rows[index][0] for index in kept])
    paths = np.array([rows[index][1].name for index in kept], object)
    extras = {} if labelled else {"path": paths}
    return ImageSource(gallery, places, feature, target=labels if labelled else None, extras=extras)
