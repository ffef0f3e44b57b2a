"""Pixels are the same, whoever decodes them."""

import io

import numpy as np
import pytest
from PIL import Image

from dltrain.data.file_tree import StoredFile
from dltrain.data.image_files import Fault, read_header, read_pixels


def photo(height, width, *, grey=False, **settings):
    """A JPEG file of smooth colours with some noise."""
    random = np.random.default_rng(height * 1000 + width)
    waves = np.sin(np.arange(height * width * 3).reshape(height, width, 3) / [90, 70, 50])
    pixels = (128 + 90 * waves + random.normal(0, 20, (height, width, 3))).clip(0, 255).astype("uint8")
    file = io.BytesIO()
    Image.fromarray(pixels).convert("L" if grey else "RGB").save(file, "JPEG", **settings)
    return file.getvalue()


def stored(data):
    return StoredFile("a.jpg", lambda: data)


@pytest.mark.parametrize("size", [(1, 1), (7, 9), (64, 64), (333, 257)], ids=str)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"quality": 30},
        {"quality": 100, "subsampling": 0},
        {"subsampling": 1},
        {"subsampling": 2, "progressive": True},
        {"optimize": True, "grey": True},
        {"restart_marker_blocks": 2},
    ],
    ids=str,
)
def test_pixels_of_jpeg_files_are_those_of_pillow(size, settings):
    data = photo(*size, **settings)
    grey = settings.get("grey", False)
    pixels = read_pixels(stored(data), grey=grey)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(image)
    np.testing.assert_array_equal(pixels, expected[..., None] if grey else expected)
    header = read_header(stored(data))
    assert (header.height, header.width, header.grey) == (*size, grey)


@pytest.mark.parametrize("grey", [True, False])
def test_colour_is_added_and_taken_away_as_pillow_does(grey):
    data = photo(20, 30, grey=not grey)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(image.convert("L" if grey else "RGB"))
    np.testing.assert_array_equal(read_pixels(stored(data), grey=grey), expected[..., None] if grey else expected)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_off_is_a_fault_and_not_half_an_image(kept):
    data = photo(64, 64)
    found = read_pixels(stored(data[: int(len(data) * kept)]), grey=False)
    assert isinstance(found, Fault)
    assert "cut off" in found.reason


def test_bytes_that_are_overwritten_are_a_fault_or_other_pixels_of_the_same_size():
    data, random = photo(48, 40), np.random.default_rng(0)
    for _ in range(200):
        broken = bytearray(data)
        for place in random.integers(2, len(data), 4):
            broken[place] = random.integers(256)
        found = read_pixels(stored(bytes(broken)), grey=False)
        assert isinstance(found, Fault) or (found.dtype == np.uint8 and found.ndim == 3 and found.shape[2] == 3)
