"""``evidence.json`` and ``evidence.safetensors``: what they hold, written by a fit, read as a stranger's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dltrain.errors import DltrainError
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import read_arrays, read_json, write_arrays, write_json
from dltrain.runs.rating import mapping, number

if TYPE_CHECKING:
    import numpy as np

MOST_MISTAKES, MOST_IMAGES, MOST_KERNELS = 12, 16, 32
LONGEST_SIDE = 96
"""Pixels of an image; larger ones are made smaller."""
LONGEST_TEXT, MOST_VALUES = 500, 40
_MOST_BYTES = 8 << 20


@dataclass(frozen=True)
class Mistake:
    """A row that a model is wrong about, and sure.

    Attributes:
        row: its id in the dataset.
        truth: its class, label or number.
        predicted: what the model says.
        confidence: the probability that the model gives it; None where there are no probabilities.
        text: the row, where it is a text; cut off after 500 characters.
        values: the row, where it is one of a table: the first 40 columns as text.
    """

    row: int
    truth: str
    predicted: str
    confidence: float | None = None
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """For ``evidence.json``."""
        return {name: value for name, value in vars(self).items() if value not in ("", {})}


@dataclass(frozen=True)
class Evidence:
    """What is kept of a fit.

    Attributes:
        split: that the mistakes are in.
        mistakes: at most 12, the surest first; of numbers those with the largest errors.
        mistaken: how many rows the model is wrong about; 0 of numbers.
        images: those of the mistakes, uint8 (mistakes, height, width, channels); None where rows are no images.
        batch: images of the first training batch as the model sees them, uint8 (images, height, width, channels).
        labels: what the images of the batch are.
        augmented: the random changes that were made to the batch, such as ``random_flip``.
        kernels: weights of the first layer, float32 (units, height, width, channels).
        layer: the name of that layer.
        units: how many units or filters it has; `kernels` are the first of them.
        outputs: names of the classes that `kernels` belong to, where the layer is the output.
    """

    split: str = ""
    mistakes: Sequence[Mistake] = ()
    mistaken: int = 0
    images: np.ndarray | None = None
    batch: np.ndarray | None = None
    labels: Sequence[str] = ()
    augmented: Sequence[str] = ()
    kernels: np.ndarray | None = None
    layer: str = ""
    units: int = 0
    outputs: Sequence[str] = ()


_ARRAYS = ("images", "batch", "kernels")
_TEXTS = ("labels", "augmented", "outputs")


def write_evidence(run: RunDirectory, evidence: Evidence) -> None:
    """Writes both files, the second only where there are pictures.

    Raises:
        RunError: the disk is full or read-only.
    """
    named = vars(evidence)
    facts = {name: value for name, value in named.items() if name not in _ARRAYS}
    facts |= {name: list(facts[name]) for name in _TEXTS}
    write_json(_facts(run), facts | {"mistakes": [mistake.plain() for mistake in evidence.mistakes]})
    if arrays := {name: named[name] for name in _ARRAYS if named[name] is not None}:
        write_arrays(_arrays(run), arrays)


def read_evidence(run: RunDirectory) -> Evidence:
    """What was kept; nothing of files that are missing, or broken, or are not what a fit writes."""
    facts: dict[str, Any] = {}
    arrays: dict[str, Any] = {}
    with suppress(DltrainError):
        facts = mapping(read_json(_facts(run)))
        arrays = read_arrays(_arrays(run), _MOST_BYTES) if _arrays(run).is_file() else {}
    mistakes = _listed(facts.get("mistakes"))[:MOST_MISTAKES]
    images = _pixels(arrays.get("images"), len(mistakes))
    units = number(facts.get("units"))
    return Evidence(
        split=str(facts.get("split", ""))[:20],
        mistakes=[_mistake(mapping(one)) for one in mistakes],
        mistaken=int(number(facts.get("mistaken")) or 0),
        images=images if images is not None and len(images) == len(mistakes) else None,
        batch=_pixels(arrays.get("batch"), MOST_IMAGES),
        kernels=_kernels(arrays.get("kernels")),
        layer=str(facts.get("layer", ""))[:LONGEST_TEXT],
        units=int(units or 0),
        **{name: [str(text)[:LONGEST_TEXT] for text in _listed(facts.get(name))[:MOST_KERNELS]] for name in _TEXTS},
    )


def _facts(run: RunDirectory) -> Any:
    return run.path / "evidence.json"


def _arrays(run: RunDirectory) -> Any:
    return run.path / "evidence.safetensors"


def _mistake(found: Mapping[str, Any]) -> Mistake:
    values = list(mapping(found.get("values")).items())[:MOST_VALUES]
    return Mistake(
        int(number(found.get("row")) or 0),
        str(found.get("truth", ""))[:LONGEST_TEXT],
        str(found.get("predicted", ""))[:LONGEST_TEXT],
        confidence=number(found.get("confidence")),
        text=str(found.get("text", ""))[: LONGEST_TEXT + 1],
        values={str(name)[:LONGEST_TEXT]: str(value)[:LONGEST_TEXT] for name, value in values},
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _pixels(array: Any, most: int) -> Any:
    """Images; None where the array holds none that are kept."""
    fits = array is not None and array.dtype == "uint8" and array.ndim == 4 and array.shape[3] in (1, 3)
    return array if fits and 0 < len(array) <= most and max(array.shape[1:3]) <= LONGEST_SIDE and array.size else None


def _kernels(array: Any) -> Any:
    """Weights; None where the array holds none that are kept."""
    import numpy as np

    fits = array is not None and array.dtype == "float32" and array.ndim == 4 and array.size
    if not fits or len(array) > MOST_KERNELS or max(array.shape[1:3]) > LONGEST_SIDE:
        return None
    return array if np.isfinite(array).all() else None
