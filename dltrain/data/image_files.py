"""Image files: what their headers say, their pixels, and what is wrong with them."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from dltrain.data.file_tree import MOST_BYTES, Contents, StoredFile
from dltrain.data.image_headers import JPEG, seen_in
from dltrain.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp")
"""What the name of an image file ends with."""
IMAGES = Contents("image", SUFFIXES)
MOST_PIXELS = 89_478_485
"""A larger image, a quarter of a gigabyte in colour, is taken for a decompression bomb, as by Pillow."""

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)
"""The values of EXIF's orientation for which height and width change places."""
_MOST_NAMED = 10
_AT_ONCE, _OF_TASK = 1000, 50
_WORTH_A_THREAD = 6e-5
"""Seconds; of smaller files two threads take longer than one, each waiting for the other to leave Python."""

Taken = TypeVar("Taken")
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Header:
    """What an image file says about its pixels.

    Attributes:
        height: in pixels, after the rotation that EXIF asks for.
        width: likewise.
        grey: whether there is no colour.
        digest: SHA-256 of the file.
    """

    height: int
    width: int
    grey: bool
    digest: bytes


@dataclass(frozen=True)
class Fault:
    """Why a file cannot be used, such as ``is empty``."""

    reason: str


def read_header(file: StoredFile) -> Header | Fault:
    """The header, without decoding the pixels."""
    import hashlib

    data = _bytes(file)
    if isinstance(data, Fault):
        return data
    if data.startswith(JPEG) and (seen := seen_in(data)) and seen.height * seen.width <= MOST_PIXELS:
        return Header(*seen, hashlib.sha256(data).digest())
    found = _opened(data, lambda image: (*image.size, _turned(image), _is_grey(image)))
    if isinstance(found, Fault):
        return found
    width, height, turned, grey = found
    if turned:
        width, height = height, width
    return Header(height, width, grey, hashlib.sha256(data).digest())


def read_pixels(file: StoredFile, *, grey: bool) -> "np.ndarray | Fault":
    """Pixels uint8 (height, width, 1) if `grey`, else (height, width, 3).

    EXIF's rotation is applied, transparent parts are white, of several frames the first is taken, and
    of 16 bits the upper 8.
    """
    data = _bytes(file)
    if isinstance(data, Fault):
        return data
    pixels = _plain_jpeg(data, grey)
    return _opened(data, lambda image: _decoded(image, grey)) if pixels is None else pixels


def _plain_jpeg(data: bytes, grey: bool) -> "np.ndarray | None":
    """The same pixels of most JPEG files, without Pillow, whose Python around the decoding takes longer than it.

    None of other files, of those that must be turned or converted, and of damaged ones.
    """
    import simplejpeg

    seen = seen_in(data) if data.startswith(JPEG) else None
    if seen is None or seen.grey != grey or seen.height * seen.width > MOST_PIXELS:
        return None
    try:
        pixels: np.ndarray = simplejpeg.decode_jpeg(data, "GRAY" if grey else "RGB")
    except ValueError:
        return None
    return pixels


def in_parallel(function: Callable[[Taken], Given], files: Iterable[Taken]) -> list[Given]:
    """Results in order; files that take long are decoded on all processors at once."""
    import warnings
    from concurrent.futures import ThreadPoolExecutor

    def each(task: list[Taken]) -> list[Given]:
        return [function(file) for file in task]

    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        warnings.simplefilter("ignore")  # Pillow's, about odd metadata of photos that are good
        # A million files at once would be a million futures, of kilobytes each.
        remaining = iter(files)
        found: list[Given] = []
        while some := [*islice(remaining, _AT_ONCE)]:
            tasks = [some[start : start + _OF_TASK] for start in range(0, len(some), _OF_TASK)]
            started = perf_counter()
            found += each(tasks[0])
            short = perf_counter() - started < _WORTH_A_THREAD * len(tasks[0])
            for results in map(each, tasks[1:]) if short else pool.map(each, tasks[1:]):
                found += results
        return found


def bad_files(bad: Iterable[tuple[str, Fault]], *, total: int, origin: str, home: str) -> DataError:
    """The error that names files which cannot be used, some of them where there are many."""
    listed = list(bad)
    lines = [f"  {name}: {fault.reason}" for name, fault in listed[:_MOST_NAMED]]
    lines += [f"  and {len(listed) - _MOST_NAMED:,} more"] * (len(listed) > _MOST_NAMED)
    count = f"{len(listed):,} of {total:,} files cannot be used as images"
    first = f"{origin}: {count}; mend or delete them, or write `{home}.on_bad_image: skip`:"
    return DataError("\n".join([first, *lines]))


def _bytes(file: StoredFile) -> bytes | Fault:
    try:
        data = file.read()
    except OSError as error:
        return Fault(f"cannot be read: {(error.strerror or str(error)).lower()}")
    except (ValueError, RuntimeError) as error:  # of an archive: damaged, or it wants a password
        return Fault(f"cannot be read: {error}")
    if len(data) > MOST_BYTES:
        return Fault(f"has more than {MOST_BYTES >> 20} megabytes")
    return data or Fault("is empty")


def _opened(data: bytes, function: "Callable[[Image.Image], Given]") -> Given | Fault:
    import io

    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return Fault(f"has {image.width} x {image.height} pixels, more than any photo")
            return function(image)
    except UnidentifiedImageError:
        start = "".join(character if character.isprintable() else "?" for character in data[:16].decode("latin-1"))
        return Fault(f"is no PNG, JPEG, BMP, GIF or WebP image; it begins with {start!r}")
    except Image.DecompressionBombError:
        return Fault("has more pixels than any photo")
    except MemoryError:
        raise
    except Exception as error:  # each of Pillow's decoders has its own ways to fail on damaged files
        return Fault(f"is cut off or damaged: {error}")


def _decoded(image: "Image.Image", grey: bool) -> "np.ndarray":
    import numpy as np
    from PIL import Image

    turn = _turn(image)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype("uint8"))
    elif image.mode in ("I", "F"):
        raise ValueError("its pixels have 32 bits")
    elif image.has_transparency_data:
        coloured = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), coloured)
    image = image.convert("L" if grey else "RGB")
    pixels = np.asarray(image if turn is None else image.transpose(turn))
    return pixels[..., np.newaxis] if grey else pixels


def _is_grey(image: "Image.Image") -> bool:
    return image.mode in ("1", "L", "LA", "La") or image.mode.startswith("I")


def _turned(image: "Image.Image") -> bool:
    return _orientation(image) in _TURNED


def _orientation(image: "Image.Image") -> int:
    # Pillow decodes a whole PNG to find an EXIF block that may follow the pixels.
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged metadata do not make a photo bad
        return 1


def _turn(image: "Image.Image") -> "Image.Transpose | None":
    from PIL import Image

    transpose = Image.Transpose
    return {
        2: transpose.FLIP_LEFT_RIGHT,
        3: transpose.ROTATE_180,
        4: transpose.FLIP_TOP_BOTTOM,
        5: transpose.TRANSPOSE,
        6: transpose.ROTATE_270,
        7: transpose.TRANSVERSE,
        8: transpose.ROTATE_90,
    }.get(_orientation(image))
