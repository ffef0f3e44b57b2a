"""Image files as rows: surveyed once by their headers, then decoded in chunks."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dltrain.data.file_tree import StoredFile
from dltrain.data.image_files import (
    SUFFIXES,
    Fault,
    Header,
    bad_files,
    in_parallel,
    read_header,
    read_pixels,
)
from dltrain.data.source import CHUNK_ROWS, Rows, Source
from dltrain.errors import DataError
from dltrain.preprocessing.image import Image
from dltrain.scratch import Scratch
from dltrain.signature import Feature

if TYPE_CHECKING:
    import numpy as np

_CHUNK_BYTES = 8 << 20
"""Prepared pixels take four times as much."""


class Gallery:
    """Image files that can be used.

    Attributes:
        origin: what messages call them.
        kept: which of the given files they are, ascending.
        headers: of each of them.
        left_out: the number of files that cannot be used.
    """

    def __init__(self, files: Sequence[StoredFile], settings: Image, *, origin: str, home: str) -> None:
        """Reads all headers.

        Args:
            files: which.
            settings: say what is done about files that cannot be used, and about colour.
            origin: what messages call the files.
            home: where `settings` stand in the config, such as ``dataset``.

        Raises:
            DataError: files cannot be used, and none are to be left out.
        """
        self.origin, self._home, self._all = origin, home, files
        skip = settings.on_bad_image == "skip"
        found = in_parallel(_decodable if skip else _header, files)
        if not skip and any(isinstance(header, Fault) for header in found):
            raise self.refused()
        self.kept = [index for index, header in enumerate(found) if not isinstance(header, Fault)]
        self.headers = [header for header in found if not isinstance(header, Fault)]
        self.files = [files[index] for index in self.kept]
        self.left_out = len(files) - len(self.kept)
        if not self.kept:
            raise self.refused()
        grey = bool(self.headers) and all(header.grey for header in self.headers)
        self.grey = settings.color == "grey" or (settings.color is None and grey)

    def refused(self) -> DataError:
        """The error that names every file that cannot be used, after a look at all their pixels."""
        checked = zip(self._all, in_parallel(_decodable, self._all), strict=True)
        bad = [(file.name, header) for file, header in checked if isinstance(header, Fault)]
        return bad_files(bad, total=len(self._all), origin=self.origin, home=self._home)

    def feature(self, name: str, settings: Image) -> Feature:
        """What the images are as an input; their height and width are None where `settings` give a size.

        Raises:
            DataError: they differ in size, and `settings` give none.
        """
        sizes = Counter((header.height, header.width) for header in self.headers)
        shape: tuple[int | None, int | None] = (None, None)
        if settings.size is None:
            (first, _), *others = sizes.most_common()
            shape = first
            if others:
                shown = " and ".join(self._example(size) for size in (first, others[0][0]))
                text = f"{self.origin}: the images have {len(sizes)} sizes, such as {shown}"
                raise DataError(f"{text}; write the size for all as `{self._home}.size: [height, width]`")
        return Feature(name=name, kind="image", dtype="uint8", shape=(*shape, 1 if self.grey else 3), maximum=255.0)

    def _example(self, size: tuple[int, int]) -> str:
        index = next(i for i, header in enumerate(self.headers) if (header.height, header.width) == size)
        return f"{size[0]} x {size[1]} ({self.files[index].name})"

    def require_size(self, feature: Feature) -> None:
        """Raises DataError where a model takes images of one size, and some have another."""
        wanted = feature.shape[:2]
        if None in wanted:
            return
        for file, header in zip(self.files, self.headers, strict=True):
            if (header.height, header.width) != wanted:
                found = f"{file.name} has {header.height} x {header.width} pixels"
                remedy = f"train with `{self._home}.size` for a model that takes any size"
                raise DataError(f"{self.origin}: {found}, and the model takes {wanted[0]} x {wanted[1]}; {remedy}")

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know."""
        total = len(self._all)
        text = f"{self.left_out:,} of {total:,} files cannot be used as images, and are left out"
        return (text,) if self.left_out else ()

    def fingerprint(self, besides: str = "") -> str:
        """SHA-256 over the names and the contents, and over `besides`."""
        import hashlib

        digest = hashlib.sha256(besides.encode())
        for file, header in zip(self.files, self.headers, strict=True):
            digest.update(f"{len(file.name)} {file.name}".encode("utf-8", "surrogateescape") + header.digest)
        return digest.hexdigest()

    def size_of(self, index: int) -> int:
        """The bytes that the pixels of an image take."""
        return self.headers[index].height * self.headers[index].width * (1 if self.grey else 3)

    def usable(self, start: int, stop: int) -> "tuple[list[int], np.ndarray]":
        """Of the given files from `start` up to `stop`, those that can be used.

        Returns:
            Their indices in `files`, and how many files after `start` each was given.
        """
        import numpy as np

        places = [place for place, index in enumerate(self.kept) if start <= index < stop]
        return places, np.array([self.kept[place] - start for place in places], "int64")

    def pixels(self, rows: Sequence[int], feature: Feature) -> "np.ndarray":
        """Images uint8 (rows, height, width, channels); of any size: an array of objects (rows,).

        Raises:
            DataError: a file cannot be decoded; the message names all such files.
        """
        import numpy as np

        decoded = in_parallel(lambda row: read_pixels(self.files[row], grey=self.grey), rows)
        images = [image for image in decoded if not isinstance(image, Fault)]
        sized = None in feature.shape or all(image.shape == feature.shape for image in images)
        if len(images) < len(rows) or not sized:
            raise self.refused()
        if None not in feature.shape:
            return np.stack(images)
        array = np.empty(len(images), object)
        array[:] = images
        return array


