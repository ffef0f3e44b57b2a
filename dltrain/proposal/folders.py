"""A look at a folder or an archive with a folder for each class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from dltrain.data.base import DatasetSpec
from dltrain.data.class_folders import ClassFolderSpec
from dltrain.data.class_layout import Labelled
from dltrain.data.file_tree import StoredFile
from dltrain.data.image_files import Fault, Header, in_parallel, read_header
from dltrain.errors import DataError
from dltrain.preprocessing.text import Text
from dltrain.proposal.survey import Answer, Survey
from dltrain.proposal.table_config import words_setting
from dltrain.proposal.writing import Line, entry, mapped, shown

if TYPE_CHECKING:
    import numpy as np

_LARGEST, _STEP = 128, 16
_MOST_CLASSES_SHOWN = 20


def survey_folder(path: Path, named: Callable[[Path], str]) -> Survey:
    """The images or texts of a folder, whose subfolders are classes, or parts that hold these.

    Raises:
        DataError: there are no classes, one has no files, or files cannot be read.
    """
    spec = DatasetSpec.choose({"path": str(path.absolute())})
    if not isinstance(spec, ClassFolderSpec):
        raise DataError(f"{path}: holds neither images nor texts in a folder for each class")
    parts = dict(spec.listed())
    answer = Answer("class", _labels(parts), labels=True, reason="the names of the folders")
    rows = {part: len(labelled) for part, labelled in parts.items()}
    files = [file for labelled in parts.values() for _, file in labelled]
    first = [Line("dataset:"), entry("path", _as_folder(named(path), path), _said(rows, spec.contents.noun), depth=1)]
    counted = [f"{shown(path.name, 60)}: {_said(rows, spec.contents.noun)}"]
    if spec.type == "text_folder":
        return _texts(first, rows, answer, seen=counted, setting=words_setting(sum(rows.values())))
    return _images(first, rows, answer, seen=counted, files=files)


def _labels(parts: Mapping[str, Labelled]) -> np.ndarray:
    import numpy as np

    return np.array([label for labelled in parts.values() for label, _ in labelled])


def _as_folder(name: str, path: Path) -> str:
    return f"{name}/" if path.is_dir() and not name.endswith("/") else name


def _said(rows: Mapping[str, int], noun: str) -> str:
    if len(rows) == 1:
        return f"{rows['train']:,} {noun}s, a folder for each class"
    return ", ".join(f"{count:,} {noun}s in {part}" for part, count in rows.items())


def _texts(
    lines: Sequence[Line], rows: Mapping[str, int], answer: Answer, *, seen: Sequence[str], setting: dict[str, object]
) -> Survey:
    Text.model_validate(setting)
    said = "words and pairs of words; rare ones count more"
    features = mapped("features", [("text", {"text": setting}, said)], depth=1)
    return Survey((*lines, *features), "words", (), rows, answer, tuple(seen))


def _images(
    lines: Sequence[Line], rows: Mapping[str, int], answer: Answer, *, seen: Sequence[str], files: Sequence[StoredFile]
) -> Survey:
    found = in_parallel(read_header, files)
    headers = [header for header in found if isinstance(header, Header)]
    if not headers:
        fault = next(header for header in found if isinstance(header, Fault))
        raise DataError(f"{files[0].name}: {fault.reason}; no file can be used as an image")
    sizes = {(header.height, header.width) for header in headers}
    size = next(iter(sizes)) if len(sizes) == 1 else _common(headers)
    faults = len(files) - len(headers)
    more = list(_settings(sizes, size, faults))
    grey = all(header.grey for header in headers)
    told = f"  {'grey' if grey else 'colour'} images of {_sizes(sizes)}" + (
        f", {faults} cannot be read" if faults else ""
    )
    return Survey((*lines, *more), "image", size, rows, answer, (*seen, told), photos=not grey)


def _common(headers: Sequence[Header]) -> tuple[int, int]:
    """A size for all: the median, but not more than trains in minutes."""
    height, width = (median(getattr(header, side) for header in headers) for side in ("height", "width"))
    scale = min(1.0, _LARGEST / max(height, width))
    high, wide = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (height, width))
    return high, wide


def _settings(sizes: set[tuple[int, int]], size: tuple[int, int], faults: int) -> Iterator[Line]:
    if len(sizes) > 1 or max(size) > 2 * _LARGEST:
        said = f"they have {len(sizes):,} sizes; larger ones show more, slowly"
        yield entry("size", list(size), said, depth=1)
        yield entry("resize", "crop", "keeps the proportions; pad does so with black borders", depth=1)
    if faults:
        yield entry("on_bad_image", "skip", f"{faults} of the files cannot be read as images", depth=1)


def _sizes(sizes: set[tuple[int, int]]) -> str:
    low, high = min(sizes), max(sizes)
    return f"{low[0]} x {low[1]}" + (f" to {high[0]} x {high[1]} pixels" if len(sizes) > 1 else " pixels")
