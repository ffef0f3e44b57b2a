"""The size and the colour of an image, from the head of its file and with nothing but the standard library."""

from struct import error as StructError
from struct import unpack_from
from typing import NamedTuple

JPEG = b"\xff\xd8"
STARTS = (b"\x89PNG", JPEG, b"GIF8", b"BM", b"RIFF")
"""What files begin with that may be PNG, JPEG, GIF, BMP or WebP."""

_PNG = b"\x89PNG\r\n\x1a\n"
_GREY_OF_PNG = (0, 4)
_FRAMES_OF_JPEG = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Markers before the height, the width and the number of components."""
_COMPONENTS = (1, 3)
_EXIF, _SCAN = 0xE1, 0xDA


class Seen(NamedTuple):
    """What the head of an image file tells.

    Attributes:
        height: in pixels.
        width: likewise.
        grey: whether there is no colour.
    """

    height: int
    width: int
    grey: bool


def seen_in(head: bytes) -> Seen | None:
    """What a PNG or JPEG file begins with; None of any other, of one that EXIF may turn, and of four colours."""
    try:
        return _png(head) if head.startswith(_PNG) else _jpeg(head) if head.startswith(JPEG) else None
    except (IndexError, StructError):
        return None


def _png(head: bytes) -> Seen | None:
    """By its chunks: length, name, content, checksum (PNG specification, 5.3)."""
    width, height, _, color = unpack_from(">IIBB", head, 16)
    place = len(_PNG)
    while (name := head[place + 4 : place + 8]) != b"IDAT":
        if len(name) < 4 or name == b"eXIf":
            return None
        place += 12 + int(unpack_from(">I", head, place)[0])
    return Seen(height, width, color in _GREY_OF_PNG)


def _jpeg(head: bytes) -> Seen | None:
    """By its segments: marker, length, content (ITU-T T.81, B.1.1)."""
    place = 2
    while head[place] == 0xFF:
        marker = head[place + 1]
        if marker in _FRAMES_OF_JPEG:
            height, width, components = unpack_from(">HHB", head, place + 5)
            return Seen(height, width, components == 1) if components in _COMPONENTS else None
        if marker in (_EXIF, _SCAN):
            return None
        place += 2 + int(unpack_from(">H", head, place + 2)[0])
    return None
