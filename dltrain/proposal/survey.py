"""What a look at data finds, before anything is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dltrain.proposal.writing import Line

if TYPE_CHECKING:
    import numpy as np

InputKind = Literal["vector", "words", "image", "sequence", "window"]
"""What one example is: a row of columns, a text, pixels, steps of numbers, or the past of a series."""


@dataclass(frozen=True)
class Answer:
    """What is to be predicted.

    Attributes:
        name: what messages call it.
        values: of all rows of all parts, (rows, ...).
        labels: whether whole numbers are known to be classes.
        reason: why it is this one; empty where the user says so.
    """

    name: str
    values: np.ndarray
    labels: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Survey:
    """Data as it was found.

    Attributes:
        dataset: the lines of the section `dataset`, with their indentation.
        splits: the lines of the section `splits`, where the data asks for certain ones.
        kind: what one example is.
        shape: of one example, as far as it is known.
        rows: of each part.
        answer: what is to be predicted.
        seen: what the user is told of it, line by line.
        photos: whether it is pixels with colour, as those of photos and of no signs.
    """

    dataset: tuple[Line, ...]
    kind: InputKind
    shape: tuple[int, ...]
    rows: Mapping[str, int]
    answer: Answer
    seen: tuple[str, ...]
    splits: tuple[Line, ...] = ()
    photos: bool = False

    @property
    def training_rows(self) -> int:
        """About how many rows are left to train on."""
        held = 0.3 if len(self.rows) == 1 else 0.1 if "validation" not in self.rows else 0.0
        return max(1, round(self.rows["train"] * (1 - held)))
