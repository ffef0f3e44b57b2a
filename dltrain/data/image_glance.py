"""What the heads of a few image files tell of all of them."""

from collections.abc import Sequence
from typing import NamedTuple

from dltrain.data.file_tree import StoredFile
from dltrain.data.image_files import SUFFIXES
from dltrain.data.image_headers import STARTS, seen_in
from dltrain.errors import DataError

_MOST_SEEN, _MOST_ODD = 16, 100


class Foreseen(NamedTuple):
    """What a few files tell of all of them.

    Attributes:
        size: (height, width) that all have, unless a fit would refuse them; None where it is not known.
        grey: whether there is no colour in any; None where it is not known.
    """

    size: tuple[int, int] | None
    grey: bool | None


def foreseen_images(files: Sequence[StoredFile], origin: str, *, sized: bool, skip: bool) -> Foreseen:
    """What the heads of a few files tell, taken at even distances.

    Args:
        files: all, with a `read` that may give no more than the first 64 KiB.
        origin: what messages call them.
        sized: whether they may differ in size.
        skip: whether a file that is no image is left out.

    Raises:
        DataError: one is no image, or they differ in size.
    """
    if skip:  # what is left out may be the only one in colour, or of another size
        return Foreseen(None, None)
    odd = [file for file in files if not file.name.lower().endswith(SUFFIXES)][:_MOST_ODD]
    for file in odd:
        if not _head(file).startswith(STARTS):
            text = f"{file.name} is no PNG, JPEG, BMP, GIF or WebP image"
            raise DataError(f"{origin}: {text}; move it elsewhere, or write `dataset.on_bad_image: skip`")
    chosen = files[:: max(1, len(files) // _MOST_SEEN)][:_MOST_SEEN]
    seen = {file.name: found for file in chosen if (found := seen_in(_head(file)))}
    sizes = {(found.height, found.width): name for name, found in seen.items()}
    if len(sizes) > 1 and not sized:
        shown = " and ".join(f"{height} x {width} ({name})" for (height, width), name in list(sizes.items())[:2])
        text = f"{origin}: the images differ in size, such as {shown}"
        raise DataError(f"{text}; write the size for all as `dataset.size: [height, width]`")
    colored = any(not found.grey for found in seen.values())
    return Foreseen(next(iter(sizes), None), False if colored else None)


def _head(file: StoredFile) -> bytes:
    """The first bytes of a file; none where it cannot be read."""
    try:
        return file.read()
    except OSError:
        return b""
