"""Images in a folder for each class, and texts in a CSV file, whose classes can be learned."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from itertools import starmap
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 64
WORDS = 250
_WORDS_KNOWN = 20_000


def write_images(path: Path, rows: int) -> None:
    """Writes `rows` JPEG files of 64 x 64 pixels into two folders; the bright ones are in the second."""
    _write_images(path, np.full((rows, 2), SIDE))


def write_photos(path: Path, rows: int) -> None:
    """The same, but each side has between 48 and 80 pixels."""
    _write_images(path, np.random.default_rng(1).integers(48, 81, (rows, 2)))


def _write_images(path: Path, sizes: np.ndarray) -> None:
    for label in ("dark", "light"):
        (path / label).mkdir(parents=True)

    def write(row: int, size: np.ndarray) -> None:
        random, label = np.random.default_rng(row), row % 2
        pixels = random.integers(60 * label, 196 + 60 * label, (*size.tolist(), 3), "uint8")
        Image.fromarray(pixels).save(path / ("dark", "light")[label] / f"{row:06}.jpg", quality=50)

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, range(len(sizes)), sizes))


def write_texts(path: Path, rows: int) -> None:
    """Writes `rows` texts of 250 words, rare and frequent as in a language, and a label that some of them tell."""
    random = np.random.default_rng(0)
    names = np.array([f"w{index:05}" for index in range(_WORDS_KNOWN)])
    labels = random.integers(0, 2, rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["text", "y"])
        lines.writerows(starmap(lambda row, label: _text(names, row, label), enumerate(labels)))


def _text(names: np.ndarray, row: int, label: int) -> tuple[str, str]:
    chosen = np.random.default_rng(row).zipf(1.2, WORDS) % (_WORDS_KNOWN // 2) * 2 + label
    return " ".join(names[chosen]), ("no", "yes")[label]