class ImageSource(Source):
    """Images of a gallery, by the indices of their files there; what they are; and target and other columns of each."""

    def __init__(
        self,
        gallery: Gallery,
        rows: Sequence[int],
        feature: Feature,
        *,
        target: "np.ndarray | None",
        extras: "Mapping[str, np.ndarray]",
    ) -> None:
        self._gallery = gallery
        self._rows = rows
        self._feature = feature
        self._target = target
        self._extras = extras
        self._kept: list[Rows] = []
        self._scratch: Scratch | None = None
        # Images of several sizes are no array that could be kept in a file: few stay here, many are decoded again.
        self.held = None in feature.shape

    def chunks(self) -> Iterator[Rows]:
        """Some megabytes of pixels each."""
        if self._kept:
            yield from self._kept
            return
        kept = []
        for start, stop in self._bounds():
            rows = self._read(start, stop)
            if self._scratch:
                kept.append(rows)
            yield rows
        self._kept = kept

    def hold(self, scratch: Scratch) -> None:
        """Remembers images of several sizes where there is room in memory for all."""
        if self.held and not self._scratch and scratch.claim(self._size):
            self._scratch = scratch

    def release(self) -> None:
        """Gives their room back."""
        if self._scratch:
            self._scratch.release(self._size)
        self._kept, self._scratch = [], None

    def few(self, choose: "Callable[[np.ndarray], np.ndarray]") -> "ImageSource":
        """Those rows that are chosen by their targets, before any is decoded."""
        assert self._target is not None
        chosen = choose(self._target)
        rows, extras = (
            [self._rows[row] for row in chosen],
            {name: column[chosen] for name, column in self._extras.items()},
        )
        return ImageSource(self._gallery, rows, self._feature, target=self._target[chosen], extras=extras)

    @property
    def _size(self) -> int:
        """The bytes that all pixels take."""
        return sum(map(self._gallery.size_of, self._rows))

    def _read(self, start: int, stop: int) -> Rows:
        features = {self._feature.name: self._gallery.pixels(self._rows[start:stop], self._feature)}
        extras = {name: values[start:stop] for name, values in self._extras.items()}
        return Rows(features, None if self._target is None else self._target[start:stop], extras)

    def _bounds(self) -> Iterator[tuple[int, int]]:
        """The first row of each chunk, and the one after its last."""
        start = size = 0
        for stop, row in enumerate(self._rows):
            more = self._gallery.size_of(row)
            if stop > start and (size + more > _CHUNK_BYTES or stop - start == CHUNK_ROWS):
                yield start, stop
                start, size = stop, 0
            size += more
        if self._rows:
            yield start, len(self._rows)


def _header(file: StoredFile) -> Header | Fault:
    if not file.name.lower().endswith(SUFFIXES):
        return Fault("is no image by its name; move it elsewhere")
    return read_header(file)


def _decodable(file: StoredFile) -> Header | Fault:
    """The header of a file whose pixels can be decoded, and are what the header says."""
    header = _header(file)
    if isinstance(header, Fault):
        return header
    pixels = read_pixels(file, grey=header.grey)
    if isinstance(pixels, Fault):
        return pixels
    if pixels.shape[:2] != (header.height, header.width):
        return Fault(f"has {pixels.shape[0]} x {pixels.shape[1]} pixels, and its header says otherwise")
    return header
